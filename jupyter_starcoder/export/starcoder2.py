"""The starcoder2 family: rotary positions, grouped queries, layer norms with biases, and a sliding window.

Source: `modeling_starcoder2.py` of transformers 4.57, against which the tests hold the graph.
"""

from jupyter_starcoder.errors import CheckpointDamaged, ModelUnsupported
from jupyter_starcoder.export.checkpoint import Checkpoint
from jupyter_starcoder.export.layer_norm_graph import LayerNormGraph
from jupyter_starcoder.export.model_shape import ModelShape
from jupyter_starcoder.export.rotary import require_default


class Starcoder2(LayerNormGraph):
    """Writes starcoder2 graphs."""

    name = "starcoder2"
    table = "model.embed_tokens"
    layers = "model.layers"
    first_norm = "input_layernorm"
    second_norm = "post_attention_layernorm"
    last_norm = "model.norm"
    projection = "self_attn.o_proj"

    @classmethod
    def shape(cls, checkpoint: Checkpoint) -> ModelShape:
        """The model's shape."""
        settings = checkpoint.settings
        require_default(settings, "starcoder2")
        if (activation := settings.text("hidden_act", "gelu_pytorch_tanh")) != "gelu_pytorch_tanh":
            raise ModelUnsupported(
                f"the activation is {activation!r}: the starcoder2 graph follows 'gelu_pytorch_tanh' alone"
            )
        heads, width = settings.integer("num_attention_heads", 24), settings.integer("hidden_size")
        if not settings.has("head_dim") and width % heads:
            raise CheckpointDamaged(f"hidden_size {width} cannot be shared out to {heads} heads")
        return ModelShape(
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
