"""What a replay depends on, written beside its results."""

import hashlib
from importlib.metadata import PackageNotFoundError, version

from jupyter_starcoder import __version__
from jupyter_starcoder.copilot import LoadedModel
from jupyter_starcoder.evaluation.replay.replaying import Replay
from jupyter_starcoder.evaluation.results import Record
from jupyter_starcoder.values.model import Manifest

LIBRARIES = ("onnxruntime", "tokenizers", "ipykernel", "pandas", "polars", "numpy", "scikit-learn", "duckdb")


def replay_record(work: Replay, model: LoadedModel, manifest: Manifest | None, device: str) -> Record:
    """The record of a replay; a model without a manifest answers from rules."""
    facts: dict[str, object] = {"model": model.name, "device": device, "family": model.family.name}
    if manifest is not None:
        facts |= {
            "source": manifest.source,
            "revision": manifest.revision,
            "precision": manifest.precision,
            "sha256": {file: fact.sha256 for file, fact in manifest.files.items()},
        }
    settings = work.settings
    return Record(
        conditions={
            "task_set": "replay",
            "answers": facts | {"prompt_tokens": settings.prompt_tokens, "max_tokens": settings.completion_tokens},
            "prompt_form": settings.prompt_form or "",
            "notebooks": {path.stem: hashlib.sha256(path.read_bytes()).hexdigest() for path in work.notebooks},
            "places_a_cell": work.places,
            "cells_a_notebook": work.cells or "all",
            "kinds": list(work.kinds),
            "seed": work.seed,
            "conditions": [condition.name for condition in work.conditions],
        },
        circumstances={"jupyter_starcoder": __version__, "libraries": {name: _version(name) for name in LIBRARIES}},
    )


def _version(library: str) -> str:
    try:
        return version(library)
    except PackageNotFoundError:
        return "not installed"
