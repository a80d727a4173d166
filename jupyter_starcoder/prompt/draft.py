"""A prompt in the making: sections take their share of one budget, in the order of the table."""

import time
from collections.abc import Callable

from jupyter_starcoder.prompt.budget import MIDDLE_TOKENS, tokens_of
from jupyter_starcoder.prompt.family import Count
from jupyter_starcoder.prompt.shares import SHARES
from jupyter_starcoder.values.prompt import Pieces, Section


class Draft:
    """What is left of a prompt's budget. Sections are built in the order of `SHARES`, wherever they stand later."""

    def __init__(self, budget_tokens: int, count: Count) -> None:
        """Args: budget_tokens: of the whole prompt, at least 1; count: tokens of a text."""
        self.budget_tokens = budget_tokens
        self.count = count
        self._left_tokens = budget_tokens
        self._shares = {share.section: share for share in SHARES}

    def reserve(self, tokens: int) -> bool:
        """Takes what the frame around the sections costs, unless that leaves no room that is worth a frame."""
        if self._left_tokens - tokens < MIDDLE_TOKENS:
            return False
        self._left_tokens -= tokens
        return True

    def room_tokens(self, section: str) -> int:
        """What a section may cost now; never less than 0."""
        share = self._shares[section]
        most = max(1, int(share.most * self.budget_tokens))
        if share.most_tokens is not None:
            most = min(most, share.most_tokens)
        return max(0, min(most, self._left_tokens))

    def section(self, name: str, make: Callable[[int], Pieces]) -> Section:
        """Builds a section in the room that it has, and takes its tokens off the budget.

        Args:
            name: a row of the table.
            make: gives the pieces for a room in tokens; what does not fit is left out as a whole.
        """
        started_s = time.perf_counter()
        room = self.room_tokens(name)
        pieces = make(room)
        tokens = tokens_of(pieces, self.count)
        if tokens > room:
            pieces, tokens = (), 0
        self._left_tokens -= tokens
        return Section(name=name, tokens=tokens, pieces=pieces, build_s=time.perf_counter() - started_s)


def frame(name: str, pieces: Pieces, count: Count) -> Section:
    """A section of its own size, such as the markers around others."""
    return Section(name=name, tokens=tokens_of(pieces, count), pieces=pieces)
