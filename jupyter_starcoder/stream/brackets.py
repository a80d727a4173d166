"""Ends an answer before it closes what something else closes."""

from jupyter_starcoder.stream.characters import CharacterStage
from jupyter_starcoder.stream.syntax import CLOSERS, Scanner


class Brackets(CharacterStage):
    """Ends before a closing bracket or quotation mark that would be one too many.

    An answer may close what it opened, and what the text before the cursor left open and the text behind it does not
    close. An editor that closes brackets by itself leaves the cursor in `()`: there the answer may close nothing.
    """

    def __init__(self, prefix: str, suffix: str) -> None:
        super().__init__()
        self._scanner = Scanner.after(prefix)
        self._is_outer_string = bool(self._scanner.quote)  # the string that the prefix opened is still open
        self._is_string_kept = _closes_string(self._scanner, suffix)
        self._outer = len(self._scanner.brackets)  # of the open brackets, those that the prefix opened
        self._closable = self._outer - _closed_behind(prefix, suffix, is_string_closed=self._is_string_kept)
        self._held = ""

    def _take(self, character: str) -> str:
        scanner = self._scanner
        if scanner.is_code and character in CLOSERS and not self._may_close(character):
            return self._end()
        if self._is_outer_string and self._is_string_kept and scanner.would_close_string(character):
            if len(scanner.quote) == 1 or scanner.closing == 2:
                return self._end()
            scanner.feed(character)
            self._held += character
            return ""
        scanner.feed(character)
        self._is_outer_string = self._is_outer_string and bool(scanner.quote)
        text, self._held = self._held + character, ""
        return text

    def _may_close(self, closer: str) -> bool:
        opened = self._scanner.brackets
        if opened[-1:] != [CLOSERS[closer]]:
            return False
        if len(opened) > self._outer:
            return True
        if self._closable <= 0:
            return False
        self._closable -= 1
        self._outer -= 1
        return True

    def _rest(self) -> str:
        return self._held


def _closes_string(scanner: Scanner, suffix: str) -> bool:
    """Whether the text behind the cursor ends the string that is open there."""
    if not scanner.quote:
        return False
    reach = suffix if len(scanner.quote) == 3 else suffix.partition("\n")[0]
    return reach.count(scanner.quote) % 2 == 1


def _closed_behind(prefix: str, suffix: str, *, is_string_closed: bool) -> int:
    """How many of the brackets that the prefix leaves open are closed by the suffix."""
    scanner = Scanner.after(prefix)
    if scanner.quote and not is_string_closed:
        scanner.quote = ""
    opened = lowest = len(scanner.brackets)
    for character in suffix:
        scanner.feed(character)
        lowest = min(lowest, len(scanner.brackets))
    return opened - lowest
