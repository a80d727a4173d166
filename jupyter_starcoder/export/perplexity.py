"""What a precision costs: the perplexity of the exported graph, beside that of the same weights in float32."""

import importlib.metadata
import math
import shutil
from collections.abc import Callable
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from tokenizers import Tokenizer

from jupyter_starcoder.errors import ExportError, ExtraMissing
from jupyter_starcoder.export.checkpoint import Checkpoint
from jupyter_starcoder.export.decoder_graph import DecoderGraph
from jupyter_starcoder.export.floats import Float32
from jupyter_starcoder.export.forms import FLOAT32
from jupyter_starcoder.export.graph_files import Report, write_graph
from jupyter_starcoder.export.model_shape import ModelShape
from jupyter_starcoder.export.options import ExportOptions
from jupyter_starcoder.values.model import GRAPH_FILE, TOKENIZER_FILE, Perplexity, Precision, Progress

if TYPE_CHECKING:
    import onnxruntime

TEXT_FILE = "perplexity_text.txt"
TOKENS_AT_ONCE = 128  # logits of one pass: 128 x 49,152 x 4 bytes = 25 MB
RUNTIMES = ("onnxruntime", "onnxruntime-gpu")
FLOAT32_FOLDER = "float32"  # inside the folder that is being made, so that it goes with it after a kill


class FloatGraphTooLarge(ExportError):
    """There is no room for a float32 graph to compare with."""


def require_runtime() -> None:
    """Makes sure that ONNX Runtime is there, once.

    Raises:
        ExtraMissing: it is not installed, or both of its packages are.
    """
    found = [name for name in RUNTIMES if is_installed(name)]
    if not found:
        raise ExtraMissing(
            "ONNX Runtime is not installed: `pip install jupyter_starcoder[cpu]`, or jupyter_starcoder[gpu] for CUDA"
        )
    if len(found) > 1:
        raise ExtraMissing(
            "onnxruntime and onnxruntime-gpu are both installed and overwrite each other: uninstall both, then "
            "`pip install jupyter_starcoder[cpu]` or jupyter_starcoder[gpu]"
        )


def is_installed(name: str) -> bool:
    """Whether a distribution of that name is here."""
    try:
        importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return False
    return True


def text_ids(folder: Path) -> list[int]:
    """Our small text in the tokens of the model in this folder."""
    text = resources.files("jupyter_starcoder.export").joinpath(TEXT_FILE).read_text(encoding="utf-8")
    ids: list[int] = Tokenizer.from_file(str(folder / TOKENIZER_FILE)).encode(text, add_special_tokens=False).ids
    return ids


def measured_perplexity(
    checkpoint: Checkpoint, family: type[DecoderGraph], folder: Path, options: ExportOptions, progress: Report
) -> Perplexity:
    """Perplexity of the exported model in `folder`, and of a float32 graph that is written for a moment.

    Raises:
        ExtraMissing: ONNX Runtime is not there.
        FloatGraphTooLarge: the float32 graph is over the limit, or would not fit on the disk.
        ExportError: ONNX Runtime does not take a graph.
    """
    require_runtime()
    shape = family.shape(checkpoint)
    ids = text_ids(folder)[: shape.window_tokens]
    require_room(folder, shape, options)  # before a model that may be too large for the memory is loaded
    exported = perplexity_of(folder, shape, ids, _watch(options.precision, len(ids), progress))
    if options.precision == "fp32":
        return Perplexity(float32=exported, exported=exported, tokens=len(ids))
    float_folder = folder / FLOAT32_FOLDER
    float_folder.mkdir()
    try:
        write_graph(checkpoint, family, float_folder, FLOAT32, progress)
        float32 = perplexity_of(float_folder, shape, ids, _watch("fp32", len(ids), progress))
    finally:
        shutil.rmtree(float_folder)
    return Perplexity(float32=float32, exported=exported, tokens=len(ids))


