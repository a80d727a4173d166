"""Ends an answer of several lines where the code leaves the cursor's block."""

from jupyter_starcoder.stream.characters import CharacterStage
from jupyter_starcoder.stream.indentation import indent_of, last_line, opens_block
from jupyter_starcoder.stream.syntax import Scanner

_GO_ON = ("else", "elif", "except", "finally")  # they belong to the block above them


class Block(CharacterStage):
    """Ends before the line that belongs to something else.

    A cursor on or under a line that opens a block gets this block; another gets the statements up to the first blank
    line or up to the end of the block that it stands in. Inside brackets and strings everything goes on.
    """

    def __init__(self, prefix: str) -> None:
        super().__init__()
        above, _, self._line = prefix.rpartition("\n")
        self._scanner = Scanner.after(prefix)
        self._base: int | None = None  # column of the statement that the answer is part of
        self._floor = 0  # smallest column that still belongs to the answer
        if not self._line.strip() and opens_block(last_line(above)):
            self._base = indent_of(last_line(above))
            self._floor = self._base + 1
        self._is_first = True
        self._is_between = False  # after the end of a line, before the next line's first character
        self._held = ""
        self._word: str | None = None  # the beginning of a line that only a few words may begin

    def _take(self, character: str) -> str:
        if self._word is not None:
            return self._at_word(character)
        if self._is_between:
            if character.isspace():
                self._held += character
                return ""
            return self._at_line(character)
        if character == "\n":
            self._scanner.feed(character)
            if not self._scanner.brackets and not self._scanner.quote and self._line.strip():
                self._close_line()
                self._is_between, self._held = True, character
                return ""
            self._line = ""
            return character
        self._scanner.feed(character)
        self._line += character
        return character

    def _close_line(self) -> None:
        if self._is_first and self._base is None:
            self._base = indent_of(self._line)
            self._floor = self._base + opens_block(self._line)
        self._is_first = False

    def _at_line(self, character: str) -> str:
        """A new line begins: does it still belong to the answer?"""
        base = self._base or 0
        column = len(self._held.rpartition("\n")[2])
        is_new_paragraph = self._held.count("\n") > 1
        if column < self._floor:
            if column == base and not is_new_paragraph and self._may_go_on(character):
                self._word = character
                return ""
            return self._end()
        if is_new_paragraph and column <= base:
            return self._end()
        return self._begun(character)

    def _at_word(self, character: str) -> str:
        word = self._word or ""
        if word in _GO_ON and not (character.isalnum() or character == "_"):
            self._word = None
            text = self._begun(word)
            return text + self._take(character)
        if not self._may_go_on(word + character):
            return self._end()
        self._word = word + character
        return ""

    def _may_go_on(self, word: str) -> bool:
        return any(known.startswith(word) for known in _GO_ON)

    def _begun(self, word: str) -> str:
        """Gives the held line ends and the word that begins the line."""
        self._is_between = False
        text, self._held = self._held + word, ""
        self._line = text.rpartition("\n")[2]
        for character in word:
            self._scanner.feed(character)
        return text

    def _rest(self) -> str:
        return "" if self._word is not None else self._held
