"""The file of weights beside the graph: tensors are appended as they come, hashed on the way."""

import hashlib
import os
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from jupyter_starcoder.values.model import FileFact

PAGE_BYTES = 4096  # a tensor starts on a page, so that a reader may map it


class TensorFile:
    """A file that tensors are appended to."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("wb")
        self._hash = hashlib.sha256()
        self.size_bytes = 0

    def start(self) -> int:
        """Fills up to the next page and gives its offset in bytes."""
        self._append(b"\0" * (-self.size_bytes % PAGE_BYTES))
        return self.size_bytes

    def append(self, values: NDArray[np.generic]) -> None:
        """Writes the elements behind what is there, in row order."""
        self._append(np.ascontiguousarray(values).data.cast("B") if values.size else b"")

    def _append(self, data: bytes | memoryview) -> None:
        self._file.write(data)
        self._hash.update(data)
        self.size_bytes += len(data)

    def finish(self) -> FileFact:
        """Makes sure that everything is on the disk, and tells what it is."""
        self._file.flush()
        os.fsync(self._file.fileno())
        return FileFact(sha256=self._hash.hexdigest(), size_bytes=self.size_bytes)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
