"""Small random checkpoints of families that we do not write by hand, and their exports."""

import asyncio
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from tokenizers import AddedToken, Tokenizer, decoders, pre_tokenizers
from tokenizers.models import BPE

from jupyter_starcoder.engine.protocol import Engine
from jupyter_starcoder.export.optimum_export import export_with_optimum
from jupyter_starcoder.export.options import ExportOptions
from jupyter_starcoder.values.generation import GenerationRequest, Usage

END = 256  # the tokenizer's first special token, behind all bytes

Answer = tuple[list[int], Usage]
Ask = Callable[[Engine, GenerationRequest], Answer]


@dataclass(frozen=True)
class Random:
    """A small random checkpoint, saved by transformers."""

    folder: Path
    greedy: Callable[[list[int], int], list[int]]  # prompt, new tokens: what transformers itself answers


def save_random(kind: str, folder: Path) -> Random:
    """Makes the checkpoint of that kind."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what other packages warn of at their import is none of our business
        import torch
        from transformers import CodeGenConfig, CodeGenForCausalLM, GPTNeoXConfig, GPTNeoXForCausalLM, PreTrainedModel

    torch.set_num_threads(1)  # the models are tiny
    torch.manual_seed(7)
    shared = {"vocab_size": 320, "initializer_range": 0.3, "bos_token_id": END, "eos_token_id": END}
    neox = {
        "hidden_size": 64,
        "intermediate_size": 96,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "max_position_embeddings": 128,
    }
    codegen = {"n_embd": 64, "n_inner": 96, "n_layer": 2, "n_head": 4, "n_positions": 128, "rotary_dim": 8}
    model: PreTrainedModel
    if kind == "gpt_neox":
        model = GPTNeoXForCausalLM(GPTNeoXConfig(**shared, **neox))  # type: ignore[no-untyped-call]
    else:
        model = CodeGenForCausalLM(CodeGenConfig(**shared, **codegen))  # type: ignore[no-untyped-call]
    model.train(mode=False)
    model.save_pretrained(folder, safe_serialization=True)

    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokenizer = Tokenizer(BPE(vocab={letter: number for number, letter in enumerate(letters)}, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([AddedToken("<|endoftext|>", special=True)])
    tokenizer.save(str(folder / "tokenizer.json"))

    def greedy(ids: list[int], count: int) -> list[int]:
        with torch.inference_mode():
            prompt = torch.tensor([ids])
            whole = model.generate(
                prompt, attention_mask=torch.ones_like(prompt), max_new_tokens=count, do_sample=False, pad_token_id=END
            )
        answer: list[int] = whole[0, len(ids) :].tolist()
        return answer[: answer.index(END)] if END in answer else answer

    return Random(folder, greedy)


@pytest.fixture(scope="session")
def random_checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Random]:
    """Gives the checkpoint of a kind, "gpt_neox" or "codegen"; each is made once."""
    made: dict[str, Random] = {}

    def give(kind: str) -> Random:
        if kind not in made:
            made[kind] = save_random(kind, tmp_path_factory.mktemp(kind))
        return made[kind]

    return give


@pytest.fixture(scope="session")
def by_optimum(
    tmp_path_factory: pytest.TempPathFactory, random_checkpoint: Callable[[str], Random]
) -> Callable[[str], Path]:
    """Exports the checkpoint of a kind and gives the model folder; each is made once, do not change it."""
    made: dict[str, Path] = {}

    def give(kind: str) -> Path:
        if kind not in made:
            made[kind] = tmp_path_factory.mktemp("model")
            options = ExportOptions(name="random", precision="fp32", source="test", measures_perplexity=False)
            export_with_optimum(random_checkpoint(kind).folder, made[kind], options=options, progress=lambda _: None)
        return made[kind]

    return give


@pytest.fixture
def ask() -> Ask:
    """Reads one answer to its end: its tokens and its cost."""

    def read(engine: Engine, request: GenerationRequest) -> Answer:
        async def reading() -> Answer:
            generation = engine.generate(request)
            return [token async for token in generation], generation.usage

        return asyncio.run(reading())

    return read
