"""Checks a model's folder before anything of it is loaded."""

import os
from pathlib import Path

from jupyter_starcoder.errors import ModelDamaged, ModelUnsupported
from jupyter_starcoder.values.manifest import READABLE, read_manifest
from jupyter_starcoder.values.model import DATA_FILE, GRAPH_FILE, Manifest

FAMILIES = frozenset({"llama", "gpt_bigcode", "starcoder2"})  # held against transformers in tests/export


def check_folder(folder: Path, families: frozenset[str] = FAMILIES) -> Manifest:
    """The manifest of a folder that holds all it names, in the sizes that were written.

    Hashes are not computed here: that takes seconds a gigabyte, and the store does it when asked (`verify`).

    Raises:
        ModelDamaged: a file is missing or has another size, or the manifest cannot be read.
        ModelUnsupported: another format, or a family of graphs that this version does not run.
    """
    if not folder.is_dir():
        raise ModelDamaged(f"{folder} is not a folder: export the model again")
    manifest = read_manifest(folder)
    if manifest.format not in READABLE:
        known = " and ".join(map(str, READABLE))
        raise ModelUnsupported(f"{folder} has format {manifest.format}, this version reads {known}: export it again")
    if manifest.family not in families:
        raise ModelUnsupported(
            f"{folder} holds a graph of family {manifest.family!r}, this version runs "
            f"{', '.join(sorted(families))}: update jupyter_starcoder or export another model"
        )
    missing = {GRAPH_FILE, DATA_FILE} - manifest.files.keys()
    if missing:
        raise ModelDamaged(f"the manifest of {folder} does not name {min(missing)}: export the model again")
    for name, fact in manifest.files.items():
        check_size(folder / name, fact.size_bytes)
    return manifest


def check_size(path: Path, size_bytes: int) -> None:
    """Raises ModelDamaged where the file is not there, cannot be read, or has another size."""
    try:
        with path.open("rb") as file:
            found = os.fstat(file.fileno()).st_size
    except FileNotFoundError as error:
        raise ModelDamaged(f"{path} is missing: export the model again") from error
    except OSError as error:
        reason = error.strerror or error
        raise ModelDamaged(f"{path} cannot be read ({reason}): mend its rights, or export the model again") from error
    if found != size_bytes:
        raise ModelDamaged(f"{path} has {found} bytes instead of {size_bytes}: export the model again")
