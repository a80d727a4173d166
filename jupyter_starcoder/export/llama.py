"""The llama family: rotary positions, grouped queries, RMS norms, gated linear units.

Source: `modeling_llama.py` of transformers 4.57, against which the tests hold the graph.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import chain

import numpy as np

from jupyter_starcoder.errors import ModelUnsupported
from jupyter_starcoder.export.cached_graph import Attention, CachedGraph
from jupyter_starcoder.export.checkpoint import Checkpoint, Settings, readers, shaped
from jupyter_starcoder.export.family import ModelShape
from jupyter_starcoder.export.forms import WeightForms
from jupyter_starcoder.export.graph import GraphWriter
from jupyter_starcoder.export.rotary import require_default, rotary_tables
from jupyter_starcoder.export.weights import Matrix, WeightWriter


@dataclass(frozen=True, slots=True, kw_only=True)
class LlamaSettings:
    """What the graph needs of config.json."""

    layers: int
    width: int
    inner_width: int  # of the feed-forward part
    heads: int
    kv_heads: int
    head_size: int
    window_tokens: int
    vocabulary_size: int
    norm_epsilon: float
    rotary_base: float
    has_tied_head: bool

    @classmethod
    def of(cls, settings: Settings) -> "LlamaSettings":
        """Reads and checks them."""
        require_default(settings, "llama")
        if (activation := settings.text("hidden_act", "silu")) not in ("silu", "swish"):
            raise ModelUnsupported(f"the activation is {activation!r}: the llama graph follows 'silu' alone")
        heads, width = settings.integer("num_attention_heads"), settings.integer("hidden_size")
        return cls(
            layers=settings.integer("num_hidden_layers"),
            width=width,
            inner_width=settings.integer("intermediate_size"),
            heads=heads,
            kv_heads=settings.integer("num_key_value_heads", heads),
            head_size=settings.integer("head_dim", width // heads),
            window_tokens=settings.integer("max_position_embeddings", 2048),
            vocabulary_size=settings.integer("vocab_size"),
            norm_epsilon=settings.number("rms_norm_eps", 1e-6),
            rotary_base=settings.number("rope_theta", 10_000.0),
            has_tied_head=settings.flag("tie_word_embeddings", False),
        )


class Llama:
    """Writes llama graphs."""

    name = "llama"

    def shape(self, checkpoint: Checkpoint) -> ModelShape:
        """The model's shape."""
        numbers = LlamaSettings.of(checkpoint.settings)
        attention = numbers.width * numbers.head_size * (2 * numbers.heads + 2 * numbers.kv_heads)
        layer = attention + 3 * numbers.width * numbers.inner_width
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
        self._numbers = numbers = LlamaSettings.of(checkpoint.settings)
        self._graph = graph
        self._weights = WeightWriter(graph, forms)
        attention = Attention(
            heads=numbers.heads, kv_heads=numbers.kv_heads, head_size=numbers.head_size, is_rotary=True
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
        gamma = self._vector("model.layers.0.input_layernorm", numbers.width)
        normed = self._graph.node(
            "SimplifiedLayerNormalization",
            [stream, gamma],
            "layer.0.input",
            axis=-1,
            epsilon=numbers.norm_epsilon,
            stash_type=1,
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
        projected = self._linear(f"{source}.self_attn.o_proj", width, attention_width, attended, f"{here}.projected")
        normed, stream = self._add_and_norm(f"{source}.post_attention_layernorm", projected, stream, f"{here}.middle")
        gate = self._linear(f"{source}.mlp.gate_proj", inner, width, normed, f"{here}.gate")
        gate = self._graph.contrib("QuickGelu", [gate], f"{here}.gate.silu", alpha=1.0)  # x * sigmoid(1 * x)
        up = self._linear(f"{source}.mlp.up_proj", inner, width, normed, f"{here}.up")
        gated = self._graph.node("Mul", [gate, up], f"{here}.gated")
        down = self._linear(f"{source}.mlp.down_proj", width, inner, gated, f"{here}.down")
        following = "model.norm" if is_last else f"model.layers.{layer + 1}.input_layernorm"
        return self._add_and_norm(following, down, stream, f"{here}.output")

    def _queries_keys_values(self, layer: int, normed: str) -> str:
        numbers, source = self._numbers, f"model.layers.{layer}.self_attn"
        kv_width = numbers.kv_heads * numbers.head_size
        parts = (("q_proj", numbers.heads * numbers.head_size), ("k_proj", kv_width), ("v_proj", kv_width))
        rows = sum(count for _, count in parts)

        pieces = (readers(self._checkpoint, f"{source}.{part}.weight", (count, numbers.width)) for part, count in parts)
        matrix = Matrix(f"{source}.qkv_proj", (rows, numbers.width), chain.from_iterable(pieces))
        packed = self._weights.linear(matrix, normed, output=f"layer.{layer}.qkv")
        if not self._checkpoint.has(f"{source}.q_proj.bias"):
            return packed
        biases = [shaped(self._checkpoint, f"{source}.{part}.bias", (count,)) for part, count in parts]
        bias = self._weights.vector(f"{source}.qkv_proj.bias", np.concatenate(biases))
        return self._graph.node("Add", [packed, bias], f"layer.{layer}.qkv.biased")

    def _add_and_norm(self, norm: str, values: str, stream: str, output: str) -> tuple[str, str]:
        gamma = self._vector(norm, self._numbers.width)
        added = f"{output}.stream"
        normed = self._graph.contrib(
            "SkipSimplifiedLayerNormalization",
            [values, stream, gamma],
            [output, "", "", added],
            epsilon=self._numbers.norm_epsilon,
        )
        return normed, added

    def _linear(self, name: str, rows: int, width: int, values: str, output: str) -> str:
        product = self._weights.linear(self._matrix(name, rows, width), values, output=output)
        if not self._checkpoint.has(f"{name}.bias"):
            return product
        bias = self._weights.vector(f"{name}.bias", shaped(self._checkpoint, f"{name}.bias", (rows,)))
        return self._graph.node("Add", [product, bias], f"{output}.biased")

    def _matrix(self, name: str, rows: int, width: int) -> Matrix:
        return Matrix.of(self._checkpoint, f"{name}.weight", rows, width)

    def _vector(self, name: str, width: int) -> str:
        return self._weights.vector(f"{name}.weight", shaped(self._checkpoint, f"{name}.weight", (width,)))
