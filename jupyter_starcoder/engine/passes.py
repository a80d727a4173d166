"""What goes through the model at once: a pass over neighbouring caches, each with as many tokens as it needs.

A pass computes rows: the caches of its range times the longest of their inputs, so both a shorter input and an idle
cache between two at work cost as much as what they stand beside. Weights are read once a pass, whatever its rows.
Measured with SmolLM2-135M in 4 bits over 500 tokens of context, in ms: one cache with 2 rows 12.0, two with 2 16.8,
four with 2 27.8, four with 4 39, one with 8 22, one with 16 35. So a pass costs about 7 ms and 2 a row, and a row that
nobody needs is worth avoiding where it does not spare a pass.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

MOST_ROWS = 32  # of a pass over several caches, and positions that get logits
MOST_GUESSING_ROWS = 16  # up to here answers that run together share out rows for guesses
MOST_IDLE = 1  # caches without input between two that have some: a pass of its own costs more than two such


@dataclass(frozen=True, slots=True)
class Entry:
    """The input of one cache."""

    slot: int
    ids: NDArray[np.int64]  # at least one
    wanted: int  # of how many of the last ones logits are wanted; at least 1


@dataclass(frozen=True, slots=True)
class Pass:
    """Inputs of neighbouring caches."""

    first: int  # cache
    lengths: tuple[int, ...]  # tokens that stand in each cache of the range before it
    entries: tuple[Entry, ...]  # in the order of their caches; those between them idle

    @property
    def shape(self) -> tuple[int, int]:
        """Caches and rows of each."""
        return len(self.lengths), max(len(entry.ids) for entry in self.entries)

    @property
    def tokens(self) -> NDArray[np.int64]:
        """All inputs, padded on the right."""
        tokens = np.zeros(self.shape, dtype=np.int64)
        for entry in self.entries:
            tokens[entry.slot - self.first, : len(entry.ids)] = entry.ids
        return tokens

    @property
    def counts(self) -> NDArray[np.int32]:
        """How many tokens of each cache's row are no padding."""
        counts = np.zeros(len(self.lengths), dtype=np.int32)
        for entry in self.entries:
            counts[entry.slot - self.first] = len(entry.ids)
        return counts

    @property
    def first_wanted(self) -> int:
        """The first row of which anybody wants logits."""
        return min(len(entry.ids) - entry.wanted for entry in self.entries)

    @property
    def wanted(self) -> int:
        """How many last rows of each cache get logits."""
        return self.shape[1] - self.first_wanted

    def logits_of(self, entry: Entry, logits: NDArray[np.float32]) -> NDArray[np.float32]:
        """Those that the entry wants, shape ``(wanted, vocabulary)``, of those of the pass."""
        behind = len(entry.ids) - self.first_wanted
        return logits[entry.slot - self.first, behind - entry.wanted : behind]


def rows_each(answers: int) -> int:
    """How many rows each of so many answers may have that run together: fewer guesses, the more they are."""
    return max(2, MOST_GUESSING_ROWS // answers)


def share_out(entries: Sequence[Entry], lengths: Sequence[int], *, window: int, is_together: bool) -> Iterator[Pass]:
    """Passes that bring all entries through, each with as many neighbours as pay.

    Args:
        entries: at most one a cache.
        lengths: tokens that stand in each cache there is.
        window: the longest that a cache can be; padding needs room in it as well.
        is_together: whether a pass may have several entries.
    """
    group: list[Entry] = []
    for entry in sorted(entries, key=lambda entry: entry.slot):
        if group and not (is_together and _is_fit([*group, entry], lengths, window)):
            yield _of(group, lengths)
            group = []
        group.append(entry)
    if group:
        yield _of(group, lengths)


def _is_fit(group: list[Entry], lengths: Sequence[int], window: int) -> bool:
    """Whether the last entry may go with the others."""
    first, last, before_last = group[0].slot, group[-1].slot, group[-2].slot
    rows = max(len(entry.ids) for entry in group)
    if last - before_last - 1 > MOST_IDLE or (last + 1 - first) * rows > MOST_ROWS:
        return False
    return all(length + rows <= window for length in lengths[first : last + 1])


def _of(group: list[Entry], lengths: Sequence[int]) -> Pass:
    first = group[0].slot
    return Pass(first, tuple(lengths[first : group[-1].slot + 1]), tuple(group))
