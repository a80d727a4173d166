"""Follows brackets, strings and comments through code."""

from typing import Self

OPENERS = {"(": ")", "[": "]", "{": "}"}
CLOSERS = {closer: opener for opener, closer in OPENERS.items()}
_QUOTES = "\"'"


class Scanner:
    """What is open after a text: brackets, a string, a comment. Made for Python, of use for languages like it."""

    def __init__(self) -> None:
        self.brackets: list[str] = []  # open ones, outermost first
        self.quote = ""  # of the open string: one or three quotation marks
        self.is_comment = False
        self.is_escaped = False  # the next character of the string stands for itself
        self.closing = 0  # quotation marks in a row at the end of a string in triple quotes
        self._is_fresh = False  # the string in `quote` has no character yet
        self._empty = ""  # a string was closed with no character in it: one more mark makes it three

    @classmethod
    def after(cls, text: str) -> Self:
        """The state at the end of `text`."""
        scanner = cls()
        for character in text:
            scanner.feed(character)
        return scanner

    @property
    def is_code(self) -> bool:
        """What comes next is neither in a string nor in a comment."""
        return not self.quote and not self.is_comment

    def would_close_string(self, character: str) -> bool:
        """Whether `character` is a mark that belongs to the end of the open string."""
        return bool(self.quote) and character == self.quote[0] and not self.is_escaped

    def feed(self, character: str) -> None:
        """Takes the next character. A closing bracket that fits nothing is passed over."""
        if self.is_comment:
            self.is_comment = character != "\n"
        elif self.quote:
            self._in_string(character)
        else:
            self._in_code(character)

    def _in_code(self, character: str) -> None:
        if character in _QUOTES:
            self.quote = character * 3 if self._empty == character else character
            self._is_fresh = len(self.quote) == 1
            self.closing = 0
        elif character == "#":
            self.is_comment = True
        elif character in OPENERS:
            self.brackets.append(character)
        elif character in CLOSERS and self.brackets[-1:] == [CLOSERS[character]]:
            self.brackets.pop()
        self._empty = ""

    def _in_string(self, character: str) -> None:
        was_fresh, self._is_fresh = self._is_fresh, False
        if self.is_escaped:
            self.is_escaped = False
        elif character == "\\":
            self.is_escaped = True
            self.closing = 0
        elif len(self.quote) == 1:
            if character == self.quote:
                self._empty = character if was_fresh else ""
                self.quote = ""
            elif character == "\n":
                self.quote = ""  # it was never closed: an apostrophe, or code that is still being written
        else:
            self.closing = self.closing + 1 if character == self.quote[0] else 0
            if self.closing == 3:
                self.quote = ""
