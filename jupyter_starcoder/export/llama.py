"""The llama family: rotary positions, grouped queries, RMS norms, gated linear units.

Source: `modeling_llama.py` of transformers 4.57, against which the tests hold the graph.
"""

from jupyter_starcoder.errors import ModelUnsupported
from jupyter_starcoder.export.checkpoint import Checkpoint
from jupyter_starcoder.export.decoder_graph import DecoderGraph, Product
from jupyter_starcoder.export.model_shape import ModelShape
from jupyter_starcoder.export.rotary import require_default


class Llama(DecoderGraph):
    """Writes llama graphs."""

    name = "llama"
    table = "model.embed_tokens"
    layers = "model.layers"
    first_norm = "input_layernorm"
    second_norm = "post_attention_layernorm"
    last_norm = "model.norm"
    projection = "self_attn.o_proj"

    @classmethod
    def shape(cls, checkpoint: Checkpoint) -> ModelShape:
        """The model's shape; which linear layers have biases is told by the tensors that are there."""
        settings = checkpoint.settings
        require_default(settings, "llama")
        if (activation := settings.text("hidden_act", "silu")) not in ("silu", "swish"):
            raise ModelUnsupported(f"the activation is {activation!r}: the llama graph follows 'silu' alone")
        heads, width = settings.integer("num_attention_heads"), settings.integer("hidden_size")
        return ModelShape(
            layers=settings.integer("num_hidden_layers"),
            width=width,
            inner_width=settings.integer("intermediate_size"),
            inner_matrices=3,
            heads=heads,
            kv_heads=settings.integer("num_key_value_heads", heads),
            head_size=settings.integer("head_dim", width // heads),
            window_tokens=settings.integer("max_position_embeddings", 2048),
            vocabulary_size=settings.integer("vocab_size"),
            norm_epsilon=settings.number("rms_norm_eps", 1e-6),
            rotary_base=settings.number("rope_theta", 10_000.0),
            has_tied_head=settings.flag("tie_word_embeddings", False),
        )

    def _has_bias(self, name: str) -> bool:
        return self._checkpoint.has(f"{name}.bias")

    def _fed_forward(self, source: str, normed: str, here: str) -> Product:
        widening = (self._shape.inner_width, self._shape.width)
        gate = self._biased(self._product(f"{source}.gate_proj", widening, normed, f"{here}.gate"))
        gate = self._graph.contrib("QuickGelu", [gate], f"{here}.gate.silu", alpha=1.0)  # x * sigmoid(1 * x)
        up = self._biased(self._product(f"{source}.up_proj", widening, normed, f"{here}.up"))
        gated = self._graph.node("Mul", [gate, up], f"{here}.gated")
        return self._product(f"{source}.down_proj", widening[::-1], gated, f"{here}.down")

    def _biased(self, product: Product) -> str:
        if not product.bias:
            return product.values
        return self._graph.node("Add", [product.values, *product.bias], f"{product.values}.biased")

    def _normed(self, norm: str, values: str, output: str) -> str:
        gamma = self._vector(f"{norm}.weight", self._shape.width)
        epsilon = self._shape.norm_epsilon
        return self._graph.node(
            "SimplifiedLayerNormalization", [values, gamma], output, axis=-1, epsilon=epsilon, stash_type=1
        )

    def _add_and_norm(self, norm: str, product: Product, stream: str, output: str) -> tuple[str, str]:
        values = self._biased(product)
        gamma = self._vector(f"{norm}.weight", self._shape.width)
        added = f"{output}.stream"
        normed = self._graph.contrib(
            "SkipSimplifiedLayerNormalization",
            [values, stream, gamma],
            [output, "", "", added],
            epsilon=self._shape.norm_epsilon,
        )
        return normed, added
