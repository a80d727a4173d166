"""A disk that is full, told as such: libraries wrap what the system says, each in its own words."""

import errno
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from jupyter_starcoder.errors import DiskFull, StarcoderError
from jupyter_starcoder.values.stock import Room

FULL = {errno.ENOSPC, errno.EDQUOT}
SAYING_SO = ("No space left on device", "Disk quota exceeded")  # where only a text is left of the number


@contextmanager
def told_when_full(what: str, *folders: Path) -> Iterator[None]:
    """Says what to do where the block ended because a disk was full.

    Args:
        what: could not be done, as the beginning of a sentence.
        folders: that are written; the one with the least space left is named.

    Raises:
        DiskFull: that was the cause.
    """
    try:
        yield
    except (OSError, RuntimeError, StarcoderError) as error:  # RuntimeError: what native downloaders raise
        if isinstance(error, DiskFull) or not _is_full(error):
            raise
        raise DiskFull(f"{what}: the disk is full. {_remedy(folders)}") from error


def require_space(what: str, folder: Path, size_bytes: int) -> None:
    """Makes sure beforehand that a folder, which need not be there yet, can take so much.

    Raises:
        DiskFull: it cannot.
    """
    if size_bytes > (free_bytes := _free_bytes(folder)):
        raise DiskFull(
            f"{what} takes {size_bytes / 1e9:.1f} GB and {free_bytes / 1e9:.1f} GB are free. {_remedy((folder,))}"
        )


def room_for(demands: Iterable[tuple[Path, int]]) -> Room:
    """The room for so many bytes in each of these folders, which need not be there yet and may share a disk.

    Raises:
        OSError: the system does not tell.
    """
    rooms: dict[int, Room] = {}
    for folder, size_bytes in demands:
        disk = _disk(folder)
        before_bytes = rooms[disk].needed_bytes if disk in rooms else 0
        rooms[disk] = Room(needed_bytes=before_bytes + size_bytes, free_bytes=_free_bytes(folder))
    return min(rooms.values(), key=lambda room: room.free_bytes - room.needed_bytes)


def _remedy(folders: tuple[Path, ...]) -> str:
    tightest = min(folders, key=_free_bytes)
    return (
        f"Free space where {tightest} lies, delete models that nobody uses, or move them to another disk "
        "(JUPYTER_STARCODER_MODELS for what is prepared, HF_HOME for what comes from the hub), and try again"
    )


def _is_full(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, OSError) and error.errno in FULL:
            return True
        if any(words in str(error) for words in SAYING_SO):
            return True
        error = error.__cause__ or error.__context__
    return False


def _free_bytes(folder: Path) -> int:
    return shutil.disk_usage(_nearest(folder)).free


def _disk(folder: Path) -> int:
    return _nearest(folder).stat().st_dev


def _nearest(folder: Path) -> Path:
    """The folder, or the one above it that is there."""
    return next(parent for parent in (folder, *folder.absolute().parents) if parent.exists())
