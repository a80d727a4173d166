"""A model that is loaded: one ONNX Runtime session, and caches that it writes in place."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from jupyter_starcoder.engine.cache import slots_within
from jupyter_starcoder.engine.folder import check_folder
from jupyter_starcoder.engine.gpu_memory import gpu_available_bytes
from jupyter_starcoder.engine.memory import available_bytes, require_memory
from jupyter_starcoder.engine.passes import MOST_ROWS, Pass
from jupyter_starcoder.engine.runtime import (
    CUDA,
    Binding,
    Device,
    GraphTensor,
    PassSwitch,
    RuntimeSession,
    choose_device,
    load_runtime,
    provider_options,
    session_options,
)
from jupyter_starcoder.engine.settings import EngineSettings
from jupyter_starcoder.engine.strips import Strips
from jupyter_starcoder.errors import EngineError, ModelDamaged, ModelUnsupported
from jupyter_starcoder.values.model import DATA_FILE, GRAPH_FILE, Manifest

# Errors of ONNX Runtime are plain exceptions, named in its `capi.onnxruntime_pybind11_state`.
UNSUPPORTED = ("NotImplemented", "InvalidGraph")  # an operator that this version or device does not know
DAMAGED = ("Fail", "InvalidProtobuf", "InvalidArgument", "NoSuchFile", "NoModel", "RuntimeException")

DTYPES = {"tensor(float)": "float32", "tensor(float16)": "float16", "tensor(int32)": "int32", "tensor(int64)": "int64"}

QUERY_LENGTHS = "query_seqlens"  # the input that says how many rows of each cache's input are no padding
PADDING_SINCE = (1, 32)  # the first ONNX Runtime whose attention knows it

# What a pass over several caches may hold. Without padding, rows on top of a past go together one a cache only, and one
# row is rounded otherwise than several: so an answer would depend on who is answered beside it. That is taken on a GPU
# alone (and was not run on one).
Batches = Literal["padded", "of single rows", "none"]


class Session:
    """One model, loaded. Only the thread that opened it may use it."""

    def __init__(self, folder: Path, settings: EngineSettings) -> None:
        """Checks the folder and loads the graph.

        Raises:
            ExtraMissing: ONNX Runtime is missing or installed twice.
            ModelDamaged: files are missing or not what was written.
            ModelUnsupported: this version, or this ONNX Runtime, cannot run it.
            ModelTooLarge: there is not enough memory for it.
            EngineError: the budget for caches is less than one.
        """
        self.manifest = check_folder(folder)
        wished = settings.window_tokens or self.manifest.window_tokens
        self.window_tokens = min(wished, self.manifest.window_tokens)
        self._runtime = load_runtime()
        # A bound run raises RuntimeError itself where other calls raise ONNX Runtime's own classes.
        self._failures: tuple[type[Exception], ...] = (RuntimeError, *self._errors(*UNSUPPORTED, *DAMAGED))
        self.device = choose_device(settings.provider, self._runtime.get_available_providers())
        is_gpu = self.device.kind == "cuda"
        self.caches = slots_within(settings.cache_mb, self.slot_bytes)
        require_memory(
            self.manifest.name,
            weights_bytes=self.manifest.files[DATA_FILE].size_bytes,
            cache_bytes=self.slot_bytes * (self.caches if is_gpu else 1),  # a CPU's are taken as they are filled
            available=gpu_available_bytes(settings.gpu, settings.gpu_memory_mb) if is_gpu else available_bytes(),
        )
        self._require_padding()
        self._session = self._open(folder / GRAPH_FILE, settings)
        if self.device.kind == "cuda" and CUDA not in self._session.get_providers():
            self.device = Device(kind="cpu", note="CUDA is installed but could not be started, see `doctor`")
        check_interface(self.manifest, [*self._session.get_inputs(), *self._session.get_outputs()])
        self._strips = Strips(
            self._runtime,
            self.manifest,
            self.device,
            caches=self.caches,
            window_tokens=self.window_tokens,
            gpu=settings.gpu,
        )
        self._bindings: dict[tuple[int, int], Binding] = {}  # by range of caches
        self._logits = np.zeros((MOST_ROWS, self.manifest.vocabulary_size), dtype=np.float32)

    @property
    def slot_bytes(self) -> int:
        """What one full cache takes."""
        inputs = self.manifest.inputs
        dtypes = [fact.dtype for name, fact in inputs.items() if name.startswith("past_key_values.")]
        tokens = self.window_tokens * self.manifest.kv_heads * self.manifest.head_size
        return tokens * sum(np.dtype(dtype).itemsize for dtype in dtypes)

    def new_switch(self) -> PassSwitch:
        """A switch that ends the passes that are run with it."""
        switch: PassSwitch = self._runtime.RunOptions()
        return switch

    @property
    def batches(self) -> Batches:
        """What a pass over several caches may hold here."""
        if QUERY_LENGTHS in self.manifest.inputs:
            return "padded"
        return "of single rows" if self.device.kind == "cuda" else "none"

    def run(self, each: Pass, switch: PassSwitch | None = None) -> NDArray[np.float32]:
        """Feeds tokens behind those that stand in the caches.

        Args:
            each: what to feed; it fits into the window.
            switch: ends the pass early; what it wrote is then of no use.

        Returns:
            Logits, shape ``(caches, wanted, vocabulary)``; the next run of this session overwrites them.

        Raises:
            EngineError: ONNX Runtime could not compute it, or the switch ended it.
        """
        inputs = self._inputs(each)
        shape = (len(each.lengths), each.wanted, -1)
        logits = self._logits[: len(each.lengths) * each.wanted].reshape(shape)
        binding = self._binding(each.first, each.first + len(each.lengths))
        from_numpy = self._runtime.OrtValue.ortvalue_from_numpy
        try:
            for name, array in inputs.items():
                binding.bind_ortvalue_input(name, from_numpy(array))
            binding.bind_ortvalue_output("logits", from_numpy(logits))
            self._session.run_with_iobinding(binding, switch)
            binding.synchronize_outputs()
        except self._failures as error:
            size = " x ".join(map(str, each.shape))
            raise EngineError(f"ONNX Runtime could not run the model over {size} tokens ({error})") from error
        return logits

    def copy(self, source: int, target: int, length: int) -> bool:
        """Copies keys and values of the first tokens of one cache into another; gives whether that can be done."""
        return self._strips.copy(source, target, length)

    def _inputs(self, each: Pass) -> dict[str, NDArray[np.generic]]:
        counts = each.counts
        # Without padding an idle cache takes a row as well, behind its last token and never read.
        totals = np.array(each.lengths, dtype=np.int32) + (counts if self.batches == "padded" else each.shape[1])
        inputs: dict[str, NDArray[np.generic]] = {
            "input_ids": each.tokens,
            "seqlens_k": np.maximum(totals, 1) - np.int32(1),
            "total_sequence_length": np.array(totals.max(), dtype=np.int32),
            "logits_wanted": np.array([each.wanted], dtype=np.int64),
        }
        return inputs | {QUERY_LENGTHS: counts} if self.batches == "padded" else inputs

    def _binding(self, first: int, behind: int) -> Binding:
        """One with these caches bound."""
        if (first, behind) not in self._bindings:
            self._bindings[first, behind] = binding = self._session.io_binding()
            self._strips.bind(binding, first, behind)
        return self._bindings[first, behind]

    def _open(self, path: Path, settings: EngineSettings) -> RuntimeSession:
        options = session_options(self._runtime, settings)
        try:
            session: RuntimeSession = self._runtime.InferenceSession(
                str(path), options, providers=provider_options(self.device, settings)
            )
        except self._errors(*UNSUPPORTED) as error:
            raise ModelUnsupported(
                f"ONNX Runtime {self._runtime.__version__} cannot run {path} ({error}): update onnxruntime"
            ) from error
        except self._errors(*DAMAGED) as error:
            raise ModelDamaged(f"{path} cannot be loaded ({error}): export the model again") from error
        return session

    def _require_padding(self) -> None:
        version = str(self._runtime.__version__)
        if QUERY_LENGTHS in self.manifest.inputs and tuple(map(int, version.split(".")[:2])) < PADDING_SINCE:
            raise ModelUnsupported(
                f"{self.manifest.name} needs ONNX Runtime {'.'.join(map(str, PADDING_SINCE))} or newer, {version} is "
                "installed: update it"
            )

    def _errors(self, *names: str) -> tuple[type[Exception], ...]:
        """Classes of ONNX Runtime's errors; one that this version lacks is left out."""
        known = self._runtime.capi.onnxruntime_pybind11_state
        return tuple(getattr(known, name) for name in names if hasattr(known, name))


