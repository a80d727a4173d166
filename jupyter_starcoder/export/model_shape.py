"""The numbers of a model, read out of its checkpoint's settings."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelShape:
    """What the graph, and a reader of the finished one, needs of config.json, whatever its family calls it."""

    layers: int
    width: int
    inner_width: int  # of the feed-forward part
    inner_matrices: int = 2  # there
    heads: int
    kv_heads: int
    head_size: int
    window_tokens: int
    vocabulary_size: int
    norm_epsilon: float
    attention_scale: float = 0.0  # 0: one over the root of head_size
    visible_tokens: int = 0  # that a token sees, itself among them; 0: all before it
    rotary_base: float | None = None  # None: positions are learned
    has_biases: bool = True  # in its linear layers
    has_tied_head: bool

    @property
    def kv_width(self) -> int:
        """Of all keys, or all values, of a token."""
        return self.kv_heads * self.head_size

    @property
    def attention_width(self) -> int:
        """Of all queries of a token."""
        return self.heads * self.head_size

    @property
    def parameters(self) -> int:
        """About; tells how large a float32 graph would be."""
        attention = 2 * self.width * (self.attention_width + self.kv_width)
        layer = attention + self.inner_matrices * self.width * self.inner_width
        tables = self.vocabulary_size * (1 if self.has_tied_head else 2)
        learned = self.window_tokens if self.rotary_base is None else 0
        return self.layers * layer + self.width * (tables + learned)
