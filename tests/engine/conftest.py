"""A tiny model with random weights, and how tests read answers."""

import asyncio
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from jupyter_starcoder.engine.decoder import Decoder
from jupyter_starcoder.engine.local import LocalEngine
from jupyter_starcoder.engine.protocol import Engine
from jupyter_starcoder.engine.session import Session
from jupyter_starcoder.engine.settings import EngineSettings
from jupyter_starcoder.export.exporter import export_checkpoint
from jupyter_starcoder.export.options import ExportOptions
from jupyter_starcoder.values.generation import GenerationRequest, Usage

WINDOW, VOCABULARY, WIDTH, HEADS, KV_HEADS, LAYERS, INNER = 96, 64, 64, 4, 2, 2, 48

Answer = tuple[list[int], Usage]
Ask = Callable[[Engine, GenerationRequest], Answer]


def write_checkpoint(folder: Path) -> None:
    """A llama of two layers with random weights; large ones, so that the likeliest token is likeliest by far."""
    random = np.random.default_rng(7)
    kv_width = WIDTH // HEADS * KV_HEADS

    def matrix(rows: int, columns: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
        return random.normal(0.0, 0.4, (rows, columns)).astype(np.float32)

    tensors = {"model.embed_tokens.weight": matrix(VOCABULARY, WIDTH), "lm_head.weight": matrix(VOCABULARY, WIDTH)}
    tensors["lm_head.weight"][0] = 0.0  # the end of the text is never the likeliest token, unless a test asks for it
    tensors["model.norm.weight"] = np.ones(WIDTH, dtype=np.float32)
    for layer in range(LAYERS):
        name = f"model.layers.{layer}"
        tensors |= {
            f"{name}.input_layernorm.weight": np.ones(WIDTH, dtype=np.float32),
            f"{name}.post_attention_layernorm.weight": np.ones(WIDTH, dtype=np.float32),
            f"{name}.self_attn.q_proj.weight": matrix(WIDTH, WIDTH),
            f"{name}.self_attn.k_proj.weight": matrix(kv_width, WIDTH),
            f"{name}.self_attn.v_proj.weight": matrix(kv_width, WIDTH),
            f"{name}.self_attn.o_proj.weight": matrix(WIDTH, WIDTH),
            f"{name}.mlp.gate_proj.weight": matrix(INNER, WIDTH),
            f"{name}.mlp.up_proj.weight": matrix(INNER, WIDTH),
            f"{name}.mlp.down_proj.weight": matrix(WIDTH, INNER),
        }
    save_file(tensors, folder / "model.safetensors")
    settings = {
        "model_type": "llama",
        "architectures": ["LlamaForCausalLM"],
        "hidden_size": WIDTH,
        "intermediate_size": INNER,
        "num_hidden_layers": LAYERS,
        "num_attention_heads": HEADS,
        "num_key_value_heads": KV_HEADS,
        "max_position_embeddings": WINDOW,
        "vocab_size": VOCABULARY,
        "rms_norm_eps": 1e-5,
        "rope_theta": 10000.0,
        "hidden_act": "silu",
        "tie_word_embeddings": False,
        "eos_token_id": 0,
    }
    (folder / "config.json").write_text(json.dumps(settings))
    vocabulary = {"<|endoftext|>": 0} | {f"t{number}": number for number in range(1, VOCABULARY)}
    tokenizer = {
        "version": "1.0",
        "added_tokens": [
            {
                "id": 0,
                "content": "<|endoftext|>",
                "single_word": False,
                "lstrip": False,
                "rstrip": False,
                "normalized": False,
                "special": True,
            }
        ],
        "model": {"type": "WordLevel", "vocab": vocabulary, "unk_token": "<|endoftext|>"},
    }
    (folder / "tokenizer.json").write_text(json.dumps(tokenizer))


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The exported folder of the tiny model. Do not change it: take `tiny_copy` for that."""
    checkpoint, folder = tmp_path_factory.mktemp("checkpoint"), tmp_path_factory.mktemp("tiny")
    write_checkpoint(checkpoint)
    options = ExportOptions(name="tiny", precision="fp32", source="random", measures_perplexity=False)
    export_checkpoint(checkpoint, folder, options=options, progress=lambda _: None)
    return folder


@pytest.fixture
def tiny_copy(tiny_model: Path, tmp_path: Path) -> Path:
    """A copy of the tiny model that a test may damage."""
    return Path(shutil.copytree(tiny_model, tmp_path / "tiny"))


@pytest.fixture
def decoder(tiny_model: Path) -> Decoder:
    """The tiny model, loaded, with parts of a prompt of 4 tokens; no thread."""
    settings = EngineSettings(prefill_chunk_tokens=4, threads=1, pass_target_s=60.0)
    return Decoder(Session(tiny_model, settings), settings)


@pytest.fixture
def engine(tiny_model: Path) -> Iterator[LocalEngine]:
    """The tiny model in this process."""
    settings = EngineSettings(prefill_chunk_tokens=4, threads=1, pass_target_s=60.0)
    opened = LocalEngine(tiny_model, settings)
    yield opened
    asyncio.run(opened.close())


@pytest.fixture
def ask() -> Ask:
    """Reads one answer to its end: its tokens and its cost."""

    def read(engine: Engine, request: GenerationRequest) -> Answer:
        async def reading() -> Answer:
            generation = engine.generate(request)
            return [token async for token in generation], generation.usage

        return asyncio.run(reading())

    return read
