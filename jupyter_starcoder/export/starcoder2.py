"""The starcoder2 family: rotary positions, grouped queries, layer norms with biases, and a sliding window.

Source: `modeling_starcoder2.py` of transformers 4.57, against which the tests hold the graph.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import chain

import numpy as np

from jupyter_starcoder.errors import CheckpointDamaged, ModelUnsupported
from jupyter_starcoder.export.cached_graph import Attention, CachedGraph
from jupyter_starcoder.export.checkpoint import Checkpoint, Settings, readers, shaped
from jupyter_starcoder.export.family import ModelShape
from jupyter_starcoder.export.forms import WeightForms
from jupyter_starcoder.export.graph import GraphWriter
from jupyter_starcoder.export.rotary import require_default, rotary_tables
from jupyter_starcoder.export.weights import Matrix, WeightWriter


@dataclass(frozen=True, slots=True, kw_only=True)
class Starcoder2Settings:
    """What the graph needs of config.json."""

    layers: int
    width: int
    inner_width: int  # of the feed-forward part
    heads: int
    kv_heads: int
    head_size: int
    window_tokens: int
    visible_tokens: int  # that a token sees, itself among them; 0: all before it
    vocabulary_size: int
    norm_epsilon: float
    rotary_base: float
    has_biases: bool
    has_tied_head: bool

    @classmethod
    def of(cls, settings: Settings) -> "Starcoder2Settings":
        """Reads and checks them."""
        require_default(settings, "starcoder2")
        if (activation := settings.text("hidden_act", "gelu_pytorch_tanh")) != "gelu_pytorch_tanh":
            raise ModelUnsupported(
                f"the activation is {activation!r}: the starcoder2 graph follows 'gelu_pytorch_tanh' alone"
            )
        heads, width = settings.integer("num_attention_heads", 24), settings.integer("hidden_size")
        if not settings.has("head_dim") and width % heads:
            raise CheckpointDamaged(f"hidden_size {width} cannot be shared out to {heads} heads")
        return cls(
            layers=settings.integer("num_hidden_layers"),
            width=width,
            inner_width=settings.integer("intermediate_size"),
            heads=heads,
            kv_heads=settings.integer("num_key_value_heads", 2),
            head_size=settings.integer("head_dim", width // heads),
            window_tokens=settings.integer("max_position_embeddings", 4096),
            visible_tokens=settings.integer("sliding_window") if settings.has("sliding_window") else 0,
            vocabulary_size=settings.integer("vocab_size", 49_152),
            norm_epsilon=settings.number("norm_epsilon", 1e-5),
            rotary_base=settings.number("rope_theta", 10_000.0),
            has_biases=settings.flag("use_bias", True),
            has_tied_head=settings.flag("tie_word_embeddings", True),
        )


class Starcoder2:
    """Writes starcoder2 graphs."""

    name = "starcoder2"

    def shape(self, checkpoint: Checkpoint) -> ModelShape:
        """The model's shape."""
        numbers = Starcoder2Settings.of(checkpoint.settings)
        attention = numbers.width * numbers.head_size * (2 * numbers.heads + 2 * numbers.kv_heads)
        layer = attention + 2 * numbers.width * numbers.inner_width
        tables = numbers.vocabulary_size * numbers.width * (1 if numbers.has_tied_head else 2)
        return ModelShape(
            window_tokens=numbers.window_tokens,
            vocabulary_size=numbers.vocabulary_size,
            layers=numbers.layers,
            kv_heads=numbers.kv_heads,
            head_size=numbers.head_size,
            parameters=numbers.layers * layer + tables,
        )

    def write(
        self, checkpoint: Checkpoint, graph: GraphWriter, forms: WeightForms, advance: Callable[[], None]
    ) -> None:
        """Adds everything to the graph."""
        _Writer(checkpoint, graph, forms).write(advance)


