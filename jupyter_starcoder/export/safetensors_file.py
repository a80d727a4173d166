"""Reading one safetensors file: a JSON header, then raw little-endian tensors, mapped and never read whole.

The safetensors package gives bfloat16 only to frameworks that have it; numpy does not, so the bytes are taken here.

Source: https://github.com/huggingface/safetensors, section "Format".
"""

import math
from pathlib import Path

import msgspec
import numpy as np

from jupyter_starcoder.errors import CheckpointDamaged, ModelUnsupported
from jupyter_starcoder.export.checkpoint import ALL
from jupyter_starcoder.export.floats import Stored
from jupyter_starcoder.export.page_cache import forget

HEADER_LIMIT_BYTES = 100_000_000  # the format's own limit
STORED_AS = {"F32": "<f4", "F16": "<f2", "BF16": "<u2", "F64": "<f8"}


class _Entry(msgspec.Struct, frozen=True):
    dtype: str
    shape: tuple[int, ...]
    data_offsets: tuple[int, int]


class SafetensorsFile:
    """One file's tensors by name."""

    def __init__(self, path: Path) -> None:
        """Reads the header.

        Raises:
            CheckpointDamaged: it is not a safetensors file, or is cut short.
        """
        self._path = path
        try:
            size = path.stat().st_size
            with path.open("rb") as file:
                length = int.from_bytes(file.read(8), "little")
                if not 2 <= length <= min(size - 8, HEADER_LIMIT_BYTES):
                    raise CheckpointDamaged(f"{path} is not a safetensors file or is cut short: get it again")
                header = msgspec.json.decode(file.read(length), type=dict[str, msgspec.Raw])
            header.pop("__metadata__", None)
            self._entries = {name: msgspec.json.decode(raw, type=_Entry) for name, raw in header.items()}
        except (OSError, msgspec.DecodeError) as error:
            raise CheckpointDamaged(f"{path} cannot be read ({error}): get it again") from error
        self._start = 8 + length
        for name, entry in self._entries.items():
            self._check(name, entry, size)

    def _check(self, name: str, entry: _Entry, size: int) -> None:
        begin, end = entry.data_offsets
        if not 0 <= begin <= end <= size - self._start:
            raise CheckpointDamaged(f"{self._path} ends before its tensor {name}: get it again")
        kind = STORED_AS.get(entry.dtype)
        if kind and math.prod(entry.shape) * np.dtype(kind).itemsize != end - begin:
            raise CheckpointDamaged(f"{self._path}: {name} has {end - begin} bytes, which do not make {entry.shape}")

    @property
    def names(self) -> frozenset[str]:
        """The tensors that it holds."""
        return frozenset(self._entries)

    def shape(self, name: str) -> tuple[int, ...]:
        """Of the tensor."""
        return self._entries[name].shape

    def read(self, name: str, rows: slice = ALL) -> Stored:
        """These rows of the tensor; 64 bit floats come as those of 32 bits.

        Raises:
            ModelUnsupported: it is of a type other than 16, 32 or 64 bit floats.
            CheckpointDamaged: it cannot be read.
        """
        entry = self._entries[name]
        if entry.dtype not in STORED_AS:
            known = ", ".join(STORED_AS)
            raise ModelUnsupported(f"{self._path}: {name} is stored as {entry.dtype}: we read {known}")
        kind = np.dtype(STORED_AS[entry.dtype])
        first, last, _ = rows.indices(entry.shape[0] if entry.shape else 1)
        shape = (last - first, *entry.shape[1:]) if entry.shape else ()
        count, row_bytes = math.prod(shape), math.prod(entry.shape[1:]) * kind.itemsize
        try:
            with self._path.open("rb", buffering=0) as file:
                start = self._start + entry.data_offsets[0] + first * row_bytes
                file.seek(start)
                stored = np.fromfile(file, dtype=kind, count=count)
                forget(file.fileno(), start, stored.nbytes)
        except OSError as error:
            raise CheckpointDamaged(f"{self._path}: {name} cannot be read ({error}): get it again") from error
        if stored.size != count:
            raise CheckpointDamaged(f"{self._path} ends before its tensor {name}: get it again")
        if entry.dtype == "F64":
            stored = stored.astype(np.float32)
        values: Stored = stored.reshape(shape)
        return values
