"""Writes the embedded model's GGUF as a folder of the hub's layout, for peers that read only that.

The weights are the dequantised ones, in float32: what the peer makes of them starts from the same numbers as ours.
"""

import json
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

from jupyter_starcoder.export.checkpoint import Checkpoint
from jupyter_starcoder.export.gguf_checkpoint import LLAMA_LAYER_TENSORS, LLAMA_TENSORS, GgufCheckpoint


def write_hub_folder(gguf: Path, folder: Path) -> None:
    """Writes config.json, the tokenizer and one safetensors file."""
    folder.mkdir(parents=True, exist_ok=True)
    with GgufCheckpoint(gguf) as checkpoint:
        config = config_of(checkpoint)
        names = [*LLAMA_TENSORS]
        for layer in range(int(str(config["num_hidden_layers"]))):
            names += [f"model.layers.{layer}.{part}.weight" for part in LLAMA_LAYER_TENSORS]
        tensors = {name: np.array(checkpoint.read(name)) for name in names if checkpoint.has(name)}
        save_file(tensors, folder / "model.safetensors", {"format": "pt"})
        checkpoint.write_tokenizer(folder / "tokenizer.json")
    (folder / "config.json").write_text(json.dumps(config, indent=2), encoding="utf-8")
    tokenizer = {"tokenizer_class": "PreTrainedTokenizerFast", "eos_token": "<|im_end|>", "bos_token": "<|im_start|>"}
    (folder / "tokenizer_config.json").write_text(json.dumps(tokenizer, indent=2), encoding="utf-8")


def config_of(checkpoint: Checkpoint) -> dict[str, object]:
    """A config.json of transformers' LlamaForCausalLM."""
    settings = checkpoint.settings
    width, heads = settings.integer("hidden_size"), settings.integer("num_attention_heads")
    return {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        "vocab_size": settings.integer("vocab_size"),
        "hidden_size": width,
        "intermediate_size": settings.integer("intermediate_size"),
        "num_hidden_layers": settings.integer("num_hidden_layers"),
        "num_attention_heads": heads,
        "num_key_value_heads": settings.integer("num_key_value_heads", heads),
        "head_dim": settings.integer("head_dim", width // heads),
        "max_position_embeddings": settings.integer("max_position_embeddings"),
        "rms_norm_eps": settings.number("rms_norm_eps"),
        "rope_theta": settings.number("rope_theta", 10_000.0),
        "hidden_act": "silu",
        "tie_word_embeddings": settings.flag("tie_word_embeddings", True),
        "bos_token_id": 1,
        "eos_token_id": list(checkpoint.end_ids),
        "torch_dtype": "float32",
    }
