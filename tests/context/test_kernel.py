"""The live kernel as snippets."""

import asyncio
from dataclasses import replace

from jupyter_starcoder.context.kernel import KernelSource, variables
from jupyter_starcoder.context.source import Found
from jupyter_starcoder.values.notebook import Cell, Place
from kernels_ctx.channel import FakeChannel
from kernels_ctx.errors import KernelSilent
from kernels_ctx.limits import Limits
from kernels_ctx.python import ask_python
from kernels_ctx.snapshot import Column, KernelSnapshot, Variable

PLACE = Place(before=(Cell(kind="code", source="trips.head()"),), prefix="", suffix="", after=())


def frame(name: str, columns: int = 1, touched: int = 0) -> Variable:
    """A frame of integers."""
    return Variable(
        name=name,
        type_name="DataFrame",
        kind="frame",
        library="pandas",
        shape=(3, columns),
        columns=tuple(Column(name=f"'c{number}'", dtype="int64", key=f"c{number}") for number in range(columns)),
        column_count=columns,
        touched=touched,
    )


def held(*those: Variable) -> KernelSnapshot:
    """A kernel that holds these."""
    return KernelSnapshot(language="python", variables=those)


def test_kernel_source_gives_a_frame_as_a_line_and_as_an_output() -> None:
    """The prompt chooses which of the two a model has learned to read."""

    async def snapshot_of(path: str, timeout_s: float) -> KernelSnapshot:
        return held(frame("trips"))

    found = asyncio.run(KernelSource(snapshot_of).find(PLACE, 1.0))
    (snippet,) = found.snippets

    assert snippet.text == "trips: DataFrame 3 × 1, columns 'c0' (int64)"
    assert found.snapshot == held(frame("trips"))
    assert snippet.code == "trips.info()"
    assert "<class 'pandas.core.frame.DataFrame'>" in snippet.output
    assert "c0" in snippet.output


def test_kernel_source_silent_kernel_gives_nothing() -> None:
    """A busy kernel is no error."""

    async def snapshot_of(path: str, timeout_s: float) -> KernelSnapshot:
        raise KernelSilent("busy")

    assert asyncio.run(KernelSource(snapshot_of).find(PLACE, 1.0)) == Found()


def test_kernel_source_takes_what_the_kernel_brought_along() -> None:
    """A kernel that asks for itself cannot be asked; what it brought and is no snapshot gives nothing."""
    namespace: dict[str, object] = {"total": [1, 2]}
    told = asyncio.run(ask_python(FakeChannel(namespace), 1.0, Limits()))

    async def snapshot_of(path: str, timeout_s: float) -> KernelSnapshot:
        raise KernelSilent("it waits for the answer")

    found = asyncio.run(KernelSource(snapshot_of).find(replace(PLACE, live=told), 1.0))

    assert [snippet.text for snippet in found.snippets] == ["total: list 2 of int"]
    assert asyncio.run(KernelSource(snapshot_of).find(replace(PLACE, live="[]"), 1.0)) == Found()


def test_variables_named_nearest_have_the_highest_scores() -> None:
    """The frame at the cursor, then the one in the cell above, then the one touched last; the order stays."""
    found = variables(held(frame("a", touched=9), frame("b"), frame("c")), ["c.", "b.head()"])

    assert [snippet.text[0] for snippet in found] == ["a", "b", "c"]
    assert sorted(found, key=lambda snippet: -snippet.score)[0].text[0] == "c"
    assert [snippet.text[0] for snippet in sorted(found, key=lambda snippet: -snippet.score)] == ["c", "b", "a"]


def test_variables_stay_while_a_word_is_typed() -> None:
    """A keystroke inside of a word changes neither scores nor texts."""
    snapshot = held(*(frame(f"frame{number}", columns=60) for number in range(60)))

    async def snapshot_of(path: str, timeout_s: float) -> KernelSnapshot:
        return snapshot

    typed = [Place(before=PLACE.before, prefix=f"x = {'frame31'[:size]}", suffix="", after=()) for size in range(8)]
    found = [asyncio.run(KernelSource(snapshot_of).find(place, 1.0)) for place in typed]

    assert all(each == found[0] for each in found)


def test_variables_of_a_very_wide_frame_are_cut_and_say_so() -> None:
    """5,000 columns give those that are named, and how many there are."""
    (snippet,) = variables(held(frame("wide", columns=5_000)), ["wide['c4321']"])

    assert "'c4321' (int64)" in snippet.text
    assert "more" in snippet.text
    assert len(snippet.text) < 2_000
    assert len(snippet.output) < 4_000
