"""The local store: one folder a model, under a root of the user's own."""

import hashlib
import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from pathlib import Path

from jupyter_starcoder.errors import ModelDamaged, ModelError, ModelNotReady, UnknownModel
from jupyter_starcoder.models.staging import claimed, claimed_now, recover, staging
from jupyter_starcoder.values.manifest import read_manifest
from jupyter_starcoder.values.model import MANIFEST_FILE, FileFact, Manifest, Progress

ROOT_VARIABLE = "JUPYTER_STARCODER_MODELS"
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
READ_BYTES = 1 << 20
SMALL_BYTES = 16 << 20  # hashed in a few milliseconds: graphs and tokenizers


def default_root() -> Path:
    """Where models are kept unless a user says otherwise."""
    if chosen := os.environ.get(ROOT_VARIABLE):
        return Path(chosen).expanduser()
    from jupyter_core.paths import jupyter_data_dir

    return Path(jupyter_data_dir()) / "starcoder" / "models"


class Store:
    """Models by name."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def path(self, name: str) -> Path:
        """Where the model is or would be.

        Raises:
            UnknownModel: the name cannot be one: it would lead out of the store.
        """
        if not NAME.fullmatch(name):
            raise UnknownModel(f"{name!r} cannot be a model's name: use letters, digits, '.', '_' and '-'")
        return self.root / name

    def has(self, name: str) -> bool:
        """Whether the model is there with a manifest.

        Raises:
            UnknownModel: the name cannot be one.
            ModelError: the store cannot be read.
        """
        with self._read():
            return (self.path(name) / MANIFEST_FILE).is_file()

    def folder(self, name: str) -> Path:
        """The model's folder, with every file there and of the right size, and small files as they were written.

        The weights' own hash is left to `verify`: it takes a second for every 2 GB.

        Raises:
            UnknownModel: it is not in the store.
            ModelDamaged: files are missing or cut short, or a small one is another: a tokenizer of another model.
            ModelError: the store cannot be read.
        """
        with self._read():
            folder = self.path(name)
            if not folder.is_dir():
                raise UnknownModel(f"{name!r} is not in {self.root}: get it with `jupyter starcoder models get {name}`")
            for file, fact in read_manifest(folder).files.items():
                _check(folder / file, fact)
            return folder

    def manifests(self) -> tuple[Manifest, ...]:
        """What every whole model in the store says of itself, under the name that it has here: its folder's.

        Raises:
            ModelError: the store cannot be read.
        """
        with self._read():
            folders = sorted(self.root.iterdir()) if self.root.is_dir() else []
        found = []
        for folder in folders:
            if NAME.fullmatch(folder.name) and (folder / MANIFEST_FILE).is_file():
                try:
                    found.append(replace(read_manifest(folder), name=folder.name))
                except ModelError:
                    continue  # `folder` tells who asks for it by name
        return tuple(found)

    def verify(self, name: str) -> None:
        """Reads every file.

        Raises:
            UnknownModel: the model is not in the store.
            ModelDamaged: a file is not the one that was written.
        """
        folder = self.folder(name)
        for file, fact in read_manifest(folder).files.items():
            _check_hash(folder / file, fact)

    def remove(self, name: str) -> None:
        """Removes the model.

        Raises:
            UnknownModel: it is not in the store.
            ModelNotReady: another process prepares it.
            ModelError: its folder could not be removed.
        """
        folder = self.path(name)
        if not folder.is_dir():
            raise UnknownModel(f"{name!r} is not in {self.root}: there is nothing to remove")
        with claimed_now(folder) as is_ours:
            if not is_ours:
                raise ModelNotReady(f"another process prepares {name} just now: wait for it or stop it, then try again")
            try:
                recover(folder)  # takes away what it has replaced
                (folder / MANIFEST_FILE).unlink(missing_ok=True)  # first, so that half a removal is not a model
                shutil.rmtree(folder)
            except OSError as error:
                raise ModelError(
                    f"{folder} could not be removed ({error}): close what uses it, or mend its rights, and try again"
                ) from error

    def claimed(self, name: str, progress: Callable[[Progress], None]) -> AbstractContextManager[None]:
        """Only one process at a time prepares the model; others wait here, and say so."""
        return claimed(self.path(name), progress)

    def staging(self, name: str) -> AbstractContextManager[Path]:
        """A fresh folder that becomes the model when the block ends well; enter `claimed` first."""
        return staging(self.path(name))

    @contextmanager
    def _read(self) -> Iterator[None]:
        """Turns the system's refusals into ours."""
        try:
            yield
        except OSError as error:
            reason = error.strerror or error
            raise ModelError(
                f"{error.filename or self.root} cannot be read ({reason}): mend its rights, or choose another store"
            ) from error


def _check(path: Path, fact: FileFact) -> None:
    size = path.stat().st_size if path.is_file() else -1
    if size != fact.size_bytes:
        state = "is missing" if size < 0 else f"has {size} bytes instead of {fact.size_bytes}"
        again = f"`jupyter starcoder models get {path.parent.name} --again`"
        raise ModelDamaged(f"{path} {state}: get it again with {again}")
    with path.open("rb"):  # asked here, where the answer is one line
        pass
    if size <= SMALL_BYTES:
        _check_hash(path, fact)


def _check_hash(path: Path, fact: FileFact) -> None:
    if sha256_of(path) != fact.sha256:
        again = f"`jupyter starcoder models get {path.parent.name} --again`"
        raise ModelDamaged(f"{path} is not what was written: get it again with {again}")


def sha256_of(path: Path) -> str:
    """The file's SHA-256 in hexadecimal digits."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(READ_BYTES):
            digest.update(piece)
    return digest.hexdigest()
