"""Progress of a download that another library or process makes: how much a folder has grown."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from jupyter_starcoder.models.source import Report
from jupyter_starcoder.values.model import Progress

LOOK_EVERY_S = 0.5


@contextmanager
def watched_growth(folder: Path, total_bytes: int, step: str, progress: Report) -> Iterator[None]:
    """Tells twice a second how many bytes were added to the folder since the block began.

    Args:
        folder: need not be there yet.
        total_bytes: what is expected; 0 when that is not known.
        step: what a person reads.
        progress: called from a thread of its own, never after the block has ended.
    """
    before = _size_bytes(folder)
    ended = threading.Event()

    def look() -> None:
        while not ended.wait(LOOK_EVERY_S):
            grown = max(0, _size_bytes(folder) - before)
            progress(Progress(step=step, done=min(grown, total_bytes or grown), total=total_bytes, unit="bytes"))

    progress(Progress(step=step, total=total_bytes, unit="bytes"))
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
