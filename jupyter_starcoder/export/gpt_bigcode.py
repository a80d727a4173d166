"""The gpt_bigcode family (StarCoder, StarCoderBase, tiny_starcoder_py): learned positions, multi-query attention.

Source: `modeling_gpt_bigcode.py` of transformers 4.57, against which the tests hold the graph.
"""

from dataclasses import replace

import numpy as np

from jupyter_starcoder.errors import CheckpointDamaged, ModelUnsupported
from jupyter_starcoder.export.checkpoint import Checkpoint, shaped
from jupyter_starcoder.export.floats import Float32
from jupyter_starcoder.export.layer_norm_graph import LayerNormGraph
from jupyter_starcoder.export.model_shape import ModelShape
from jupyter_starcoder.export.weights import Matrix

# Names of the one function x * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x^3))) / 2 in transformers.
TANH_GELU = ("gelu_pytorch_tanh", "gelu_new", "gelu_fast")


class GptBigCode(LayerNormGraph):
    """Writes gpt_bigcode graphs."""

    name = "gpt_bigcode"
    table = "transformer.wte"
    layers = "transformer.h"
    first_norm = "ln_1"
    second_norm = "ln_2"
    last_norm = "transformer.ln_f"
    projection = "attn.c_proj"

    @classmethod
    def shape(cls, checkpoint: Checkpoint) -> ModelShape:
        """The model's shape."""
        settings = checkpoint.settings
        if (activation := settings.text("activation_function", "gelu_pytorch_tanh")) not in TANH_GELU:
            known = ", ".join(TANH_GELU)
            raise ModelUnsupported(f"the activation is {activation!r}: the gpt_bigcode graph follows {known} alone")
        heads, width = settings.integer("n_head"), settings.integer("n_embd")
        if width % heads:
            raise CheckpointDamaged(f"n_embd {width} cannot be shared out to {heads} heads")
        return ModelShape(
            layers=settings.integer("n_layer"),
            width=width,
            inner_width=settings.integer("n_inner", 4 * width),
            heads=heads,
            kv_heads=1 if settings.flag("multi_query", True) else heads,
            head_size=width // heads,
            window_tokens=settings.integer("n_positions", 1024),
            vocabulary_size=settings.integer("vocab_size"),
            norm_epsilon=settings.number("layer_norm_epsilon", 1e-5),
            attention_scale=0.0 if settings.flag("scale_attn_weights", True) else 1.0,
            has_tied_head=settings.flag("tie_word_embeddings", True),
        )

    def _embedded(self) -> str:
        shape = self._shape
        words = self._weights.embedding(
            self._matrix(self.table, shape.vocabulary_size, shape.width),
            self._cached.input_ids,
            output="embedding.words",
        )
        places = self._weights.embedding(
            self._matrix("transformer.wpe", shape.window_tokens, shape.width),
            self._cached.positions(),
            output="embedding.positions",
        )
        return self._graph.node("Add", [words, places], "embedding")

    def _queries_keys_values(self, source: str, normed: str, output: str) -> str:
        shape, name = self._shape, f"{source}.attn.c_attn"
        rows = shape.attention_width + 2 * shape.kv_width

        def whole() -> Float32:  # whose rows come in another order
            return self._packed(shaped(self._checkpoint, f"{name}.weight", (rows, shape.width)))

        matrix: Matrix = self._matrix(name, rows, shape.width)
        if not self._is_packed:
            matrix = replace(matrix, readers=[whole])
        product = self._weights.linear(matrix, normed, output=output)
        bias = self._packed(shaped(self._checkpoint, f"{name}.bias", (rows,)))
        return self._graph.node("Add", [product, self._weights.vector(f"{name}.bias", bias)], f"{output}.biased")

    def _packed(self, rows: Float32) -> Float32:
        """Rows in the order all queries, all keys, all values.

        With multi-query attention they are stored so; without it, each head has its query, key and value together.
        """
        if self._is_packed:
            return rows
        shape = self._shape
        by_head = rows.reshape(shape.heads, 3, shape.head_size, *rows.shape[1:])
        return np.ascontiguousarray(by_head.swapaxes(0, 1)).reshape(rows.shape)

    @property
    def _is_packed(self) -> bool:
        return self._shape.kv_heads == 1 and self._shape.heads > 1
