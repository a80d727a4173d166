"""What a graph family is: a shape read out of a checkpoint's settings, and a function that writes the graph."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from jupyter_starcoder.export.checkpoint import Checkpoint
from jupyter_starcoder.export.forms import WeightForms
from jupyter_starcoder.export.graph import GraphWriter


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelShape:
    """The numbers that a reader of the finished graph needs."""

    window_tokens: int
    vocabulary_size: int
    layers: int
    kv_heads: int
    head_size: int
    parameters: int  # about; tells how large a float32 graph would be


class GraphFamily(Protocol):
    """One architecture."""

    name: str

    def shape(self, checkpoint: Checkpoint) -> ModelShape:
        """The model's shape.

        Raises:
            CheckpointDamaged: settings are missing or contradict each other.
            ModelUnsupported: it has a variation that the graph does not follow.
        """

    def write(
        self, checkpoint: Checkpoint, graph: GraphWriter, forms: WeightForms, advance: Callable[[], None]
    ) -> None:
        """Adds everything to the graph; `advance` is called after each layer, `ModelShape.layers` times."""