def require_room(folder: Path, shape: ModelShape, options: ExportOptions) -> None:
    """Makes sure that a float32 graph is within the limit and fits on the disk.

    Raises:
        FloatGraphTooLarge: it is not, or does not.
    """
    size_bytes = 4 * shape.parameters
    if size_bytes > options.float32_limit_bytes:
        raise FloatGraphTooLarge(
            f"a float32 graph would have {size_bytes / 1e9:.0f} GB, over the limit of "
            f"{options.float32_limit_bytes / 1e9:.0f} GB"
        )
    if options.precision != "fp32" and size_bytes * 1.1 > (free_bytes := shutil.disk_usage(folder).free):
        raise FloatGraphTooLarge(
            f"a float32 graph needs {size_bytes / 1e9:.1f} GB, and {free_bytes / 1e9:.1f} GB are free"
        )


def _watch(precision: Precision, total: int, progress: Report) -> Callable[[int], None]:
    step = f"measuring perplexity ({precision})"
    return lambda done: progress(Progress(step=step, done=done, total=total, unit="tokens"))


def perplexity_of(folder: Path, shape: ModelShape, ids: list[int], watch: Callable[[int], None]) -> float:
    """Exp of the mean negative log-likelihood of `ids[1:]`, each given all tokens before it.

    Args:
        folder: holds the graph and its weights.
        shape: of the model.
        ids: two or more.
        watch: told after each pass how many tokens were read.

    Raises:
        ExportError: ONNX Runtime does not take the graph.
    """
    import onnxruntime  # an extra: the export itself does without

    session = _session(folder / GRAPH_FILE)
    number = np.float16 if session.get_inputs()[-1].type == "tensor(float16)" else np.float32  # a cache comes last
    cache_shape = (1, shape.kv_heads, len(ids), shape.head_size)
    cache = {
        f"{layer}.{kind}": onnxruntime.OrtValue.ortvalue_from_numpy(np.zeros(cache_shape, dtype=number))
        for layer in range(shape.layers)
        for kind in ("key", "value")
    }
    is_counted = "query_seqlens" in {tensor.name for tensor in session.get_inputs()}
    total = 0.0
    for start in range(0, len(ids) - 1, TOKENS_AT_ONCE):
        end = min(start + TOKENS_AT_ONCE, len(ids) - 1)
        binding = session.io_binding()
        binding.bind_cpu_input("input_ids", np.array([ids[start:end]], dtype=np.int64))
        binding.bind_cpu_input("seqlens_k", np.array([end - 1], dtype=np.int32))
        binding.bind_cpu_input("total_sequence_length", np.array(end, dtype=np.int32))
        binding.bind_cpu_input("logits_wanted", np.array([end - start], dtype=np.int64))
        if is_counted:
            binding.bind_cpu_input("query_seqlens", np.array([end - start], dtype=np.int32))
        binding.bind_output("logits", "cpu")
        for name, values in cache.items():
            binding.bind_ortvalue_input(f"past_key_values.{name}", values)
            binding.bind_ortvalue_output(f"present.{name}", values)
        session.run_with_iobinding(binding)
        total += negative_log_likelihood(binding.get_outputs()[0].numpy()[0], ids[start + 1 : end + 1])
        watch(end)
    return math.exp(total / (len(ids) - 1))


def _session(graph: Path) -> "onnxruntime.InferenceSession":
    import onnxruntime
    from onnxruntime.capi import onnxruntime_pybind11_state as raised  # its exceptions share no base of their own

    try:
        return onnxruntime.InferenceSession(str(graph), providers=["CPUExecutionProvider"])
    except (raised.Fail, raised.InvalidGraph, raised.NotImplemented, raised.RuntimeException) as error:
        raise ExportError(f"ONNX Runtime {onnxruntime.__version__} does not take {graph.name}: {error}") from error


def negative_log_likelihood(logits: Float32, ids: list[int]) -> float:
    """Sum over the rows of `logits` (tokens, vocabulary) of minus the logarithm of the chance of that row's id."""
    peak = logits.max(axis=1)
    norms = peak + np.log(np.exp(logits - peak[:, None]).sum(axis=1))
    return float((norms - logits[np.arange(len(ids)), ids]).sum(dtype=np.float64))
