"""`--via optimum`: what we do not write by hand is traced."""

import json
import shutil
import socket
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from safetensors.numpy import load_file, save_file

from jupyter_starcoder.cli import main
from jupyter_starcoder.export import ways
from jupyter_starcoder.models.store import ROOT_VARIABLE, Store
from jupyter_starcoder.values.manifest import read_manifest
from jupyter_starcoder.values.model import DATA_FILE, GRAPH_FILE

if TYPE_CHECKING:
    from tests.optimum.conftest import Random


@pytest.fixture
def neox(random_checkpoint: "Callable[[str], Random]", tmp_path: Path) -> Path:
    """A copy of the random gpt_neox that a test may damage."""
    return Path(shutil.copytree(random_checkpoint("gpt_neox").folder, tmp_path / "Neox"))


def test_an_architecture_without_a_graph_is_sent_to_optimum(
    neox: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line says so and what it costs; the store has a whole model; no network was asked."""

    def refuse(_socket: socket.socket, address: object) -> None:
        raise AssertionError(f"{address} was asked")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setenv(ROOT_VARIABLE, str(tmp_path / "models"))

    assert main(["export", str(neox)]) == 0

    store = Store(tmp_path / "models")
    store.verify("neox")
    (manifest,) = store.manifests()
    assert (manifest.family, manifest.precision, manifest.window_tokens) == ("optimum", "fp32", 128)
    assert (manifest.layers, manifest.kv_heads, manifest.head_size) == (2, 4, 16)
    assert (manifest.vocabulary_size, manifest.end_ids, manifest.markers) == (320, (256,), ("<|endoftext|>",))
    assert manifest.files.keys() >= {GRAPH_FILE, DATA_FILE, "tokenizer.json", "config.json"}
    assert manifest.inputs["past_key_values.1.key"].shape[1] == 4
    assert manifest.outputs["logits"].dtype == "float32"
    assert manifest.perplexity is not None
    assert manifest.perplexity.exported == pytest.approx(manifest.perplexity.float32, rel=1e-4)
    said = capsys.readouterr()
    assert f"'gpt_neox' has no graph of ours, so optimum exports it: {ways.COST}" in said.err.splitlines()
    assert ways.COST in said.out


def test_a_family_of_ours_goes_via_optimum_when_that_is_asked_for(tmp_path: Path, neox: Path) -> None:
    """And nobody is told what they know."""
    assert main(["export", str(neox), "--via", "optimum", "--no-perplexity", "-o", str(tmp_path / "out")]) == 0

    assert read_manifest(tmp_path / "out").family == "optimum"


def test_another_precision_is_refused(neox: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Before anything is traced."""
    assert main(["export", str(neox), "--precision", "int8", "-o", str(tmp_path / "out")]) == 1

    assert "optimum exports are written in fp32, not int8" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_without_the_extra_the_error_names_it(
    neox: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Both when optimum is asked for and when it would be the way out."""
    monkeypatch.setattr("jupyter_starcoder.export.optimum_export._has", lambda package: package != "optimum-onnx")

    for arguments in ([], ["--via", "optimum"]):
        assert main(["export", str(neox), "-o", str(tmp_path / "out"), "--progress", "none", *arguments]) == 1
        said = capsys.readouterr().err
        assert "pip install 'jupyter_starcoder[export]'" in said
        assert "--via optimum" in said


def test_a_missing_tensor_is_not_made_up(neox: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Transformers would fill it with random numbers."""
    tensors = load_file(neox / "model.safetensors")
    del tensors["gpt_neox.layers.1.mlp.dense_h_to_4h.weight"]
    save_file(tensors, neox / "model.safetensors", {"format": "pt"})

    assert main(["export", str(neox), "-o", str(tmp_path / "out"), "--progress", "none"]) == 1

    assert "lacks 1 tensors, gpt_neox.layers.1.mlp.dense_h_to_4h.weight" in capsys.readouterr().err


def test_weights_that_are_pickles_are_refused(neox: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """As for our own graphs."""
    (neox / "model.safetensors").rename(neox / "pytorch_model.bin")

    assert main(["export", str(neox), "--via", "optimum", "-o", str(tmp_path / "out"), "--progress", "none"]) == 1

    assert "Python pickles" in capsys.readouterr().err


def test_an_architecture_that_nobody_knows_is_one_line(
    neox: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With those that we know."""
    config = json.loads((neox / "config.json").read_text(encoding="utf-8"))
    (neox / "config.json").write_text(json.dumps(config | {"model_type": "nonesuch"}), encoding="utf-8")

    assert main(["export", str(neox), "-o", str(tmp_path / "out"), "--progress", "none"]) == 1

    said = capsys.readouterr().err
    assert said.startswith("error: no graph is known for the architecture 'nonesuch': we know gpt_bigcode")
    assert "optimum does not export it" in said
