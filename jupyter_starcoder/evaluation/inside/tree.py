"""The processes below this one, and their end."""

import ctypes
import os
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path

PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
SET_CHILD_SUBREAPER = 36  # prctl(2)
SET_DUMPABLE = 4
PATIENCE_S = 5.0
PROC = Path("/proc")


def adopt_orphans() -> None:
    """Makes a process whose parent ends below this one a child of this one, so that none escapes `end_all`."""
    _prctl(SET_CHILD_SUBREAPER, 1)


def hide_from_children() -> None:
    """Keeps a process of the same user from opening this one's pipes in /proc."""
    _prctl(SET_DUMPABLE, 0)


def _prctl(option: int, value: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


def descendants() -> list[int]:
    """Processes below this one; on a system without /proc none are seen."""
    children: dict[int, list[int]] = {}
    for entry in _entries():
        with suppress(OSError, ValueError, IndexError):
            # The name in brackets may hold anything; state and parent stand behind it.
            fields = (PROC / entry / "stat").read_text(errors="replace").rpartition(")")[2].split()
            children.setdefault(int(fields[1]), []).append(int(entry))
    found: list[int] = []
    waiting = [os.getpid()]
    while waiting:
        below = children.get(waiting.pop(), [])
        found += below
        waiting += below
    return found


def _entries() -> list[str]:
    try:
        return [entry.name for entry in PROC.iterdir() if entry.name.isdecimal()]
    except OSError:
        return []


def memory_bytes(processes: list[int]) -> int:
    """Memory that they have resident; what they share counts for each."""
    total = 0
    for process in processes:
        with suppress(OSError, ValueError, IndexError):
            total += int((PROC / str(process) / "statm").read_text().split()[1]) * PAGE_BYTES
    return total


def threads(processes: list[int]) -> int:
    """Threads that they have together."""
    total = 0
    for process in processes:
        with suppress(OSError):
            total += sum(1 for _ in (PROC / str(process) / "task").iterdir())
    return total


def end_all(child: int) -> None:
    """Kills a child with its process group, and whatever else is left below this process, and waits for it."""
    for kill in (os.killpg, os.kill):
        with suppress(OSError):
            kill(child, signal.SIGKILL)
    with suppress(ChildProcessError):
        os.waitpid(child, 0)
    # What it had below it is now a child of ours. Looking through /proc takes time, and mostly nothing is left.
    ends_s = time.monotonic() + PATIENCE_S
    while _has_children() and time.monotonic() < ends_s:
        for process in descendants():
            with suppress(OSError):
                os.kill(process, signal.SIGKILL)
        time.sleep(0.001)


def _has_children() -> bool:
    """Takes the status of what has ended; whether there is more."""
    while True:
        try:
            process, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return False
        if process == 0:
            return True
