"""Ends an answer that goes round in circles, as small models do."""

from collections import Counter

from jupyter_starcoder.stream.characters import CharacterStage

_TELLING = 4  # letters and digits from which a line is worth comparing: `)` and `}` may come again
_LONGEST_UNIT = 60  # code points of a phrase that is looked for
_FEW = 24  # code points that a phrase's repetitions fill at least before it ends an answer
_SIGNS = 8  # of lines that hold no word, such as `#`
_MANY = 160  # of a rule such as `-----`, and of a row of zeros


def _telling(text: str) -> int:
    return sum(map(str.isalnum, text))


class RepeatedLines(CharacterStage):
    """Ends before a line that repeats the line above it, and before any line's third time."""

    def __init__(self, prefix: str = "") -> None:
        """Args: prefix: the text in front of the answer, when the answer continues it."""
        super().__init__()
        above, _, self._line = prefix.rpartition("\n")
        self._last = next((line.rstrip() for line in reversed(above.split("\n")) if line.strip()), "")
        self._seen: Counter[str] = Counter()
        self._held = ""
        self._may_be = self._is_beginning()

    def _take(self, character: str) -> str:
        text = self._held + character
        if character == "\n":
            line = self._line.rstrip()
            if self._may_be and line in self._unwanted():
                return self._end()
            if line:
                self._seen[line] += 1
                self._last = line
            self._line = self._held = ""
            self._may_be = True
            return text
        self._line += character
        self._may_be = self._may_be and self._is_beginning()
        self._held = text if self._may_be else ""
        return "" if self._may_be else text

    def _unwanted(self) -> list[str]:
        lines = [self._last, *(line for line, times in self._seen.items() if times > 1)]
        return [line for line in lines if _telling(line) >= _TELLING]

    def _is_beginning(self) -> bool:
        return any(line.startswith(self._line) or line == self._line.rstrip() for line in self._unwanted())

    def _rest(self) -> str:
        return "" if self._may_be and self._line.rstrip() in self._unwanted() else self._held


class RepeatedPhrases(CharacterStage):
    """Ends after the second time of a phrase that comes a third time without anything between."""

    def __init__(self) -> None:
        super().__init__()
        self._text = ""  # the last code points, as many as are looked at
        self._held = 0  # of these, not given yet
        self._runs = [0] * (_LONGEST_UNIT + 1)  # by length of the phrase: code points that equal those one phrase back

    def _take(self, character: str) -> str:
        self._text += character
        size = len(self._text)
        self._held += 1
        keep = 0
        for unit in range(1, min(_LONGEST_UNIT, size - 1) + 1):
            if self._text[size - 1 - unit] != character:
                self._runs[unit] = 0
                continue
            self._runs[unit] += 1
            third = self._runs[unit] - unit  # code points beyond the phrase's second time
            if third <= 0 or third > self._held:
                continue
            keep = max(keep, third)
            if self._is_circle(unit):
                return self._end(self._text[size - self._held : size - third])
        text = self._text[size - self._held : size - keep]
        self._held = keep
        self._text = self._text[-(_LONGEST_UNIT + _MANY + 1) :]
        return text

    def _is_circle(self, unit: int) -> bool:
        phrase = self._text[-unit:]
        if _telling(phrase) >= 2 and unit >= 4:
            return self._runs[unit] >= max(2 * unit, _FEW)
        return self._runs[unit] >= max(2 * unit, _SIGNS if "\n" in phrase else _MANY)

    def _rest(self) -> str:
        return self._text[len(self._text) - self._held :] if self._held else ""
