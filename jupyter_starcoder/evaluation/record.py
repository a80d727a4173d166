"""What a score depends on, written beside it."""

import platform
import sys
from dataclasses import asdict

from jupyter_starcoder import __version__
from jupyter_starcoder.copilot import LoadedModel
from jupyter_starcoder.evaluation.asking import Asking
from jupyter_starcoder.evaluation.data import DataFile
from jupyter_starcoder.evaluation.evaluating import Work
from jupyter_starcoder.evaluation.results import Record
from jupyter_starcoder.evaluation.runner import MEMORY_MB, Runner
from jupyter_starcoder.values.model import TOKENIZER_FILE, Manifest

Facts = dict[str, object]
Stops = tuple[str, ...]


def recorded(*, work: Work, data: DataFile, answers: Facts, runner: Runner, libraries: list[str]) -> Record:
    """The record of a run.

    Args:
        work: what is run.
        data: the benchmark's file.
        answers: what answers: a model as `of_model` gives it, or a file.
        runner: what runs the programs.
        libraries: what is installed in the pinned environment.
    """
    return Record(
        conditions={
            "task_set": work.task_set.name,
            "data": data.path.name,
            "data_sha256": data.sha256,
            "problems": len(work.problems),
            "samples": work.samples,
            "answers": answers,
            "program_limit_s": work.limit_s,
            "program_memory_mb": MEMORY_MB,
            "program_python": runner.facts["python"],
            "program_libraries": libraries or runner.facts["versions"],
            "missing_libraries": runner.facts["missing"],
        },
        circumstances={
            "jupyter_starcoder": __version__,
            "python": platform.python_version(),
            "onnxruntime": _version("onnxruntime"),
            "tokenizers": _version("tokenizers"),
            "machine": f"{platform.system()} {platform.machine()}",
            "sandbox": runner.sandbox.name,
            "sandbox_protects": runner.sandbox.protects,
        },
    )


def of_model(
    model: LoadedModel, manifest: Manifest | None, device: str, asking: Asking, stops: Stops
) -> dict[str, object]:
    """A model and how it is asked; a model without a manifest answers from rules."""
    facts: Facts = {"model": model.name, "device": device, "window_tokens": model.window_tokens, "batch": 1}
    facts |= asdict(asking) | {"stops": list(stops)}
    if manifest is not None:
        hashes = {file: fact.sha256 for file, fact in manifest.files.items()}
        facts |= {
            "source": manifest.source,
            "revision": manifest.revision,
            "precision": manifest.precision,
            "tokenizer_sha256": hashes.pop(TOKENIZER_FILE, ""),
            "model_sha256": hashes,
            "written_by": manifest.written_by,
        }
    return facts


def _version(module: str) -> str:
    return str(getattr(sys.modules.get(module), "__version__", "not used"))
