"""Which model folders are served, and what is said of the others."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from jupyter_starcoder.engine import session
from jupyter_starcoder.engine.runtime import load_runtime
from jupyter_starcoder.engine.session import Session
from jupyter_starcoder.engine.settings import EngineSettings
from jupyter_starcoder.errors import ModelDamaged, ModelUnsupported

CPU = EngineSettings(provider="cpu", threads=1)


def rewrite(folder: Path, change: Callable[[dict[str, Any]], None]) -> None:
    """Changes a manifest."""
    path = folder / "manifest.json"
    manifest = json.loads(path.read_text())
    change(manifest)
    path.write_text(json.dumps(manifest))


def flip(path: Path, at: int) -> None:
    """Changes one byte, not the size."""
    content = bytearray(path.read_bytes())
    content[at] ^= 0xFF
    path.write_bytes(content)


def test_session_opens_a_whole_folder(tiny_model: Path) -> None:
    """An exported folder is served as its manifest says."""
    opened = Session(tiny_model, CPU)

    assert (opened.manifest.name, opened.device.title, opened.window_tokens) == ("tiny", "CPU", 96)


def test_session_missing_folder_is_named(tmp_path: Path) -> None:
    """A folder that is not there is no crash."""
    with pytest.raises(ModelDamaged, match="absent is not a folder"):
        Session(tmp_path / "absent", CPU)


@pytest.mark.parametrize("name", ["manifest.json", "model.onnx", "model.onnx.data", "tokenizer.json"])
def test_session_missing_file_is_named(tiny_copy: Path, name: str) -> None:
    """A folder without one of its files says which and what to do."""
    (tiny_copy / name).unlink()

    with pytest.raises(ModelDamaged, match=rf"{name}.*export"):
        Session(tiny_copy, CPU)


@pytest.mark.parametrize("name", ["manifest.json", "model.onnx", "model.onnx.data"])
def test_session_file_that_cannot_be_read_is_named(tiny_copy: Path, name: str) -> None:
    """A file that is there and does not open is found before ONNX Runtime fails over it."""
    (tiny_copy / name).unlink()
    (tiny_copy / name).symlink_to(name)  # to itself: a refusal that holds for root as well

    with pytest.raises(ModelDamaged, match=rf"{name}.*export"):
        Session(tiny_copy, CPU)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_session_weights_without_the_right_to_read_say_so(tiny_copy: Path) -> None:
    """The system's reason is in the message."""
    (tiny_copy / "model.onnx.data").chmod(0)

    with pytest.raises(ModelDamaged, match=r"model\.onnx\.data cannot be read .*mend its rights"):
        Session(tiny_copy, CPU)


@pytest.mark.parametrize("name", ["model.onnx", "model.onnx.data"])
@pytest.mark.parametrize("grown", [-100, 1])
def test_session_file_of_another_size_is_named(tiny_copy: Path, name: str, grown: int) -> None:
    """A file that was cut short, or grew, is found before it is loaded."""
    content = (tiny_copy / name).read_bytes()
    (tiny_copy / name).write_bytes(content[:grown] if grown < 0 else content + b"\0")

    with pytest.raises(ModelDamaged, match=rf"{name} has {len(content) + grown} bytes instead of {len(content)}"):
        Session(tiny_copy, CPU)


def test_session_size_changed_in_the_manifest_is_named(tiny_copy: Path) -> None:
    """It does not matter which of the two was changed."""
    rewrite(tiny_copy, lambda manifest: manifest["files"]["model.onnx.data"].update(size_bytes=1))

    with pytest.raises(ModelDamaged, match="instead of 1"):
        Session(tiny_copy, CPU)


def test_session_graph_that_is_no_graph_is_named(tiny_copy: Path) -> None:
    """Bytes that ONNX Runtime cannot read become our error."""
    path = tiny_copy / "model.onnx"
    path.write_bytes(b"\xff" * path.stat().st_size)

    with pytest.raises(ModelDamaged, match=r"model\.onnx cannot be loaded"):
        Session(tiny_copy, CPU)


def test_session_half_a_manifest_is_named(tiny_copy: Path) -> None:
    """A manifest that was cut is no manifest."""
    path = tiny_copy / "manifest.json"
    path.write_text(path.read_text()[:100])

    with pytest.raises(ModelDamaged, match=r"manifest\.json cannot be read"):
        Session(tiny_copy, CPU)


