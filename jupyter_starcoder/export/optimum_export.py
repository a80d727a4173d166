"""Checkpoints of families that we do not write by hand: `optimum.exporters.onnx` traces the model in PyTorch.

The whole model is in memory meanwhile, in float32, and the graph is run by `engine/optimum_decoder.py`. PyTorch and
transformers are imported in these two files only.
"""

import hashlib
import importlib.metadata
import math
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, cast

import onnx

from jupyter_starcoder import __version__
from jupyter_starcoder.errors import CheckpointDamaged, ExportError, ExtraMissing, ModelUnsupported
from jupyter_starcoder.export.checkpoint import Checkpoint, Settings, open_checkpoint
from jupyter_starcoder.export.graph_files import Report
from jupyter_starcoder.export.options import ExportOptions
from jupyter_starcoder.export.perplexity import TOKENS_AT_ONCE, negative_log_likelihood, text_ids
from jupyter_starcoder.values.manifest import FORMAT, write_manifest
from jupyter_starcoder.values.model import (
    DATA_FILE,
    GRAPH_FILE,
    OPTIMUM,
    TOKENIZER_FILE,
    FileFact,
    Manifest,
    Perplexity,
    Progress,
    TensorFact,
)

if TYPE_CHECKING:
    from optimum.onnxruntime import ORTModelForCausalLM
    from transformers import PreTrainedModel

    from jupyter_starcoder.values.model import NumberKind

EXTRA = "the extra [export] is not installed: run `pip install 'jupyter_starcoder[export]'`"
PACKAGES = ("torch", "transformers", "optimum-onnx")
TASK = "text-generation-with-past"
WINDOW_KEYS = ("max_position_embeddings", "n_positions", "n_ctx", "max_seq_len", "seq_length")
SMALLEST_OUTSIDE_BYTES = 1024  # smaller tensors stay inside the graph, where shape inference reads them


def is_optimum_here() -> bool:
    """Whether the extra [export] is installed; nothing is imported."""
    return all(_has(package) for package in PACKAGES)


def optimum_knows(architecture: str) -> bool:
    """Whether optimum exports this architecture with a key/value cache.

    Raises:
        ExtraMissing: the extra is not installed.
    """
    _require_extra()
    with _quiet():
        import optimum.exporters.onnx.model_configs  # noqa: F401 - registers what it knows
        from optimum.exporters.tasks import TasksManager
    try:
        tasks = TasksManager.get_supported_tasks_for_model_type(architecture, "onnx", library_name="transformers")
    except KeyError:
        return False
    return TASK in tasks


def export_with_optimum(path: Path, destination: Path, *, options: ExportOptions, progress: Report) -> Manifest:
    """Writes a model folder of family "optimum"; the manifest comes last.

    Args:
        path: a folder with config.json, tokenizer.json and safetensors.
        destination: an empty folder that is there.
        options: as for our own graphs; the precision is fp32.
        progress: told of every step.

    Raises:
        ExtraMissing: the extra [export] is not installed.
        CheckpointDamaged: files or tensors are missing.
        ModelUnsupported: optimum does not export this architecture with a cache, or it is not such a folder.
        ExportError: another precision was asked for, or it could not be traced or written.
    """
    _require_extra()
    if options.precision != "fp32":
        raise ExportError(f"optimum exports are written in fp32, not {options.precision}: leave the precision out")
    if not path.is_dir():
        raise ModelUnsupported(f"{path} is not a folder with config.json and safetensors: optimum reads only these")
    try:
        with open_checkpoint(path) as checkpoint:
            if not optimum_knows(checkpoint.architecture):
                raise ModelUnsupported(
                    f"optimum-onnx {importlib.metadata.version('optimum-onnx')} does not export the architecture "
                    f"{checkpoint.architecture!r} with a key/value cache"
                )
            return _export(checkpoint, path, destination, options, progress)
    except OSError as error:
        raise ExportError(f"{destination} cannot be written ({error}): free space or choose another folder") from error