class _Writer:
    """One graph while it is written."""

    def __init__(self, checkpoint: Checkpoint, graph: GraphWriter, forms: WeightForms) -> None:
        self._checkpoint = checkpoint
        self._numbers = numbers = Starcoder2Settings.of(checkpoint.settings)
        self._graph = graph
        self._weights = WeightWriter(graph, forms)
        attention = Attention(
            heads=numbers.heads,
            kv_heads=numbers.kv_heads,
            head_size=numbers.head_size,
            is_rotary=True,
            window_tokens=numbers.visible_tokens,
        )
        self._cached = CachedGraph(graph, attention, numbers.vocabulary_size, forms.computes_in)
        cosines, sines = rotary_tables(numbers.rotary_base, numbers.head_size, numbers.window_tokens)
        self._rotary = (
            self._weights.positions("rotary.cos", cosines),
            self._weights.positions("rotary.sin", sines),
        )

    def write(self, advance: Callable[[], None]) -> None:
        numbers = self._numbers
        table = self._matrix("model.embed_tokens", numbers.vocabulary_size, numbers.width)
        stream = self._weights.embedding(table, self._cached.input_ids, output="embedding")
        normed = self._graph.node(
            "LayerNormalization",
            [stream, *self._norm("model.layers.0.input_layernorm")],
            "layer.0.input",
            axis=-1,
            epsilon=numbers.norm_epsilon,
        )
        for layer in range(numbers.layers):
            normed, stream = self._layer(layer, normed, stream)
            advance()
        name = "model.embed_tokens" if numbers.has_tied_head else "lm_head"
        head = self._matrix(name, numbers.vocabulary_size, numbers.width)
        self._weights.head(head, normed)

    def _layer(self, layer: int, normed: str, stream: str) -> tuple[str, str]:
        """Adds a layer; gives its normed output and the residual stream."""
        numbers, here, source = self._numbers, f"layer.{layer}", f"model.layers.{layer}"
        is_last = layer + 1 == numbers.layers
        packed = self._queries_keys_values(layer, normed)
        attended = self._cached.attend(layer, packed, f"{here}.attention", self._rotary)
        if is_last:  # what comes now is the business of each position alone: skip those without logits
            attended, stream = self._cached.last_wanted(attended), self._cached.last_wanted(stream)
        width, inner, attention_width = numbers.width, numbers.inner_width, numbers.heads * numbers.head_size
        projection = self._matrix(f"{source}.self_attn.o_proj", width, attention_width)
        projected = self._weights.linear(projection, attended, output=f"{here}.projected")
        bias = self._bias(f"{source}.self_attn.o_proj", width)
        normed, stream = self._add_and_norm(
            f"{source}.post_attention_layernorm", projected, bias, stream, f"{here}.middle"
        )
        wide = self._weights.linear(self._matrix(f"{source}.mlp.c_fc", inner, width), normed, output=f"{here}.wide")
        # FastGelu adds the bias and is the tanh form of Gelu.
        active = self._graph.contrib("FastGelu", [wide, *self._bias(f"{source}.mlp.c_fc", inner)], f"{here}.active")
        narrowing = self._matrix(f"{source}.mlp.c_proj", width, inner)
        narrow = self._weights.linear(narrowing, active, output=f"{here}.narrow")
        bias = self._bias(f"{source}.mlp.c_proj", width)
        following = "model.norm" if is_last else f"model.layers.{layer + 1}.input_layernorm"
        return self._add_and_norm(following, narrow, bias, stream, f"{here}.output")

    def _queries_keys_values(self, layer: int, normed: str) -> str:
        numbers, source = self._numbers, f"model.layers.{layer}.self_attn"
        kv_width = numbers.kv_heads * numbers.head_size
        parts = (("q_proj", numbers.heads * numbers.head_size), ("k_proj", kv_width), ("v_proj", kv_width))
        rows = sum(count for _, count in parts)

        pieces = (readers(self._checkpoint, f"{source}.{part}.weight", (count, numbers.width)) for part, count in parts)
        matrix = Matrix(f"{source}.qkv_proj", (rows, numbers.width), chain.from_iterable(pieces))
        packed = self._weights.linear(matrix, normed, output=f"layer.{layer}.qkv")
        if not numbers.has_biases:
            return packed
        biases = [shaped(self._checkpoint, f"{source}.{part}.bias", (count,)) for part, count in parts]
        bias = self._weights.vector(f"{source}.qkv_proj.bias", np.concatenate(biases))
        return self._graph.node("Add", [packed, bias], f"layer.{layer}.qkv.biased")

    def _add_and_norm(self, norm: str, values: str, bias: tuple[str, ...], stream: str, output: str) -> tuple[str, str]:
        added = f"{output}.stream"
        normed = self._graph.contrib(
            "SkipLayerNormalization",
            [values, stream, *self._norm(norm), *bias],
            [output, "", "", added],
            epsilon=self._numbers.norm_epsilon,
        )
        return normed, added

    def _norm(self, name: str) -> tuple[str, str]:
        width = self._numbers.width
        return self._vector(f"{name}.weight", width), self._vector(f"{name}.bias", width)

    def _bias(self, name: str, rows: int) -> tuple[str, ...]:
        """Nothing where the linear layers have none."""
        return (self._vector(f"{name}.bias", rows),) if self._numbers.has_biases else ()

    def _matrix(self, name: str, rows: int, width: int) -> Matrix:
        return Matrix.of(self._checkpoint, f"{name}.weight", rows, width)

    def _vector(self, name: str, width: int) -> str:
        return self._weights.vector(name, shaped(self._checkpoint, name, (width,)))
