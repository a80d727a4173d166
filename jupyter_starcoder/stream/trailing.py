"""Trims the end of a text."""

from jupyter_starcoder.stream.characters import CharacterStage


class TrailingSpace(CharacterStage):
    """Drops whitespace at the end."""

    def __init__(self) -> None:
        super().__init__()
        self._held = ""

    def _take(self, character: str) -> str:
        if character.isspace():
            self._held += character
            return ""
        text, self._held = self._held + character, ""
        return text
