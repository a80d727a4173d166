"""Ends an answer where it runs into what stands behind the cursor."""

from jupyter_starcoder.stream.characters import CharacterStage
from jupyter_starcoder.stream.syntax import CLOSERS, Scanner

_SHORTEST_PART = 3  # of a repeated text that breaks off at the answer's end; less can be chance


def _is_word(character: str) -> bool:
    return character.isalnum() or character == "_"


class Depth:
    """Tells whether the answer is inside something that it opened itself."""

    def __init__(self, prefix: str, *, is_code: bool) -> None:
        self._scanner = Scanner.after(prefix) if is_code else None
        self._outer = len(self._scanner.brackets) if self._scanner else 0
        self._is_outer_string = bool(self._scanner and self._scanner.quote)

    @property
    def is_code(self) -> bool:
        """Brackets and strings mean something in this text, and the next character is in neither string nor comment."""
        return self._scanner is not None and self._scanner.is_code

    @property
    def is_inside(self) -> bool:
        """What comes next stands in a bracket or string of the answer's own."""
        if self._scanner is None:
            return False
        is_own_string = bool(self._scanner.quote) and not self._is_outer_string
        return is_own_string or len(self._scanner.brackets) > self._outer

    def feed(self, character: str) -> None:
        """Takes the next character."""
        if self._scanner is None:
            return
        self._scanner.feed(character)
        self._is_outer_string = self._is_outer_string and bool(self._scanner.quote)
        self._outer = min(self._outer, len(self._scanner.brackets))


class RestOverlap(CharacterStage):
    """Ends where the answer repeats the rest of the cursor's line.

    With the cursor before ` + b`, `a + b` becomes `a`. What is inside a bracket or string of the answer's own is no
    repetition, nor is the middle of a word.
    """

    def __init__(self, prefix: str, rest: str, *, is_code: bool = True) -> None:
        """Args: rest: the cursor's line behind the cursor, not blank."""
        super().__init__()
        self._target = rest.strip()
        self._is_space_held = rest[:1].isspace()
        self._depth = Depth(prefix, is_code=is_code)
        self._last = prefix[-1:]  # the character before the one that is taken
        self._space = ""  # in front of a place where a repetition may begin
        self._held = ""
        self._starts: list[int] = []  # in `_held`: where the repetition may begin

    def _take(self, character: str) -> str:
        if any(self._is_complete(self._held[start:], character) for start in self._starts):
            return self._end(self._held[: self._first_complete(character)])
        if not self._held and self._is_space_held and character.isspace():
            self._advance(character)
            self._space += character
            return ""
        if self._may_begin(character):
            self._starts.append(len(self._held))
        self._held += character
        self._advance(character)
        self._starts = [start for start in self._starts if self._target.startswith(self._held[start:])]
        for start in self._starts:
            if self._held[start:] == self._target and not _is_word(self._target[-1]):
                return self._end(self._with_space(self._held[:start]))
        keep_from = self._starts[0] if self._starts else len(self._held)
        text = self._with_space(self._held[:keep_from])
        self._held = self._held[keep_from:]
        self._starts = [start - keep_from for start in self._starts]
        return text

    def _with_space(self, text: str) -> str:
        """`text` behind the held space, which is given up where text follows."""
        if not text:
            return ""
        space, self._space = self._space, ""
        return space + text

    def _advance(self, character: str) -> None:
        self._depth.feed(character)
        self._last = character

    def _may_begin(self, character: str) -> bool:
        if character != self._target[0] or self._depth.is_inside:
            return False
        if self._depth.is_code and character in CLOSERS:
            return False  # what closes too much was cut before; this one closes what is open
        return not (_is_word(self._last) and _is_word(character))

    def _is_complete(self, text: str, following: str) -> bool:
        return text == self._target and not _is_word(following)

    def _first_complete(self, following: str) -> int:
        return next(start for start in self._starts if self._is_complete(self._held[start:], following))

    def _rest(self) -> str:
        for start in self._starts:
            part = self._held[start:]
            if part == self._target or len(part) >= _SHORTEST_PART:
                return self._with_space(self._held[:start])
        return self._space + self._held


class LineOverlap(CharacterStage):
    """Ends before a line that equals the next line behind the cursor."""

    def __init__(self, prefix: str, next_line: str, *, is_code: bool = True) -> None:
        """Args: next_line: the first line behind the cursor's that is not blank."""
        super().__init__()
        self._target = next_line.rstrip()
        self._depth = Depth(prefix, is_code=is_code)
        self._line = prefix.rpartition("\n")[2]  # the line so far
        self._held = ""
        self._may_be = self._is_beginning()

    def _take(self, character: str) -> str:
        if character == "\n" and self._may_be and self._line.rstrip() == self._target:
            return self._end()
        self._depth.feed(character)
        text = self._held + character
        if character == "\n":
            self._line = self._held = ""
            self._may_be = not self._depth.is_inside
            return text
        self._line += character
        self._may_be = self._may_be and self._is_beginning()
        self._held = text if self._may_be else ""
        return "" if self._may_be else text

    def _is_beginning(self) -> bool:
        """The line so far is the next line's beginning, or all of it and blanks."""
        return self._target.startswith(self._line) or self._line.rstrip() == self._target

    def _rest(self) -> str:
        line = self._line.rstrip()
        is_part = len(line.strip()) >= _SHORTEST_PART or line == self._target
        return "" if self._may_be and is_part else self._held
