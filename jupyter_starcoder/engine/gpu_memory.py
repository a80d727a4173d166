"""How much memory a GPU has left, as its driver tells. Not run on a GPU yet."""

import subprocess

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
    asked = [command, f"--id={gpu}", "--query-gpu=memory.free", "--format=csv,noheader,nounits"]
    left = [allowed_mb] if allowed_mb else []
    try:
        told = subprocess.run(asked, capture_output=True, text=True, check=True, timeout=ANSWER_S)  # noqa: S603  ours
        left.append(int(told.stdout))
    except (OSError, subprocess.SubprocessError, ValueError):  # no driver, another one, or no such GPU
        pass
    return min(left) * MEGABYTE if left else None
