"""What is asked of the kernel, and how a column is told."""

import time
from typing import Any

HEAD = 50  # rows that examples are taken from
MOST_COLUMNS = 5_000  # of a frame that are named
SPAN = 100  # rows at the start, the middle and the end that nulls are counted in


class Late(Exception):
    """The time is over."""


class Wanted:
    """The limits of one probe, and the clock."""

    def __init__(self, limits: dict[str, Any]) -> None:
        self.ends_s = time.perf_counter() + float(limits["probe_s"])
        self.columns = int(limits["columns"])  # looked at closely, a frame
        self.frames = int(limits["frames"])  # looked at closely
        self.variables = int(limits["variables"])
        self.size_bytes = int(limits["size_bytes"])  # of the whole answer
        self.examples = int(limits["examples"])  # a column; 0 reads no value
        self.near: set[str] = set()  # words of the cells that ran last
        self.looks_left = 0  # columns of this variable that may still be looked at closely

    def check(self) -> None:
        """Raises Late when the time is over."""
        if time.perf_counter() > self.ends_s:
            raise Late

    def looks_at(self, place: int = 0, name: Any = "") -> bool:
        """Whether nulls and examples of a column are wanted: of the first ones, and of those that cells name."""
        self.check()
        is_wanted = place < self.columns or (type(name) is str and name in self.near)
        if not is_wanted or self.looks_left <= 0:
            return False
        self.looks_left -= 1
        return True


def column(key: Any, spelling: str, dtype: str, look: dict[str, Any] | None = None) -> list[Any]:
    """A column as it travels: key, dtype, null share, levels, examples, spelling where there is no key."""
    found = look or {}
    content = [key, dtype, found.get("nulls"), found.get("levels"), found.get("examples") or None]
    content.append(spelling if key is None else None)
    while content[-1] is None:
        content.pop()
    return content


def spans(rows: int) -> list[tuple[int, int]]:
    """The stretches of rows that nulls are counted in: (start, end)."""
    if rows <= 3 * SPAN:
        return [(0, rows)]
    middle = rows // 2
    return [(0, SPAN), (middle, middle + SPAN), (rows - SPAN, rows)]


def share(counts: list[int], rows: int) -> float | None:
    """The null share out of the counts of each stretch; None of no rows."""
    looked = sum(end - start for start, end in spans(rows))
    return round(sum(counts) / looked, 3) if looked else None
