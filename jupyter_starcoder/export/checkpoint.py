"""The seam to weights: a checkpoint names its tensors and gives them one at a time."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from jupyter_starcoder.errors import CheckpointDamaged, UnknownModel
from jupyter_starcoder.export.floats import Float32, Stored

Reader = Callable[[], Stored]  # reads some whole rows of a tensor when it is called, in any thread
ALL = slice(None)
PIECE_BYTES = 16 << 20  # of float32: what one reader reads, unless a single row is longer


class Settings:
    """What a checkpoint says of itself, under the keys of a transformers `config.json`; each read is checked."""

    def __init__(self, values: Mapping[str, object], origin: str) -> None:
        self._values = values
        self._origin = origin

    def has(self, key: str) -> bool:
        """Whether the key is there and not null."""
        return self._values.get(key) is not None

    def integer(self, key: str, default: int | None = None) -> int:
        """A whole number above 0."""
        value = self._values.get(key)
        value = default if value is None else value
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            raise CheckpointDamaged(f"{self._origin}: {key} is {value!r}, not a whole number above 0")
        return value

    def number(self, key: str, default: float | None = None) -> float:
        """A number."""
        value = self._values.get(key)
        value = default if value is None else value
        if not isinstance(value, int | float) or isinstance(value, bool):
            raise CheckpointDamaged(f"{self._origin}: {key} is {value!r}, not a number")
        return float(value)

    def flag(self, key: str, default: bool) -> bool:
        """True or false."""
        value = self._values.get(key)
        value = default if value is None else value
        if not isinstance(value, bool):
            raise CheckpointDamaged(f"{self._origin}: {key} is {value!r}, not true or false")
        return value

    def text(self, key: str, default: str) -> str:
        """A string."""
        value = self._values.get(key)
        value = default if value is None else value
        if not isinstance(value, str):
            raise CheckpointDamaged(f"{self._origin}: {key} is {value!r}, not a string")
        return value

    def table(self, key: str) -> "Settings":
        """A nested object; empty without one."""
        value = self._values.get(key)
        value = {} if value is None else value
        if not isinstance(value, dict):
            raise CheckpointDamaged(f"{self._origin}: {key} is {value!r}, not an object")
        return Settings(value, f"{self._origin}, {key}")

    def ids(self, key: str) -> tuple[int, ...]:
        """Token ids: one number or a list of them; empty without the key."""
        value = self._values.get(key)
        listed = value if isinstance(value, list) else [] if value is None else [value]
        return tuple(item for item in listed if isinstance(item, int) and not isinstance(item, bool))


class Checkpoint(Protocol):
    """Weights that are open for reading, under the tensor names that transformers uses for the architecture."""

    architecture: str  # config.json's model_type: "llama", "gpt_bigcode"
    settings: Settings
    end_ids: tuple[int, ...]  # tokens that end an answer, as the checkpoint says
    licence: str  # empty when it does not say

    def has(self, name: str) -> bool:
        """Whether there is such a tensor."""

    def shape(self, name: str) -> tuple[int, ...]:
        """Of the tensor; a linear layer's weights are (out, in).

        Raises:
            CheckpointDamaged: there is no such tensor.
        """

    def read(self, name: str, rows: slice = ALL) -> Float32:
        """These rows of the tensor in float32; several threads may read at once.

        Raises:
            CheckpointDamaged: there is no such tensor, or it cannot be read.
        """

    def read_stored(self, name: str, rows: slice = ALL) -> Stored:
        """As `read`, in the type of number that they are stored in."""

    def write_tokenizer(self, path: Path) -> None:
        """Writes the tokenizer as a `tokenizer.json` of the `tokenizers` library."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


def shaped(checkpoint: Checkpoint, name: str, shape: tuple[int, ...]) -> Float32:
    """The tensor, which must have this shape.

    Raises:
        CheckpointDamaged: it has another.
    """
    check_shape(checkpoint, name, shape)
    return checkpoint.read(name)


def readers(checkpoint: Checkpoint, name: str, shape: tuple[int, int]) -> Iterator[Reader]:
    """Readers of a matrix of this shape, piece after piece; the shape is checked before the first one is given.

    Raises:
        CheckpointDamaged: it has another.
    """
    check_shape(checkpoint, name, shape)
    step = max(1, PIECE_BYTES // (4 * shape[1]))
    for start in range(0, shape[0], step):
        yield partial(checkpoint.read_stored, name, slice(start, min(start + step, shape[0])))


def check_shape(checkpoint: Checkpoint, name: str, shape: tuple[int, ...]) -> None:
    """Makes sure of the tensor's shape.

    Raises:
        CheckpointDamaged: it is another, or there is no such tensor.
    """
    if (found := checkpoint.shape(name)) != shape:
        raise CheckpointDamaged(f"{name} has shape {found}, but the settings ask for {shape}")


def open_checkpoint(path: Path) -> Checkpoint:
    """The checkpoint at a path: a `.gguf` file, or a folder with `config.json` and safetensors.

    Raises:
        UnknownModel: there is nothing at this path that could be one.
        CheckpointDamaged: files are missing or cannot be read.
        ModelUnsupported: it is of a kind that we cannot read.
    """
    # Imported here: each of them imports this file for the protocol.
    from jupyter_starcoder.export.gguf_checkpoint import GgufCheckpoint
    from jupyter_starcoder.export.hub_checkpoint import HubCheckpoint

    if path.is_file() and path.suffix == ".gguf":
        return GgufCheckpoint(path)
    if path.is_dir():
        return HubCheckpoint(path)
    raise UnknownModel(
        f"{path} is neither a .gguf file nor a folder with config.json and safetensors: give one of them"
    )
