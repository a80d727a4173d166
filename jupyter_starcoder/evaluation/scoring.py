"""pass@k, and how sure it is."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

Z = 1.96  # 95 %


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A share of solved problems with its 95 % interval."""

    value: float
    low: float
    high: float


def pass_at_k(samples: int, passed: int, k: int) -> float:
    """The chance that at least one of k answers passes, estimated without bias from more of them.

    It is one minus the chance that k answers, drawn from the `samples` without putting back, all fail.

    Raises:
        ValueError: k answers cannot be drawn from so few.
    """
    if not 0 <= passed <= samples:
        raise ValueError(f"{passed} of {samples} answers cannot have passed")
    if not 1 <= k <= samples:
        raise ValueError(f"pass@{k} needs {k} answers a problem, there are {samples}")
    return 1.0 - math.comb(samples - passed, k) / math.comb(samples, k)


def estimate(shares: Sequence[float]) -> Estimate:
    """The mean over problems, with Wilson's interval, which holds at 0 and 1 too.

    Several answers a problem make a mean surer than one does: the interval is that of as many yes-or-no problems as
    would vary like these do.
    """
    if not shares:
        return Estimate(value=0.0, low=0.0, high=1.0)
    count = float(len(shares))
    mean = math.fsum(shares) / count
    variance = math.fsum((share - mean) ** 2 for share in shares) / count
    if variance > 0:
        count *= mean * (1 - mean) / variance
    middle = (mean + Z * Z / (2 * count)) / (1 + Z * Z / count)
    half = Z / (1 + Z * Z / count) * math.sqrt(max(0.0, mean * (1 - mean) / count + Z * Z / (4 * count * count)))
    return Estimate(value=mean, low=max(0.0, min(mean, middle - half)), high=min(1.0, max(mean, middle + half)))
