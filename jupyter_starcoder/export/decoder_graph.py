"""What the graphs of all families have in common; a family's own file says the rest.

A decoder is a table of embeddings, layers and a head. A layer attends, and adds the result to the stream; then it
widens and narrows each position by itself, and adds that. Before each of the two, and before the head, the stream is
normed.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from itertools import chain
from typing import ClassVar, NamedTuple

import numpy as np

from jupyter_starcoder.export.cached_graph import Attention, CachedGraph
from jupyter_starcoder.export.checkpoint import Checkpoint, readers, shaped
from jupyter_starcoder.export.forms import WeightForms
from jupyter_starcoder.export.graph import GraphWriter
from jupyter_starcoder.export.model_shape import ModelShape
from jupyter_starcoder.export.rotary import rotary_tables
from jupyter_starcoder.export.weights import Matrix, WeightWriter


class Product(NamedTuple):
    """The result of a linear layer, and its bias, which is still to be added, if it has one."""

    values: str
    bias: tuple[str, ...]


class DecoderGraph(ABC):
    """One graph while it is written. Names are those of the checkpoint's tensors."""

    name: ClassVar[str]  # of the architecture, as config.json has it
    table: ClassVar[str]  # of embeddings
    layers: ClassVar[str]  # followed by the layer's number
    first_norm: ClassVar[str]  # within a layer
    second_norm: ClassVar[str]
    last_norm: ClassVar[str]  # before the head
    projection: ClassVar[str]  # within a layer, of what was attended to

    def __init__(self, checkpoint: Checkpoint, graph: GraphWriter, forms: WeightForms) -> None:
        self._checkpoint = checkpoint
        self._graph = graph
        self._shape = shape = self.shape(checkpoint)
        self._weights = WeightWriter(graph, forms)
        attention = Attention(
            heads=shape.heads,
            kv_heads=shape.kv_heads,
            head_size=shape.head_size,
            is_rotary=shape.rotary_base is not None,
            scale=shape.attention_scale,
            window_tokens=shape.visible_tokens,
        )
        self._cached = CachedGraph(graph, attention, shape.vocabulary_size, forms)
        self._rotary = ("", "")
        if shape.rotary_base is not None:
            cosines, sines = rotary_tables(shape.rotary_base, shape.head_size, shape.window_tokens)
            self._rotary = (
                self._weights.positions("rotary.cos", cosines),
                self._weights.positions("rotary.sin", sines),
            )

    @classmethod
    @abstractmethod
    def shape(cls, checkpoint: Checkpoint) -> ModelShape:
        """The model's shape.

        Raises:
            CheckpointDamaged: settings are missing or contradict each other.
            ModelUnsupported: it has a variation that the graph does not follow.
        """

    def write(self, advance: Callable[[], None]) -> None:
        """Adds everything to the graph; `advance` is called after each layer."""
        shape = self._shape
        stream = self._embedded()
        normed = self._normed(f"{self.layers}.0.{self.first_norm}", stream, "layer.0.input")
        for layer in range(shape.layers):
            normed, stream = self._layer(layer, normed, stream)
            advance()
        head = self.table if shape.has_tied_head else "lm_head"
        self._weights.head(self._matrix(head, shape.vocabulary_size, shape.width), normed)

    def _embedded(self) -> str:
        """Adds what stands for each token at the beginning of the stream."""
        table = self._matrix(self.table, self._shape.vocabulary_size, self._shape.width)
        return self._weights.embedding(table, self._cached.input_ids, output="embedding")

    def _layer(self, layer: int, normed: str, stream: str) -> tuple[str, str]:
        """Adds a layer; gives its normed output and the residual stream."""
        shape, here, source = self._shape, f"layer.{layer}", f"{self.layers}.{layer}"
        is_last = layer + 1 == shape.layers
        packed = self._queries_keys_values(source, normed, f"{here}.qkv")
        attended = self._cached.attend(layer, packed, f"{here}.attention", self._rotary)
        if is_last:  # what comes now is the business of each position alone: skip those without logits
            attended, stream = self._cached.last_wanted(attended), self._cached.last_wanted(stream)
        name = f"{source}.{self.projection}"
        projected = self._product(name, (shape.width, shape.attention_width), attended, f"{here}.projected")
        normed, stream = self._add_and_norm(f"{source}.{self.second_norm}", projected, stream, f"{here}.middle")
        narrow = self._fed_forward(f"{source}.mlp", normed, here)
        following = self.last_norm if is_last else f"{self.layers}.{layer + 1}.{self.first_norm}"
        return self._add_and_norm(following, narrow, stream, f"{here}.output")

    def _queries_keys_values(self, source: str, normed: str, output: str) -> str:
        """Adds the product with three matrices as with one; (batch, seq, (heads + 2 * kv_heads) * head_size)."""
        shape, source = self._shape, f"{source}.self_attn"
        parts = (("q_proj", shape.attention_width), ("k_proj", shape.kv_width), ("v_proj", shape.kv_width))
        rows = sum(count for _, count in parts)
        pieces = (readers(self._checkpoint, f"{source}.{part}.weight", (count, shape.width)) for part, count in parts)
        matrix = Matrix(f"{source}.qkv_proj", (rows, shape.width), chain.from_iterable(pieces))
        packed = self._weights.linear(matrix, normed, output=output)
        if not self._has_bias(f"{source}.q_proj"):
            return packed
        biases = [shaped(self._checkpoint, f"{source}.{part}.bias", (count,)) for part, count in parts]
        bias = self._weights.vector(f"{source}.qkv_proj.bias", np.concatenate(biases))
        return self._graph.node("Add", [packed, bias], f"{output}.biased")

    @abstractmethod
    def _fed_forward(self, source: str, normed: str, here: str) -> Product:
        """Adds what each position does by itself."""

    @abstractmethod
    def _normed(self, norm: str, values: str, output: str) -> str:
        """Adds a norm."""

    @abstractmethod
    def _add_and_norm(self, norm: str, product: Product, stream: str, output: str) -> tuple[str, str]:
        """Adds a product to the stream, and a norm of that; gives the normed one and the stream."""

    def _product(self, name: str, shape: tuple[int, int], values: str, output: str) -> Product:
        """Adds a linear layer, whose weights have this shape, without its bias."""
        product = self._weights.linear(self._matrix(name, *shape), values, output=output)
        return Product(product, (self._vector(f"{name}.bias", shape[0]),) if self._has_bias(name) else ())

    def _has_bias(self, name: str) -> bool:
        """Whether this linear layer has one."""
        return self._shape.has_biases

    def _matrix(self, name: str, rows: int, width: int) -> Matrix:
        return Matrix.of(self._checkpoint, f"{name}.weight", rows, width)

    def _vector(self, name: str, width: int) -> str:
        return self._weights.vector(name, shaped(self._checkpoint, name, (width,)))
