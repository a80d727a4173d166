"""Memory: for caches, and how much of it this machine has left."""

import mmap
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from jupyter_starcoder.errors import ModelTooLarge

MEGABYTE = 2**20
# Beside weights and caches: Python, ONNX Runtime, numpy and what a pass needs. Measured 130 MB with SmolLM2-135M and
# passes of 256 tokens; wider models need more for a pass.
OTHER_BYTES = 300 * MEGABYTE

CGROUP = Path("/sys/fs/cgroup")
MEMINFO = Path("/proc/meminfo")


def small_pages(shape: tuple[int, ...], dtype: str) -> NDArray[np.generic]:
    """Zeros that take memory in steps of 4 KB as they are written.

    numpy asks Linux for huge pages for arrays of this size, and then each strip of a cache (one head of one layer)
    takes 2 MB with its first token: 240 MB for SmolLM2-135M with a window of 8,192.
    """
    size_bytes = int(np.prod(shape)) * np.dtype(dtype).itemsize
    if not (hasattr(mmap, "MAP_PRIVATE") and hasattr(mmap, "MADV_NOHUGEPAGE")):
        return np.zeros(shape, dtype=dtype)
    block = mmap.mmap(-1, size_bytes, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    block.madvise(mmap.MADV_NOHUGEPAGE)
    return np.frombuffer(block, dtype=dtype).reshape(shape)


def available_bytes(meminfo: Path = MEMINFO, cgroup: Path = CGROUP) -> int | None:
    """Memory that this process can still get; None where the system does not say."""
    left = [*_of_the_system(meminfo), *_of_the_group(cgroup)]
    return min(left) if left else None


def total_bytes(meminfo: Path = MEMINFO, cgroup: Path = CGROUP) -> int | None:
    """Memory that there is in all, of the machine or of the container that this runs in; None as above."""
    limits = [int(line.split()[1]) * 1024 for line in _lines(meminfo) if line.startswith("MemTotal:")]
    limits += [int(line) for line in _lines(cgroup / "memory.max") if line.isdigit()]
    return min(limits) if limits else None


def require_memory(name: str, *, weights_bytes: int, cache_bytes: int, available: int | None) -> None:
    """Checks that a model can be loaded.

    Args:
        name: the model's.
        weights_bytes: of its files.
        cache_bytes: of the least that its caches take.
        available: what there is; None when that is not known, and then nothing is checked.

    Raises:
        ModelTooLarge: it does not fit.
    """
    needed = weights_bytes + cache_bytes + OTHER_BYTES
    if available is None or needed <= available:
        return
    raise ModelTooLarge(
        f"{name} needs {megabytes(needed)} MB of memory (weights {megabytes(weights_bytes)}, cache "
        f"{megabytes(cache_bytes)}, the rest {megabytes(OTHER_BYTES)}) and {megabytes(available)} MB are free: choose "
        "a smaller model or fewer bits, shorten the prompt, or close other programs"
    )


def megabytes(size_bytes: int) -> int:
    """Rounded up."""
    return -(-size_bytes // MEGABYTE)


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="ascii").splitlines()
    except (OSError, ValueError):  # not Linux
        return []


def _of_the_system(meminfo: Path) -> Iterator[int]:
    for line in _lines(meminfo):
        if line.startswith("MemAvailable:"):
            yield int(line.split()[1]) * 1024


def _of_the_group(cgroup: Path) -> Iterator[int]:
    """What a container's limit leaves; pages of files that it holds can be dropped, so they count as free."""
    try:
        most = (cgroup / "memory.max").read_text(encoding="ascii").strip()
        used = int((cgroup / "memory.current").read_text(encoding="ascii"))
        facts = (cgroup / "memory.stat").read_text(encoding="ascii").splitlines()
    except (OSError, ValueError):
        return
    if most.isdigit():
        files = sum(int(line.split()[1]) for line in facts if line.startswith(("inactive_file ", "active_file ")))
        yield max(0, int(most) - used + files)
