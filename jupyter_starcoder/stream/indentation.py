"""Puts the first line of an answer at the right column."""

from jupyter_starcoder.stream.characters import CharacterStage
from jupyter_starcoder.stream.syntax import Scanner

_STEP = 4  # columns, where nothing shows another


def indent_of(line: str) -> int:
    """Columns of blanks that a line begins with."""
    return len(line) - len(line.lstrip(" \t"))


def opens_block(line: str) -> bool:
    """Whether the line after this one stands deeper."""
    return line.rstrip().endswith(":") and not line.lstrip().startswith("#")


def last_line(text: str) -> str:
    """The last line that is not blank, or nothing."""
    return next((line for line in reversed(text.split("\n")) if line.strip()), "")


class Indentation(CharacterStage):
    """Gives the first line its indentation once, where the cursor stands on a blank line.

    The indentation that stands before the cursor may be repeated by the model, or not given by it where it is due.
    Blank lines in front are dropped. Other cursors, and what is inside brackets or strings, are left alone.
    """

    def __init__(self, prefix: str) -> None:
        super().__init__()
        above, _, line = prefix.rpartition("\n")
        scanner = Scanner.after(prefix)
        self._column = len(line)  # of the cursor
        self._above = last_line(above)
        self._is_free = bool(line.strip()) or "\t" in prefix or bool(scanner.brackets) or bool(scanner.quote)
        self._is_leading = not self._is_free  # still in the blanks of a line
        self._is_first = True
        self._has_skipped_line = False
        self._blanks = ""
        self._raw_column = 0  # of the first line, as the model meant it
        self._shift = 0  # columns that lines as deep as the first are moved to the left

    def _take(self, character: str) -> str:
        if self._is_free:
            return character
        if not self._is_leading:
            self._is_leading = character == "\n"
            return character
        if character == "\n":
            return self._at_blank_line()
        if character.isspace():
            self._blanks += character
            return ""
        self._is_leading = False
        blanks, self._blanks = self._blanks, ""
        if not self._is_first:
            return self._moved(blanks) + character
        self._is_first = False
        return self._at_first(blanks, character)

    def _at_blank_line(self) -> str:
        blanks, self._blanks = self._blanks, ""
        if self._is_first:
            self._has_skipped_line = True
            return ""
        return blanks + "\n"

    def _moved(self, blanks: str) -> str:
        return blanks[self._shift :] if len(blanks) >= self._raw_column else blanks

    def _at_first(self, blanks: str, character: str) -> str:
        self._raw_column = len(blanks) + (0 if self._has_skipped_line else self._column)
        column = self._right_column(self._raw_column)
        if column < self._column:
            return self._end()  # it leaves the block that the cursor stands in
        self._shift = max(0, self._raw_column - column)
        self._is_free = self._shift == 0
        return " " * (column - self._column) + character

    def _right_column(self, column: int) -> int:
        above = indent_of(self._above)
        if opens_block(self._above):
            if self._column > above:
                return self._column
            return column if column > above else above + _STEP
        return min(column, max(above, self._column))

    def _rest(self) -> str:
        return "" if self._is_first else self._blanks
