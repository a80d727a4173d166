"""Ends an answer that begins to say again what it has said."""

from jupyter_starcoder.stream.characters import CharacterStage

_TELLING = 4  # letters and digits that make a passage worth comparing: `},` and `{` may follow one another again
_SHORTEST_PART = 3  # code points of a line that breaks off at the answer's end; less can be chance


class RepeatedPassages(CharacterStage):
    """Ends before lines in a row that stood in the answer already, as in `a, b, a, b`.

    One line alone may come again, as in two branches of a condition: it waits for the line behind it. Blank lines in
    between do not count.
    """

    def __init__(self, prefix: str = "") -> None:
        """Args: prefix: the text in front of the answer, whose last line the answer continues."""
        super().__init__()
        self._lines: list[str] = []  # of the answer, in order, without the blank ones
        self._line = prefix.rpartition("\n")[2]  # the line so far
        self._held = ""  # what was not given yet, the line so far at its end
        self._again = 0  # whole lines in `_held` that were said before
        self._telling = 0  # letters and digits in them
        self._nexts: list[int] = []  # places in `_lines` of what would be said again now

    def _take(self, character: str) -> str:
        self._held += character
        if character == "\n":
            return self._at_line_end()
        self._line += character
        return "" if self._may_repeat() else self._given()

    def _may_repeat(self) -> bool:
        """The line so far is the beginning of one that would be said again."""
        return any(self._lines[place].startswith(self._line) for place in self._nexts)

    def _at_line_end(self) -> str:
        line, self._line = self._line.rstrip(), ""
        if not line:
            return "" if self._again else self._given()
        places = [place for place in self._nexts if self._lines[place] == line]
        self._lines.append(line)
        if not places:
            return self._given()
        self._again += 1
        self._telling += sum(map(str.isalnum, line))
        if self._again > 1 and self._telling >= _TELLING:
            return self._end()
        self._nexts = [place + 1 for place in places]
        return ""

    def _given(self) -> str:
        """Gives what was held; from the next line on, a passage may begin anew."""
        text, self._held = self._held, ""
        self._again = self._telling = 0
        self._nexts = [] if self._line else list(range(len(self._lines)))
        return text

    def _rest(self) -> str:
        is_part = self._again and self._may_repeat() and len(self._line.strip()) >= _SHORTEST_PART
        return "" if is_part else self._held
