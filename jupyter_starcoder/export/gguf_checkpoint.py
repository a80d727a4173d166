"""A GGUF file as a checkpoint: keys and tensor names as transformers has them, one tensor dequantised at a time."""

import re
from pathlib import Path
from types import TracebackType
from typing import Self

import gguf
import numpy as np

from jupyter_starcoder.errors import CheckpointDamaged, ModelUnsupported
from jupyter_starcoder.export.checkpoint import ALL, Settings
from jupyter_starcoder.export.floats import Float32
from jupyter_starcoder.export.gguf_tokenizer import build_tokenizer

# Keys of the architecture "llama": GGUF specification, section "Standardized key-value pairs".
LLAMA_KEYS = {
    "block_count": "num_hidden_layers",
    "context_length": "max_position_embeddings",
    "embedding_length": "hidden_size",
    "feed_forward_length": "intermediate_size",
    "attention.head_count": "num_attention_heads",
    "attention.head_count_kv": "num_key_value_heads",
    "attention.layer_norm_rms_epsilon": "rms_norm_eps",
    "attention.key_length": "head_dim",
    "rope.freq_base": "rope_theta",
}
LLAMA_TENSORS = {
    "model.embed_tokens.weight": "token_embd.weight",
    "model.norm.weight": "output_norm.weight",
    "lm_head.weight": "output.weight",
}
LLAMA_LAYER_TENSORS = {
    "input_layernorm": "attn_norm",
    "post_attention_layernorm": "ffn_norm",
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
}
LAYER = re.compile(r"model\.layers\.(\d+)\.(.+)\.(weight|bias)")


class GgufCheckpoint:
    """A GGUF file that is open for reading."""

    def __init__(self, path: Path) -> None:
        """Opens the file.

        Raises:
            CheckpointDamaged: it is not GGUF or is cut short.
            ModelUnsupported: it holds an architecture other than llama.
        """
        self._path = path
        try:
            self._reader = gguf.GGUFReader(path)
        except (OSError, ValueError, IndexError) as error:
            raise CheckpointDamaged(f"{path} cannot be read as GGUF ({error}): get the file again") from error
        self._tensors = {tensor.name: tensor for tensor in self._reader.tensors}
        self.architecture = str(self._field("general.architecture"))
        if self.architecture != "llama":
            raise ModelUnsupported(
                f"{path} holds the architecture {self.architecture!r}: we read llama from GGUF files"
            )
        self.licence = str(self._field("general.license") or "")
        end_id = self._field("tokenizer.ggml.eos_token_id")
        self.end_ids: tuple[int, ...] = (end_id,) if isinstance(end_id, int) else ()
        self.settings = Settings(self._llama_settings(), str(path))

    def _field(self, key: str) -> object:
        field = self._reader.get_field(key)
        return None if field is None else field.contents()

    def _llama_settings(self) -> dict[str, object]:
        values = {ours: self._field(f"llama.{theirs}") for theirs, ours in LLAMA_KEYS.items()}
        embeddings = self._tensors.get("token_embd.weight")
        if embeddings is None:
            raise CheckpointDamaged(f"{self._path} has no tensor token_embd.weight: get the file again")
        values["vocab_size"] = int(embeddings.shape[1])  # GGUF lists the fastest dimension first
        values["tie_word_embeddings"] = "output.weight" not in self._tensors
        scaling = self._field("llama.rope.scaling.type")
        if scaling not in (None, "none"):
            values["rope_scaling"] = {"rope_type": scaling}
        elif "rope_freqs.weight" in self._tensors:
            values["rope_scaling"] = {"rope_type": "llama3"}  # written as ready frequency factors
        values["attention_bias"] = "blk.0.attn_q.bias" in self._tensors
        return values

    def _stored_name(self, name: str) -> str:
        found = LAYER.fullmatch(name)
        if found is None:
            return LLAMA_TENSORS.get(name, name)
        layer, part, kind = found.groups()
        return f"blk.{layer}.{LLAMA_LAYER_TENSORS.get(part, part)}.{kind}"

    def has(self, name: str) -> bool:
        """Whether there is such a tensor."""
        return self._stored_name(name) in self._tensors

    def shape(self, name: str) -> tuple[int, ...]:
        """Of the tensor.

        Raises:
            CheckpointDamaged: it is missing.
        """
        return tuple(int(size) for size in reversed(self._tensor(name).shape))  # GGUF lists the fastest first

    def _tensor(self, name: str) -> gguf.ReaderTensor:
        tensor = self._tensors.get(self._stored_name(name))
        if tensor is None:
            raise CheckpointDamaged(f"{self._path} has no tensor {self._stored_name(name)} ({name})")
        return tensor

    def read(self, name: str, rows: slice = ALL) -> Float32:
        """These rows of the tensor in float32.

        Raises:
            CheckpointDamaged: it is missing.
            ModelUnsupported: it is quantised in a way that the gguf package cannot undo.
        """
        if ".q_proj." not in name and ".k_proj." not in name:
            return self._dequantised(name, rows)
        heads = self.settings.integer("num_attention_heads")
        if ".k_proj." in name:
            heads = self.settings.integer("num_key_value_heads", heads)
        return unpermuted(self._dequantised(name, ALL), heads)[rows]

    def read_stored(self, name: str, rows: slice = ALL) -> Float32:
        """As `read`: blocks of small integers are no type of number."""
        return self.read(name, rows)

    def _dequantised(self, name: str, rows: slice) -> Float32:
        tensor = self._tensor(name)
        try:
            values = gguf.quants.dequantize(tensor.data[rows], tensor.tensor_type)
        except NotImplementedError as error:
            raise ModelUnsupported(
                f"{self._path}: {name} has the unknown quantisation {tensor.tensor_type.name}"
            ) from error
        return np.ascontiguousarray(values, dtype=np.float32)

    def write_tokenizer(self, path: Path) -> None:
        """Builds the tokenizer out of the file's metadata and writes it.

        Raises:
            ModelUnsupported: it is of a kind that we cannot build.
        """
        build_tokenizer(self._field, str(self._path)).save(str(path))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._tensors = {}
        del self._reader  # it maps the file into memory


def unpermuted(rows: Float32, heads: int) -> Float32:
    """Rows of Q or K in the order of transformers.

    llama.cpp rotates neighbouring pairs and transformers rotates halves of a head, so its converter stores row
    `2 * j + half` of a head where transformers has row `half * head_size / 2 + j`.

    Args:
        rows: weights (heads * head_size, in) or biases (heads * head_size).
        heads: query heads for Q, key/value heads for K.

    Source: `LlamaModel.permute` of llama.cpp's convert_hf_to_gguf.py.
    """
    if rows.shape[0] % (2 * heads):
        raise CheckpointDamaged(f"{rows.shape[0]} rows of Q or K do not make {heads} heads")
    pairs = rows.reshape(heads, rows.shape[0] // heads // 2, 2, *rows.shape[1:])
    return pairs.swapaxes(1, 2).reshape(rows.shape)
