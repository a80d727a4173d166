"""What a person decides about one export."""

from dataclasses import dataclass
from typing import get_args

from jupyter_starcoder.errors import ExportError
from jupyter_starcoder.values.model import Precision

GIB = 1 << 30


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportOptions:
    """How a checkpoint becomes a model folder, and what its manifest says of where it came from."""

    name: str
    precision: Precision
    source: str
    revision: str = ""
    licence: str = ""
    measures_perplexity: bool = True
    float32_limit_bytes: int = 8 * GIB  # a larger float32 graph is not written only to be compared with

    def __post_init__(self) -> None:
        if not self.name:
            raise ExportError("the model has no name: give one")
        if self.precision not in get_args(Precision):
            known = ", ".join(get_args(Precision))
            raise ExportError(f"precision {self.precision!r} is not one of {known}: choose one of them")
