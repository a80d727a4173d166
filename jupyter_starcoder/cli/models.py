"""`jupyter starcoder models list|get|remove`: which models there are, and which are here."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import msgspec

from jupyter_starcoder.cli.progress import add_option, display
from jupyter_starcoder.config import load_settings
from jupyter_starcoder.values.model import Device, Precision

if TYPE_CHECKING:
    from jupyter_starcoder.models.store import Store


class Line(msgspec.Struct, frozen=True):
    """One model, as `list --json` prints it."""

    name: str
    title: str
    licence: str
    precision: Precision  # it is in, or would be made in
    download_bytes: int  # about; 0 for a model that is not of the catalogue
    is_prepared: bool
    is_gated: bool
    note: str
    recommended_cpu: Precision | None = None  # None for a model that is not of the catalogue
    recommended_cuda: Precision | None = None
    reason: str = ""  # why these


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds the command and its three parts."""
    parser = commands.add_parser("models", help="list, get and remove models")
    parts = parser.add_subparsers(title="what to do", metavar="PART", required=True)
    listing = parts.add_parser("list", help="print the models of the catalogue and of the store")
    listing.add_argument("--json", action="store_true", help="print one JSON array")
    listing.set_defaults(run=run_list)
    getting = parts.add_parser("get", help="fetch a model and prepare it")
    getting.add_argument("name", help="a catalogue name, a hub id (owner/name), a folder, or a .gguf file")
    getting.add_argument("--precision", choices=get_args(Precision), help="default: what the catalogue recommends")
    getting.add_argument("--device", choices=get_args(Device), help="that it is written for; default: the one here")
    getting.add_argument("--again", action="store_true", help="make it also where it is there already")
    add_option(getting)
    getting.set_defaults(run=run_get)
    removing = parts.add_parser("remove", help="remove a prepared model from the disk")
    removing.add_argument("name", help="as `list` prints it")
    removing.set_defaults(run=run_remove)
    for part in (listing, getting, removing):
        part.add_argument("--store", type=Path, metavar="DIR", help="another folder of models than the configured one")


def chosen_store(folder: Path | None) -> "Store":
    """The store in a folder, or the one that the user's settings name: the one that a server looks into."""
    from jupyter_starcoder.models.store import Store

    return Store(folder.expanduser().absolute() if folder else load_settings().models_dir)


def lines(store: "Store") -> list[Line]:
    """The catalogue in its order, then what else the store holds."""
    from jupyter_starcoder.models.catalogue import CATALOGUE

    prepared = {manifest.name: manifest for manifest in store.manifests()}
    listed = [
        Line(
            name=entry.name,
            title=entry.title,
            licence=entry.licence,
            precision=prepared[entry.name].precision if entry.name in prepared else entry.precision,
            download_bytes=entry.download_bytes,
            is_prepared=entry.name in prepared,
            is_gated=entry.is_gated,
            note=entry.note,
            recommended_cpu=entry.recommended.cpu,
            recommended_cuda=entry.recommended.cuda,
            reason=entry.recommended.reason,
        )
        for entry in CATALOGUE
    ]
    known = {line.name for line in listed}
    listed += [
        Line(
            name=manifest.name,
            title=manifest.name,
            licence=manifest.licence,
            precision=manifest.precision,
            download_bytes=0,
            is_prepared=True,
            is_gated=False,
            note=manifest.source,
        )
        for manifest in prepared.values()
        if manifest.name not in known
    ]
    return listed


def run_list(arguments: argparse.Namespace) -> int:
    """Prints them."""
    listed = lines(chosen_store(arguments.store))
    if arguments.json:
        sys.stdout.write(msgspec.json.encode(listed).decode() + "\n")
        return 0
    width = max(len(line.name) for line in listed)
    for line in listed:
        state = "ready" if line.is_prepared else f"{line.download_bytes / 1e6:,.0f} MB to get"
        notes = ", ".join(filter(None, (line.licence, "gated" if line.is_gated else "", line.note)))
        sys.stdout.write(f"{line.name:<{width}}  {state:>16}  {precisions(line):>9}  {notes}\n")
    reasons = {precisions(line): line.reason for line in listed if line.reason and not line.is_prepared}
    if reasons:
        sys.stdout.write("\nOn a CPU/on CUDA, unless you choose another with --precision:\n")
    for chosen, reason in reasons.items():
        sys.stdout.write(f"  {chosen:>9}: {reason}\n")
    return 0


def precisions(line: Line) -> str:
    """The one that it is in, or those that are recommended on a CPU and on CUDA."""
    return line.precision if line.is_prepared else f"{line.recommended_cpu}/{line.recommended_cuda}"


def run_get(arguments: argparse.Namespace) -> int:
    """Fetches and prepares one."""
    from jupyter_starcoder.cli.export import summary
    from jupyter_starcoder.preparation import prepare
    from jupyter_starcoder.values.manifest import read_manifest

    with display(arguments.progress) as shown:
        folder = prepare(
            arguments.name,
            store=chosen_store(arguments.store),
            precision=arguments.precision,
            progress=shown.show,
            device=arguments.device,
            is_again=arguments.again,
        )
    if arguments.progress != "json":
        sys.stdout.write(summary(read_manifest(folder), folder) + "\n")
    return 0


def run_remove(arguments: argparse.Namespace) -> int:
    """Removes one."""
    chosen_store(arguments.store).remove(arguments.name)
    sys.stdout.write(f"removed {arguments.name}\n")
    return 0
