"""Small random checkpoints, and a runner of exported graphs that knows nothing of the engine."""

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
from numpy.typing import NDArray
from tokenizers import AddedToken, Tokenizer, decoders, pre_tokenizers
from tokenizers.models import BPE

from jupyter_starcoder.export import ExportOptions, export_checkpoint
from jupyter_starcoder.values.manifest import read_manifest
from jupyter_starcoder.values.model import GRAPH_FILE, Device, Precision

VOCABULARY = 320
MAX_LEN = 96


class GraphRunner:
    """Runs a model folder's graph with its cache in place; the length can be set back at will."""

    def __init__(self, folder: Path, rows: int = 1) -> None:
        manifest = read_manifest(folder)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1  # the models are tiny
        self._session = onnxruntime.InferenceSession(
            str(folder / GRAPH_FILE), options, providers=["CPUExecutionProvider"]
        )
        shape = (rows, manifest.kv_heads, MAX_LEN, manifest.head_size)
        number = manifest.inputs["past_key_values.0.key"].dtype
        self._cache = {
            f"{layer}.{kind}": onnxruntime.OrtValue.ortvalue_from_numpy(np.full(shape, 7.0, dtype=number))
            for layer in range(manifest.layers)
            for kind in ("key", "value")
        }
        self.length = 0

    def run(self, ids: list[int], wanted: int | None = None) -> NDArray[np.float32]:
        """Appends tokens to the one row; logits (wanted, vocabulary), by default of all of them."""
        end = self.length + len(ids)
        logits = self.run_rows(np.array([ids]), [end], end, len(ids) if wanted is None else wanted)
        self.length = end
        row: NDArray[np.float32] = logits[0]
        return row

    def run_rows(self, ids: NDArray[np.int64], lengths: list[int], longest: int, wanted: int) -> NDArray[np.float32]:
        """One pass; `lengths` are those after it."""
        binding = self._session.io_binding()
        binding.bind_cpu_input("input_ids", ids)
        binding.bind_cpu_input("seqlens_k", np.array(lengths, dtype=np.int32) - 1)
        binding.bind_cpu_input("total_sequence_length", np.array(longest, dtype=np.int32))
        binding.bind_cpu_input("logits_wanted", np.array([wanted], dtype=np.int64))
        if "query_seqlens" in {tensor.name for tensor in self._session.get_inputs()}:
            counts = np.minimum(ids.shape[1], lengths).astype(np.int32)
            binding.bind_cpu_input("query_seqlens", counts)
        binding.bind_output("logits", "cpu")
        for name, values in self._cache.items():
            binding.bind_ortvalue_input(f"past_key_values.{name}", values)
            binding.bind_ortvalue_output(f"present.{name}", values)
        self._session.run_with_iobinding(binding)
        logits: NDArray[np.float32] = binding.get_outputs()[0].numpy()
        return logits


@dataclass(frozen=True)
class Small:
    """A small random checkpoint, saved by transformers."""

    folder: Path
    logits: Callable[[list[int]], NDArray[np.float32]]  # of transformers, (tokens, vocabulary)


