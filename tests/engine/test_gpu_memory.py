"""What a GPU's driver says of its memory."""

from pathlib import Path

import pytest

from jupyter_starcoder.engine.gpu_memory import gpu_available_bytes
from jupyter_starcoder.engine.memory import MEGABYTE


def driver(folder: Path, script: str) -> str:
    """A program in the place of nvidia-smi."""
    path = folder / "nvidia-smi"
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(0o755)
    return str(path)


@pytest.mark.parametrize(
    ("script", "allowed_mb", "expected_mb"),
    [
        ("echo 78000", 0, 78000),
        ("echo 78000", 5000, 5000),
        ("echo 4000", 5000, 4000),
        ("echo '[N/A]'", 0, None),
        ("echo '[N/A]'", 5000, 5000),
        ("echo no such device; exit 6", 0, None),
    ],
)
def test_free_memory_of_a_gpu_is_what_its_driver_says(
    tmp_path: Path, script: str, allowed_mb: int, expected_mb: int | None
) -> None:
    """The least of what is free and what is allowed; nothing where the driver does not know."""
    expected = None if expected_mb is None else expected_mb * MEGABYTE

    assert gpu_available_bytes(0, allowed_mb, command=driver(tmp_path, script)) == expected


def test_the_driver_is_asked_for_the_gpu_that_is_meant(tmp_path: Path) -> None:
    """A machine may have several."""
    command = driver(tmp_path, 'test "$1" = --id=3 && echo 7')

    assert gpu_available_bytes(3, command=command) == 7 * MEGABYTE


def test_a_machine_without_the_driver_says_nothing(tmp_path: Path) -> None:
    """No error comes of it."""
    assert gpu_available_bytes(0, command=str(tmp_path / "absent")) is None
