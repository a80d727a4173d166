"""`jupyter starcoder export`: where the model goes, and what is said of it."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file
from tokenizers import Tokenizer
from tokenizers.models import BPE

from jupyter_starcoder.cli import main
from jupyter_starcoder.models.store import Store
from jupyter_starcoder.values.manifest import read_manifest
from jupyter_starcoder.values.model import Progress


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    """A llama of one layer, without torch."""
    folder = tmp_path / "Tiny"
    folder.mkdir()
    config = {
        "model_type": "llama",
        "vocab_size": 16,
        "hidden_size": 16,
        "intermediate_size": 32,
        "num_hidden_layers": 1,
        "num_attention_heads": 1,
        "max_position_embeddings": 32,
        "tie_word_embeddings": True,
    }
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    random = np.random.default_rng(0)
    shapes: dict[str, tuple[int, ...]] = {f"self_attn.{part}_proj": (16, 16) for part in "qkvo"}
    shapes |= {"mlp.gate_proj": (32, 16), "mlp.up_proj": (32, 16), "mlp.down_proj": (16, 32)}
    shapes |= {"input_layernorm": (16,), "post_attention_layernorm": (16,)}
    names: dict[str, tuple[int, ...]] = {f"model.layers.0.{name}.weight": shape for name, shape in shapes.items()}
    names |= {"model.embed_tokens.weight": (16, 16), "model.norm.weight": (16,)}
    tensors = {name: random.normal(size=shape).astype(np.float32) for name, shape in names.items()}
    save_file(tensors, folder / "model.safetensors")
    letters = {letter: number for number, letter in enumerate("abcdefghijklmnop")}
    Tokenizer(BPE(vocab=letters, merges=[])).save(str(folder / "tokenizer.json"))
    return folder


def test_the_output_folder_gets_the_model(checkpoint: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """And stdout says where it is and how good."""
    status = main(["export", str(checkpoint), "--precision", "int8", "-o", str(tmp_path / "out")])

    manifest = read_manifest(tmp_path / "out")
    assert status == 0
    assert (manifest.name, manifest.precision, manifest.source) == ("tiny", "int8", "folder:Tiny")
    assert manifest.perplexity is not None
    printed = capsys.readouterr().out
    assert str(tmp_path / "out") in printed
    assert f"{manifest.perplexity.exported:.3f} in int8" in printed


def test_without_an_output_folder_the_store_gets_it(
    checkpoint: Path, tmp_path: Path, configure: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    """The one that the settings name. Perplexity is left out when that is asked for."""
    configure(models_dir=os.fspath(tmp_path / "configured"))

    main(["export", str(checkpoint), "--no-perplexity", "--precision", "fp32"])

    assert [manifest.name for manifest in Store(tmp_path / "configured").manifests()] == ["tiny"]
    assert "perplexity: not measured" in capsys.readouterr().out


def test_progress_for_a_program_is_all_that_stdout_gets(
    checkpoint: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One object a line."""
    main(["export", str(checkpoint), "-o", str(tmp_path / "out"), "--no-perplexity", "--progress", "json"])

    steps = [Progress(**json.loads(line)).step for line in capsys.readouterr().out.splitlines()]
    assert steps[-1] == "ready"


def test_an_unknown_architecture_is_one_line_on_stderr(
    checkpoint: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With those that are known, status 1, and no folder."""
    config = json.loads((checkpoint / "config.json").read_text(encoding="utf-8"))
    (checkpoint / "config.json").write_text(json.dumps(config | {"model_type": "mamba"}), encoding="utf-8")

    status = main(["export", str(checkpoint), "-o", str(tmp_path / "out"), "--progress", "none"])

    assert status == 1
    assert capsys.readouterr().err.startswith("error: no graph is known for the architecture 'mamba'")
    assert not (tmp_path / "out").exists()


def test_device_and_block_size_can_be_chosen(
    checkpoint: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The summary says what the graph is written for and what a token reads."""
    options = ["--device", "cuda", "--precision", "int8", "--block-size", "16", "--head-bits", "4", "--no-perplexity"]

    status = main(["export", str(checkpoint), *options, "-o", str(tmp_path / "out")])

    manifest = read_manifest(tmp_path / "out")
    assert status == 0
    assert (manifest.device, manifest.precision) == ("cuda", "int8")
    assert manifest.inputs["past_key_values.0.key"].dtype == "float16"
    assert "for CUDA; a token reads" in capsys.readouterr().out


def test_a_precision_that_a_device_lacks_is_one_line(
    checkpoint: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With those that it has; nothing is left."""
    status = main(["export", str(checkpoint), "--device", "cuda", "--precision", "fp32", "-o", str(tmp_path / "out")])

    assert status == 1
    assert "choose one of fp16, int8, int4" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