def small_tokenizer() -> Tokenizer:
    """Bytes and a few special tokens."""
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokenizer = Tokenizer(BPE(vocab={letter: number for number, letter in enumerate(letters)}, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([AddedToken(text, special=True) for text in ("<|endoftext|>", "<fim_prefix>")])
    return tokenizer


def save_small(kind: str, folder: Path) -> Small:
    """Makes the checkpoint of that kind."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what other packages warn of at their import is none of our business
        import torch
        from transformers import (
            GPTBigCodeConfig,
            GPTBigCodeForCausalLM,
            LlamaConfig,
            LlamaForCausalLM,
            PreTrainedModel,
            Starcoder2Config,
            Starcoder2ForCausalLM,
        )

    torch.set_num_threads(1)  # the models are tiny
    torch.manual_seed(7)
    llama = {
        "vocab_size": VOCABULARY,
        "hidden_size": 64,
        "intermediate_size": 96,
        "num_hidden_layers": 3,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "max_position_embeddings": 128,
        "rope_theta": 50_000.0,
        "initializer_range": 0.2,
        "eos_token_id": 256,
        "tie_word_embeddings": True,
    }
    bigcode = {
        "vocab_size": VOCABULARY,
        "n_embd": 64,
        "n_layer": 3,
        "n_head": 4,
        "n_inner": 160,
        "n_positions": 128,
        "initializer_range": 0.2,
        "eos_token_id": 256,
        "attn_pdrop": 0.0,
    }
    starcoder2 = {
        "vocab_size": VOCABULARY,
        "hidden_size": 64,
        "intermediate_size": 96,
        "num_hidden_layers": 3,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "max_position_embeddings": 128,
        "rope_theta": 50_000.0,
        "initializer_range": 0.2,
        "bos_token_id": 256,
        "eos_token_id": 256,
    }
    makers: dict[str, Callable[[], PreTrainedModel]] = {
        "llama-grouped-tied": lambda: LlamaForCausalLM(LlamaConfig(**llama)),  # type: ignore[no-untyped-call]
        "llama-untied-biased": lambda: LlamaForCausalLM(  # type: ignore[no-untyped-call]
            LlamaConfig(**llama | {"num_key_value_heads": 4, "tie_word_embeddings": False, "attention_bias": True})  # type: ignore[no-untyped-call]
        ),
        "llama-wide-heads": lambda: LlamaForCausalLM(LlamaConfig(**llama | {"head_dim": 32, "mlp_bias": True})),  # type: ignore[no-untyped-call]
        "bigcode-multi-query": lambda: GPTBigCodeForCausalLM(GPTBigCodeConfig(**bigcode)),  # type: ignore[no-untyped-call]
        "bigcode-multi-head": lambda: GPTBigCodeForCausalLM(GPTBigCodeConfig(**bigcode, multi_query=False)),  # type: ignore[no-untyped-call]
        "starcoder2-tied": lambda: Starcoder2ForCausalLM(Starcoder2Config(**starcoder2)),  # type: ignore[no-untyped-call]
        "starcoder2-sliding": lambda: Starcoder2ForCausalLM(  # type: ignore[no-untyped-call]
            Starcoder2Config(**starcoder2, sliding_window=9)  # type: ignore[no-untyped-call]
        ),
        "starcoder2-untied-unbiased": lambda: Starcoder2ForCausalLM(  # type: ignore[no-untyped-call]
            Starcoder2Config(**starcoder2, tie_word_embeddings=False, use_bias=False)  # type: ignore[no-untyped-call]
        ),
    }
    model = makers[kind]()
    model.train(mode=False)
    for name, values in model.named_parameters():
        if name.endswith("bias"):  # which transformers begins with 0: a forgotten one would not be seen
            torch.nn.init.normal_(values, std=0.2)
    model.save_pretrained(folder, safe_serialization=True)
    small_tokenizer().save(str(folder / "tokenizer.json"))

    def logits(ids: list[int]) -> NDArray[np.float32]:
        with torch.inference_mode():
            values: NDArray[np.float32] = model(torch.tensor([ids])).logits[0].numpy()
            return values

    return Small(folder, logits)


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Small]:
    """Gives the checkpoint of a kind; each is made once."""
    made: dict[str, Small] = {}

    def give(kind: str) -> Small:
        if kind not in made:
            made[kind] = save_small(kind, tmp_path_factory.mktemp(kind))
        return made[kind]

    return give


@pytest.fixture(scope="session")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Exports a checkpoint and gives the model folder; each is made once."""
    made: dict[tuple[Path, Precision, Device], Path] = {}

    def give(checkpoint: Path, precision: Precision, device: Device = "cpu") -> Path:
        key = (checkpoint, precision, device)
        if key not in made:
            made[key] = tmp_path_factory.mktemp("model")
            options = ExportOptions(
                name="small", precision=precision, device=device, source="test", measures_perplexity=False
            )
            export_checkpoint(checkpoint, made[key], options=options, progress=lambda _: None)
        return made[key]

    return give


@pytest.fixture
def run_graph() -> type[GraphRunner]:
    """The runner's class."""
    return GraphRunner
