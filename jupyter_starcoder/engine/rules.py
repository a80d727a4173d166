"""Rules that stand in for a model: what to answer to which prompt."""

from pathlib import Path

import msgspec

from jupyter_starcoder.errors import EngineError

BYTES = 256  # ids below are bytes (tokenizer/fake.py); ids from here on are markers


class Rule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One answer. The first rule whose `ending` ends the prompt's text is used."""

    answer: str
    ending: str = ""  # "" matches every prompt
    seed: int | None = None  # None matches every seed; variants of a completion are drawn with one each
    delay_s: float = 0.0  # before each token
    dies_after: int | None = None  # tokens, then the engine dies

    def matches(self, prompt: bytes, seed: int = 0) -> bool:
        """Whether it answers this prompt, drawn with this seed."""
        return self.seed in (None, seed) and prompt.endswith(self.ending.encode())


def read_rules(path: Path) -> tuple[Rule, ...]:
    """The rules of a JSON file: a list of objects with the fields of `Rule`.

    Raises:
        EngineError: the file cannot be read.
    """
    try:
        return msgspec.json.decode(path.read_bytes(), type=tuple[Rule, ...])
    except (OSError, msgspec.DecodeError) as error:
        raise EngineError(f"the rules {path} cannot be read ({error}): write a JSON list of rules") from error


def text_of(ids: tuple[int, ...]) -> bytes:
    """The text that byte ids spell; markers are left out."""
    return bytes(token for token in ids if token < BYTES)
