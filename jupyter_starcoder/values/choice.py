"""A choice of texts, of which an answer is to spell one."""

from dataclasses import dataclass
from typing import Literal

from jupyter_starcoder.errors import BadRequest

Progress = Literal["inside", "done", "off"]

LATIN = 0x80  # bytes from here on are parts of letters that are not ASCII


@dataclass(frozen=True, slots=True)
class Choice:
    """Texts of which one comes next; anything may follow it.

    With `is_word` a text is a whole word: what follows does not begin with a letter, a digit or an underscore.
    """

    texts: tuple[str, ...]  # at least one; none is empty
    is_word: bool = False

    def __post_init__(self) -> None:
        if not self.texts or not all(self.texts):
            raise BadRequest("a choice needs texts, and none of them empty")

    def progress(self, spelled: bytes) -> Progress:
        """How far some bytes are: inside one of the texts, past the end of one, or off all of them."""
        is_inside = False
        for text in self.texts:
            wanted = text.encode()
            if spelled.startswith(wanted) and self._is_end(spelled[len(wanted) :]):
                return "done"
            is_inside = is_inside or wanted.startswith(spelled)
        return "inside" if is_inside else "off"

    def _is_end(self, rest: bytes) -> bool:
        return not self.is_word or (rest != b"" and not is_word_byte(rest[0]))

    def beginning(self, start: str) -> "Choice | None":
        """The texts that begin so; None where none does."""
        texts = tuple(text for text in self.texts if text.startswith(start))
        return Choice(texts, self.is_word) if texts else None

    def after(self, text: str) -> "Choice":
        """The same choice with a text to be spelled before it."""
        return Choice(tuple(text + rest for rest in self.texts), self.is_word)


def is_word_byte(byte: int) -> bool:
    """Whether a byte is part of a Python name: all that is not ASCII counts."""
    return byte >= LATIN or byte == ord("_") or chr(byte).isalnum()
