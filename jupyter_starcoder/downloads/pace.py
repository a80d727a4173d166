"""How fast bytes come, and when they will all be there."""

from collections import deque

from jupyter_starcoder.values.model import Progress

WINDOW_S = 5.0  # short enough to notice a network that slows down, long enough not to jump about
LEAST_S = 0.4  # before this nothing can be said
LEAST_PART = 0.01  # of the whole, that came in less than the window: a slow beginning says nothing of the rest


class Pace:
    """Watches one step's progress; another step, or bytes that go back, begin anew."""

    def __init__(self) -> None:
        self._step = ""
        self._seen: deque[tuple[float, Progress]] = deque()

    def note(self, progress: Progress, at_s: float) -> None:
        """Takes in what was told at a time of a clock that never goes back."""
        if progress.step != self._step or (self._seen and progress.done < self._seen[-1][1].done):
            self._step = progress.step
            self._seen.clear()
        self._seen.append((at_s, progress))
        while len(self._seen) > 2 and at_s - self._seen[1][0] >= WINDOW_S:
            self._seen.popleft()

    def per_s(self, at_s: float) -> float:
        """Units a second over the last seconds; 0 before it can be told. What stands still becomes slower."""
        if not self._seen:
            return 0.0
        (first_s, first), (_, last) = self._seen[0], self._seen[-1]
        took_s = at_s - first_s
        return (last.done - first.done) / took_s if took_s >= LEAST_S else 0.0

    def left_s(self, at_s: float) -> float | None:
        """Until this step is done; None where it cannot be told."""
        per_s = self.per_s(at_s)
        if not self._seen or per_s <= 0.0:
            return None
        (first_s, first), (_, last) = self._seen[0], self._seen[-1]
        if not last.total or (at_s - first_s < WINDOW_S and last.done - first.done < LEAST_PART * last.total):
            return None
        return (last.total - last.done) / per_s
