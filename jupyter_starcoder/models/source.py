"""The seam to where weights come from."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from jupyter_starcoder.values.model import Progress

Report = Callable[[Progress], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """A checkpoint on this machine."""

    path: Path  # a .gguf file, or a folder with config.json and safetensors
    source: str  # where it came from, for the manifest
    revision: str = ""


class ModelSource(Protocol):
    """Somewhere that weights come from."""

    def fetch(self, reference: str, progress: Report) -> Fetched:
        """The checkpoint on this machine.

        Raises:
            SourceUnreachable: no answer, or no such file there.
            SourceRefused: a gated model, or wrong credentials.
            HashMismatch: the file that came is not the one that was asked for.
        """
