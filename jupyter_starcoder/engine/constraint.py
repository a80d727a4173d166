"""Walks an automaton: which tokens may come next."""

import math

import numpy as np
from numpy.typing import NDArray

from jupyter_starcoder.engine.sampling import Allowed
from jupyter_starcoder.errors import BadRequest
from jupyter_starcoder.values.generation import FREE, Automaton


def integers(packed: bytes) -> NDArray[np.int32]:
    """The numbers that `array('i').tobytes()` packed."""
    if len(packed) % np.dtype(np.int32).itemsize:
        raise BadRequest(f"a state is packed in {len(packed)} bytes: send 32-bit integers")
    return np.frombuffer(packed, dtype=np.int32)


def check_tokens(ids: NDArray[np.int32] | NDArray[np.int64], vocabulary_size: int, where: str) -> None:
    """Raises BadRequest where the model lacks one of these tokens; `where` begins the message."""
    if len(ids) and (ids.min() < 0 or ids.max() >= vocabulary_size):
        unknown = ids.min() if ids.min() < 0 else ids.max()
        raise BadRequest(f"{where} token {unknown}: send ids from 0 to {vocabulary_size - 1}")


class Constraint:
    """Where an answer stands in its automaton."""

    def __init__(self, automaton: Automaton, *, vocabulary_size: int) -> None:
        """Starts at state 0.

        Raises:
            BadRequest: a state names tokens outside the vocabulary or states that do not exist.
        """
        self._automaton = automaton
        self._at = 0 if automaton.states else FREE
        self._margin = automaton.margin
        self._offered: Allowed | None = None
        self._outside: Constraint | None = None
        for state in automaton.states:
            if len(state.ids) != len(state.targets):
                sizes = (len(state.ids) // 4, len(state.targets) // 4)
                raise BadRequest(f"a state has {sizes[0]} ids and {sizes[1]} targets: send as many of each")
        # All states at once: a choice of many names has thousands of small ones.
        count = len(automaton.states)
        ids = integers(b"".join([automaton.behind, *(state.ids for state in automaton.states)]))
        targets = integers(b"".join(state.targets for state in automaton.states))
        check_tokens(ids, vocabulary_size, "a state allows")
        if len(targets) and not (targets.min() >= FREE and targets.max() < count):
            raise BadRequest(f"a state leads to {targets.max()} of {count} states: send FREE or an index")
        if automaton.outside is not None:
            self._outside = Constraint(automaton.outside, vocabulary_size=vocabulary_size)

    @property
    def allowed(self) -> Allowed | None:
        """What may come next; None means all."""
        if self._at == FREE:
            return None
        state = self._automaton.states[self._at]
        ids = integers(state.ids + self._automaton.behind if state.may_end else state.ids)
        outside = self._outside.allowed if self._outside else None
        self._offered = Allowed(ids, self._margin, outside.ids if outside else None) if len(ids) else None
        return self._offered

    def advance(self, token: int) -> None:
        """Takes the token that was chosen of those that `allowed` gave, or the one on which the model insisted."""
        if self._at == FREE:
            return
        offered = self._offered or self.allowed
        if self._outside:
            self._outside.advance(token)
        places = np.flatnonzero(offered.ids == token) if offered else np.empty(0, dtype=np.int64)
        if offered is None or not len(places):
            self._leave()
            return
        if offered.is_forced:
            self._margin = math.inf  # within a name that is not its own the model likes none of the ways on
        listed = integers(self._automaton.states[self._at].targets)
        self._at = int(listed[places[0]]) if places[0] < len(listed) else FREE
        self._offered = None

    def _leave(self) -> None:
        """Goes on by the rules that hold outside."""
        if self._outside is None:
            self._at = FREE
        else:
            self._automaton, self._at = self._outside._automaton, self._outside._at
            self._margin, self._offered = self._outside._margin, None
            self._outside = self._outside._outside
