"""`jupyter starcoder export`: a checkpoint becomes a model folder."""

import argparse
import sys
from pathlib import Path
from typing import get_args

from jupyter_starcoder.cli.progress import add_option, display
from jupyter_starcoder.config import load_settings
from jupyter_starcoder.values.model import OPTIMUM, Device, Manifest, Precision


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds the command."""
    parser = commands.add_parser(
        "export",
        help="write a checkpoint as a model that this package runs",
        description="Writes a checkpoint as a model folder: graph, weights, tokenizer and manifest.",
    )
    parser.add_argument(
        "source", help="a catalogue name, a hub id (owner/name), a folder with safetensors, or a .gguf file"
    )
    parser.add_argument("--precision", choices=get_args(Precision), help="default: what the catalogue recommends")
    parser.add_argument("--device", choices=get_args(Device), help="that it is written for; default: the one here")
    parser.add_argument(
        "--block-size",
        type=int,
        default=0,
        metavar="N",
        help="weights that share a scale; default: 64 in int8, 32 in int4",
    )
    parser.add_argument(
        "--head-bits", type=int, default=0, choices=(4, 8), help="of the last matrix of int8 and int4; default: 8"
    )
    parser.add_argument("-o", "--output", type=Path, metavar="DIR", help="the folder; without it, the store")
    parser.add_argument(
        "--no-perplexity", action="store_true", help="do not compare the model with its float32 form on a small text"
    )
    parser.add_argument(
        "--via",
        choices=("graph", "optimum"),
        help="graph: a graph of ours; optimum: traced by optimum (extra [export]), slower, any architecture it knows; "
        "default: optimum only where we have no graph",
    )
    add_option(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Exports, and prints where to and how good."""
    # Imported here: numpy, onnx and gguf would slow down every other command.
    from jupyter_starcoder.models.origin import resolve
    from jupyter_starcoder.models.store import Store
    from jupyter_starcoder.preparation import Wishes, export_to

    target = arguments.output or Store(load_settings().models_dir).path(resolve(arguments.source).name)
    wishes = Wishes(
        precision=arguments.precision,
        device=arguments.device,
        block_size=arguments.block_size,
        head_bits=arguments.head_bits,
        measures_perplexity=not arguments.no_perplexity,
        via=arguments.via,
    )
    with display(arguments.progress) as shown:
        manifest = export_to(arguments.source, target, wishes=wishes, progress=shown.show)
    if arguments.progress != "json":
        sys.stdout.write(summary(manifest, target) + "\n")
    return 0


def summary(manifest: Manifest, folder: Path) -> str:
    """What was made, in a few lines."""
    from jupyter_starcoder.export.ways import COST

    size_mb = sum(fact.size_bytes for fact in manifest.files.values()) / 1e6
    lines = [f"{manifest.name} ({manifest.family}, {manifest.precision}, {size_mb:,.0f} MB) in {folder}"]
    if manifest.family == OPTIMUM:
        lines.append(f"exported by optimum: {COST}")
    if manifest.weight_bytes_per_token:
        lines.append(f"for {manifest.device.upper()}; a token reads {manifest.weight_bytes_per_token / 1e6:,.0f} MB")
    if (measured := manifest.perplexity) is None:
        lines.append("perplexity: not measured")
    else:
        change = 100 * (measured.exported / measured.float32 - 1)
        lines.append(
            f"perplexity: {measured.float32:.3f} in float32, {measured.exported:.3f} in {manifest.precision} "
            f"({change:+.1f} %, {measured.tokens} tokens)"
        )
    return "\n".join(lines)
