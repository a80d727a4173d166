"""The whole road, on an engine that answers by rules."""

import asyncio
from pathlib import Path

import msgspec
import pytest

from jupyter_starcoder.context.kernel import KernelSource
from jupyter_starcoder.copilot import Copilot, LoadedModel, Options
from jupyter_starcoder.engine.fake import FakeEngine
from jupyter_starcoder.errors import BadCursor, BadRequest, EngineDied
from jupyter_starcoder.names.unknown import KnownNames
from jupyter_starcoder.prompt.choice import choose_family
from jupyter_starcoder.tokenizer.fake import byte_tokenizer
from jupyter_starcoder.values.answer import Done, TextPiece
from jupyter_starcoder.values.notebook import Cell, Cursor, Notebook
from kernels_ctx.snapshot import KernelSnapshot, Variable

MARKERS = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")
OPTIONS = Options(max_tokens=64, prompt_tokens=512)


def copilot(tmp_path: Path, *rules: dict[str, object]) -> Copilot:
    """A copilot whose model answers by these rules."""
    path = tmp_path / "rules.json"
    path.write_bytes(msgspec.json.encode(list(rules)))
    tokenizer = byte_tokenizer(MARKERS)
    family = choose_family(tokenizer.markers)
    engine = FakeEngine.from_file(path)
    model = LoadedModel(name="fake", window_tokens=2048, tokenizer=tokenizer, family=family, engine=engine)
    return Copilot(lambda: model)


def notebook(*sources: str) -> Notebook:
    """Code cells with these sources."""
    return Notebook(cells=tuple(Cell(kind="code", source=source) for source in sources))


def completed(pilot: Copilot, source: str, options: Options = OPTIONS) -> tuple[str, Done]:
    """What is suggested at `‸` in a cell, and the last event."""

    async def collect() -> tuple[str, Done]:
        text, done = "", None
        cursor = Cursor(cell=0, offset=source.index("‸"))
        async for event in pilot.complete(notebook(source.replace("‸", "")), cursor, options):
            if isinstance(event, TextPiece):
                text += event.text
            else:
                done = event
        assert done is not None
        return text, done

    return asyncio.run(collect())


def test_complete_plain_line_gives_the_answer_and_its_cost(tmp_path: Path) -> None:
    """Text comes in pieces and the end tells what it cost."""
    text, done = completed(copilot(tmp_path, {"ending": "x = ", "answer": "42 + 1"}), "x = ‸")

    assert text == "42 + 1"
    assert (done.finish, done.model) == ("stop", "fake")
    assert done.timings.prompt_tokens > 0
    assert done.timings.new_tokens >= len("42 + 1")


def test_complete_answer_that_runs_into_the_rest_ends_there(tmp_path: Path) -> None:
    """What stands behind the cursor is never written twice, and the engine is told to stop."""
    text, done = completed(copilot(tmp_path, {"ending": "print(", "answer": "total) and more"}), "print(‸)")

    assert text == "total"
    assert done.finish == "stop"


def test_complete_cut_character_is_never_shown_half(tmp_path: Path) -> None:
    """A token limit in the middle of an emoji leaves the emoji out or replaced, never an error."""
    options = Options(max_tokens=2, prompt_tokens=512)

    text, done = completed(copilot(tmp_path, {"ending": "", "answer": "🚲"}), "x = ‸", options)

    assert text in {"", "\ufffd"}
    assert done.finish == "length"


def test_complete_engine_that_dies_is_an_error_after_the_text(tmp_path: Path) -> None:
    """The pieces that came stay, and the reader is told."""
    pilot = copilot(tmp_path, {"ending": "", "answer": "abcdef", "dies_after": 3})

    with pytest.raises(EngineDied):
        completed(pilot, "x = ‸")


def test_complete_outside_the_notebook_is_refused(tmp_path: Path) -> None:
    """The message names the place."""
    pilot = copilot(tmp_path, {"ending": "", "answer": "x"})

    async def ask() -> None:
        async for _ in pilot.complete(notebook("a"), Cursor(cell=3, offset=0), OPTIONS):
            pass

    with pytest.raises(BadCursor, match="3"):
        asyncio.run(ask())


