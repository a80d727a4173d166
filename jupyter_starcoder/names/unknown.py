"""Cuts a suggestion where it reads a name which nobody defines.

Text is given at once as long as each word is one that somebody defines, an attribute, or is being bound right there.
From the first other word on a statement is held back until it is complete: then it is certain what it binds itself,
as a comprehension does. One that reads an unknown name ends the suggestion where it was held back.
"""

import ast
import re
from textwrap import dedent

from jupyter_starcoder.names.defined import WORD, Definitions, bound, read
from jupyter_starcoder.names.lexer import scan

MOST_LINES_BACK = 30  # where a statement that the cursor stands in may have begun
_TAILS = ("", "\n    pass", "\ndef f(): pass")  # what the head of a block and a decorator need behind them
_LAST_WORD = re.compile(
    r"(?<!\w)[^\W\d]\w*\Z"
)  # begun at a word's start alone: else a long word is read at each letter
_BINDING = frozenset({"def", "class", "as", "for", "lambda"})  # they bind the word behind them
_NAMED = re.compile(r"[ \t]*=[^=]")  # behind a word that is assigned to, or names an argument
_FORMATTED = frozenset("fFtT")  # letters in front of a string that reads names
_LONGEST_CHARS = 10_000  # of a cell that is looked at, at each of its statements


class KnownNames:
    """A text stage: see `stream/stage.py`. It goes character by character, so the size of pieces cannot matter."""

    def __init__(self, definitions: Definitions, prefix: str, suffix: str) -> None:
        """Begins at a cursor.

        Args:
            definitions: names that kernel and notebook define.
            prefix: the cell before the cursor. Its words are the user's own, and so are those of the suffix.
            suffix: the cell behind the cursor.
        """
        self._definitions = definitions
        self._defined = set(WORD.findall(prefix)) | set(WORD.findall(suffix))
        self._before = prefix[-_LONGEST_CHARS:]
        self._rest = suffix.partition("\n")[0]
        self._statement = ""  # what came since the last statement that was judged
        self._given = 0  # how much of that
        self._line, is_formatted = _beginning(self._before)  # what stands in front of the statement
        self._doubt = (0, 0) if is_formatted else None  # in the statement, the first word that may be unknown
        self._is_cut = False
        self._is_open = False  # a star import came: any name may be defined

    @property
    def done(self) -> bool:
        """A statement was withheld: nothing comes behind it."""
        return self._is_cut

    def feed(self, piece: str) -> str:
        """Takes the next piece and gives what is known, without spaces and line ends behind it."""
        return "".join(map(self._take, piece))

    def close(self) -> str:
        """Judges what is left; the name that it ends in may have been cut short."""
        if self._is_cut:
            return ""
        tree = _tree(self._before, self._statement + self._rest)
        if tree is not None and not self._is_open:
            unknown, last = self._lacking(read(tree)), _LAST_WORD.search(self._statement)
            if last and self._may_begin(last[0]):
                unknown.discard(last[0])
            if unknown:
                return ""
        return self._give(len(self._statement))

    def _take(self, character: str) -> str:
        if self._is_cut:
            return ""
        self._statement += character
        if self._doubt is not None and _NAMED.match(self._statement, self._doubt[1]):
            self._doubt = None
        if self._doubt is None and not (character.isalnum() or character == "_"):
            self._doubt = self._doubt_at_last_word(character)
        elif self._doubt is None:
            return ""  # a word is judged once it is complete
        given = self._judged() if character == "\n" else ""
        certain = self._statement if self._doubt is None else self._statement[: self._doubt[0]]
        certain = certain.rstrip()
        return given if certain.endswith("=") else given + self._give(len(certain))  # `x =` alone is worth nothing

    def _doubt_at_last_word(self, following: str) -> tuple[int, int] | None:
        """Where the word stands that has just ended, if it may read a name that nobody defines."""
        end = len(self._statement) - 1
        text = self._line + self._statement[:end]
        found = _LAST_WORD.search(text)
        if found is None:
            return None
        tokens = scan(text)
        at = len(tokens.items) - 1
        if tokens.kind(at) != "name" or tokens.text(at) != found[0]:
            return None  # it stands in a string or a comment
        place = (max(0, found.start() - len(self._line)), end)
        if following in ("'", '"'):
            return place if _FORMATTED & set(found[0]) else None
        before = tokens.text(at - 1)
        is_module = before == "from" and tokens.kind(at - 2) == "end"
        if before in _BINDING:
            self._defined.add(found[0])
        is_known = before in (".", "import") or is_module or self._is_open
        return None if is_known or not self._lacking({found[0]}) else place

    def _judged(self) -> str:
        """The rest of the statement, if it is whole and reads known names."""
        code = self._statement.rstrip("\n")
        tokens = scan(self._before + code)
        last = next((token for token in reversed(tokens.items) if token.kind != "end"), None)
        waits = last is None or tokens.open or last.kind == "open string" or (last.text == ":" and not last.quote)
        lines = [line.strip() for line in code.split("\n")]
        if waits or not lines[-1] or lines[-1].startswith(("@", "#")):
            return ""
        tree = _tree(self._before, code)
        if tree is not None and not self._is_open and self._lacking(read(tree)):
            self._is_cut, self._statement = True, ""
            return ""
        self._defined |= bound(tree) if tree is not None else set(WORD.findall(code))
        self._is_open = self._is_open or "*" in self._defined
        given = self._give(len(code))
        self._before += code
        # The line's end waits for a line behind it.
        self._statement, self._given = self._statement[len(code) :], 0
        self._line, self._doubt = "", None
        return given

    def _give(self, size: int) -> str:
        """The beginning of the statement up to this size, as far as it was not given before."""
        text = self._statement[self._given : size]
        self._given = max(self._given, size)
        return text

    def _lacking(self, names: set[str]) -> set[str]:
        return self._definitions.lacking(names - self._defined)

    def _may_begin(self, word: str) -> bool:
        """Whether it is the beginning of a name that is known."""
        return self._definitions.begins(word) or any(name.startswith(word) for name in self._defined)


def _beginning(prefix: str) -> tuple[str, bool]:
    """The end of a cell from which on it can be read by itself, and whether it is in a string that reads names."""
    tokens = scan(prefix)
    last = tokens.items[-1] if tokens.items else None
    if last is None or last.kind != "open string":
        return prefix.rpartition("\n")[2], False
    return last.quote + last.text, bool(_FORMATTED & set(last.quote))


def _tree(before: str, code: str) -> ast.AST | None:
    """The statements that the end of a cell and code behind it make; None where they cannot be told."""
    lines = before.split("\n")
    for count in range(1, min(len(lines), MOST_LINES_BACK) + 1):
        statement = dedent("\n".join(lines[-count:]) + code).strip("\n")
        for tail in _TAILS:
            try:
                return ast.parse(statement + tail)
            except (SyntaxError, ValueError, RecursionError, MemoryError):
                continue
    return None
