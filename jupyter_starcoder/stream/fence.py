"""Takes an answer out of the fence that models put around code."""

from jupyter_starcoder.stream.characters import CharacterStage

_FENCE = "```"


class Fence(CharacterStage):
    """Drops the fence that an answer begins with, and ends before the one that closes it.

    An answer that begins otherwise is left alone, with all fences that it has.
    """

    def __init__(self) -> None:
        super().__init__()
        self._fence = ""  # what opened the answer
        self._is_beginning = True  # nothing but what may open it was seen
        self._is_line_start = True  # the line so far may be one that closes it
        self._held = ""

    def _take(self, character: str) -> str:
        if self._is_beginning:
            return self._at_beginning(character)
        if not self._fence:
            return character
        if character == "\n":
            return self._at_line_end()
        if not self._is_line_start:
            return character
        self._held += character
        return "" if not self._held.strip("` \t\n") else self._given()

    def _at_beginning(self, character: str) -> str:
        self._held += character
        begun = self._held.strip()
        if begun.startswith(_FENCE):
            if character == "\n":
                self._fence = begun[: len(begun) - len(begun.lstrip("`"))]
                self._is_beginning, self._held = False, ""
            return ""
        if _FENCE.startswith(begun):
            return ""
        self._is_beginning = False
        return self._given()

    def _at_line_end(self) -> str:
        if self._held.strip() == self._fence:
            return self._end()
        text, self._held, self._is_line_start = self._held, "\n", True
        return text

    def _given(self) -> str:
        text, self._held, self._is_line_start = self._held, "", False
        return text

    def _rest(self) -> str:
        if self._is_beginning:
            return "" if self._held.strip().startswith(_FENCE) else self._held
        return "" if self._fence and self._held.strip() == self._fence else self._held
