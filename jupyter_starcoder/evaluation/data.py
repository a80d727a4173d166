"""Reads a benchmark's file, as it was published."""

import gzip
import hashlib
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import msgspec

from jupyter_starcoder.errors import EvaluationError

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True, kw_only=True)
class DataFile:
    """A file of problems or answers and its fingerprint."""

    path: Path
    content: bytes  # unpacked
    sha256: str  # of the file as it lies there

    def rows(self, kind: type[Row]) -> list[Row]:
        """Its rows: JSON lines, or one JSON array.

        Raises:
            EvaluationError: there are none, or one is not what it should be.
        """
        if not self.content.strip():
            raise EvaluationError(f"{self.path} is empty: get the file again")
        try:
            if self.content.lstrip().startswith(b"["):
                return [msgspec.convert(row, kind) for row in msgspec.json.decode(self.content, type=list[object])]
            return [msgspec.json.decode(line, type=kind) for line in self.content.splitlines() if line.strip()]
        except (msgspec.DecodeError, msgspec.ValidationError) as error:
            raise EvaluationError(f"{self.path} does not hold what it should ({error}): get the file again") from error


def read_data(path: Path) -> DataFile:
    """Reads a file, packed with gzip or not.

    Raises:
        EvaluationError: there is none, or it is damaged.
    """
    try:
        raw = path.read_bytes()
        content = gzip.decompress(raw) if raw.startswith(b"\x1f\x8b") else raw
    except (OSError, EOFError, zlib.error) as error:
        raise EvaluationError(f"{path} cannot be read ({error}): give the data's file with --data") from error
    return DataFile(path=path, content=content, sha256=hashlib.sha256(raw).hexdigest())


def find_data(path: Path, names: Sequence[str]) -> Path:
    """The file itself, or the first of these that lies in the folder.

    Raises:
        EvaluationError: none is there.
    """
    if not path.is_dir():
        return path
    for name in names:
        for candidate in (path / f"{name}.gz", path / name):
            if candidate.exists():
                return candidate
    raise EvaluationError(f"{path} holds none of {', '.join(names)} (or .gz): give the data's file with --data")