def check_interface(manifest: Manifest, tensors: Sequence[GraphTensor]) -> None:
    """Raises ModelDamaged where the graph's inputs and outputs are not those that the manifest names."""
    stated = manifest.inputs | manifest.outputs
    if differing := {tensor.name for tensor in tensors} ^ stated.keys():
        raise ModelDamaged(
            f"the graph and the manifest of {manifest.name} differ in {min(differing)!r}: export the model again"
        )
    for tensor in tensors:
        fact, dtype = stated[tensor.name], DTYPES.get(tensor.type, tensor.type)
        if (dtype, fixed(tensor.shape)) != (fact.dtype, fixed(fact.shape)):
            raise ModelDamaged(
                f"{tensor.name} of {manifest.name} is {dtype} {tuple(tensor.shape)} in the graph, but {fact.dtype} "
                f"{fact.shape} in the manifest: export the model again"
            )
    layers = {name for name in stated if name.startswith(("past_key_values.", "present."))}
    if len(layers) != 4 * manifest.layers:
        raise ModelDamaged(f"{manifest.name} has caches for {len(layers) // 4} of {manifest.layers} layers")


def fixed(shape: Sequence[int | str | None]) -> tuple[int | None, ...]:
    """The shape with dimensions that vary as None."""
    return tuple(size if isinstance(size, int) else None for size in shape)
