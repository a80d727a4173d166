"""Edits, fixes and conversations, on an engine that answers by rules."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace

import pytest

from jupyter_starcoder.context.kernel import KernelSource
from jupyter_starcoder.copilot import Copilot, LoadedModel, Options
from jupyter_starcoder.engine.fake import FakeEngine
from jupyter_starcoder.engine.rules import Rule, text_of
from jupyter_starcoder.errors import BadCursor, BadRequest, CellTooLong
from jupyter_starcoder.prompt.choice import choose_family
from jupyter_starcoder.tokenizer.fake import byte_tokenizer
from jupyter_starcoder.values.answer import Done, TextPiece
from jupyter_starcoder.values.conversation import Attachment, Conversation, Mishap, Turn
from jupyter_starcoder.values.notebook import Cell, Notebook
from kernels_ctx.snapshot import Column, KernelSnapshot, Variable

COMMITS = ("<fim_prefix>", "<fim_suffix>", "<fim_middle>", "<commit_before>", "<commit_msg>", "<commit_after>")
MODELS = {"plain": (), "chatml": ("<|im_start|>", "<|im_end|>"), "starcoder": COMMITS}
OPTIONS = Options(max_tokens=64, prompt_tokens=2048, lane="chat")
SOURCE = "\n\nif True:\n    df = 1\n    print(df)  \n\n"


async def snapshot_of(_path: str, _timeout_s: float) -> KernelSnapshot:
    """A kernel that holds a frame."""
    column = Column(name="'fare_eur'", dtype="float64", key="fare_eur")
    trips = Variable(
        name="trips", type_name="DataFrame", kind="frame", shape=(9, 1), columns=(column,), column_count=1, touched=1
    )
    return KernelSnapshot(language="python", variables=(trips,), names=("trips",))


def pilot(answer: str, model: str = "chatml", *, is_live: bool = False) -> tuple[Copilot, FakeEngine]:
    """A copilot whose model always says this; with the kernel above."""
    tokenizer = byte_tokenizer(("<|endoftext|>", *MODELS[model]))
    engine = FakeEngine([Rule(answer=answer)])
    loaded = LoadedModel(
        name=model, window_tokens=4096, tokenizer=tokenizer, family=choose_family(tokenizer.markers), engine=engine
    )
    return Copilot(lambda: loaded, [KernelSource(snapshot_of)] if is_live else ()), engine


def notebook(*sources: str) -> Notebook:
    """Code cells with these sources."""
    return Notebook(cells=tuple(Cell(kind="code", source=source) for source in sources))


def told(answer: AsyncIterator[TextPiece | Done]) -> tuple[str, Done]:
    """All of an answer, and its end."""

    async def collect() -> tuple[str, Done]:
        events = [event async for event in answer]
        assert isinstance(events[-1], Done)
        return "".join(event.text for event in events if isinstance(event, TextPiece)), events[-1]

    return asyncio.run(collect())


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("answer", [SOURCE.strip(), f"{SOURCE.strip()}\n\n", ""])
def test_edit_that_changes_nothing_is_the_cell_to_the_byte(model: str, answer: str) -> None:
    """Blank lines and blanks around the code come back as they were, also where the model says nothing."""
    copilot, _ = pilot(answer, model)

    assert told(copilot.edit(notebook("a = 1", SOURCE), 1, "do nothing", None, OPTIONS))[0] == SOURCE


def test_edit_of_a_span_leaves_the_rest_alone() -> None:
    """The whole cell comes back, changed between the two places only."""
    copilot, engine = pilot("print(trips)")
    start, end = SOURCE.index("print"), SOURCE.index(")") + 1

    text, _ = told(copilot.edit(notebook(SOURCE), 0, "rename", (start, end), OPTIONS))

    assert text == SOURCE.replace("print(df)", "print(trips)")
    assert b"print(df)" in text_of(engine.requests[0].prompt_ids)


def test_edit_loses_fence_and_what_follows_it() -> None:
    """Only code comes out."""
    copilot, _ = pilot("```python\nx = 2\n```\nI changed it.", "plain")

    assert told(copilot.edit(notebook("x = 1\n"), 0, "make it two", None, OPTIONS))[0] == "x = 2\n"


def test_edit_of_an_empty_cell_writes_it() -> None:
    """There is nothing to change, and what is wished is written."""
    copilot, _ = pilot("x = 1")

    assert told(copilot.edit(notebook("a = 1", ""), 1, "set x", None, OPTIONS))[0] == "x = 1"


@pytest.mark.parametrize("span", [(-1, 2), (3, 2), (0, 99)])
def test_edit_of_a_span_that_is_none_is_refused(span: tuple[int, int]) -> None:
    """The message names the places."""
    copilot, _ = pilot("x")

    with pytest.raises(BadCursor, match="span"):
        told(copilot.edit(notebook("x = 1"), 0, "change", span, OPTIONS))


def test_edit_without_an_instruction_is_refused() -> None:
    """A model would change anything."""
    copilot, _ = pilot("x")

    with pytest.raises(BadRequest, match="empty"):
        told(copilot.edit(notebook("x = 1"), 0, " ", None, OPTIONS))


@pytest.mark.parametrize("source", ["x = 1\n" * 400, "x" * 1_000_000])
def test_edit_of_a_cell_that_does_not_fit_twice_is_refused(source: str) -> None:
    """Nothing of it is lost silently."""
    copilot, _ = pilot("x")

    with pytest.raises(CellTooLong, match="select a part"):
        told(copilot.edit(notebook(source), 0, "shorten it", None, OPTIONS))


def test_fix_shows_the_error_and_where_it_happened() -> None:
    """The frame in the notebook, not those in libraries."""
    copilot, engine = pilot("df['fare_eur']")
    traceback = (
        "KeyError   Traceback (most recent call last)\nFile frame.py:4102, in getitem\n-> 4102 indexer = get(key)\n"
        "Cell In[2], line 1\n----> 1 df['fare']\n\nKeyError: 'fare'"
    )

    text, _ = told(
        copilot.fix(notebook("df['fare']"), 0, Mishap(name="KeyError", message="'fare'", traceback=traceback), OPTIONS)
    )

    assert text == "df['fare_eur']"
    prompt = text_of(engine.requests[0].prompt_ids).decode()
    assert "Fix KeyError: 'fare'" in prompt
    assert "----> 1 df['fare']" in prompt
    assert "4102" not in prompt


@pytest.mark.parametrize("model", MODELS)
def test_fix_names_the_column_that_was_meant(model: str) -> None:
    """What the live frame has instead stands where the model is told what to do; an edit has nothing of the kind."""
    copilot, engine = pilot("x", model, is_live=True)
    place, options = notebook("trips['fare_euro']"), replace(OPTIONS, context_deadline_s=10)

    told(copilot.fix(place, 0, Mishap(name="KeyError", message="'fare_euro'"), options))
    told(copilot.edit(place, 0, "take the fare", None, options))
    fix, edit = (text_of(request.prompt_ids).decode() for request in engine.requests)

    assert "Fix KeyError: 'fare_euro'. Did you mean 'fare_eur'?" in fix
    assert "Did you mean" not in edit


@pytest.mark.parametrize("model", MODELS)
def test_fix_of_a_name_with_one_like_it_begins_with_that(model: str) -> None:
    """The model is given the new text up to behind the name, and writes the rest; all around stays to the byte."""
    copilot, engine = pilot("] / 2\ny = 1", model, is_live=True)
    place, options = notebook("\n  x = trips['fare_euro'] / 2\n  y = 1 \n"), replace(OPTIONS, context_deadline_s=10)

    text, _ = told(copilot.fix(place, 0, Mishap(name="KeyError", message="'fare_euro'"), options))

    assert text == "\n  x = trips['fare_eur'] / 2\ny = 1 \n"
    assert text_of(engine.requests[0].prompt_ids).endswith(b"x = trips['fare_eur'")


@pytest.mark.parametrize("model", MODELS)
def test_chat_frame_laid_beside_the_question_is_told_from_the_live_kernel(model: str) -> None:
    """By its name alone; one that the kernel has no more is said to be gone, and what came with a text keeps it."""
    copilot, engine = pilot("x", model, is_live=True)
    frames = tuple(
        Attachment(kind="frame", label=label, text=text)
        for label, text in (("trips", ""), ("gone", ""), ("kept", "kept: as it was"))
    )
    said = Conversation(turns=(Turn("person", "Which columns?"),), attachments=frames)

    told(copilot.chat(notebook("a = 1"), 0, said, replace(OPTIONS, context_deadline_s=10)))
    prompt = text_of(engine.requests[0].prompt_ids).decode()

    beside = prompt[prompt.index("This is known of trips:") :]
    assert "trips: DataFrame 9 × 1, columns 'fare_eur' (float64)" in beside
    assert "gone: the kernel has no such variable" in beside
    assert "kept: as it was" in beside


def test_chat_says_how_many_turns_had_no_room() -> None:
    """A person can be told what the assistant no longer knows."""
    copilot, _ = pilot("It does.", "plain")
    turns = [Turn("person" if n % 2 == 0 else "assistant", "long " * 60) for n in range(20)]
    said = Conversation(turns=(*turns, Turn("person", "Really?")))

    text, done = told(copilot.chat(notebook("a = 1"), 0, said, OPTIONS))

    assert text == "It does."
    assert 0 < done.left_out_turns < 20


def test_chat_of_a_frame_without_kernel_or_notebook_answers() -> None:
    """An empty notebook and a chip that nothing is known of are no errors."""
    copilot, _ = pilot("Hello.")
    said = Conversation(turns=(Turn("person", "Hi"),), attachments=(Attachment(kind="frame", label="trips", text=""),))

    assert told(copilot.chat(notebook(), None, said, OPTIONS))[0] == "Hello."


@pytest.mark.parametrize("turns", [(), (Turn("person", " "),), (Turn("person", "a"), Turn("assistant", "b"))])
def test_chat_without_a_question_is_refused(turns: Sequence[Turn]) -> None:
    """There is nothing to answer."""
    copilot, _ = pilot("x")

    with pytest.raises(BadRequest, match="question"):
        told(copilot.chat(notebook("a"), 0, Conversation(turns=tuple(turns)), OPTIONS))