def _export(
    checkpoint: Checkpoint, path: Path, destination: Path, options: ExportOptions, progress: Report
) -> Manifest:
    progress(Progress(step="writing the tokenizer"))
    checkpoint.write_tokenizer(destination / TOKENIZER_FILE)
    progress(Progress(step="reading the weights in PyTorch"))
    with _quiet():
        model = _loaded(path)
        progress(Progress(step="tracing the graph with optimum"))
        _trace(model, destination)
    vocabulary_size, window_tokens = int(model.config.vocab_size), _window_tokens(checkpoint.settings)
    ids = text_ids(destination)[:window_tokens] if options.measures_perplexity else []
    float32 = _perplexity(model, ids, "PyTorch", progress)
    del model  # before the graph is read: both have all weights
    progress(Progress(step="writing weights (fp32)"))
    inputs, outputs = _take_weights_out(destination)
    layers, kv_heads, head_size = _cache_shape(checkpoint.architecture, inputs)
    exported = _perplexity(_reopened(destination), ids, "fp32", progress) if float32 is not None else None
    files = sorted(file for file in destination.iterdir() if file.is_file())
    manifest = Manifest(
        format=FORMAT,
        name=options.name,
        family=OPTIMUM,
        source=options.source,
        revision=options.revision,
        licence=options.licence or checkpoint.licence,
        precision="fp32",
        window_tokens=window_tokens,
        vocabulary_size=vocabulary_size,
        layers=layers,
        kv_heads=kv_heads,
        head_size=head_size,
        end_ids=checkpoint.end_ids,
        markers=_markers(destination / TOKENIZER_FILE),
        inputs=inputs,
        outputs=outputs,
        files={file.name: _synced_fact(file) for file in files},
        perplexity=Perplexity(float32=float32, exported=exported, tokens=len(ids)) if float32 and exported else None,
        written_by=f"jupyter_starcoder {__version__}, optimum-onnx {importlib.metadata.version('optimum-onnx')}",
    )
    write_manifest(destination, manifest)
    return manifest


def _loaded(path: Path) -> "PreTrainedModel":
    """The model in float32.

    Raises:
        CheckpointDamaged: transformers cannot read it, or would fill up missing tensors with random numbers.
    """
    import torch
    from safetensors import SafetensorError
    from transformers import AutoModelForCausalLM

    try:
        found: tuple[PreTrainedModel, dict[str, list[str]]] = AutoModelForCausalLM.from_pretrained(  # type: ignore[assignment]
            path, dtype=torch.float32, local_files_only=True, use_safetensors=True, output_loading_info=True
        )
    except (RuntimeError, ValueError, KeyError, TypeError, SafetensorError) as error:
        raise CheckpointDamaged(f"transformers cannot read {path} ({error}): get the checkpoint again") from error
    model, report = found
    if missing := sorted(report["missing_keys"]):
        raise CheckpointDamaged(f"{path} lacks {len(missing)} tensors, {missing[0]} among them: get the weights again")
    model.config.use_cache = True
    return model


