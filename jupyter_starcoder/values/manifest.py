"""Reading and writing a model folder's manifest."""

import os
from pathlib import Path

import msgspec

from jupyter_starcoder.errors import ModelDamaged, ModelUnsupported
from jupyter_starcoder.values.model import MANIFEST_FILE, Manifest

FORMAT = 2
READABLE = (1, FORMAT)  # graphs of format 1 have no input `query_seqlens`: their answers are made one at a time


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a model folder.

    Raises:
        ModelDamaged: there is none, or it does not hold what it must.
        ModelUnsupported: a newer version of this package wrote it.
    """
    path = folder / MANIFEST_FILE
    try:
        text = path.read_bytes()
    except OSError as error:
        raise ModelDamaged(f"{folder} has no {MANIFEST_FILE}: its export was not finished, export it again") from error
    try:
        version = msgspec.json.decode(text, type=dict[str, object]).get("format")
        if isinstance(version, int) and version > FORMAT:
            raise ModelUnsupported(f"{path} has format {version}, newer than {FORMAT}: update jupyter_starcoder")
        return msgspec.json.decode(text, type=Manifest)
    except msgspec.DecodeError as error:
        raise ModelDamaged(f"{path} cannot be read ({error}): export the model again") from error


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Writes it so that a reader finds the whole file or none."""
    path = folder / MANIFEST_FILE
    part = path.with_suffix(".part")
    with part.open("wb") as file:
        file.write(msgspec.json.format(msgspec.json.encode(manifest), indent=2) + b"\n")
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
