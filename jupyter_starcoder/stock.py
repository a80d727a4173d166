"""Which models there are, what each would need, and the machine that it would run on.

Everything here reads files or asks the driver: call it in a thread.
"""

import ctypes.util
import os
import platform
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from jupyter_starcoder.values.model import DATA_FILE, MANIFEST_FILE, Device, Manifest, Precision
from jupyter_starcoder.values.settings import Settings
from jupyter_starcoder.values.stock import KnownModel, Machine, Room

if TYPE_CHECKING:
    from jupyter_starcoder.models.catalogue import CatalogueEntry

CPUINFO = Path("/proc/cpuinfo")
# Of a prepared model: int8 as measured on SmolLM2-135M (docs/models.md), which has 0.74 in int4; larger ones have less,
# since their head, which stays in 8 bits, is a smaller part of them.
BYTES_A_WEIGHT: dict[Precision, float] = {"fp32": 4.0, "fp16": 2.0, "int8": 1.1, "int4": 0.66}
NUMBER_BYTES = {"float32": 4, "float16": 2}


def known_models(settings: Settings) -> tuple[KnownModel, ...]:
    """The catalogue in its order, then what else the store holds.

    Raises:
        ModelError: the store cannot be read.
    """
    from jupyter_starcoder.models.catalogue import CATALOGUE
    from jupyter_starcoder.models.store import Store

    prepared = {manifest.name: manifest for manifest in Store(settings.models_dir).manifests()}
    device = device_of(settings)
    listed = {entry.name: _listed(entry, prepared.get(entry.name), settings, device) for entry in CATALOGUE}
    others = {
        name: KnownModel(
            name=name,
            title=name,
            licence=manifest.licence,
            precision=manifest.precision,
            download_bytes=0,
            is_prepared=True,
            disk_bytes=_disk_bytes(manifest),
            memory_bytes=_running_bytes(manifest, settings, device),
        )
        for name, manifest in sorted(prepared.items())
        if name not in listed
    }
    return (*listed.values(), *others.values())


def machine(settings: Settings) -> Machine:
    """What models run on with these settings."""
    from jupyter_starcoder.engine.gpu_memory import gpu_available_bytes
    from jupyter_starcoder.engine.memory import MEGABYTE, available_bytes, total_bytes

    kind, cores = device_of(settings), _cores()
    if kind == "cpu":
        return Machine(
            kind=kind,
            name=_processor(),
            cores=cores,
            memory_bytes=total_bytes() or 0,
            free_bytes=available_bytes() or 0,
        )
    name, memory_bytes = _gpu(settings.gpu)
    allowed_bytes = settings.gpu_memory_mb * MEGABYTE
    return Machine(
        kind=kind,
        name=name,
        cores=cores,
        memory_bytes=min(memory_bytes, allowed_bytes) if allowed_bytes and memory_bytes else memory_bytes,
        free_bytes=gpu_available_bytes(settings.gpu, settings.gpu_memory_mb) or 0,
    )


def device_of(settings: Settings) -> Device:
    """Where a model would run, as far as can be told without loading ONNX Runtime into this process."""
    from jupyter_starcoder.engine.runtime import installed

    if settings.provider == "cpu" or "onnxruntime-gpu" not in installed():
        return "cpu"
    return "cuda" if ctypes.util.find_library("nvcuda" if os.name == "nt" else "cuda") else "cpu"


def _listed(entry: "CatalogueEntry", manifest: Manifest | None, settings: Settings, device: Device) -> KnownModel:
    precision = manifest.precision if manifest else settings.precision or entry.recommended.on(device)
    weights_bytes = round(entry.weights * BYTES_A_WEIGHT[precision])
    return KnownModel(
        name=entry.name,
        title=entry.title,
        licence=entry.licence,
        precision=precision,
        download_bytes=entry.download_bytes,
        is_prepared=manifest is not None,
        disk_bytes=_disk_bytes(manifest) if manifest else 0,
        memory_bytes=(
            _running_bytes(manifest, settings, device)
            if manifest
            else _memory_bytes(
                weights_bytes,
                entry.cache_width * NUMBER_BYTES["float16" if device == "cuda" or precision == "fp16" else "float32"],
                settings,
                device,
            )
        ),
        is_gated=entry.is_gated,
        address=entry.address,
        access=entry.access,
        resumes=entry.source == "hub",
        note=entry.note,
        room=None if manifest else _room(entry, weights_bytes, settings.models_dir),
    )


def _room(entry: "CatalogueEntry", prepared_bytes: int, store: Path) -> Room | None:
    """Room for what is downloaded and for what is made of it, which lie beside each other for a while."""
    from jupyter_starcoder.models.disk import room_for
    from jupyter_starcoder.models.hub import cached_bytes, hub_cache

    try:
        if entry.source != "hub":
            return room_for([(store, entry.download_bytes + prepared_bytes)])
        to_come_bytes = max(0, entry.download_bytes - cached_bytes(entry.reference))
        return room_for([(hub_cache(), to_come_bytes), (store, prepared_bytes)])
    except OSError:
        return None  # getting it says what is wrong there


def _running_bytes(manifest: Manifest, settings: Settings, device: Device) -> int:
    weights = manifest.files.get(DATA_FILE)
    past = [fact.dtype for name, fact in manifest.inputs.items() if name.startswith("past_key_values.")]
    token_bytes = manifest.kv_heads * manifest.head_size * sum(NUMBER_BYTES.get(dtype, 4) for dtype in past)
    return _memory_bytes(weights.size_bytes, token_bytes, settings, device) if weights else 0


def _memory_bytes(weights_bytes: int, token_bytes: int, settings: Settings, device: Device) -> int:
    """What the check before loading asks for: `engine/session.py` has the same sum."""
    from jupyter_starcoder.engine.cache import slots_within
    from jupyter_starcoder.engine.memory import OTHER_BYTES
    from jupyter_starcoder.errors import EngineError

    slot_bytes, caches = max(1, settings.window_tokens * token_bytes), 1
    if device == "cuda":
        try:
            caches = slots_within(settings.cache_mb, slot_bytes)
        except EngineError:
            caches = 1  # loading it says that the budget is too small
    return weights_bytes + caches * slot_bytes + OTHER_BYTES


def _disk_bytes(manifest: Manifest) -> int:
    return sum(fact.size_bytes for name, fact in manifest.files.items() if name != MANIFEST_FILE)


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _processor() -> str:
    try:
        lines = CPUINFO.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:  # not Linux
        return platform.processor()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


@cache  # it does not change, and asking takes up to a second
def _gpu(gpu: int) -> tuple[str, int]:
    from jupyter_starcoder.engine.gpu_memory import gpu_name_and_bytes

    return gpu_name_and_bytes(gpu)
