"""Folders of the hub's kind: shards, types of floats, and what is refused."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from safetensors.numpy import save_file

from jupyter_starcoder.errors import CheckpointDamaged, ModelUnsupported, UnknownModel
from jupyter_starcoder.export import ExportOptions, export_checkpoint
from jupyter_starcoder.export.checkpoint import open_checkpoint

if TYPE_CHECKING:
    from tests.export.conftest import Small

LLAMA = {"model_type": "llama", "num_hidden_layers": 1, "hidden_size": 8}
OPTIONS = ExportOptions(name="x", precision="fp32", source="test", measures_perplexity=False)


def write_config(folder: Path, **changes: object) -> None:
    """A config.json."""
    (folder / "config.json").write_text(json.dumps(LLAMA | changes), encoding="utf-8")


def write_raw(path: Path, dtype: str, shape: list[int], data: bytes) -> None:
    """A safetensors file of one tensor `w`."""
    header = json.dumps({"w": {"dtype": dtype, "shape": shape, "data_offsets": [0, len(data)]}}).encode()
    path.write_bytes(len(header).to_bytes(8, "little") + header + data)


def test_bfloat16_is_read_without_torch(tmp_path: Path) -> None:
    """Its bits are the upper half of a float32."""
    write_config(tmp_path)
    values = np.array([1.0, -2.5, 3.0e38, 0.0], dtype=np.float32)
    upper = (values.view(np.uint32) >> 16).astype("<u2")
    write_raw(tmp_path / "model.safetensors", "BF16", [2, 2], upper.tobytes())

    read = open_checkpoint(tmp_path).read("w")

    assert read.dtype == np.float32
    assert np.array_equal(read, (upper.astype(np.uint32) << 16).view(np.float32).reshape(2, 2))


def test_float16_is_read_as_float32(tmp_path: Path) -> None:
    """Exactly."""
    write_config(tmp_path)
    save_file({"w": np.array([[0.1, 65504.0]], dtype=np.float16)}, tmp_path / "model.safetensors")

    read = open_checkpoint(tmp_path).read("w")

    assert np.array_equal(read, np.array([[0.1, 65504.0]], dtype=np.float16).astype(np.float32))


def test_shards_are_found_through_the_index(tmp_path: Path) -> None:
    """Each tensor comes out of its own file."""
    write_config(tmp_path)
    for number in (1, 2):
        save_file({f"w{number}": np.full(3, number, np.float32)}, tmp_path / f"model-{number}.safetensors")
    weight_map = {"w1": "model-1.safetensors", "w2": "model-2.safetensors"}
    (tmp_path / "model.safetensors.index.json").write_text(json.dumps({"weight_map": weight_map}), encoding="utf-8")

    checkpoint = open_checkpoint(tmp_path)

    assert checkpoint.read("w1")[0] == 1
    assert checkpoint.read("w2")[0] == 2


@pytest.mark.parametrize("name", ["model-9.safetensors", "../model-1.safetensors"])
def test_a_shard_that_is_not_there_is_named(tmp_path: Path, name: str) -> None:
    """A path that leads out of the folder is not followed either."""
    folder = tmp_path / "model"
    folder.mkdir()
    write_config(folder)
    save_file({"w": np.zeros(1, np.float32)}, tmp_path / "model-1.safetensors")
    (folder / "model.safetensors.index.json").write_text(json.dumps({"weight_map": {"w": name}}), encoding="utf-8")

    with pytest.raises(CheckpointDamaged, match=r"lacks .*model-"):
        open_checkpoint(folder)


def test_a_tensor_that_is_not_in_its_shard_is_named(tmp_path: Path) -> None:
    """The index and the files are of different models."""
    write_config(tmp_path)
    save_file({"w": np.zeros(1, np.float32)}, tmp_path / "model-1.safetensors")
    weight_map = {"w": "model-1.safetensors", "v": "model-1.safetensors"}
    (tmp_path / "model.safetensors.index.json").write_text(json.dumps({"weight_map": weight_map}), encoding="utf-8")

    with pytest.raises(CheckpointDamaged, match=r"model-1\.safetensors lacks v"):
        open_checkpoint(tmp_path)


def test_pickles_are_refused_with_the_reason(tmp_path: Path) -> None:
    """They can run any code."""
    write_config(tmp_path)
    (tmp_path / "pytorch_model.bin").write_bytes(b"x")

    with pytest.raises(ModelUnsupported, match=r"can run any code.*save_pretrained"):
        open_checkpoint(tmp_path)


@pytest.mark.parametrize("keep", [4, 40, -4])
def test_safetensors_cut_short_are_damaged(tmp_path: Path, keep: int) -> None:
    """In the length, in the header and in the data."""
    write_config(tmp_path)
    path = tmp_path / "model.safetensors"
    save_file({"w": np.zeros((4, 4), np.float32)}, path)
    path.write_bytes(path.read_bytes()[:keep])

    with pytest.raises(CheckpointDamaged, match="get it again"):
        open_checkpoint(tmp_path)


def test_an_unread_type_is_refused_by_name(tmp_path: Path) -> None:
    """Integers are no weights that we know."""
    write_config(tmp_path)
    write_raw(tmp_path / "model.safetensors", "I8", [4], b"abcd")

    with pytest.raises(ModelUnsupported, match="I8"):
        open_checkpoint(tmp_path).read("w")


def test_a_folder_without_config_is_no_model(tmp_path: Path) -> None:
    """The message says what a model folder holds."""
    with pytest.raises(UnknownModel, match=r"config\.json"):
        open_checkpoint(tmp_path)


@pytest.mark.parametrize(
    ("kind", "changes", "message"),
    [
        ("llama-grouped-tied", {"model_type": "gpt_neox"}, r"'gpt_neox'.*gpt_bigcode, llama, starcoder2"),
        ("llama-grouped-tied", {"rope_scaling": {"rope_type": "llama3"}}, "'llama3'"),
        ("llama-grouped-tied", {"rope_scaling": {"type": "linear", "factor": 2.0}}, "'linear'"),
        ("llama-grouped-tied", {"head_dim": 24}, "multiples of 16"),
        ("llama-grouped-tied", {"hidden_act": "gelu"}, "'gelu'"),
        ("bigcode-multi-query", {"activation_function": "relu"}, "'relu'"),
        ("starcoder2-tied", {"rope_scaling": {"rope_type": "yarn"}}, "'yarn'"),
        ("starcoder2-tied", {"hidden_act": "silu"}, "'silu'"),
    ],
)
def test_what_the_graph_does_not_follow_is_refused_by_name(
    tmp_path: Path, small: "Callable[[str], Small]", kind: str, changes: dict[str, object], message: str
) -> None:
    """Rather than compute something else."""
    folder = changed_copy(small(kind).folder, tmp_path / "copy", changes)
    (tmp_path / "out").mkdir()

    with pytest.raises(ModelUnsupported, match=message):
        export_checkpoint(folder, tmp_path / "out", options=OPTIONS, progress=lambda _: None)


@pytest.mark.parametrize("kind", ["llama-grouped-tied", "starcoder2-untied-unbiased"])
@pytest.mark.parametrize(
    "changes",
    [{"num_hidden_layers": 4}, {"intermediate_size": 80}, {"hidden_size": "wide"}, {"num_key_value_heads": 3}],
)
def test_settings_that_do_not_fit_the_tensors_are_damage(
    tmp_path: Path, small: "Callable[[str], Small]", kind: str, changes: dict[str, object]
) -> None:
    """A tensor that is missing, one of another shape, and a number that is none."""
    folder = changed_copy(small(kind).folder, tmp_path / "copy", changes)
    (tmp_path / "out").mkdir()

    with pytest.raises(CheckpointDamaged):
        export_checkpoint(folder, tmp_path / "out", options=OPTIONS, progress=lambda _: None)
    assert not (tmp_path / "out" / "manifest.json").exists()


def changed_copy(source: Path, target: Path, changes: dict[str, object]) -> Path:
    """The checkpoint with other settings."""
    target.mkdir()
    for path in source.iterdir():
        (target / path.name).write_bytes(path.read_bytes())
    config = json.loads((target / "config.json").read_text(encoding="utf-8"))
    (target / "config.json").write_text(json.dumps(config | changes), encoding="utf-8")
    return target
