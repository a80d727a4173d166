"""GGUF files: llama.cpp's order of rows is undone, the tokenizer is built, what we do not know is refused by name."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import gguf
import numpy as np
import pytest
from tokenizers import Tokenizer, pre_tokenizers

from jupyter_starcoder.errors import CheckpointDamaged, ModelUnsupported
from jupyter_starcoder.export import ExportOptions, export_checkpoint
from jupyter_starcoder.export.checkpoint import open_checkpoint
from jupyter_starcoder.export.floats import Float32
from jupyter_starcoder.export.gguf_checkpoint import LLAMA_LAYER_TENSORS, unpermuted
from jupyter_starcoder.values.manifest import read_manifest
from jupyter_starcoder.values.model import TOKENIZER_FILE, Precision

if TYPE_CHECKING:
    from tests.export.conftest import GraphRunner, Small

IDS = [int(i) for i in np.random.default_rng(5).integers(0, 320, size=24)]


def permuted(rows: Float32, heads: int) -> Float32:
    """What llama.cpp's converter does to the rows of Q and K."""
    halves = rows.reshape(heads, 2, rows.shape[0] // heads // 2, *rows.shape[1:])
    return np.ascontiguousarray(halves.swapaxes(1, 2)).reshape(rows.shape)


def write_gguf(source: Path, target: Path, *, splitter: str = "smollm", architecture: str = "llama") -> None:
    """The small llama-grouped-tied checkpoint as a GGUF file."""
    writer = gguf.GGUFWriter(target, architecture)
    writer.add_block_count(3)
    writer.add_context_length(128)
    writer.add_embedding_length(64)
    writer.add_feed_forward_length(96)
    writer.add_head_count(4)
    writer.add_head_count_kv(2)
    writer.add_layer_norm_rms_eps(1e-6)
    writer.add_rope_freq_base(50_000.0)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre(splitter)
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokens = [*letters, "<|endoftext|>", "<|im_start|>", "Ġx", *(f"<unused {n}>" for n in range(61))]
    writer.add_token_list(tokens)
    writer.add_token_types([1] * 256 + [3, 3, 1] + [1] * 61)
    writer.add_token_merges(["Ġ x"])
    writer.add_eos_token_id(256)
    with open_checkpoint(source) as checkpoint:
        for layer in range(3):
            for theirs, ours in LLAMA_LAYER_TENSORS.items():
                rows = checkpoint.read(f"model.layers.{layer}.{theirs}.weight")
                if ours in ("attn_q", "attn_k"):
                    rows = permuted(rows, 4 if ours == "attn_q" else 2)
                writer.add_tensor(f"blk.{layer}.{ours}.weight", rows)
        writer.add_tensor("token_embd.weight", checkpoint.read("model.embed_tokens.weight"))
        writer.add_tensor("output_norm.weight", checkpoint.read("model.norm.weight"))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


@pytest.fixture
def gguf_file(tmp_path: Path, small: "Callable[[str], Small]") -> Path:
    """The small llama in a GGUF file."""
    path = tmp_path / "small.gguf"
    write_gguf(small("llama-grouped-tied").folder, path)
    return path


def test_a_graph_out_of_gguf_computes_what_transformers_computes(
    gguf_file: Path,
    small: "Callable[[str], Small]",
    exported: Callable[[Path, Precision], Path],
    run_graph: "type[GraphRunner]",
) -> None:
    """The rows of Q and K come back in their order, else rotary positions go wrong."""
    theirs = small("llama-grouped-tied").logits(IDS)

    ours = run_graph(exported(gguf_file, "fp32")).run(IDS)

    assert np.abs(ours - theirs).max() / np.abs(theirs).max() < 1e-4


def test_unpermuted_undoes_permuted() -> None:
    """For matrices and for biases."""
    rows = np.arange(64 * 3, dtype=np.float32).reshape(64, 3)

    assert np.array_equal(unpermuted(permuted(rows, 4), 4), rows)
    assert np.array_equal(unpermuted(permuted(rows[:, 0], 4), 4), rows[:, 0])
    assert not np.array_equal(permuted(rows, 4), rows)


def test_the_tokenizer_splits_digits_and_knows_special_tokens(
    gguf_file: Path, exported: Callable[[Path, Precision], Path]
) -> None:
    """Digits one by one, merges as listed, special tokens whole, and every text comes back."""
    folder = exported(gguf_file, "fp32")
    tokenizer = Tokenizer.from_file(str(folder / TOKENIZER_FILE))

    tokens = tokenizer.encode("a x12<|im_start|>é").tokens

    assert tokens == ["a", "Ġx", "1", "2", "<|im_start|>", "Ã", "©"]
    assert tokenizer.decode(tokenizer.encode("  äöü 😀\n\tx=10").ids) == "  äöü 😀\n\tx=10"
    assert read_manifest(folder).markers == ("<|endoftext|>", "<|im_start|>")
    assert read_manifest(folder).end_ids == (256,)


def test_an_unknown_splitter_is_refused_by_name(tmp_path: Path, small: "Callable[[str], Small]") -> None:
    """A wrong guess would silently make worse completions."""
    path = tmp_path / "other.gguf"
    write_gguf(small("llama-grouped-tied").folder, path, splitter="qwen2")
    options = ExportOptions(name="x", precision="fp32", source="test", measures_perplexity=False)
    (tmp_path / "out").mkdir()

    with pytest.raises(ModelUnsupported, match="'qwen2'"):
        export_checkpoint(path, tmp_path / "out", options=options, progress=lambda _: None)


def test_an_unknown_architecture_is_refused_by_name(tmp_path: Path, small: "Callable[[str], Small]") -> None:
    """The message names what the file holds and what we read."""
    path = tmp_path / "other.gguf"
    write_gguf(small("llama-grouped-tied").folder, path, architecture="gemma")

    with pytest.raises(ModelUnsupported, match=r"'gemma'.*llama"):
        open_checkpoint(path)


@pytest.mark.parametrize("content", [b"", b"GGUF", b"not a model at all, but long enough to be read as a header"])
def test_a_file_that_is_no_gguf_is_damaged(tmp_path: Path, content: bytes) -> None:
    """Whatever it holds, the error is ours."""
    path = tmp_path / "bad.gguf"
    path.write_bytes(content)

    with pytest.raises(CheckpointDamaged, match="get the file again"):
        open_checkpoint(path)


def test_a_gguf_file_that_is_cut_short_is_damaged(gguf_file: Path) -> None:
    """As a broken download leaves it."""
    with gguf_file.open("rb+") as file:
        file.truncate(gguf_file.stat().st_size // 2)

    with pytest.raises(CheckpointDamaged, match="get the file again"):
        open_checkpoint(gguf_file)
