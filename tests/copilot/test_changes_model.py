"""Edits, fixes and conversations on the embedded model."""

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest

from jupyter_starcoder.config import load_settings
from jupyter_starcoder.copilot import Copilot, Options
from jupyter_starcoder.local import local_engine, open_copilot
from jupyter_starcoder.values.answer import Done, TextPiece, Timings
from jupyter_starcoder.values.conversation import Conversation, Mishap, Subject, Turn
from jupyter_starcoder.values.notebook import Cell, Notebook

pytestmark = pytest.mark.model
OPTIONS = Options(max_tokens=48, prompt_tokens=1024, lane="chat")


def told(ask: Callable[[Copilot], AsyncIterator[object]]) -> str:
    """What the embedded model answers."""

    async def collect() -> str:
        async with open_copilot(load_settings(), local_engine) as (copilot, _):
            return "".join([event.text async for event in ask(copilot) if isinstance(event, TextPiece)])

    return asyncio.run(collect())


def cell(source: str) -> Notebook:
    """A notebook of one code cell."""
    return Notebook(cells=(Cell(kind="code", source=source),))


@pytest.mark.usefixtures("embedded_model")
def test_edit_of_the_embedded_model_is_code_alone() -> None:
    """No fence, no marker, and the line end that the cell had."""
    text = told(lambda copilot: copilot.edit(cell("x = [1, 2]\nprint(x)\n"), 0, "add a comment", None, OPTIONS))

    assert text.endswith("\n")
    assert "print(" in text
    assert "```" not in text
    assert "<|im" not in text


@pytest.mark.usefixtures("embedded_model")
def test_fix_of_the_embedded_model_takes_the_name_that_the_error_suggests() -> None:
    """The message of Python itself says what is meant."""
    mishap = Mishap(name="NameError", message="name 'totl' is not defined. Did you mean: 'total'?")

    assert told(lambda copilot: copilot.fix(cell("total = 1\nprint(totl)\n"), 0, mishap, OPTIONS)) == (
        "total = 1\nprint(total)\n"
    )


@pytest.mark.usefixtures("embedded_model")
def test_explanation_of_the_embedded_model_goes_on() -> None:
    """A question about the answer gets words of its own."""
    turns = (Turn("assistant", "It sorts numbers."), Turn("person", "In which order?"))

    assert told(lambda copilot: copilot.explain(cell("sorted([3, 1])"), 0, OPTIONS, Subject(), turns)).strip()


@pytest.mark.usefixtures("embedded_model")
def test_chat_of_the_embedded_model_speaks_for_itself_alone() -> None:
    """It does not go on with the person's part."""
    said = Conversation(turns=(Turn("person", "What is a mean?"),))
    text = told(lambda copilot: copilot.chat(cell("x = 1"), 0, said, OPTIONS))

    assert text.strip()
    assert "<|im" not in text


@pytest.mark.usefixtures("embedded_model")
def test_chat_second_turn_reads_only_what_was_said_since() -> None:
    """The engine finds all of the first turn's prompt in its cache."""

    async def collect() -> list[Timings]:
        turns: tuple[Turn, ...] = ()
        costs: list[Timings] = []
        async with open_copilot(load_settings(), local_engine) as (copilot, _):
            for asked in ("What is a mean?", "And a median?"):
                turns = (*turns, Turn("person", asked))
                events = [event async for event in copilot.chat(cell("x = 1"), 0, Conversation(turns=turns), OPTIONS)]
                assert isinstance(events[-1], Done)
                costs.append(events[-1].timings)
                said = "".join(event.text for event in events if isinstance(event, TextPiece))
                turns = (*turns, Turn("assistant", said))
        return costs

    first, second = asyncio.run(collect())

    assert first.reused_tokens == 0
    assert second.reused_tokens >= first.prompt_tokens - 1
    assert second.prompt_tokens > first.prompt_tokens
