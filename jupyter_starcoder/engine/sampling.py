"""Chooses the next token from logits."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jupyter_starcoder.errors import EngineError
from jupyter_starcoder.values.generation import Sampling

FIRST_LOOK = 256  # candidates sorted at first; all are when these do not hold top_p of the mass


@dataclass(slots=True)
class Allowed:
    """The tokens that may be chosen."""

    ids: NDArray[np.int32]  # at least one
    margin: float = math.inf  # how much greater the best logit outside must be to be chosen all the same
    outside: NDArray[np.int32] | None = None  # what else can be chosen then; None means every token
    is_forced: bool = False  # a likelier token outside was not to be chosen

    def resolved(self, logits: NDArray[np.float32]) -> NDArray[np.int32] | None:
        """The ids to choose from once these logits are known; None means all."""
        if math.isinf(self.margin):
            return self.ids
        # Nothing is greater than what is not a number, so that the choice gets to see it and tells.
        best, other = logits[self.ids].max(), (logits if self.outside is None else logits[self.outside]).max()
        self.is_forced = bool(best < other <= best + self.margin)
        return self.outside if other > best + self.margin else self.ids


class Sampler:
    """Chooses tokens of one answer; the same seed and the same logits give the same tokens."""

    def __init__(self, sampling: Sampling) -> None:
        self._temperature = sampling.temperature
        self._top_p = sampling.top_p
        self._random = np.random.Generator(np.random.PCG64(sampling.seed % 2**64))

    def choose(self, logits: NDArray[np.float32], allowed: Allowed | None = None) -> int:
        """The next token.

        Args:
            logits: one for each token of the vocabulary, shape ``(vocabulary,)``.
            allowed: what to choose from; None means all.

        Raises:
            EngineError: a logit is not a number or infinitely large, so no choice would mean anything.
        """
        ids = None if allowed is None else allowed.resolved(logits)
        candidates = logits if ids is None else logits[ids]
        best = int(candidates.argmax())  # the first NaN, where there is one
        if np.isnan(candidates[best]) or np.isposinf(candidates[best]):
            raise EngineError(
                f"the model's output holds {candidates[best]}: its weights or this device's arithmetic are broken, "
                "export the model again or serve it on the CPU"
            )
        if self._temperature > 0.0:
            best = self._draw(candidates, peak=float(candidates[best]))
        return best if ids is None else int(ids[best])

    def _draw(self, logits: NDArray[np.float32], *, peak: float) -> int:
        """An index, by the probabilities of the most likely ones that together hold top_p."""
        weights = np.exp((logits.astype(np.float64) - peak) / self._temperature)
        order, sums = self._nucleus(weights)
        at = np.searchsorted(sums, self._random.random() * sums[-1], side="right")
        return int(order[min(int(at), len(order) - 1)])

    def _nucleus(self, weights: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """The smallest set of likeliest indices that holds top_p of the mass, likeliest first, with running sums."""
        if self._top_p >= 1.0:
            return np.arange(len(weights)), np.cumsum(weights)
        wanted = self._top_p * float(weights.sum())
        for look in (FIRST_LOOK, len(weights)):
            order, sums = likeliest(weights, look)
            if sums[-1] >= wanted:
                break
        kept = min(int(np.searchsorted(sums, wanted, side="left")) + 1, len(order))
        return order[:kept], sums[:kept]


def likeliest(weights: NDArray[np.float64], count: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Indices of the `count` greatest weights, greatest first (equal ones by index), and their running sums."""
    if count < len(weights):
        # All that are at least as great as the last one that is kept, so that ties do not depend on the partition.
        floor = np.partition(weights, len(weights) - count)[len(weights) - count]
        found = np.flatnonzero(weights >= floor)
    else:
        found = np.arange(len(weights))
    order = found[np.argsort(-weights[found], kind="stable")]
    return order, np.cumsum(weights[order])