def test_explain_streams_markdown(tmp_path: Path) -> None:
    """An explanation is the model's own words."""
    pilot = copilot(tmp_path, {"ending": "", "answer": "It **adds** numbers."})

    async def collect() -> str:
        pieces = [event async for event in pilot.explain(notebook("1 + 1"), 0, OPTIONS)]
        return "".join(piece.text for piece in pieces if isinstance(piece, TextPiece))

    assert asyncio.run(collect()) == "It **adds** numbers."


def test_explain_empty_cell_is_refused(tmp_path: Path) -> None:
    """There is nothing to explain, and the message says so."""
    pilot = copilot(tmp_path, {"ending": "", "answer": "x"})

    async def ask() -> None:
        async for _ in pilot.explain(notebook(" \n"), 0, OPTIONS):
            pass

    with pytest.raises(BadRequest, match="empty"):
        asyncio.run(ask())


def test_generate_gives_code(tmp_path: Path) -> None:
    """A request in words becomes code without a fence."""
    pilot = copilot(tmp_path, {"ending": "", "answer": "total = 1\n```\nThat is all."})

    async def collect() -> str:
        pieces = [event async for event in pilot.generate(notebook("a = 1"), 1, "add them", OPTIONS)]
        return "".join(piece.text for piece in pieces if isinstance(piece, TextPiece))

    assert asyncio.run(collect()) == "total = 1"


def test_abandoned_answer_cancels_the_generation(tmp_path: Path) -> None:
    """A reader that goes away stops the engine."""
    pilot = copilot(tmp_path, {"ending": "", "answer": "a" * 40, "delay_s": 0.01})

    async def leave() -> bool:
        events = pilot.complete(notebook("x = "), Cursor(cell=0, offset=4), OPTIONS)
        await anext(events)
        await events.aclose()
        facts = await pilot.questions._current_model().engine.facts()
        return facts.is_busy

    assert not asyncio.run(leave())


def test_complete_answer_longer_than_the_window_leaves_half_of_it_to_the_prompt(tmp_path: Path) -> None:
    """Whoever asks for more than the model can hold gets a shorter answer, not one to a prompt of one letter."""
    source = "x" * 200 + " = "
    options = Options(max_tokens=1_000_000, prompt_tokens=512)

    text, done = completed(copilot(tmp_path, {"ending": "x = ", "answer": "42"}), source + "‸", options)

    assert text == "42"
    assert done.timings.prompt_tokens == len(source)


def test_explain_in_an_empty_notebook_says_so(tmp_path: Path) -> None:
    """No cell is offered where there is none."""

    async def ask() -> None:
        async for _ in copilot(tmp_path).explain(notebook(), 0, OPTIONS):
            pass

    with pytest.raises(BadCursor, match="the notebook has no cells"):
        asyncio.run(ask())


def test_complete_code_ends_before_a_fence(tmp_path: Path) -> None:
    """A fence that the model closes is no code."""
    text, done = completed(copilot(tmp_path, {"ending": "x = ", "answer": "42\n```\nThis adds"}), "x = ‸")

    assert (text, done.finish) == ("42", "stop")


def test_complete_asks_the_kernel_once(tmp_path: Path) -> None:
    """What it holds goes into the prompt and into the names that exist, out of one answer."""
    paths: list[str] = []
    trips = Variable(name="trips", type_name="list", kind="container")

    async def snapshot_of(path: str, _timeout_s: float) -> KernelSnapshot:
        paths.append(path)
        return KernelSnapshot(language="python", variables=(trips,), names=("trips",))

    model = copilot(tmp_path).questions._current_model()
    pilot = Copilot(lambda: model, [KernelSource(snapshot_of)])
    place = Notebook(cells=(Cell(kind="code", source="x = trips"),), path="work.ipynb")
    question = asyncio.run(pilot.questions.completion(place, Cursor(cell=0, offset=4), OPTIONS))

    assert paths == ["work.ipynb"]
    assert any(section.name == "kernel" for section in question.prompt.sections)
    assert any(isinstance(stage, KnownNames) for stage in question.stages)
