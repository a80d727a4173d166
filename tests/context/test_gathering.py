"""Gathering from several sources."""

import asyncio
from collections.abc import Sequence

import pytest

from jupyter_starcoder.context.gathering import gather
from jupyter_starcoder.context.kernel import KernelSource
from jupyter_starcoder.errors import StarcoderError
from jupyter_starcoder.values.notebook import Place
from jupyter_starcoder.values.prompt import Snippet
from kernels_ctx.errors import KernelSilent
from kernels_ctx.snapshot import Column, KernelSnapshot, Variable

PLACE = Place(before=(), prefix="", suffix="", after=())


class Source:
    """A source that answers after a while, or fails."""

    def __init__(self, name: str, score: float = 0.0, wait_s: float = 0.0, error: Exception | None = None) -> None:
        self.name = name
        self._score = score
        self._wait_s = wait_s
        self._error = error

    async def snippets(self, place: Place, deadline_s: float) -> Sequence[Snippet]:
        """See `ContextSource.snippets`."""
        await asyncio.sleep(self._wait_s)
        if self._error:
            raise self._error
        return (Snippet(source=self.name, title=self.name, text=self.name, score=self._score),)


def test_gather_puts_the_best_first() -> None:
    """Snippets are sorted by score."""
    found = asyncio.run(gather([Source("low", 1), Source("high", 2)], PLACE, 1.0))

    assert [snippet.source for snippet in found.snippets] == ["high", "low"]


def test_gather_drops_what_is_late_and_counts_it() -> None:
    """A slow source costs its own snippets and nothing else."""
    found = asyncio.run(gather([Source("slow", wait_s=60), Source("quick")], PLACE, 0.05))

    assert found.late == ("slow",)
    assert [snippet.source for snippet in found.snippets] == ["quick"]


@pytest.mark.parametrize("error", [StarcoderError("df has secrets"), OSError("df has secrets"), KeyError("df")])
def test_gather_survives_a_source_that_fails(error: Exception, caplog: pytest.LogCaptureFixture) -> None:
    """A source's error is counted, never raised; the log names its kind, and nothing of what it says."""
    found = asyncio.run(gather([Source("bad", error=error), Source("good")], PLACE, 1.0))

    assert caplog.messages == [f"the context source bad failed: {type(error).__name__}"]
    assert found.failed == ("bad",)
    assert [snippet.source for snippet in found.snippets] == ["good"]


def test_kernel_source_renders_frames() -> None:
    """The kernel's frames become one snippet."""
    frame = Variable(name="df", type_name="DataFrame", columns=(Column(name="'a'", dtype="int64"),), column_count=1)

    async def snapshot_of(path: str, timeout_s: float) -> KernelSnapshot:
        return KernelSnapshot(language="python", variables=(frame,))

    (snippet,) = asyncio.run(KernelSource(snapshot_of).snippets(PLACE, 1.0))

    assert snippet.text == "df: DataFrame, columns 'a' (int64)"


def test_kernel_source_silent_kernel_gives_nothing() -> None:
    """A busy kernel is no error."""

    async def snapshot_of(path: str, timeout_s: float) -> KernelSnapshot:
        raise KernelSilent("busy")

    assert asyncio.run(KernelSource(snapshot_of).snippets(PLACE, 1.0)) == ()
