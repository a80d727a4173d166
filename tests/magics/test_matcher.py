"""The Tab key."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from jupyter_starcoder.magics.matcher import offers
from tests.magics.test_magics import own_fake

if TYPE_CHECKING:
    from tests.magics.conftest import Session


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


async def test_kernel_completes_our_magics_alone(run: "Session", rules: Path) -> None:
    """Names of the session and files do not come between; where we have nothing to offer, others do."""
    await run(f"{own_fake(rules)}\n%config Completer.use_jedi = False")
    assert await run.complete("%starcoder ex") == ["%starcoder explain"]
    assert await run.complete("%%starcoder --in") == ["%%starcoder --into"]
    assert await run.complete("%%starcoder --model f") == ["%%starcoder --model fake"]
    assert "import" in await run.complete("impor")
