"""The model folder: what its manifest says is so, and perplexity is measured where it can be."""

import hashlib
import math
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import onnxruntime
import pytest

from jupyter_starcoder.errors import ExportError, ExtraMissing
from jupyter_starcoder.export import ExportOptions, export_checkpoint, perplexity
from jupyter_starcoder.values.manifest import read_manifest
from jupyter_starcoder.values.model import GRAPH_FILE, Precision, Progress

if TYPE_CHECKING:
    from tests.export.conftest import Small


@pytest.mark.parametrize("kind", ["llama-grouped-tied", "bigcode-multi-query"])
def test_the_manifest_says_what_is_there(
    kind: str, small: "Callable[[str], Small]", exported: Callable[[Path, Precision], Path]
) -> None:
    """Hashes and sizes are those of the files, inputs and outputs those of the graph."""
    folder = exported(small(kind).folder, "int8")
    manifest = read_manifest(folder)
    session = onnxruntime.InferenceSession(str(folder / GRAPH_FILE), providers=["CPUExecutionProvider"])

    for name, fact in manifest.files.items():
        content = (folder / name).read_bytes()
        assert (hashlib.sha256(content).hexdigest(), len(content)) == (fact.sha256, fact.size_bytes)
    assert {path.name for path in folder.iterdir()} == {*manifest.files, "manifest.json"}
    assert {node.name: tuple(node.shape) for node in session.get_inputs()} == {
        name: fact.shape for name, fact in manifest.inputs.items()
    }
    assert [node.name for node in session.get_outputs()] == list(manifest.outputs)
    assert manifest.markers == ("<|endoftext|>", "<fim_prefix>")
    assert manifest.end_ids == (256,)


def test_perplexity_is_measured_in_both_forms(tmp_path: Path, small: "Callable[[str], Small]") -> None:
    """Float32 and exported; progress tells of both; nothing of the float32 graph stays."""
    seen: list[Progress] = []
    options = ExportOptions(name="x", precision="int8", source="test")

    manifest = export_checkpoint(small("llama-grouped-tied").folder, tmp_path, options=options, progress=seen.append)

    assert manifest.perplexity is not None
    assert manifest.perplexity.float32 != manifest.perplexity.exported
    assert manifest.perplexity.tokens == 128  # the model's window; the text is longer
    assert {"measuring perplexity (int8)", "measuring perplexity (fp32)"} <= {progress.step for progress in seen}
    assert {path.name for path in tmp_path.iterdir()} == {*manifest.files, "manifest.json"}


def test_perplexity_is_left_out_where_float32_is_too_large(tmp_path: Path, small: "Callable[[str], Small]") -> None:
    """The export succeeds and a step tells why."""
    seen: list[Progress] = []
    options = ExportOptions(name="x", precision="int8", source="test", float32_limit_bytes=1000)

    manifest = export_checkpoint(small("llama-grouped-tied").folder, tmp_path, options=options, progress=seen.append)

    assert manifest.perplexity is None
    assert any("over the limit" in progress.step for progress in seen)


def test_perplexity_is_that_of_transformers(small: "Callable[[str], Small]", tmp_path: Path) -> None:
    """The same text, the same number."""
    checkpoint = small("llama-grouped-tied")
    options = ExportOptions(name="x", precision="fp32", source="test")

    manifest = export_checkpoint(checkpoint.folder, tmp_path, options=options, progress=lambda _: None)

    ids = perplexity.text_ids(tmp_path)[:128]
    logits = checkpoint.logits(ids[:-1]).astype(np.float64)
    chances = logits[np.arange(len(ids) - 1), ids[1:]] - np.log(np.exp(logits).sum(axis=1))
    assert manifest.perplexity is not None
    assert manifest.perplexity.float32 == pytest.approx(math.exp(-chances.mean()), rel=1e-4)


@pytest.mark.parametrize(
    ("installed", "message"),
    [((), r"jupyter_starcoder\[cpu\]"), (("onnxruntime", "onnxruntime-gpu"), "both installed")],
)
def test_the_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch, installed: tuple[str, ...], message: str) -> None:
    """None of the packages, or both."""
    monkeypatch.setattr(perplexity, "is_installed", lambda name: name in installed)

    with pytest.raises(ExtraMissing, match=message):
        perplexity.require_runtime()


def test_an_unknown_precision_is_refused() -> None:
    """With those that are known."""
    with pytest.raises(ExportError, match="fp32, fp16, int8, int4"):
        ExportOptions(name="x", precision="fp8", source="test")  # type: ignore[arg-type]


@pytest.mark.model
def test_the_embedded_model_keeps_its_perplexity(embedded_model: Path) -> None:
    """Within 3 % of float32."""
    measured = read_manifest(embedded_model).perplexity

    assert measured is not None
    assert measured.exported < 1.03 * measured.float32
    assert 1000 < measured.tokens < 2000
