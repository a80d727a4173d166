"""Walks an automaton: which tokens may come next."""

import numpy as np
from numpy.typing import NDArray

from jupyter_starcoder.errors import BadRequest
from jupyter_starcoder.values.generation import FREE, Automaton


def integers(packed: bytes) -> NDArray[np.int32]:
    """The numbers that `array('i').tobytes()` packed."""
    if len(packed) % np.dtype(np.int32).itemsize:
        raise BadRequest(f"a state is packed in {len(packed)} bytes: send 32-bit integers")
    return np.frombuffer(packed, dtype=np.int32)


class Constraint:
    """Where an answer stands in its automaton."""

    def __init__(self, automaton: Automaton, *, vocabulary_size: int) -> None:
        """Starts at state 0.

        Raises:
            BadRequest: a state names tokens outside the vocabulary or states that do not exist.
        """
        self._ids = [integers(state.ids) for state in automaton.states]
        self._targets = [integers(state.targets) for state in automaton.states]
        self._at = 0 if self._ids else FREE
        for ids, targets in zip(self._ids, self._targets, strict=True):
            if len(ids) != len(targets):
                raise BadRequest(f"a state has {len(ids)} ids and {len(targets)} targets: send as many of each")
            if len(ids) and not (ids.min() >= 0 and ids.max() < vocabulary_size):
                raise BadRequest(f"a state allows token {ids.max()}: send ids from 0 to {vocabulary_size - 1}")
            if len(ids) and not (targets.min() >= FREE and targets.max() < len(self._ids)):
                raise BadRequest(f"a state leads to {targets.max()} of {len(self._ids)} states: send FREE or an index")

    @property
    def allowed(self) -> NDArray[np.int32] | None:
        """Ids that may come next; None means all."""
        if self._at == FREE or not len(self._ids[self._at]):
            return None
        return self._ids[self._at]

    def advance(self, token: int) -> None:
        """Takes the token that was chosen of the allowed ones."""
        if self.allowed is None:
            self._at = FREE
            return
        self._at = int(self._targets[self._at][np.flatnonzero(self._ids[self._at] == token)[0]])
