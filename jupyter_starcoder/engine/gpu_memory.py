"""How much memory a GPU has left, as its driver tells. Not run on a GPU yet."""

import subprocess
from contextlib import suppress

from jupyter_starcoder.engine.memory import MEGABYTE

ANSWER_S = 5.0


def gpu_available_bytes(gpu: int, allowed_mb: int = 0, command: str = "nvidia-smi") -> int | None:
    """Memory of a GPU that a model can still get; None where the driver does not say.

    Args:
        gpu: which one, as CUDA counts them.
        allowed_mb: the most that it may take; 0: all.
        command: the driver's own program.

    Source: `nvidia-smi --help-query-gpu`; without units it counts in MiB.
    """
    left = [allowed_mb] if allowed_mb else []
    with suppress(ValueError):
        left.append(int(_told(gpu, "memory.free", command)))
    return min(left) * MEGABYTE if left else None


def gpu_name_and_bytes(gpu: int, command: str = "nvidia-smi") -> tuple[str, int]:
    """What a GPU is called and how much memory it has in all; empty and 0 where the driver does not say."""
    name, _, total_mb = _told(gpu, "name,memory.total", command).rpartition(",")
    return name.strip(), int(total_mb) * MEGABYTE if total_mb.strip().isdigit() else 0


def _told(gpu: int, facts: str, command: str) -> str:
    asked = [command, f"--id={gpu}", f"--query-gpu={facts}", "--format=csv,noheader,nounits"]
    try:
        return subprocess.run(asked, capture_output=True, text=True, check=True, timeout=ANSWER_S).stdout  # noqa: S603
    except (OSError, subprocess.SubprocessError):  # no driver, another one, or no such GPU
        return ""
