"""What all graph families share: their inputs and outputs, the cached attention, and the cut before the head.

Inputs: `input_ids` (batch, seq); `seqlens_k` (batch): tokens in the cache after this pass, minus 1, per row;
`total_sequence_length` (): the largest of these lengths; `logits_wanted` (1): how many last positions get logits;
`query_seqlens` (batch), in graphs for a CPU: how many tokens of each row are no padding, which stands behind them; 0
leaves a row's cache as it is;
`past_key_values.{i}.key` and `.value` (batch, kv_heads, max_len, head_size).
Outputs: `logits` (batch, logits_wanted, vocabulary) and `present.{i}.key` / `.value`, bound to the same memory.
"""

from dataclasses import dataclass

import numpy as np

from jupyter_starcoder.errors import CheckpointDamaged, ModelUnsupported
from jupyter_starcoder.export.forms import WeightForms
from jupyter_starcoder.export.graph import GraphWriter

INT64 = 7  # in ONNX's enumeration of types
QUERY_LENGTHS_AT = 16  # among the inputs of GroupQueryAttention
LAST = np.iinfo(np.int64).max


@dataclass(frozen=True, slots=True, kw_only=True)
class Attention:
    """The numbers of one layer's attention."""

    heads: int
    kv_heads: int
    head_size: int
    is_rotary: bool
    scale: float = 0.0  # 0: one over the root of head_size
    window_tokens: int = 0  # how many tokens a token sees, itself among them; 0: all before it

    def __post_init__(self) -> None:
        if self.heads % self.kv_heads:
            raise CheckpointDamaged(f"{self.heads} query heads cannot share {self.kv_heads} key/value heads")
        if self.is_rotary and self.head_size % 16:  # GroupQueryAttention refuses it when it runs
            raise ModelUnsupported(f"a head has the size {self.head_size}: ONNX Runtime rotates multiples of 16 alone")


class CachedGraph:
    """A graph whose key/value cache is written in place."""

    def __init__(self, graph: GraphWriter, attention: Attention, vocabulary_size: int, forms: WeightForms) -> None:
        self.graph = graph
        self._attention = attention
        self._number = forms.computes_in
        self.input_ids = graph.add_input("input_ids", "int64", ("batch", "sequence"))
        self.lengths = graph.add_input("seqlens_k", "int32", ("batch",))
        self._total = graph.add_input("total_sequence_length", "int32", ())
        self._wanted = graph.add_input("logits_wanted", "int64", (1,))
        # ONNX Runtime 1.32 came with it. There is none yet for CUDA: the newest onnxruntime-gpu is 1.31.
        self._counts = graph.add_input("query_seqlens", "int32", ("batch",)) if forms.device == "cpu" else ""
        graph.add_output("logits", "float32", ("batch", "logits", vocabulary_size))
        self.sequence = self._sequence_length()
        self._cut = self._first_wanted()

    def attend(self, layer: int, packed: str, output: str, rotary: tuple[str, str] = ("", "")) -> str:
        """Adds attention over packed queries, keys and values; gives (batch, seq, heads * head_size).

        Args:
            layer: its number, for the names of the cache.
            packed: (batch, seq, (heads + 2 * kv_heads) * head_size).
            output: the result's name.
            rotary: names of the cosine and sine tables, when positions are rotary.
        """
        numbers = self._attention
        shape = ("batch", numbers.kv_heads, "max_len", numbers.head_size)
        past = [
            self.graph.add_input(f"past_key_values.{layer}.{kind}", self._number, shape) for kind in ("key", "value")
        ]
        present = [self.graph.add_output(f"present.{layer}.{kind}", self._number, shape) for kind in ("key", "value")]
        attributes: dict[str, int | float] = {
            "num_heads": numbers.heads,
            "kv_num_heads": numbers.kv_heads,
            "do_rotary": int(numbers.is_rotary),
        }
        if numbers.scale:
            attributes["scale"] = numbers.scale
        if numbers.window_tokens:
            attributes["local_window_size"] = numbers.window_tokens
        inputs = [packed, "", "", *past, self.lengths, self._total, *(rotary if numbers.is_rotary else ())]
        if self._counts:
            inputs += [""] * (QUERY_LENGTHS_AT - len(inputs)) + [self._counts]
        return self.graph.contrib("GroupQueryAttention", inputs, [output, *present], **attributes)

    def last_wanted(self, values: str) -> str:
        """Adds the cut to the positions that get logits: (batch, seq, width) becomes (batch, logits, width)."""
        end = self.graph.constant("cut.end", np.array([LAST], dtype=np.int64))
        axis = self.graph.constant("cut.axis", np.array([1], dtype=np.int64))
        return self.graph.node("Slice", [values, self._cut, end, axis], f"{values}.wanted")

    def positions(self) -> str:
        """Adds the position of every token of `input_ids` in its row: (batch, seq), int64.

        The last one that is no padding ends at `seqlens_k`. Where the number of those is not told, a row that is padded
        on the right, which only the first pass of a batch has, would begin below 0: it begins at 0.
        """
        last = self.graph.node("Cast", [self.lengths], "positions.last", to=INT64)
        axis = self.graph.constant("positions.axis", np.array([1], dtype=np.int64))
        column = self.graph.node("Unsqueeze", [last, axis], "positions.column")
        one = self.graph.constant("positions.one", np.array([1], dtype=np.int64))
        behind = self.graph.node("Add", [column, one], "positions.behind")
        wish = self.graph.node("Sub", [behind, self._count_column(axis)], "positions.wish")
        zero = self.graph.constant("cut.zero", np.array([0], dtype=np.int64))
        first = self.graph.node("Max", [wish, zero], "positions.first")
        scalar = self.graph.node("Squeeze", [self.sequence], "sequence.scalar")
        start = self.graph.constant("range.start", np.array(0, dtype=np.int64))
        step = self.graph.constant("range.step", np.array(1, dtype=np.int64))
        steps = self.graph.node("Range", [start, scalar, step], "positions.steps")
        return self.graph.node("Add", [first, steps], "positions")

    def _count_column(self, axis: str) -> str:
        """How many tokens of each row are no padding: (batch, 1), or (1) for all."""
        if not self._counts:
            return self.sequence
        counts = self.graph.node("Cast", [self._counts], "positions.counts", to=INT64)
        return self.graph.node("Unsqueeze", [counts, axis], "positions.counts.column")

    def _sequence_length(self) -> str:
        shape = self.graph.node("Shape", [self.input_ids], "input_ids.shape")
        second = self.graph.constant("shape.second", np.array([1], dtype=np.int64))
        return self.graph.node("Gather", [shape, second], "sequence.length", axis=0)

    def _first_wanted(self) -> str:
        start = self.graph.node("Sub", [self.sequence, self._wanted], "cut.wish")
        zero = self.graph.constant("cut.zero", np.array([0], dtype=np.int64))
        return self.graph.node("Max", [start, zero], "cut.start")
