"""How a preparation's progress is shown: one line that changes, a line a step, or JSON for another program."""

import argparse
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol, TextIO

import msgspec

from jupyter_starcoder.values.model import Progress

REDRAW_S = 0.1
JSON_EVERY_S = 0.2
CLEAR_LINE = "\r\x1b[K"
MB = 1_000_000


class Display(Protocol):
    """Where progress goes."""

    def show(self, progress: Progress) -> None:
        """Shows it, or leaves it out when it comes too soon after the last of the same step."""

    def close(self) -> None:
        """Leaves the terminal ready for other lines."""


class ChangingLine:
    """One line of a terminal."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._pace = _Pace(REDRAW_S)

    def show(self, progress: Progress) -> None:
        """Draws the line again."""
        if self._pace.is_due(progress):
            self._stream.write(CLEAR_LINE + spelled(progress))
            self._stream.flush()

    def close(self) -> None:
        """Takes the line away."""
        self._stream.write(CLEAR_LINE)
        self._stream.flush()


class StepLines:
    """A line for each step, for logs."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._step = ""

    def show(self, progress: Progress) -> None:
        """Writes the step's name when it begins."""
        if progress.step != self._step:
            self._step = progress.step
            self._stream.write(f"{progress.step}\n")
            self._stream.flush()

    def close(self) -> None:
        """Nothing is left to do."""


class JsonLines:
    """A JSON object a line, for a program that started this one."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._pace = _Pace(JSON_EVERY_S)

    def show(self, progress: Progress) -> None:
        """Writes the object."""
        if self._pace.is_due(progress):
            self._stream.write(msgspec.json.encode(progress).decode() + "\n")
            self._stream.flush()

    def close(self) -> None:
        """Nothing is left to do."""


class _Pace:
    """Lets through the start and the end of each step, and what lies between now and then."""

    def __init__(self, every_s: float) -> None:
        self._every_s = every_s
        self._step = ""
        self._last_s = 0.0

    def is_due(self, progress: Progress) -> bool:
        now_s = time.monotonic()
        is_edge = progress.step != self._step or progress.done == progress.total
        if not is_edge and now_s - self._last_s < self._every_s:
            return False
        self._step, self._last_s = progress.step, now_s
        return True


def spelled(progress: Progress) -> str:
    """The progress in words, such as `downloading: 12 of 93 MB (13 %)`."""
    if not progress.total and not progress.done:
        return progress.step
    is_bytes = progress.unit == "bytes"
    scale, unit = (MB, "MB") if is_bytes else (1, progress.unit)
    if not progress.total:
        return f"{progress.step}: {progress.done // scale} {unit}".rstrip()
    percent = 100 * progress.done // progress.total
    return f"{progress.step}: {progress.done // scale} of {progress.total // scale} {unit}".rstrip() + f" ({percent} %)"


def add_option(parser: argparse.ArgumentParser) -> None:
    """Adds `--progress`."""
    parser.add_argument(
        "--progress",
        choices=("auto", "json", "none"),
        default="auto",
        help="how progress is shown: auto (on stderr), json (an object a line, on stdout), none",
    )


@contextmanager
def display(choice: str) -> Iterator[Display]:
    """The display that was asked for; a SIGTERM ends the block like Ctrl-C, so that temporary files go."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    shown: Display
    if choice == "json":
        shown = JsonLines(sys.stdout)
    elif choice == "none":
        shown = _Nothing()
    else:
        shown = ChangingLine(sys.stderr) if sys.stderr.isatty() else StepLines(sys.stderr)
    try:
        yield shown
    finally:
        shown.close()


class _Nothing:
    def show(self, progress: Progress) -> None:
        pass

    def close(self) -> None:
        pass
