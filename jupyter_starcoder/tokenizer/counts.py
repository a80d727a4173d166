"""Remembers what texts cost in tokens."""

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock

LIMIT_CHARS = 8_000_000  # of all remembered texts together; a notebook of 500 cells has about 250,000


class CountCache:
    """Counts by text; the texts that were asked for longest ago are forgotten first.

    Cells of a notebook are counted at every keystroke and change at almost none.
    """

    def __init__(self, count: Callable[[str], int], limit_chars: int = LIMIT_CHARS) -> None:
        self._count = count
        self._limit_chars = limit_chars
        self._size_chars = 0
        self._known: OrderedDict[str, int] = OrderedDict()
        self._lock = Lock()

    def __call__(self, text: str) -> int:
        """Tokens that `text` costs."""
        with self._lock:
            if text in self._known:
                self._known.move_to_end(text)
                return self._known[text]
        tokens = self._count(text)
        with self._lock:
            if text not in self._known:
                self._known[text] = tokens
                self._size_chars += len(text)
            while self._size_chars > self._limit_chars:
                forgotten, _ = self._known.popitem(last=False)
                self._size_chars -= len(forgotten)
        return tokens
