"""A folder that appears whole or not at all.

What is made goes into a hidden folder beside the target and is renamed at the end. A process that is killed leaves
the hidden folder, which nobody takes for a model and which the next one removes.
"""

import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from jupyter_starcoder.errors import ModelError
from jupyter_starcoder.models.lock import ProcessLock
from jupyter_starcoder.values.model import Progress

WAIT_S = 0.5


@contextmanager
def claimed(target: Path, progress: Callable[[Progress], None]) -> Iterator[None]:
    """Only one process at a time makes the folder `target`; others wait here, and say so.

    Raises:
        ModelError: nothing can be written there.
    """
    with ProcessLock(_beside(target, "lock")) as lock:
        while not _is_ours(lock, target.parent):
            progress(Progress(step=f"waiting for another process that prepares {target.name}"))
            time.sleep(WAIT_S)
        yield


@contextmanager
def staging(target: Path) -> Iterator[Path]:
    """A fresh folder that becomes `target` when the block ends well; whoever enters holds `claimed(target)`.

    Raises:
        ModelError: the folder could not be put in place.
    """
    fresh, old = _beside(target, "part"), _beside(target, "old")
    recover(target)
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    try:
        yield fresh
        try:
            _sync_files(fresh)
            if target.exists():
                target.rename(old)
            fresh.rename(target)
        except OSError as error:
            recover(target)
            raise ModelError(
                f"{target} could not be put in place ({error}): free space, close what uses it and try again"
            ) from error
        _sync_folder(target.parent)
        shutil.rmtree(old, ignore_errors=True)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


@contextmanager
def workspace(target: Path) -> Iterator[Path]:
    """A folder for downloads, on the disk where `target` will be; it is removed at the end, or by the next one."""
    folder = _beside(target, "fetch")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def recover(target: Path) -> None:
    """Undoes half a replacement: the old folder comes back where no new one took its place."""
    old = _beside(target, "old")
    if old.exists():
        if target.exists():
            shutil.rmtree(old, ignore_errors=True)
        else:
            old.rename(target)


def clear(target: Path) -> bool:
    """Takes away what a preparation that was killed left; False, and nothing, while one is at work.

    Raises:
        ModelError: nothing can be written there.
    """
    with claimed_now(target) as is_ours:
        if is_ours:
            recover(target)
            for kind in ("fetch", "part"):
                shutil.rmtree(_beside(target, kind), ignore_errors=True)
        return is_ours


@contextmanager
def claimed_now(target: Path) -> Iterator[bool]:
    """Does what `claimed` does without waiting: whether no other process is at work on the folder `target`.

    Raises:
        ModelError: nothing can be written there.
    """
    try:
        with ProcessLock(_beside(target, "lock")) as lock:
            yield not target.parent.is_dir() or lock.acquire()
    except OSError as error:
        raise ModelError(f"{target.parent} cannot be written ({error.strerror or error}): mend its rights") from error


def _is_ours(lock: ProcessLock, parent: Path) -> bool:
    try:
        parent.mkdir(parents=True, exist_ok=True)
        return lock.acquire()
    except OSError as error:
        raise ModelError(
            f"{parent} cannot be written ({error.strerror or error}): choose another folder, or mend its rights"
        ) from error


def _beside(target: Path, kind: str) -> Path:
    return target.with_name(f".{target.name}.{kind}")


def _sync_files(folder: Path) -> None:
    for path in folder.iterdir():
        if path.is_file():
            with path.open("rb+") as file:
                os.fsync(file.fileno())
    _sync_folder(folder)


def _sync_folder(folder: Path) -> None:
    if os.name != "nt":  # Windows cannot open a folder
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
