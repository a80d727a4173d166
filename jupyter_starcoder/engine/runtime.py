"""Finds ONNX Runtime and chooses where it computes."""

import importlib.metadata
from collections.abc import Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Literal, Protocol

from jupyter_starcoder.engine.settings import EngineSettings, Provider
from jupyter_starcoder.errors import ExtraMissing

PACKAGES = ("onnxruntime", "onnxruntime-gpu")  # both hold the module `onnxruntime`: the later one overwrites the other
CUDA = "CUDAExecutionProvider"
CPU = "CPUExecutionProvider"


class Binding(Protocol):
    """What we use of `onnxruntime.IOBinding`: which memory a session reads and writes."""

    def bind_input(
        self, name: str, device_type: str, device_id: int, element_type: object, shape: Sequence[int], buffer_ptr: int
    ) -> None:
        """Takes the place of what was bound under this name; the memory at the pointer must stay."""

    def bind_output(
        self, name: str, device_type: str, device_id: int, element_type: object, shape: Sequence[int], buffer_ptr: int
    ) -> None:
        """Takes the place of what was bound under this name; the memory at the pointer must stay."""

    def bind_ortvalue_input(self, name: str, ortvalue: object) -> None:
        """Takes the place of what was bound under this name."""

    def bind_ortvalue_output(self, name: str, ortvalue: object) -> None:
        """Takes the place of what was bound under this name."""

    def synchronize_outputs(self) -> None:
        """Waits until outputs stand in the memory that was bound."""


class PassSwitch(Protocol):
    """What we use of `onnxruntime.RunOptions`: a pass whose `terminate` another thread sets fails at its next node."""

    terminate: bool


class GraphTensor(Protocol):
    """What we use of `onnxruntime.NodeArg`."""

    name: str
    type: str  # "tensor(float16)"
    shape: Sequence[int | str | None]


class RuntimeSession(Protocol):
    """What we use of `onnxruntime.InferenceSession`."""

    def io_binding(self) -> Binding:
        """A binding with nothing bound."""

    def run_with_iobinding(self, iobinding: Binding, run_options: "PassSwitch | None") -> None:
        """One pass."""

    def get_inputs(self) -> Sequence[GraphTensor]:
        """The graph's inputs."""

    def get_outputs(self) -> Sequence[GraphTensor]:
        """The graph's outputs."""

    def get_providers(self) -> list[str]:
        """Where it computes, in order of preference."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """Where a session computes."""

    kind: Literal["cpu", "cuda"]
    note: str = ""  # why it is not the one that was asked for

    @property
    def title(self) -> str:
        """What a person reads: "CPU", "CUDA", or "CPU (why not the GPU)"."""
        return f"{self.kind.upper()} ({self.note})" if self.note else self.kind.upper()

    @property
    def providers(self) -> list[str]:
        """What a session is opened with."""
        return [CUDA, CPU] if self.kind == "cuda" else [CPU]


def provider_options(device: Device, settings: EngineSettings) -> list[tuple[str, dict[str, str]]]:
    """The device's providers with what each is told, in order of preference. Not run on a GPU yet."""
    cuda = {"device_id": str(settings.gpu), "arena_extend_strategy": "kSameAsRequested"}
    if settings.gpu_memory_mb:
        cuda["gpu_mem_limit"] = str(settings.gpu_memory_mb * 2**20)
    return [(name, cuda if name == CUDA else {}) for name in device.providers]


def session_options(runtime: ModuleType, settings: EngineSettings) -> object:
    """What a session is opened with, whatever its graph: `onnxruntime.SessionOptions`."""
    options = runtime.SessionOptions()
    options.intra_op_num_threads = settings.threads
    options.add_session_config_entry("session.intra_op.allow_spinning", str(int(settings.spin_us > 0)))
    options.add_session_config_entry("session.intra_op.spin_duration_us", str(settings.spin_us))
    options.log_severity_level = 4  # errors are raised, and what warns of node placement helps nobody
    return options


def installed() -> tuple[str, ...]:
    """Which packages of ONNX Runtime are installed."""
    return tuple(name for name in PACKAGES if is_installed(name))


def is_installed(package: str) -> bool:
    """Whether pip knows of this package here."""
    try:
        importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return False
    return True


def load_runtime(packages: tuple[str, ...] | None = None) -> ModuleType:
    """The module `onnxruntime`.

    Args:
        packages: which packages are installed; looked up when None.

    Raises:
        ExtraMissing: none is installed, or both are, or the one that is cannot be imported.
    """
    found = installed() if packages is None else packages
    if len(found) > 1:
        raise ExtraMissing(
            "onnxruntime and onnxruntime-gpu are both installed and overwrite each other's files: run "
            "`pip uninstall --yes onnxruntime onnxruntime-gpu`, then `pip install jupyter_starcoder[cpu]` "
            "or `pip install jupyter_starcoder[gpu]`"
        )
    if not found:
        raise ExtraMissing(
            "ONNX Runtime is not installed: run `pip install jupyter_starcoder[cpu]`, "
            "or `pip install jupyter_starcoder[gpu]` on a machine with an NVIDIA GPU"
        )
    try:
        import onnxruntime
    except ImportError as error:
        raise ExtraMissing(
            f"{found[0]} is installed but cannot be imported ({error}): run `pip install --force-reinstall {found[0]}`"
        ) from error
    if hasattr(onnxruntime, "disable_telemetry_events"):
        onnxruntime.disable_telemetry_events()  # nothing leaves this machine, on Windows either
    module: ModuleType = onnxruntime
    return module


def choose_device(provider: Provider, available: list[str]) -> Device:
    """Where to compute, of what this ONNX Runtime can use; the CPU where CUDA was asked for and is not there."""
    if provider == "cpu":
        return Device(kind="cpu")
    if CUDA in available:
        return Device(kind="cuda")
    if provider == "cuda":
        return Device(kind="cpu", note="CUDA was asked for; this ONNX Runtime has none, install jupyter_starcoder[gpu]")
    return Device(kind="cpu")
