"""Which way a checkpoint becomes a graph: written by us, or by optimum where we have no family for it."""

from collections.abc import Callable
from pathlib import Path
from typing import Literal

from jupyter_starcoder.errors import ExtraMissing, ModelUnsupported
from jupyter_starcoder.export.checkpoint import open_checkpoint
from jupyter_starcoder.export.exporter import export_checkpoint
from jupyter_starcoder.export.families import FAMILIES
from jupyter_starcoder.export.graph_files import Report
from jupyter_starcoder.export.optimum_export import EXTRA, export_with_optimum, is_optimum_here, optimum_knows
from jupyter_starcoder.values.model import Manifest, Progress

Via = Literal["graph", "optimum"]
Exporter = Callable[..., Manifest]  # (checkpoint, destination, *, options, progress)

# Measured on the embedded model, see docs/models.md.
COST = "fp32 only, 3 to 7 times slower than a graph of ours in int8"

EXPORTERS: dict[Via, Exporter] = {"graph": export_checkpoint, "optimum": export_with_optimum}


def choose_way(checkpoint: Path, wished: Via | None, progress: Report) -> Via:
    """The way to take; says so where it is optimum and nobody wished it.

    Raises:
        ExtraMissing: there is no family for it, and optimum is not installed.
        ModelUnsupported: there is no family for it, and optimum does not know it either.
        StarcoderError: the checkpoint cannot be opened.
    """
    if wished is not None:
        return wished
    with open_checkpoint(checkpoint) as opened:
        architecture = opened.architecture
    if architecture in FAMILIES:
        return "graph"
    unknown = f"no graph is known for the architecture {architecture!r}: we know {', '.join(sorted(FAMILIES))}"
    if not is_optimum_here():
        raise ExtraMissing(f"{unknown}; optimum may export it (`--via optimum`), but {EXTRA}")
    if not optimum_knows(architecture):
        raise ModelUnsupported(f"{unknown}, and optimum does not export it with a key/value cache either")
    progress(Progress(step=f"{architecture!r} has no graph of ours, so optimum exports it: {COST}"))
    return "optimum"
