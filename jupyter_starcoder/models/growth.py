"""Progress of a download that another library or process makes: how much a folder has grown."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from jupyter_starcoder.models.source import Report
from jupyter_starcoder.values.model import Progress

LOOK_EVERY_S = 0.5


@contextmanager
def watched_growth(
    folder: Path, total_bytes: int, step: str, progress: Report, *, here_bytes: int = 0
) -> Iterator[None]:
    """Tells twice a second how many bytes are there: those of before, and what was added to the folder meanwhile.

    Args:
        folder: need not be there yet.
        total_bytes: what is expected; 0 when that is not known.
        step: what a person reads.
        progress: called from a thread of its own, never after the block has ended.
        here_bytes: of the total, what an earlier attempt has brought.
    """
    before = _size_bytes(folder)
    ended = threading.Event()

    def look() -> None:
        while not ended.wait(LOOK_EVERY_S):
            tell(here_bytes + _size_bytes(folder) - before)

    def tell(found: int) -> None:
        done = max(0, min(found, total_bytes or found))
        progress(Progress(step=step, done=done, total=total_bytes, unit="bytes"))

    tell(here_bytes)
    watcher = threading.Thread(target=look, name="download progress", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        ended.set()
        watcher.join()


def _size_bytes(folder: Path) -> int:
    total = 0
    for path in folder.rglob("*"):
        try:
            status = path.lstat()
        except OSError:
            continue  # it was a temporary file
        if not path.is_symlink():
            total += status.st_size
    return total
