"""Perplexity of an exported graph."""

from collections.abc import Callable
from pathlib import Path

from jupyter_starcoder.export.checkpoint import Checkpoint
from jupyter_starcoder.export.family import GraphFamily
from jupyter_starcoder.export.options import ExportOptions
from jupyter_starcoder.values.model import Perplexity, Progress


def measured_perplexity(
    checkpoint: Checkpoint,
    family: GraphFamily,
    folder: Path,
    options: ExportOptions,
    progress: Callable[[Progress], None],
) -> Perplexity | None:
    """Not measured."""
    return None
