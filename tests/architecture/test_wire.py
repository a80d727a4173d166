"""The TypeScript types of the HTTP interface are those that the server speaks."""

from pathlib import Path

import msgspec
import pytest

from jupyter_starcoder.typescript import module, roots

WRITTEN = Path(__file__).parents[2] / "labextension" / "src" / "wire.ts"


class Question(msgspec.Struct, forbid_unknown_fields=True):
    """Asks."""

    words: tuple[str | int, ...]
    limit: int | None = None


class Unspeakable(msgspec.Struct):
    """Has a field that TypeScript has no word for here."""

    when: complex


def test_types_that_are_written_are_those_of_wire() -> None:
    """A change in `wire.py` reaches the front end before it lands."""
    assert WRITTEN.read_text(encoding="utf-8") == module(*roots()), "wire.ts is out of date: run `make wire`"


def test_module_of_a_request_makes_fields_with_a_default_optional() -> None:
    """What a client may leave out is marked so."""
    assert module(Question).endswith(
        "/** Asks. */\nexport interface Question {\n  words: (string | number)[];\n  limit?: number | null;\n}\n"
    )


def test_module_of_an_unknown_type_is_refused() -> None:
    """A field that would come out wrong does not come out."""
    with pytest.raises(TypeError, match="complex"):
        module(Unspeakable)
