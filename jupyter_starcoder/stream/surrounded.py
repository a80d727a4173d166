"""Puts an answer where the text stood that it takes the place of."""

from jupyter_starcoder.stream.characters import CharacterStage


class Surrounded(CharacterStage):
    """Gives what stands around the text as well; an answer of nothing leaves the text as it was."""

    def __init__(self, before: str, text: str, behind: str) -> None:
        """Args: text: what the answer takes the place of; before, behind: what stays, to the byte."""
        super().__init__()
        self._before, self._text, self._behind = before, text, behind
        self._is_begun = False

    def _take(self, character: str) -> str:
        if self._is_begun:
            return character
        self._is_begun = True
        return self._before + character

    def _rest(self) -> str:
        return self._behind if self._is_begun else self._before + self._text + self._behind
