"""Ends the new version of a text that goes round in circles."""

from jupyter_starcoder.stream.characters import CharacterStage

_TELLING = 4  # letters and digits that make lines worth comparing
_MOST_LINES = 12  # of a circle


class Circles(CharacterStage):
    """Ends before the third time in a row of the same lines.

    Code has lines that come again; nobody writes the same ones three times without anything between.
    """

    def __init__(self) -> None:
        super().__init__()
        self._lines: list[str] = []  # of the answer, whole ones, without their ends
        self._line = ""
        self._held = ""  # what was not given yet
        self._size = 0  # lines in the circle that may close
        self._again = 0  # of them, those that came a third time

    def _take(self, character: str) -> str:
        self._held += character
        if character != "\n":
            self._line += character
            return "" if self._size and self._expected().startswith(self._line) else self._given()
        line, self._line = self._line, ""
        is_third = bool(self._size) and line == self._expected()
        self._lines.append(line)
        if is_third:
            self._again += 1
            return self._end() if self._again == self._size else ""
        text = self._given()
        self._size, self._again = self._circle(), 0
        return text

    def _expected(self) -> str:
        """The line that goes on with the circle."""
        return self._lines[-self._size]

    def _given(self) -> str:
        text, self._held = self._held, ""
        self._size = self._again = 0
        return text

    def _circle(self) -> int:
        """How many lines have just come twice in a row; 0 for none."""
        lines = self._lines
        for size in range(1, min(_MOST_LINES, len(lines) // 2) + 1):
            last = lines[-size:]
            if last == lines[-2 * size : -size] and sum(map(str.isalnum, "".join(last))) >= _TELLING:
                return size
        return 0

    def _rest(self) -> str:
        return self._held
