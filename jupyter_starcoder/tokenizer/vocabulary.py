"""The tokens of a vocabulary by what they spell."""

from array import array
from bisect import bisect_left
from collections.abc import Mapping

from jupyter_starcoder.values.generation import FREE


class Vocabulary:
    """Tokens in the order of their bytes, so that all that begin alike stand side by side."""

    def __init__(self, spellings: Mapping[int, bytes]) -> None:
        """Args: spellings: the bytes of each token id; markers and tokens without bytes are left out by the caller."""
        ordered = sorted((spelling, token) for token, spelling in spellings.items())
        self._spellings = [spelling for spelling, _ in ordered]
        self._ids = array("i", [token for _, token in ordered])
        self._id_of = dict(ordered)

    def id_of(self, spelling: bytes) -> int | None:
        """The token that spells exactly these bytes."""
        return self._id_of.get(spelling)

    def beginning_with(self, start: bytes) -> bytes:
        """Ids of all tokens that begin with `start`, not empty, as 32-bit integers in machine order."""
        first, last = self._range(start)
        return self._ids[first:last].tobytes()

    def count_beginning_with(self, start: bytes) -> int:
        """How many tokens begin with `start`."""
        first, last = self._range(start)
        return last - first

    def _range(self, start: bytes) -> tuple[int, int]:
        first = bisect_left(self._spellings, start)
        # Every spelling that begins with `start` sorts below `start` with its last byte that can grow made one larger.
        trimmed = start.rstrip(b"\xff")
        if not trimmed:
            return first, len(self._spellings)
        above = trimmed[:-1] + bytes([trimmed[-1] + 1])
        return first, bisect_left(self._spellings, above, lo=first)


def all_free(size_bytes: int) -> bytes:
    """Targets for that many bytes of ids, each FREE."""
    return (array("i", [FREE]) * (size_bytes // 4)).tobytes()
