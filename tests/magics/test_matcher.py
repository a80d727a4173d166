"""The Tab key."""

from collections.abc import Awaitable, Callable
from typing import Protocol

import pytest

from jupyter_starcoder.magics.matcher import offers


class Session(Protocol):
    """See conftest.py."""

    complete: Callable[[str], Awaitable[list[str]]]


@pytest.mark.parametrize(
    ("text", "word", "offered"),
    [
        ("%starcoder ", "", ["complete", "explain", "edit", "fix", "chat", "status", "help"]),
        ("%starcoder explain --m", "--m", ["--model", "--help"]),
        ("%%starcoder --run --", "--", ["--model", "--explain", "--into", "--help"]),
        ("%%starcoder --model ", "", ["large", "small"]),
        ("%%starcoder --model=s", "--model=s", ["--model=large", "--model=small"]),
        ("%%starcoder --into df2 --", "--", ["--model", "--run", "--explain", "--help"]),
        ("%%starcoder plot --", "--", []),
        ("%starcoder dance --", "--", []),
        ("%starcode", "", []),
        ("x = 1", "", []),
    ],
)
def test_what_is_offered_fits_what_was_typed(text: str, word: str, offered: list[str]) -> None:
    """Commands, then options that were not given, then names of models."""
    found_word, found = offers(text, lambda: ["small", "large"])

    assert found == offered
    assert found_word == word or not offered


async def test_kernel_completes_our_magics_alone(run: Session) -> None:
    """Names of the session and files do not come between."""
    assert await run.complete("%starcoder ex") == ["%starcoder explain"]
    assert await run.complete("%%starcoder --in") == ["%%starcoder --into"]
    assert "%%starcoder --model fake" in await run.complete("%%starcoder --model f")
    assert "import" in await run.complete("impor")
