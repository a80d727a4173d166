"""A small wheel with a model in it."""

import zipfile
from pathlib import Path

FILE = "tiny_weights-1.0-py3-none-any.whl"
REFERENCE = "tiny-weights==1.0:tiny_weights/model.gguf"
INFO = "tiny_weights-1.0.dist-info"


def write_wheel(folder: Path) -> Path:
    """Its path in a folder that need not be there yet."""
    folder.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(folder / FILE, "w") as archive:
        archive.writestr("tiny_weights/model.gguf", b"weights")
        archive.writestr(f"{INFO}/METADATA", "Metadata-Version: 2.1\nName: tiny-weights\nVersion: 1.0\n")
        archive.writestr(f"{INFO}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{INFO}/RECORD", "")
    return folder / FILE
