"""The gpt_bigcode family (StarCoder, StarCoderBase, tiny_starcoder_py): learned positions, multi-query attention.

Source: `modeling_gpt_bigcode.py` of transformers 4.57, against which the tests hold the graph.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from jupyter_starcoder.errors import CheckpointDamaged, ModelUnsupported
from jupyter_starcoder.export.cached_graph import Attention, CachedGraph
from jupyter_starcoder.export.checkpoint import Checkpoint, Settings, shaped
from jupyter_starcoder.export.family import ModelShape
from jupyter_starcoder.export.floats import Float32
from jupyter_starcoder.export.forms import WeightForms
from jupyter_starcoder.export.graph import GraphWriter
from jupyter_starcoder.export.weights import Matrix, WeightWriter

# Names of the one function x * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x^3))) / 2 in transformers.
TANH_GELU = ("gelu_pytorch_tanh", "gelu_new", "gelu_fast")


@dataclass(frozen=True, slots=True, kw_only=True)
class BigCodeSettings:
    """What the graph needs of config.json."""

    layers: int
    width: int
    inner_width: int  # of the feed-forward part
    heads: int
    kv_heads: int  # 1 with multi-query attention, or as many as heads
    window_tokens: int
    vocabulary_size: int
    norm_epsilon: float
    attention_scale: float
    has_tied_head: bool

    @property
    def head_size(self) -> int:
        """Width of one head."""
        return self.width // self.heads

    @classmethod
    def of(cls, settings: Settings) -> "BigCodeSettings":
        """Reads and checks them."""
        if (activation := settings.text("activation_function", "gelu_pytorch_tanh")) not in TANH_GELU:
            known = ", ".join(TANH_GELU)
            raise ModelUnsupported(f"the activation is {activation!r}: the gpt_bigcode graph follows {known} alone")
        heads, width = settings.integer("n_head"), settings.integer("n_embd")
        if width % heads:
            raise CheckpointDamaged(f"n_embd {width} cannot be shared out to {heads} heads")
        return cls(
            layers=settings.integer("n_layer"),
            width=width,
            inner_width=settings.integer("n_inner", 4 * width),
            heads=heads,
            kv_heads=1 if settings.flag("multi_query", True) else heads,
            window_tokens=settings.integer("n_positions", 1024),
            vocabulary_size=settings.integer("vocab_size"),
            norm_epsilon=settings.number("layer_norm_epsilon", 1e-5),
            attention_scale=0.0 if settings.flag("scale_attn_weights", True) else 1.0,
            has_tied_head=settings.flag("tie_word_embeddings", True),
        )


class GptBigCode:
    """Writes gpt_bigcode graphs."""

    name = "gpt_bigcode"

    def shape(self, checkpoint: Checkpoint) -> ModelShape:
        """The model's shape."""
        numbers = BigCodeSettings.of(checkpoint.settings)
        attention = numbers.width * (2 * numbers.width + 2 * numbers.kv_heads * numbers.head_size)
        layer = attention + 2 * numbers.width * numbers.inner_width
        tables = numbers.width * (numbers.vocabulary_size * (1 if numbers.has_tied_head else 2) + numbers.window_tokens)
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
        self._numbers = numbers = BigCodeSettings.of(checkpoint.settings)
        self._graph = graph
        self._weights = WeightWriter(graph, forms)
        attention = Attention(
            heads=numbers.heads,
            kv_heads=numbers.kv_heads,
            head_size=numbers.head_size,
            is_rotary=False,
            scale=numbers.attention_scale,
        )
        self._cached = CachedGraph(graph, attention, numbers.vocabulary_size, forms.computes_in)

    def write(self, advance: Callable[[], None]) -> None:
        numbers = self._numbers
        words = self._weights.embedding(
            self._matrix("transformer.wte", numbers.vocabulary_size, numbers.width),
            self._cached.input_ids,
            output="embedding.words",
        )
        places = self._weights.embedding(
            self._matrix("transformer.wpe", numbers.window_tokens, numbers.width),
            self._cached.positions(),
            output="embedding.positions",
        )
        stream = self._graph.node("Add", [words, places], "embedding")
        gamma, beta = self._norm("transformer.h.0.ln_1")
        normed = self._graph.node(
            "LayerNormalization", [stream, gamma, beta], "layer.0.input", axis=-1, epsilon=numbers.norm_epsilon
        )
        for layer in range(numbers.layers):
            normed, stream = self._layer(layer, normed, stream)
            advance()
        name = "transformer.wte" if numbers.has_tied_head else "lm_head"
        head = self._matrix(name, numbers.vocabulary_size, numbers.width)
        self._weights.head(head, normed)

    def _layer(self, layer: int, normed: str, stream: str) -> tuple[str, str]:
        """Adds a layer; gives its normed output and the residual stream."""
        numbers, here, source = self._numbers, f"layer.{layer}", f"transformer.h.{layer}"
        is_last = layer + 1 == numbers.layers
        packed = self._queries_keys_values(layer, normed)
        attended = self._cached.attend(layer, packed, f"{here}.attention")
        if is_last:  # what comes now is the business of each position alone: skip those without logits
            attended, stream = self._cached.last_wanted(attended), self._cached.last_wanted(stream)
        width, inner = numbers.width, numbers.inner_width
        projection = self._matrix(f"{source}.attn.c_proj", width, width)
        projected = self._weights.linear(projection, attended, output=f"{here}.projected")
        bias = self._vector(f"{source}.attn.c_proj.bias", width)
        normed, stream = self._add_and_norm(f"{source}.ln_2", projected, bias, stream, f"{here}.middle")
        widening = self._matrix(f"{source}.mlp.c_fc", inner, width)
        wide = self._weights.linear(widening, normed, output=f"{here}.wide")
        # FastGelu adds the bias and is the tanh form of Gelu.
        bias = self._vector(f"{source}.mlp.c_fc.bias", inner)
        active = self._graph.contrib("FastGelu", [wide, bias], f"{here}.active")
        narrowing = self._matrix(f"{source}.mlp.c_proj", width, inner)
        narrow = self._weights.linear(narrowing, active, output=f"{here}.narrow")
        bias = self._vector(f"{source}.mlp.c_proj.bias", width)
        following = "transformer.ln_f" if is_last else f"transformer.h.{layer + 1}.ln_1"
        return self._add_and_norm(following, narrow, bias, stream, f"{here}.output")

    def _queries_keys_values(self, layer: int, normed: str) -> str:
        numbers, name = self._numbers, f"transformer.h.{layer}.attn.c_attn"
        rows = (numbers.heads + 2 * numbers.kv_heads) * numbers.head_size

        def whole() -> Float32:  # whose rows come in another order
            return self._packed(shaped(self._checkpoint, f"{name}.weight", (rows, numbers.width)))

        matrix = Matrix.of(self._checkpoint, f"{name}.weight", rows, numbers.width)
        if not self._is_packed:
            matrix = replace(matrix, readers=[whole])
        product = self._weights.linear(matrix, normed, output=f"layer.{layer}.qkv")
        bias = self._packed(shaped(self._checkpoint, f"{name}.bias", (rows,)))
        return self._graph.node(
            "Add", [product, self._weights.vector(f"{name}.bias", bias)], f"layer.{layer}.qkv.biased"
        )

    def _packed(self, rows: Float32) -> Float32:
        """Rows in the order all queries, all keys, all values.

        With multi-query attention they are stored so; without it, each head has its query, key and value together.
        """
        if self._is_packed:
            return rows
        numbers = self._numbers
        by_head = rows.reshape(numbers.heads, 3, numbers.head_size, *rows.shape[1:])
        return np.ascontiguousarray(by_head.swapaxes(0, 1)).reshape(rows.shape)

    @property
    def _is_packed(self) -> bool:
        return self._numbers.kv_heads == 1 and self._numbers.heads > 1

    def _add_and_norm(self, norm: str, values: str, bias: str, stream: str, output: str) -> tuple[str, str]:
        gamma, beta = self._norm(norm)
        added = f"{output}.stream"
        normed = self._graph.contrib(
            "SkipLayerNormalization",
            [values, stream, gamma, beta, bias],
            [output, "", "", added],
            epsilon=self._numbers.norm_epsilon,
        )
        return normed, added

    def _norm(self, name: str) -> tuple[str, str]:
        width = self._numbers.width
        return self._vector(f"{name}.weight", width), self._vector(f"{name}.bias", width)

    def _matrix(self, name: str, rows: int, width: int) -> Matrix:
        return Matrix.of(self._checkpoint, f"{name}.weight", rows, width)

    def _vector(self, name: str, width: int) -> str:
        return self._weights.vector(name, shaped(self._checkpoint, name, (width,)))
