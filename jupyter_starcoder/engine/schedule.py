"""Who is served next. Nothing here knows a model.

Prompts are read one at a time, answers are written together. A lane works only while no quicker one does.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Protocol, TypeVar

from jupyter_starcoder.values.generation import Lane

RANK: dict[Lane, int] = {"inline": 0, "chat": 1, "batch": 2}


class Claim(Protocol):
    """A request that waits, or one that has a cache."""

    @property
    def lane(self) -> Lane:
        """How urgent it is."""

    @property
    def user(self) -> str:
        """Who asks."""

    @property
    def is_reading(self) -> bool:
        """Whether its prompt is not read to its end yet."""


Some = TypeVar("Some", bound=Claim)


def next_to_begin(waiting: Sequence[Some], running: Sequence[Some], most: int) -> Some | None:
    """Which request gets a cache now, if any.

    The quickest lane comes first; in it, whose user has the fewest running, then who waited longest. It begins only
    where it would be at work at once: nothing quicker runs, and nothing as quick reads its prompt. It leaves a cache
    free for each quicker lane, unless it is quicker itself than all that run: so a keystroke waits for the end of a
    chat only where there are two caches and an evaluation has the other one.

    Args:
        waiting: the oldest first.
        running: paused ones among them.
        most: how many caches there are.
    """
    free = most - len(running)
    if not waiting or free < 1:
        return None
    held_by = Counter(held.user for held in running)
    claim = min(waiting, key=lambda each: (RANK[each.lane], held_by[each.user]))  # the first of equal ones
    rank = RANK[claim.lane]
    if any(rank > RANK[held.lane] or (rank == RANK[held.lane] and held.is_reading) for held in running):
        return None
    is_quickest = all(rank < RANK[held.lane] for held in running)
    return claim if free > rank or is_quickest else None


def one_too_many(waiting: Sequence[Some]) -> Some:
    """Which request gives way where they are too many: the newest of the users that have most of them.

    Args:
        waiting: at least one, the oldest first.
    """
    held_by = Counter(claim.user for claim in waiting)
    most = max(held_by.values())
    return next(claim for claim in reversed(waiting) if held_by[claim.user] == most)


def next_at_work(running: Sequence[Some], *, has_read: bool) -> list[Some]:
    """Who takes part in the next step: one prompt's reader, or all writers; of the quickest lane alone.

    Args:
        running: the oldest first.
        has_read: whether the last step read a prompt: then writers go before the next one.
    """
    quickest = min((RANK[held.lane] for held in running), default=0)
    lane = [held for held in running if RANK[held.lane] == quickest]
    readers = [held for held in lane if held.is_reading][:1]
    writers = [held for held in lane if not held.is_reading]
    return writers if writers and (has_read or not readers) else readers
