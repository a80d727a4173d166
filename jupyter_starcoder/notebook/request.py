"""What somebody asks for in words at a place: in a comment that ends above the cursor, or in a Markdown cell."""

import re
from collections.abc import Sequence

from jupyter_starcoder.values.notebook import Cell, Request

_LOOKED_AT_CHARS = 2_000  # of a comment or a Markdown cell
_FEWEST_WORDS = 3  # fewer are a heading, or a name
_WORD = re.compile(r"[^\W\d_]{2,}")
# A comment that is code, switched off: an assignment, a call, a statement, a mark for tools.
_CODE = re.compile(
    r"""(?:[\w.\[\]'", ]+=(?!=) | [\w.]+\( | [@%!] | \w+: | (?:import|from|def|class|return)\b)""", re.VERBOSE
)
_CLOSERS = ")]}\"'` \t\n"
_COMMENT = re.compile(r"^[ \t]*(?:#+|//+|--+)[ \t]?(.*)$")


def request_at(before: Sequence[Cell], prefix: str, suffix: str) -> Request | None:
    """The request at a place in a code cell, if there is one.

    Args:
        before: the cells above.
        prefix: the cell's text in front of the cursor.
        suffix: the cell's text behind the cursor.
    """
    if suffix.strip(_CLOSERS):
        return None
    above, newline, _line = prefix.rpartition("\n")
    if above.strip():
        words = _comment_at_the_end(above[-_LOOKED_AT_CHARS:])
        return Request(words=words) if _is_request(words) else None
    return None if newline and prefix.strip() else _cell_above(before)


def _cell_above(before: Sequence[Cell]) -> Request | None:
    for index in range(len(before) - 1, -1, -1):
        cell = before[index]
        if cell.kind == "raw" or not cell.source.strip():
            continue
        words = cell.source.strip()
        return Request(words=words, cell=index) if cell.kind == "markdown" and _is_request(words) else None
    return None


def _comment_at_the_end(text: str) -> str:
    lines: list[str] = []
    for line in reversed(text.split("\n")):
        found = _COMMENT.match(line)
        if found is None:
            break
        lines.append(found[1].strip())
    return "\n".join(reversed(lines)).strip()


def _is_request(words: str) -> bool:
    return len(_WORD.findall(words[:_LOOKED_AT_CHARS])) >= _FEWEST_WORDS and not _CODE.match(words)