def test_session_manifest_that_names_no_graph_is_refused(tiny_copy: Path) -> None:
    """All files that are loaded are checked."""
    rewrite(tiny_copy, lambda manifest: manifest["files"].pop("model.onnx.data"))

    with pytest.raises(ModelDamaged, match=r"does not name model\.onnx\.data"):
        Session(tiny_copy, CPU)


def test_session_other_family_is_unsupported(tiny_copy: Path) -> None:
    """A family that this version does not run is named with those that it does."""
    rewrite(tiny_copy, lambda manifest: manifest.update(family="mamba"))

    with pytest.raises(ModelUnsupported, match=r"'mamba'.*gpt_bigcode, llama"):
        Session(tiny_copy, CPU)


@pytest.mark.parametrize("number", [0, 3])
def test_session_other_format_is_unsupported(tiny_copy: Path, number: int) -> None:
    """A folder that a newer or a forgotten version wrote is not guessed at."""
    rewrite(tiny_copy, lambda manifest: manifest.update(format=number))

    with pytest.raises(ModelUnsupported, match=f"format {number}"):
        Session(tiny_copy, CPU)


def older_runtime(version: str) -> SimpleNamespace:
    """The ONNX Runtime that is installed, as if it were of another version."""
    return SimpleNamespace(**{**vars(load_runtime()), "__version__": version})


@pytest.mark.parametrize("version", ["1.31.1", "1.9.0"])
def test_session_older_runtime_is_told_what_the_graph_needs(
    tiny_model: Path, monkeypatch: pytest.MonkeyPatch, version: str
) -> None:
    """Its own words would be of an input that it does not know."""
    monkeypatch.setattr(session, "load_runtime", lambda: older_runtime(version))

    with pytest.raises(ModelUnsupported, match=rf"tiny needs ONNX Runtime 1\.32 or newer, {version} .*update it"):
        Session(tiny_model, CPU)


@pytest.mark.parametrize("version", ["1.32.0", "1.33.0.dev20261101", "2.0"])
def test_session_newer_runtime_is_taken(tiny_model: Path, monkeypatch: pytest.MonkeyPatch, version: str) -> None:
    """Versions are compared as numbers."""
    monkeypatch.setattr(session, "load_runtime", lambda: older_runtime(version))

    assert Session(tiny_model, CPU).manifest.name == "tiny"


def test_session_manifest_of_another_graph_is_named(tiny_copy: Path) -> None:
    """Inputs, outputs and their shapes are those of the manifest, or the model is not run."""
    rewrite(tiny_copy, lambda manifest: manifest["inputs"].pop("past_key_values.1.value"))
    with pytest.raises(ModelDamaged, match=r"differ in 'past_key_values\.1\.value'"):
        Session(tiny_copy, CPU)


def test_session_manifest_of_another_shape_is_named(tiny_copy: Path) -> None:
    """A cache of another shape is found before memory is bound to it."""
    rewrite(tiny_copy, lambda manifest: manifest["inputs"]["past_key_values.1.key"].update(shape=["batch", 9, "m", 16]))

    with pytest.raises(ModelDamaged, match=r"past_key_values\.1\.key .*9, 'm', 16\) in the manifest"):
        Session(tiny_copy, CPU)


def test_session_manifest_of_another_number_is_named(tiny_copy: Path) -> None:
    """A cache of other numbers than the graph's would be bound to memory of the wrong size."""
    rewrite(tiny_copy, lambda manifest: manifest["inputs"]["past_key_values.0.value"].update(dtype="float16"))

    with pytest.raises(ModelDamaged, match=r"past_key_values\.0\.value .*float32 .*but float16 .*in the manifest"):
        Session(tiny_copy, CPU)


def test_session_manifest_with_other_layers_is_named(tiny_copy: Path) -> None:
    """The number of layers is that of the caches."""
    rewrite(tiny_copy, lambda manifest: manifest.update(layers=3))

    with pytest.raises(ModelDamaged, match="2 of 3 layers"):
        Session(tiny_copy, CPU)


def test_session_cuda_that_is_not_there_falls_back_and_says_so(tiny_model: Path) -> None:
    """Whoever asks for the GPU is served by the CPU, and can read why."""
    opened = Session(tiny_model, EngineSettings(provider="cuda", threads=1))

    if opened.device.kind == "cuda":
        pytest.skip("this machine has a GPU")
    assert "CUDA" in opened.device.title
    assert opened.device.title.startswith("CPU (")
