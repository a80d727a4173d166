"""The file of weights beside the graph: tensors are appended as they come, and hashed and written meanwhile."""

import hashlib
import os
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from jupyter_starcoder.export.page_cache import forget
from jupyter_starcoder.values.model import FileFact

PAGE_BYTES = 4096  # a tensor starts on a page, so that a reader may map it
BEHIND_BYTES = 16 << 20  # written before the system is asked to let go of it: its memory is then taken again at once
WAITING = 4  # pieces that may wait for the disk


class TensorFile:
    """A file that tensors are appended to; what is appended must not change any more."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("wb", buffering=0)
        self._hash = hashlib.sha256()
        # A thread each: both are as slow as the disk, and both let go of the interpreter.
        self._hasher = ThreadPoolExecutor(1, thread_name_prefix="hash")
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="write")
        self._waiting: deque[tuple[Future[None], Future[None]]] = deque()
        self._unforgotten_bytes = 0
        self.size_bytes = 0

    def start(self) -> int:
        """Fills up to the next page and gives its offset in bytes."""
        self._append(b"\0" * (-self.size_bytes % PAGE_BYTES))
        return self.size_bytes

    def append(self, values: NDArray[np.generic]) -> None:
        """Writes the elements behind what is there, in row order; a write that fails is raised here or at the end."""
        self._append(np.ascontiguousarray(values).data.cast("B") if values.size else b"")

    def _append(self, data: bytes | memoryview) -> None:
        self._waiting.append((self._hasher.submit(self._hash.update, data), self._writer.submit(self._write, data)))
        self.size_bytes += len(data)
        while len(self._waiting) > WAITING:
            self._settle()

    def _settle(self) -> None:
        for future in self._waiting.popleft():
            future.result()

    def _write(self, data: bytes | memoryview) -> None:
        left = memoryview(data)
        while left:  # a disk that is nearly full takes a part
            left = left[self._file.write(left) :]
        self._unforgotten_bytes += len(data)
        if self._unforgotten_bytes >= BEHIND_BYTES:
            forget(self._file.fileno())
            self._unforgotten_bytes = 0

    def finish(self) -> FileFact:
        """Makes sure that everything is on the disk, and tells what it is."""
        while self._waiting:
            self._settle()
        os.fsync(self._file.fileno())
        return FileFact(sha256=self._hash.hexdigest(), size_bytes=self.size_bytes)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for threads in (self._hasher, self._writer):
            threads.shutdown(cancel_futures=True)
        self._file.close()
