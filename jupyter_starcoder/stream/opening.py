"""Drops what stands at the cursor already."""

from jupyter_starcoder.stream.characters import CharacterStage


class Opening(CharacterStage):
    """Drops the text that token healing made the model spell again.

    An answer that begins otherwise does not continue what was typed: nothing of it is given.
    """

    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = text
        self._place = 0

    def _take(self, character: str) -> str:
        if self._place == len(self._text):
            return character
        if character != self._text[self._place]:
            return self._end()
        self._place += 1
        return ""


class LeadingBlank(CharacterStage):
    """Drops blank lines in front of an answer, and the single space that models put after a speaker's name."""

    def __init__(self) -> None:
        super().__init__()
        self._held: str | None = ""

    def _take(self, character: str) -> str:
        if self._held is None:
            return character
        if character == "\n":
            self._held = ""
            return ""
        if character.isspace():
            self._held += character
            return ""
        lead, self._held = self._held, None
        return character if lead == " " else lead + character
