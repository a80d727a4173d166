"""What stands in an exported model's folder, and what state a served model is in."""

from dataclasses import dataclass
from typing import Literal

Precision = Literal["fp32", "fp16", "int8", "int4"]
Device = Literal["cpu", "cuda"]
NumberKind = Literal["float32", "float16", "int32", "int64"]  # of a graph's inputs and outputs, as numpy spells it
ServingState = Literal["absent", "preparing", "loading", "ready", "failed"]
Phase = Literal["", "fetching", "exporting"]

MANIFEST_FILE = "manifest.json"
GRAPH_FILE = "model.onnx"
DATA_FILE = "model.onnx.data"
TOKENIZER_FILE = "tokenizer.json"

OPTIMUM = "optimum"  # the family of all graphs that optimum exported; the others are named by their architecture


@dataclass(frozen=True, slots=True, kw_only=True)
class FileFact:
    """One file of a model folder."""

    sha256: str
    size_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TensorFact:
    """One input or output of the graph. A named dimension is a string."""

    dtype: NumberKind
    shape: tuple[int | str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Perplexity:
    """exp of the mean negative log-likelihood a token, on our own small text."""

    float32: float
    exported: float
    tokens: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """manifest.json of an exported model; written last, so a folder without one is not a model."""

    format: int  # as manifest.py has it; a reader refuses a number it does not know
    name: str
    family: str  # graph family: "llama", "gpt_bigcode", "starcoder2", or OPTIMUM
    source: str
    revision: str
    licence: str
    precision: Precision
    window_tokens: int
    vocabulary_size: int
    layers: int
    kv_heads: int
    head_size: int
    end_ids: tuple[int, ...]  # tokens that end any answer
    markers: tuple[str, ...]  # special tokens of the tokenizer
    inputs: dict[str, TensorFact]
    outputs: dict[str, TensorFact]
    files: dict[str, FileFact]
    perplexity: Perplexity | None
    written_by: str  # "jupyter_starcoder 0.1.0"
    device: Device = "cpu"  # that the graph is written for; a CUDA graph computes in float16
    weight_bytes_per_token: int = 0  # read for one decoded token; 0: a version wrote it that did not count


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far one step of a preparation is. `total` 0 means: not known."""

    step: str  # what a person reads: "downloading", "writing weights"
    done: int = 0
    total: int = 0
    unit: str = ""  # "bytes", "tensors"
    phase: Phase = ""  # of a preparation; "" before the first, and for what is no preparation


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineFacts:
    """What a running engine says of itself."""

    model: str
    device: str  # "CPU", "CUDA"
    process_id: int
    waiting: int  # requests in the queue
    is_busy: bool
    is_loaded: bool = True  # False: its process was ended, and starts again with the next request
    fault: str = ""  # why its process keeps not running, and what to do


@dataclass(frozen=True, slots=True, kw_only=True)
class ServingStatus:
    """What state the served model is in."""

    state: ServingState
    model: str
    device: str = ""
    message: str = ""  # what went wrong and what to do, when state is "failed" or "absent"
    answering: str = ""  # the model that answers now, also while another is on its way or could not be loaded
    progress: Progress | None = None
    is_busy: bool = False
    waiting: int = 0
