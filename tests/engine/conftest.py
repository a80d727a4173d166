"""A tiny model with random weights, and how tests read answers."""

import asyncio
import json
import shutil
from collections.abc import Callable, Iterator
from functools import cache
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
from jupyter_starcoder.values.model import Precision

WINDOW, VOCABULARY, WIDTH, HEADS, KV_HEADS, LAYERS, INNER = 96, 64, 64, 4, 2, 2, 48

Answer = tuple[list[int], Usage]
Ask = Callable[[Engine, GenerationRequest], Answer]


KV_WIDTH = WIDTH // HEADS * KV_HEADS
SHARED: dict[str, object] = {
    "architectures": ["Random"],
    "vocab_size": VOCABULARY,
    "tie_word_embeddings": False,
    "eos_token_id": 0,
}
GROUPED: dict[str, object] = {
    "hidden_size": WIDTH,
    "intermediate_size": INNER,
    "num_hidden_layers": LAYERS,
    "num_attention_heads": HEADS,
    "num_key_value_heads": KV_HEADS,
    "max_position_embeddings": WINDOW,
    "rope_theta": 10000.0,
}
SETTINGS: dict[str, dict[str, object]] = {
    "llama": GROUPED | {"rms_norm_eps": 1e-5, "hidden_act": "silu"},
    "starcoder2": GROUPED | {"norm_epsilon": 1e-5, "use_bias": True, "sliding_window": 12},
    "gpt_bigcode": {
        "n_layer": LAYERS,
        "n_embd": WIDTH,
        "n_inner": INNER,
        "n_head": HEADS,
        "n_positions": WINDOW,
        "multi_query": True,
    },
}
PROJECTIONS = {"q_proj": (WIDTH, WIDTH), "k_proj": (KV_WIDTH, WIDTH), "v_proj": (KV_WIDTH, WIDTH)}
SHAPES: dict[str, dict[str, tuple[int, ...]]] = {  # of one layer
    "llama": {
        **{f"self_attn.{name}.weight": shape for name, shape in PROJECTIONS.items()},
        "self_attn.o_proj.weight": (WIDTH, WIDTH),
        "mlp.gate_proj.weight": (INNER, WIDTH),
        "mlp.up_proj.weight": (INNER, WIDTH),
        "mlp.down_proj.weight": (WIDTH, INNER),
        "input_layernorm.weight": (WIDTH,),
        "post_attention_layernorm.weight": (WIDTH,),
    },
    "starcoder2": {
        **{f"self_attn.{name}.weight": shape for name, shape in PROJECTIONS.items()},
        **{f"self_attn.{name}.bias": shape[:1] for name, shape in PROJECTIONS.items()},
        "self_attn.o_proj.weight": (WIDTH, WIDTH),
        "self_attn.o_proj.bias": (WIDTH,),
        "mlp.c_fc.weight": (INNER, WIDTH),
        "mlp.c_fc.bias": (INNER,),
        "mlp.c_proj.weight": (WIDTH, INNER),
        "mlp.c_proj.bias": (WIDTH,),
        **{f"{norm}_layernorm.{part}": (WIDTH,) for norm in ("input", "post_attention") for part in ("weight", "bias")},
    },
    "gpt_bigcode": {
        "attn.c_attn.weight": (WIDTH + 2 * WIDTH // HEADS, WIDTH),
        "attn.c_attn.bias": (WIDTH + 2 * WIDTH // HEADS,),
        "attn.c_proj.weight": (WIDTH, WIDTH),
        "attn.c_proj.bias": (WIDTH,),
        "mlp.c_fc.weight": (INNER, WIDTH),
        "mlp.c_fc.bias": (INNER,),
        "mlp.c_proj.weight": (WIDTH, INNER),
        "mlp.c_proj.bias": (WIDTH,),
        **{f"{norm}.{part}": (WIDTH,) for norm in ("ln_1", "ln_2") for part in ("weight", "bias")},
    },
}
AROUND: dict[str, dict[str, tuple[int, ...]]] = {
    "llama": {"model.embed_tokens.weight": (VOCABULARY, WIDTH), "model.norm.weight": (WIDTH,)},
    "starcoder2": {
        "model.embed_tokens.weight": (VOCABULARY, WIDTH),
        "model.norm.weight": (WIDTH,),
        "model.norm.bias": (WIDTH,),
    },
    "gpt_bigcode": {
        "transformer.wte.weight": (VOCABULARY, WIDTH),
        "transformer.wpe.weight": (WINDOW, WIDTH),
        "transformer.ln_f.weight": (WIDTH,),
        "transformer.ln_f.bias": (WIDTH,),
    },
}


def write_checkpoint(folder: Path, family: str) -> None:
    """Two layers with random weights; large ones, so that the likeliest token is likeliest by far."""
    random = np.random.default_rng(7)
    layers = "transformer.h" if family == "gpt_bigcode" else "model.layers"
    shapes = AROUND[family] | {"lm_head.weight": (VOCABULARY, WIDTH)}
    shapes |= {f"{layers}.{layer}.{name}": shape for layer in range(LAYERS) for name, shape in SHAPES[family].items()}
    tensors = {
        name: np.ones(shape, dtype=np.float32)
        if len(shape) == 1 and name.endswith("weight")
        else random.normal(0.0, 0.4, shape).astype(np.float32)
        for name, shape in shapes.items()
    }
    tensors["lm_head.weight"][0] = 0.0  # the end of the text is never the likeliest token, unless a test asks for it
    save_file(tensors, folder / "model.safetensors")
    (folder / "config.json").write_text(json.dumps(SHARED | {"model_type": family} | SETTINGS[family]))
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
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, str], Path]:
    """The exported folder of a tiny model of a family in a precision, made once. Do not change it."""

    @cache
    def exported(family: str, precision: Precision) -> Path:
        checkpoint, folder = tmp_path_factory.mktemp("checkpoint"), tmp_path_factory.mktemp("tiny")
        write_checkpoint(checkpoint, family)
        options = ExportOptions(name="tiny", precision=precision, source="random", measures_perplexity=False)
        export_checkpoint(checkpoint, folder, options=options, progress=lambda _: None)
        return folder

    return exported


@pytest.fixture(scope="session")
def tiny_model(tiny: Callable[[str, str], Path]) -> Path:
    """The exported folder of the tiny llama. Do not change it: take `tiny_copy` for that."""
    return tiny("llama", "fp32")


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