def _trace(model: "PreTrainedModel", destination: Path) -> None:
    """Writes graph, weights and config."""
    from optimum.exporters.onnx import onnx_export_from_model

    try:
        # Its own check only warns; perplexity is measured on both sides instead.
        onnx_export_from_model(model, destination, task=TASK, device="cpu", do_validation=False)
    except (RuntimeError, ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        raise ExportError(f"optimum could not export this model ({error}): another version of it may") from error


def _take_weights_out(destination: Path) -> tuple[dict[str, TensorFact], dict[str, TensorFact]]:
    """Moves the weights to where all our models have them; gives the graph's inputs and outputs."""
    model = onnx.load(str(destination / GRAPH_FILE))
    for left in destination.glob(f"{GRAPH_FILE}_data"):  # optimum's name, for models of 2 GB and more
        left.unlink()
    onnx.save_model(
        model,
        str(destination / GRAPH_FILE),
        save_as_external_data=True,
        location=DATA_FILE,
        size_threshold=SMALLEST_OUTSIDE_BYTES,
    )
    return _facts(model.graph.input), _facts(model.graph.output)


def _facts(values: "list[onnx.ValueInfoProto]") -> dict[str, TensorFact]:
    return {
        value.name: TensorFact(
            dtype=cast("NumberKind", str(onnx.helper.tensor_dtype_to_np_dtype(value.type.tensor_type.elem_type))),
            shape=tuple(size.dim_param or size.dim_value for size in value.type.tensor_type.shape.dim),
        )
        for value in values
    }


def _cache_shape(architecture: str, inputs: dict[str, TensorFact]) -> tuple[int, int, int]:
    """Layers, heads and head size of the cache.

    Raises:
        ModelUnsupported: it is not keys and values of one fixed shape (batch, heads, tokens, head_size) a layer.
    """
    caches = {name: fact.shape for name, fact in inputs.items() if name.startswith("past_key_values.")}
    others = inputs.keys() - caches.keys() - {"input_ids", "attention_mask", "position_ids"}
    shape = next(iter(caches.values()), ())
    if others or len(set(caches.values())) != 1 or len(shape) != 4:
        raise ModelUnsupported(f"{architecture!r} keeps something else than keys and values a layer: we cannot run it")
    heads, head_size = shape[1], shape[3]
    if not (isinstance(heads, int) and isinstance(head_size, int) and isinstance(shape[2], str)):
        raise ModelUnsupported(f"the cache of {architecture!r} has the shape {shape}: we cannot run it")
    return len(caches) // 2, heads, head_size


def _window_tokens(settings: Settings) -> int:
    for key in WINDOW_KEYS:
        if settings.has(key):
            return settings.integer(key)
    raise ModelUnsupported(f"config.json names no window: none of {', '.join(WINDOW_KEYS)} is there")


def _markers(path: Path) -> tuple[str, ...]:
    from tokenizers import Tokenizer

    added = sorted(Tokenizer.from_file(str(path)).get_added_tokens_decoder().items())
    return tuple(token.content for _, token in added if token.special)


def _reopened(folder: Path) -> "ORTModelForCausalLM":
    """The graph, as the engine opens it."""
    with _quiet():
        from optimum.onnxruntime import ORTModelForCausalLM

        return ORTModelForCausalLM.from_pretrained(folder, local_files_only=True)


def _perplexity(
    model: "PreTrainedModel | ORTModelForCausalLM", ids: list[int], where: str, progress: Report
) -> float | None:
    """Exp of the mean negative log-likelihood of `ids[1:]`; None without such."""
    if len(ids) < 2:
        return None
    import torch

    total, past = 0.0, None
    for start in range(0, len(ids) - 1, TOKENS_AT_ONCE):
        end = min(start + TOKENS_AT_ONCE, len(ids) - 1)
        with torch.inference_mode():
            passed = model(
                input_ids=torch.tensor([ids[start:end]]),
                attention_mask=torch.ones((1, end), dtype=torch.int64),
                past_key_values=past,
                use_cache=True,
            )
        past = passed.past_key_values
        total += negative_log_likelihood(passed.logits[0].float().numpy(), ids[start + 1 : end + 1])
        progress(Progress(step=f"measuring perplexity ({where})", done=end, total=len(ids), unit="tokens"))
    return math.exp(total / (len(ids) - 1))


def _synced_fact(path: Path) -> FileFact:
    """Hash and size of a file, which is on the disk afterwards."""
    with path.open("rb+") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        os.fsync(file.fileno())
    return FileFact(sha256=digest, size_bytes=path.stat().st_size)


def _require_extra() -> None:
    if missing := [package for package in PACKAGES if not _has(package)]:
        raise ExtraMissing(f"{', '.join(missing)}: {EXTRA}, then `--via optimum` exports what we do not write by hand")


def _has(package: str) -> bool:
    try:
        importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return False
    return True


@contextmanager
def _quiet() -> Iterator[None]:
    """Keeps to itself what these packages warn of at their import and while they trace."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from optimum.utils import logging as of_optimum
        from transformers.utils import logging

        verbosities = logging.get_verbosity(), of_optimum.get_verbosity()
        has_bars = logging.is_progress_bar_enabled()
        logging.set_verbosity_error()  # type: ignore[no-untyped-call]
        of_optimum.set_verbosity(of_optimum.CRITICAL)
        logging.disable_progress_bar()  # type: ignore[no-untyped-call]
        try:
            yield
        finally:
            logging.set_verbosity(verbosities[0])
            of_optimum.set_verbosity(verbosities[1])
            if has_bars:
                logging.enable_progress_bar()  # type: ignore[no-untyped-call]
