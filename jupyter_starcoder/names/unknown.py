"""Cuts a suggestion before the first line that reads a name which nobody defines.

A line is judged once it is complete, so a suggestion comes line by line. The head of a block waits for the first line
of its body: it is worth nothing without one.
"""

import ast
from textwrap import dedent

from jupyter_starcoder.names.defined import WORD, Definitions, bound, read
from jupyter_starcoder.names.lexer import scan

MOST_LINES_BACK = 30  # where a statement that the cursor stands in may have begun
_TAILS = ("", "\n    pass", "\ndef f(): pass")  # what the head of a block and a decorator need behind them


class KnownNames:
    """A text stage: see `stream/stage.py`."""

    def __init__(self, definitions: Definitions, prefix: str, suffix: str) -> None:
        """Begins at a cursor.

        Args:
            definitions: names that kernel and notebook define.
            prefix: the cell before the cursor. Its words are the user's own, and so are those of the suffix.
            suffix: the cell behind the cursor.
        """
        self._definitions = definitions
        self._defined = set(WORD.findall(prefix)) | set(WORD.findall(suffix))
        self._before = prefix
        self._rest = suffix.partition("\n")[0]
        self._held = ""
        self._is_cut = False
        self._is_open = False  # a star import came: any name may be defined

    @property
    def done(self) -> bool:
        """A line was withheld: nothing comes behind it."""
        return self._is_cut

    def feed(self, piece: str) -> str:
        """Takes the next piece and gives the lines that are complete and known, without the last one's end."""
        given = ""
        *whole, rest = piece.split("\n")
        for line in whole:
            self._held += line + "\n"
            given += self._judged()
        self._held += rest
        return given

    def close(self) -> str:
        """Judges what is left; the name that it ends in may have been cut short."""
        if self._is_cut:
            return ""
        tree = _tree(self._before, self._held + self._rest)
        if tree is None or self._is_open:
            return self._held
        unknown = self._unknown(tree)
        last = WORD.findall(self._held)[-1:] if self._held[-1:].isidentifier() or self._held[-1:].isdigit() else []
        if last and (self._definitions.begins(last[0]) or any(name.startswith(last[0]) for name in self._defined)):
            unknown -= set(last)
        return "" if unknown else self._held

    def _judged(self) -> str:
        """The held lines, if they make whole statements and read known names."""
        if self._is_cut:
            return ""
        code = self._held.rstrip("\n")
        tokens = scan(self._before + code)
        last = next((token for token in reversed(tokens.items) if token.kind != "end"), None)
        waits = last is None or tokens.open or last.kind == "open string" or (last.text == ":" and not last.quote)
        lines = [line.strip() for line in code.split("\n")]
        if waits or not lines[-1] or lines[-1].startswith(("@", "#")):
            return ""
        tree = _tree(self._before, code)
        if tree is not None and not self._is_open and self._unknown(tree):
            self._is_cut = True
            return ""
        self._defined |= bound(tree) if tree is not None else set(WORD.findall(code))
        self._is_open = self._is_open or "*" in self._defined
        self._before += code
        # The line's end waits for a line behind it.
        self._held = self._held[len(code) :]
        return code

    def _unknown(self, tree: ast.AST) -> set[str]:
        return self._definitions.lacking(read(tree) - self._defined)


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
