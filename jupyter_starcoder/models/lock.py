"""A lock between processes: the system frees it when its holder ends, also by kill -9."""

import os
import sys
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

if sys.platform == "win32":
    import msvcrt

    def _try_lock(file: BinaryIO) -> None:
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _try_lock(file: BinaryIO) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


class ProcessLock:
    """A lock on a path. `acquire` never waits."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: BinaryIO | None = None

    def acquire(self) -> bool:
        """Takes the lock; False when another holds it.

        Raises:
            OSError: its file cannot be made, or the disk has no locks.
        """
        while True:
            file = self._path.open("ab")
            try:
                _try_lock(file)
            except (BlockingIOError, PermissionError):  # as POSIX and as Windows say that another holds it
                file.close()
                return False
            except OSError:
                file.close()  # a disk without locks: waiting would never end
                raise
            if self._is_still_ours(file):
                self._file = file
                return True
            file.close()  # its holder removed the file while we waited for it: lock the new one

    def _is_still_ours(self, file: BinaryIO) -> bool:
        if sys.platform == "win32":
            return True  # there a file that is open cannot be removed
        try:
            return os.path.samestat(os.fstat(file.fileno()), self._path.stat())
        except FileNotFoundError:
            return False

    def release(self) -> None:
        """Frees the lock and removes its file; releasing twice does nothing."""
        if self._file is None:
            return
        if sys.platform != "win32":
            self._path.unlink(missing_ok=True)  # while it is held, so that nobody's new lock is removed
        self._file.close()
        self._file = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()
