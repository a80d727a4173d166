"""What a person decides about one export."""

from dataclasses import dataclass

from jupyter_starcoder.errors import ExportError
from jupyter_starcoder.export.forms import WeightForms, forms_of
from jupyter_starcoder.values.model import Device, Precision

GIB = 1 << 30


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportOptions:
    """How a checkpoint becomes a model folder, and what its manifest says of where it came from."""

    name: str
    precision: Precision
    device: Device = "cpu"  # that it is written for
    block_size: int = 0  # weights that share a scale; 0: as `forms` has it
    head_bits: int = 0  # of the last matrix; 0: as `forms` has it
    source: str
    revision: str = ""
    licence: str = ""
    measures_perplexity: bool = True
    float32_limit_bytes: int = 8 * GIB  # a larger float32 graph is not written only to be compared with

    def __post_init__(self) -> None:
        if not self.name:
            raise ExportError("the model has no name: give one")
        forms_of(self.precision, self.device, block_size=self.block_size, head_bits=self.head_bits)

    @property
    def forms(self) -> WeightForms:
        """How its weights are stored."""
        return forms_of(self.precision, self.device, block_size=self.block_size, head_bits=self.head_bits)
