"""Which tokens' keys and values stand in which cache.

A slot is one cache of fixed length that the graph writes in place. Tokens behind `length` are stale and never read, so
rewinding is only a smaller `length`, and a new prompt pays for what differs from the last one alone.
"""

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from jupyter_starcoder.errors import EngineError


class Slot:
    """The tokens of one cache."""

    def __init__(self, window_tokens: int) -> None:
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


Kind = TypeVar("Kind", bound=Slot)


class Slots(Generic[Kind]):
    """All caches of a session; made as they are needed."""

    def __init__(self, make: Callable[[], Kind], *, count: int) -> None:
        self._make = make
        self._count = count
        self._slots: list[Kind] = []
        self._uses = 0

    def take(self, ids: NDArray[np.int64], *, spare: int) -> Kind:
        """A free slot for this prompt, rewound to what it shares with it.

        It is the one that shares most, if that is at least half of what the slot holds or half of the prompt. Else it
        is the one that was not used for longest: a few shared tokens are not worth losing another notebook's cache.

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

    def give_back(self, slot: Kind) -> None:
        """Lets others use it; its tokens stay."""
        slot.is_taken = False

    def _choose(self, ids: NDArray[np.int64]) -> tuple[Kind, int]:
        free = [slot for slot in self._slots if not slot.is_taken]
        shared = [slot.common_prefix(ids) for slot in free]
        best = longest(shared)
        if best is not None and 2 * shared[best] >= min(free[best].length, len(ids)) > 0:
            return free[best], shared[best]
        if len(self._slots) < self._count:
            self._slots.append(self._make())
            return self._slots[-1], 0
        if not free:
            raise EngineError(f"all {self._count} caches are in use")
        oldest = min(range(len(free)), key=lambda index: free[index].used)
        return free[oldest], shared[oldest]


def longest(lengths: Sequence[int]) -> int | None:
    """The index of the greatest number, the first of equal ones."""
    return max(range(len(lengths)), key=lengths.__getitem__) if lengths else None
