"""Guesses how an answer goes on, from the prompt and the answer so far: an edit repeats most of what it edits.

A guess costs little, as a pass reads every weight once whatever the number of its tokens, and it never changes the
answer: the model says at each guessed token what it would have chosen there, and what is behind the first difference
is thrown away.
"""

import numpy as np
from numpy.typing import NDArray

LONGEST_MATCH = 8  # tokens compared at most; where as many are equal, the last place wins
FIRST_DRAFT = 2


class Drafter:
    """The tokens of one answer and its prompt, and how far guesses were right lately."""

    def __init__(self, prompt: NDArray[np.int64], *, room: int, most: int) -> None:
        """Begins with the prompt.

        Args:
            prompt: its tokens.
            room: how many tokens the answer has at most.
            most: the longest draft; 0 guesses nothing.
        """
        self._tokens = np.empty(len(prompt) + room, dtype=np.int64)
        self._tokens[: len(prompt)] = prompt
        self._length = len(prompt)
        self._most = most
        self._wish = min(FIRST_DRAFT, most)

    def append(self, token: int) -> None:
        """Takes a token of the answer."""
        self._tokens[self._length] = token
        self._length += 1

    def draft(self, limit: int) -> NDArray[np.int64]:
        """What may come next: what followed the longest and latest place that ends like this; empty for none.

        Args:
            limit: how many tokens can be used at most.
        """
        count = min(limit, self._wish)
        known = self._tokens[: self._length]
        places = np.flatnonzero(known[:-1] == known[-1]) if count > 0 else known[:0]
        if not len(places):
            return known[:0]
        matched = 1
        while matched < min(LONGEST_MATCH, self._length - 1):
            # A place too near to the beginning has nothing that far before it.
            longer = places[places >= matched]
            longer = longer[known[longer - matched] == known[-1 - matched]]
            if not len(longer):
                break
            places, matched = longer, matched + 1
        start = int(places[-1]) + 1
        # One equal token alone is weak evidence, and one guessed token is nearly free.
        return known[start : start + (count if matched > 1 else 1)]

    def learn(self, drafted: int, accepted: int) -> None:
        """Notes how many guessed tokens were right: all of them double the next draft, else it is made so long."""
        if drafted:
            self._wish = min(self._most, max(2 * drafted, self._wish) if accepted == drafted else max(1, accepted + 1))
