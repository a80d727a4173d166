"""What goes wrong has a name, says what to do, and leaves the store as it was."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tokenizers import AddedToken, Tokenizer

from jupyter_starcoder.errors import CheckpointDamaged, ModelDamaged
from jupyter_starcoder.models.store import Store
from jupyter_starcoder.preparation import prepare
from jupyter_starcoder.values.manifest import read_manifest
from jupyter_starcoder.values.model import DATA_FILE, MANIFEST_FILE, TOKENIZER_FILE, Manifest

if TYPE_CHECKING:
    from tests.export.conftest import Small

PREPARE = (
    "import sys, pathlib\n"
    "from jupyter_starcoder.errors import StarcoderError\n"
    "from jupyter_starcoder.models.store import Store\n"
    "from jupyter_starcoder.preparation import prepare\n"
    "try:\n"
    "    store = Store(pathlib.Path(sys.argv[2]))\n"
    "    prepare(sys.argv[1], store=store, precision=sys.argv[3], device='cpu', progress=lambda _: None)\n"
    "except StarcoderError as error:\n"
    "    print(error.code, error.message)\n"
)
SMALL_FILES = "import resource\nresource.setrlimit(resource.RLIMIT_FSIZE, ({0}, {0}))\n"


@pytest.fixture
def checkpoint(small: "Callable[[str], Small]") -> str:
    """A small llama: 0.5 MB in float32, a third of it in int8."""
    return str(small("llama-grouped-tied").folder)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 500 KiB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounting = ["mount", "-t", "tmpfs", "-o", "size=500k", "tmpfs", str(folder)]
    try:
        mounted = subprocess.run(mounting, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        mounted = False
    if not mounted:
        pytest.skip("mounting a small disk is not permitted here")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def prepared_apart(checkpoint: str, root: Path, precision: str, first: str = "") -> str:
    """What a process of its own prints when it fails; empty when it does not."""
    command = [sys.executable, "-c", first + PREPARE, checkpoint, str(root), precision]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_a_full_disk_leaves_the_old_model(checkpoint: str, small_disk: Path) -> None:
    """The int8 model fits beside nothing larger; the float32 one that shall take its place does not."""
    store = Store(small_disk)
    folder = prepare(checkpoint, store=store, precision="int8", device="cpu", progress=lambda _: None)
    before = sorted(path.name for path in small_disk.rglob("*"))

    printed = prepared_apart(checkpoint, small_disk, "fp32")

    assert printed.startswith("disk_full")
    assert f"Free space where {small_disk} lies" in printed
    store.verify(folder.name)
    assert sorted(path.name for path in small_disk.rglob("*")) == before


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such limit")
@pytest.mark.parametrize("limit_bytes", [1_000, 20_000, 150_000])
def test_a_write_that_fails_leaves_the_old_model(checkpoint: str, tmp_path: Path, limit_bytes: int) -> None:
    """In the tokenizer, in the first and in the last of the weights."""
    store = Store(tmp_path)
    folder = prepare(checkpoint, store=store, precision="int8", device="cpu", progress=lambda _: None)

    printed = prepared_apart(checkpoint, tmp_path, "fp32", SMALL_FILES.format(limit_bytes))

    assert printed.startswith("export_error")
    assert "File too large" in printed
    store.verify(folder.name)
    assert [path.name for path in tmp_path.iterdir()] == [folder.name]
    assert read_manifest(folder).precision == "int8"


@pytest.fixture
def model(checkpoint: str, tmp_path: Path) -> tuple[Store, Path]:
    """A store with one model, and its folder."""
    store = Store(tmp_path / "models")
    return store, prepare(checkpoint, store=store, precision="int8", device="cpu", progress=lambda _: None)


def test_truncated_weights_are_named_before_they_are_loaded(model: tuple[Store, Path]) -> None:
    """By their size."""
    store, folder = model
    with (folder / DATA_FILE).open("rb+") as file:
        file.truncate(5000)

    with pytest.raises(ModelDamaged, match=r"model\.onnx\.data has 5000 bytes instead of"):
        store.folder(folder.name)


def test_a_flipped_bit_is_found_by_verify(model: tuple[Store, Path]) -> None:
    """One of the weights' file, which has its right size."""
    store, folder = model
    store.verify(folder.name)
    with (folder / DATA_FILE).open("rb+") as file:
        file.seek(4096)
        byte = file.read(1)[0]
        file.seek(4096)
        file.write(bytes([byte ^ 1]))

    with pytest.raises(ModelDamaged, match="not what was written"):
        store.verify(folder.name)


def test_a_tokenizer_of_another_model_is_refused_in_the_store(model: tuple[Store, Path]) -> None:
    """Its hash is another."""
    store, folder = model
    text = (folder / TOKENIZER_FILE).read_text(encoding="utf-8")
    (folder / TOKENIZER_FILE).write_text(text.replace("fim_prefix", "fim_suffix"), encoding="utf-8")

    with pytest.raises(ModelDamaged, match=r"tokenizer\.json is not what was written"):
        store.folder(folder.name)


def test_a_tokenizer_of_a_larger_model_is_refused_by_the_export(checkpoint: str, tmp_path: Path) -> None:
    """It has tokens that the model does not."""
    copy = tmp_path / "checkpoint"
    copy.mkdir()
    for path in Path(checkpoint).iterdir():
        (copy / path.name).write_bytes(path.read_bytes())
    tokenizer = Tokenizer.from_file(str(copy / "tokenizer.json"))
    tokenizer.add_special_tokens([AddedToken(f"<extra{number}>", special=True) for number in range(100)])
    tokenizer.save(str(copy / "tokenizer.json"))
    store = Store(tmp_path / "models")

    with pytest.raises(CheckpointDamaged, match="358 tokens but the model 320"):
        prepare(str(copy), store=store, precision="int8", progress=lambda _: None)
    assert list(store.root.iterdir()) == []


def test_a_manifest_of_before_is_read(model: tuple[Store, Path]) -> None:
    """One that names neither the device nor the bytes a token reads."""
    _, folder = model
    path = folder / MANIFEST_FILE
    facts = json.loads(path.read_text(encoding="utf-8"))
    del facts["device"], facts["weight_bytes_per_token"]
    path.write_text(json.dumps(facts), encoding="utf-8")

    manifest: Manifest = read_manifest(folder)

    assert (manifest.device, manifest.weight_bytes_per_token) == ("cpu", 0)


def test_a_manifest_with_a_kind_of_number_that_is_none_is_damage(model: tuple[Store, Path]) -> None:
    """Nobody is asked for a cache of it."""
    _, folder = model
    path = folder / MANIFEST_FILE
    facts = json.loads(path.read_text(encoding="utf-8"))
    facts["inputs"]["past_key_values.0.key"]["dtype"] = "float17"
    path.write_text(json.dumps(facts), encoding="utf-8")

    with pytest.raises(ModelDamaged, match="float17"):
        read_manifest(folder)
