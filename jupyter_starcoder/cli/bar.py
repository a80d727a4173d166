"""A progress bar with the time left."""

import sys
import time
from collections.abc import Callable
from typing import TextIO

from jupyter_starcoder.cli.progress import CLEAR_LINE, REDRAW_S

WIDTH = 30
LINE_EVERY_S = 30.0  # where the output is no terminal


class Bar:
    """Draws a line on a terminal, and now and then writes one into a log."""

    def __init__(self, stream: TextIO | None = None, now: Callable[[], float] = time.monotonic) -> None:
        self._stream = stream or sys.stderr
        self._now = now
        self._is_terminal = self._stream.isatty()
        self._began_s = now()
        self._drawn_s = float("-inf")

    def show(self, done: int, total: int, known: int, note: str) -> None:
        """Draws it.

        Args:
            done: steps that are done.
            total: all steps.
            known: of those done, the ones that took no time here: the time left is reckoned without them.
            note: what stands behind the bar.
        """
        now_s = self._now()
        every_s = REDRAW_S if self._is_terminal else LINE_EVERY_S
        if done < total and now_s - self._drawn_s < every_s:
            return
        self._drawn_s = now_s
        filled = WIDTH * done // total if total else WIDTH
        bar = "█" * filled + "░" * (WIDTH - filled)
        text = f"{bar} {done} of {total}, {note}{self._left(done, total, known, now_s)}"
        self._stream.write(f"{CLEAR_LINE}{text}" if self._is_terminal else f"{text}\n")
        self._stream.flush()

    def close(self) -> None:
        """Leaves the terminal ready for other lines."""
        if self._is_terminal:
            self._stream.write("\n")

    def _left(self, done: int, total: int, known: int, now_s: float) -> str:
        if done <= known or done == total:
            return ""
        left_s = (now_s - self._began_s) / (done - known) * (total - done)
        return f", {spelled(left_s)} left"


def spelled(seconds: float) -> str:
    """Such as `1:05` or `2:03:10`."""
    minutes, second = divmod(round(seconds), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02}:{second:02}" if hours else f"{minute}:{second:02}"
