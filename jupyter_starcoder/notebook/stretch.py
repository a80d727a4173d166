"""The part of a cell that is to be changed, and what stands around it."""

from dataclasses import dataclass

from jupyter_starcoder.errors import BadCursor


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """`before`, `text` and `behind` put together are the cell, to the byte."""

    before: str  # with the blank lines and the indentation in front of the text
    text: str  # begins and ends with something that can be seen; empty where there is nothing of that kind
    behind: str  # with the blanks behind the text
    start: int  # where what may change begins, in code points: in front of its blanks

    @property
    def indent(self) -> str:
        """What stands in front of the text on its first line, where that is blank."""
        line = self.before.rpartition("\n")[2]
        return line if not line.strip() else ""


def stretch_of(source: str, span: tuple[int, int] | None) -> Stretch:
    """What may change: all of the cell, or what lies within the span.

    Raises:
        BadCursor: the span lies outside the cell.
    """
    start, end = span or (0, len(source))
    if not 0 <= start <= end <= len(source):
        raise BadCursor(f"the span {start} to {end} lies outside the cell: it has {len(source)} code points")
    part = source[start:end]
    text = part.strip()
    first = start + len(part) - len(part.lstrip()) if text else start
    last = first + len(text) if text else end
    return Stretch(before=source[:first], text=text, behind=source[last:], start=start)
