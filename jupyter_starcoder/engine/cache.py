"""Which tokens' keys and values stand in which cache.

A slot is one cache of fixed length that the graph writes in place. Tokens behind `length` are stale and never read, so
rewinding is only a smaller `length`, and a new prompt pays for what differs from the last one alone.
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from jupyter_starcoder.errors import EngineError


class Slot:
    """The tokens of one cache."""

    def __init__(self, index: int, window_tokens: int) -> None:
        self.index = index  # which of all caches
        self._tokens = np.zeros(window_tokens, dtype=np.int64)
        self.length = 0
        self.is_taken = False
        self.used = 0  # the running number of its last use

    @property
    def tokens(self) -> NDArray[np.int64]:
        """The tokens whose keys and values stand here, in order."""
        return self._tokens[: self.length]

    def common_prefix(self, ids: NDArray[np.int64]) -> int:
        """How many of the first tokens of `ids` stand here already."""
        reach = min(self.length, len(ids))
        differing = np.flatnonzero(self._tokens[:reach] != ids[:reach])
        return int(differing[0]) if len(differing) else reach

    def append(self, ids: NDArray[np.int64]) -> None:
        """Notes that a pass wrote the keys and values of these tokens."""
        self._tokens[self.length : self.length + len(ids)] = ids
        self.length += len(ids)

    def rewind(self, length: int) -> None:
        """Forgets all tokens from here on."""
        if not 0 <= length <= self.length:
            raise EngineError(f"the cache holds {self.length} tokens and cannot be rewound to {length}")
        self.length = length


LEAST_COPY = 32  # tokens; copying fewer is not worth it
MEGABYTE = 2**20
AUTOMATIC_MB = 512
LEAST_SLOTS = 2  # unless a user's budget allows one only
MOST_SLOTS = 64


def slots_within(cache_mb: int, slot_bytes: int) -> int:
    """How many caches a budget allows; 0 is the automatic one.

    Raises:
        EngineError: not even one.
    """
    budget_mb = cache_mb or AUTOMATIC_MB
    count = min(MOST_SLOTS, budget_mb * MEGABYTE // slot_bytes)
    if not cache_mb:
        return max(LEAST_SLOTS, count)
    if not count:
        raise EngineError(
            f"the cache of one prompt takes {-(-slot_bytes // MEGABYTE)} MB and the budget for all is {cache_mb} MB: "
            "raise the engine's cache_mb or shorten its window"
        )
    return count


class Slots:
    """All caches of a session; made as they are needed, so that those in use stand side by side."""

    def __init__(self, *, count: int, window_tokens: int, copy: Callable[[int, int, int], bool]) -> None:
        """Makes none yet.

        Args:
            count: the most.
            window_tokens: of each.
            copy: takes keys and values of the first tokens of a slot over into another one (source, target, length);
                gives whether it could.
        """
        self._count = count
        self._window_tokens = window_tokens
        self._copy = copy
        self._slots: list[Slot] = []
        self._uses = 0

    @property
    def lengths(self) -> list[int]:
        """How many tokens stand in each."""
        return [slot.length for slot in self._slots]

    def take(self, ids: NDArray[np.int64], *, spare: int) -> Slot:
        """A free slot for this prompt, rewound to what it shares with it.

        It is the one that shares most, if that is at least half of what the slot holds or half of the prompt. Else it
        is an empty one, or the one that was not used for longest: a few shared tokens are not worth losing another
        notebook's cache. What another slot shares with the prompt is then copied, from one at work as well.

        Args:
            ids: the prompt.
            spare: how many of its last tokens are left to be fed whatever stands in the cache; at least 1, whose
                logits are wanted.
        """
        self._uses += 1
        slot, shared = self._choose(ids)
        slot.rewind(max(0, min(shared, len(ids) - spare)))
        slot.is_taken = True
        slot.used = self._uses
        return slot

    def give_back(self, slot: Slot) -> None:
        """Lets others use it; its tokens stay."""
        slot.is_taken = False

    def _choose(self, ids: NDArray[np.int64]) -> tuple[Slot, int]:
        free = [slot for slot in self._slots if not slot.is_taken]
        shared = [slot.common_prefix(ids) for slot in free]
        best = longest(shared)
        if best is not None and 2 * shared[best] >= min(free[best].length, len(ids)) > 0:
            return free[best], shared[best]
        slot = self._least_missed(free)
        return slot, self._with_copied(slot, ids)

    def _least_missed(self, free: list[Slot]) -> Slot:
        """An empty slot, a new one, or the one that was not used for longest."""
        empty = next((slot for slot in free if not slot.length), None)
        if empty is not None:
            return empty
        if len(self._slots) < self._count:
            self._slots.append(Slot(len(self._slots), self._window_tokens))
            return self._slots[-1]
        if not free:
            raise EngineError(f"all {self._count} caches are in use")
        return min(free, key=lambda slot: slot.used)

    def _with_copied(self, slot: Slot, ids: NDArray[np.int64]) -> int:
        """How many tokens of the prompt stand in the slot, once it has what another one shares with the prompt."""
        own = slot.common_prefix(ids)
        source = max(self._slots, key=lambda other: other.common_prefix(ids))
        shared = source.common_prefix(ids)
        if shared < own + LEAST_COPY or not self._copy(source.index, slot.index, shared):
            return own
        slot.rewind(0)
        slot.append(source.tokens[:shared])
        return shared


def longest(lengths: Sequence[int]) -> int | None:
    """The index of the greatest number, the first of equal ones."""
    return max(range(len(lengths)), key=lengths.__getitem__) if lengths else None
