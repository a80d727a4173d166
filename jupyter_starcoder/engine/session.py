"""A model that is loaded: one ONNX Runtime session, and caches that it writes in place."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from jupyter_starcoder.engine.cache import Slot
from jupyter_starcoder.engine.folder import check_folder
from jupyter_starcoder.engine.memory import available_bytes, require_memory, small_pages
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
)
from jupyter_starcoder.engine.settings import EngineSettings
from jupyter_starcoder.errors import EngineError, ModelDamaged, ModelUnsupported
from jupyter_starcoder.values.model import DATA_FILE, GRAPH_FILE, Manifest

# Errors of ONNX Runtime are plain exceptions, named in its `capi.onnxruntime_pybind11_state`.
UNSUPPORTED = ("NotImplemented", "InvalidGraph")  # an operator that this version or device does not know
DAMAGED = ("Fail", "InvalidProtobuf", "InvalidArgument", "NoSuchFile", "NoModel", "RuntimeException")

DTYPES = {"tensor(float)": "float32", "tensor(float16)": "float16", "tensor(int32)": "int32", "tensor(int64)": "int64"}

MOST_LOGITS = 32  # positions of one pass


class CachedSlot(Slot):
    """A slot with its memory, bound to the session once."""

    def __init__(self, session: "Session") -> None:
        super().__init__(session.window_tokens)
        self.strips = session.new_strips()
        self.binding, self._memory = session.bind_cache(self.strips)

    def copy_prefix(self, other: Slot, length: int) -> None:
        """Takes over the first tokens of another slot with their keys and values; where memory can be copied."""
        strips = other.strips if isinstance(other, CachedSlot) else []
        if not (self.strips and len(self.strips) == len(strips)):
            return
        self.rewind(0)
        for mine, theirs in zip(self.strips, strips, strict=True):
            mine[:, :, :length] = theirs[:, :, :length]
        super().copy_prefix(other, length)


class Session:
    """One model, loaded. Only the thread that opened it may use it."""

    def __init__(self, folder: Path, settings: EngineSettings) -> None:
        """Checks the folder and loads the graph.

        Raises:
            ExtraMissing: ONNX Runtime is missing or installed twice.
            ModelDamaged: files are missing or not what was written.
            ModelUnsupported: this version, or this ONNX Runtime, cannot run it.
            ModelTooLarge: there is not enough memory for it.
        """
        self.manifest = check_folder(folder)
        wished = settings.window_tokens or self.manifest.window_tokens
        self.window_tokens = min(wished, self.manifest.window_tokens)
        self._runtime = load_runtime()
        self._gpu = settings.gpu
        # A bound run raises RuntimeError itself where other calls raise ONNX Runtime's own classes.
        self._failures: tuple[type[Exception], ...] = (RuntimeError, *self._errors(*UNSUPPORTED, *DAMAGED))
        self.device = choose_device(settings.provider, self._runtime.get_available_providers())
        if self.device.kind == "cpu":
            weights_bytes = self.manifest.files[DATA_FILE].size_bytes
            require_memory(
                self.manifest.name,
                weights_bytes=weights_bytes,
                cache_bytes=self.slot_bytes,
                available=available_bytes(),
            )
        self._session = self._open(folder / GRAPH_FILE, settings)
        if self.device.kind == "cuda" and CUDA not in self._session.get_providers():
            self.device = Device(kind="cpu", note="CUDA is installed but could not be started, see `doctor`")
        check_interface(self.manifest, [*self._session.get_inputs(), *self._session.get_outputs()])
        self._logits = np.zeros((1, MOST_LOGITS, self.manifest.vocabulary_size), dtype=np.float32)

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

    def run(
        self, slot: CachedSlot, ids: NDArray[np.int64], switch: PassSwitch | None = None, wanted: int = 1
    ) -> NDArray[np.float32]:
        """Feeds tokens behind those that stand in the slot, and notes them there.

        Args:
            slot: a slot of this session.
            ids: at least one token; together with the slot's they fit into the window.
            switch: ends the pass early; the slot then holds what it held before.
            wanted: of how many last positions logits are wanted; at most `MOST_LOGITS`, and as many as `ids`.

        Returns:
            Logits, shape ``(wanted, vocabulary)``; the next run of this session overwrites them.

        Raises:
            EngineError: ONNX Runtime could not compute it, or the switch ended it.
        """
        total = slot.length + len(ids)
        inputs = {
            "input_ids": ids.reshape(1, -1),
            "seqlens_k": np.array([total - 1], dtype=np.int32),
            "total_sequence_length": np.array(total, dtype=np.int32),
            "logits_wanted": np.array([wanted], dtype=np.int64),
        }
        logits = self._logits[:, :wanted]
        from_numpy = self._runtime.OrtValue.ortvalue_from_numpy
        try:
            for name, array in inputs.items():
                slot.binding.bind_ortvalue_input(name, from_numpy(array))
            slot.binding.bind_ortvalue_output("logits", from_numpy(logits))
            self._session.run_with_iobinding(slot.binding, switch)
            slot.binding.synchronize_outputs()
        except self._failures as error:
            raise EngineError(f"ONNX Runtime could not run the model over {len(ids)} tokens ({error})") from error
        slot.append(ids)
        rows: NDArray[np.float32] = logits[0]
        return rows

    def new_strips(self) -> list[NDArray[np.generic]]:
        """Memory for one cache, keys and values by turns; empty where it lies on a GPU."""
        if self.device.kind == "cuda":
            return []
        return [small_pages(self._strip_shape, dtype) for _, _, dtype in self._strips()]

    def bind_cache(self, strips: list[NDArray[np.generic]]) -> tuple[Binding, list[object]]:
        """A binding with one cache as past and as present, and what keeps its memory."""
        binding = self._session.io_binding()
        value_of = self._runtime.OrtValue
        memory: list[object] = []
        for index, (past, present, dtype) in enumerate(self._strips()):
            if strips:
                value = value_of.ortvalue_from_numpy(strips[index])
            else:
                value = value_of.ortvalue_from_shape_and_type(self._strip_shape, np.dtype(dtype), "cuda", self._gpu)
            binding.bind_ortvalue_input(past, value)
            binding.bind_ortvalue_output(present, value)
            memory.append(value)
        return binding, memory

    @property
    def _strip_shape(self) -> tuple[int, int, int, int]:
        return (1, self.manifest.kv_heads, self.window_tokens, self.manifest.head_size)

    def _strips(self) -> Iterator[tuple[str, str, str]]:
        """Names of each part of the cache as past and as present, and its type."""
        for layer in range(self.manifest.layers):
            for kind in ("key", "value"):
                past = f"past_key_values.{layer}.{kind}"
                yield past, f"present.{layer}.{kind}", self.manifest.inputs[past].dtype

    def _open(self, path: Path, settings: EngineSettings) -> RuntimeSession:
        options = self._runtime.SessionOptions()
        options.intra_op_num_threads = settings.threads
        options.add_session_config_entry("session.intra_op.allow_spinning", str(int(settings.is_spinning)))
        options.log_severity_level = 4  # errors are raised, and what warns of node placement helps nobody
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
