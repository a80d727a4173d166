"""From a name to a folder in the store: made once, made whole, and nothing of the user's is overwritten."""

import errno
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from jupyter_starcoder import preparation
from jupyter_starcoder.errors import DiskFull, ExportError, ModelDamaged
from jupyter_starcoder.export.ways import EXPORTERS
from jupyter_starcoder.models.store import Store
from jupyter_starcoder.preparation import Wishes, device_here, export_to, prepare
from jupyter_starcoder.values.manifest import FORMAT, read_manifest, write_manifest
from jupyter_starcoder.values.model import DATA_FILE, Progress

if TYPE_CHECKING:
    from tests.export.conftest import Small

FAST = Wishes(precision="int8", measures_perplexity=False)

KILLED_IN_THE_MIDDLE = (
    "import sys, time, pathlib\n"
    "from jupyter_starcoder.preparation import Wishes, export_to\n"
    "def watch(progress):\n"
    "    if progress.done == 2:\n"
    "        print('half', flush=True)\n"
    "        time.sleep(600)\n"
    "wishes = Wishes(precision='int8', measures_perplexity=False)\n"
    "export_to(sys.argv[1], pathlib.Path(sys.argv[2]), wishes=wishes, progress=watch)\n"
)


@pytest.fixture
def checkpoint(small: "Callable[[str], Small]") -> str:
    """A small llama."""
    return str(small("llama-grouped-tied").folder)


def test_a_model_is_made_once(checkpoint: str, tmp_path: Path) -> None:
    """The second time it is there: no step is taken."""
    store = Store(tmp_path)
    seen: list[Progress] = []

    first = prepare(checkpoint, store=store, precision="int8", progress=seen.append)
    steps = len(seen)
    second = prepare(checkpoint, store=store, precision=None, progress=seen.append)

    assert first == second == store.folder(first.name)
    assert steps == len(seen) > 0
    assert [path.name for path in tmp_path.iterdir()] == [first.name]


def test_a_full_disk_is_told_as_such(checkpoint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whichever step meets it, and nothing is left of the attempt."""

    def write(*_: object, **__: object) -> None:
        raise ExportError("the folder cannot be written") from OSError(errno.ENOSPC, "what the system says of it")

    monkeypatch.setitem(EXPORTERS, "graph", write)

    with pytest.raises(DiskFull, match=r"the disk is full.*delete models that nobody uses"):
        prepare(checkpoint, store=Store(tmp_path), precision="int8", progress=lambda _: None)

    assert not [path for path in tmp_path.iterdir() if not path.name.endswith(".lock")]


def test_a_model_that_is_there_needs_no_right_to_write(
    checkpoint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A store may belong to an administrator, and be read by everybody."""
    store = Store(tmp_path)
    first = prepare(checkpoint, store=store, precision="int8", progress=lambda _: None)

    def refuse(_target: Path, _progress: object) -> None:
        raise AssertionError

    monkeypatch.setattr(preparation, "claimed", refuse)

    assert prepare(checkpoint, store=store, precision="int8", progress=lambda _: None) == first


def test_another_precision_takes_its_place(checkpoint: str, tmp_path: Path) -> None:
    """When it is asked for by name."""
    store = Store(tmp_path)
    prepare(checkpoint, store=store, precision="int8", progress=lambda _: None)

    folder = prepare(checkpoint, store=store, precision="fp32", progress=lambda _: None)

    assert read_manifest(folder).precision == "fp32"
    assert len(store.manifests()) == 1


def test_a_graph_of_an_older_format_is_made_again(checkpoint: str, tmp_path: Path) -> None:
    """It would be served, one answer at a time; who asks for the model gets what this version writes."""
    store = Store(tmp_path)
    folder = prepare(checkpoint, store=store, precision="fp32", progress=lambda _: None)
    write_manifest(folder, replace(read_manifest(folder), format=FORMAT - 1))

    prepare(checkpoint, store=store, precision=None, progress=lambda _: None)

    assert read_manifest(folder).format == FORMAT


def test_a_graph_for_another_device_takes_its_place(checkpoint: str, tmp_path: Path) -> None:
    """When it is asked for by name; without, the one that is there will do."""
    store = Store(tmp_path)
    prepare(checkpoint, store=store, precision=None, device="cpu", progress=lambda _: None)

    folder = prepare(checkpoint, store=store, precision=None, device="cuda", progress=lambda _: None)
    again = prepare(checkpoint, store=store, precision=None, progress=lambda _: None)

    manifest = read_manifest(again)
    assert again == folder
    assert (manifest.device, manifest.precision) == ("cuda", "fp16")


@pytest.mark.parametrize(
    ("providers", "driver", "device"),
    [
        (["CPUExecutionProvider"], "libcuda.so.1", "cpu"),
        (["CUDAExecutionProvider", "CPUExecutionProvider"], None, "cpu"),
        (["CUDAExecutionProvider", "CPUExecutionProvider"], "libcuda.so.1", "cuda"),
    ],
)
def test_the_device_here_is_a_gpu_with_all_it_needs(
    monkeypatch: pytest.MonkeyPatch, providers: list[str], driver: str | None, device: str
) -> None:
    """ONNX Runtime's provider and NVIDIA's driver."""
    monkeypatch.setattr("onnxruntime.get_available_providers", lambda: providers)
    monkeypatch.setattr("ctypes.util.find_library", lambda _: driver)

    assert device_here() == device


def test_a_local_folder_needs_no_network(checkpoint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the folder to the measured model not one connection is tried."""
    tried: list[object] = []

    def trap(*arguments: object) -> None:
        tried.append(arguments)
        raise OSError("no network here")

    for name in ("connect", "connect_ex"):
        monkeypatch.setattr(f"socket.socket.{name}", trap)
    monkeypatch.setattr("socket.getaddrinfo", trap)

    folder = prepare(checkpoint, store=Store(tmp_path), precision="int8", progress=lambda _: None)

    assert read_manifest(folder).perplexity is not None
    assert tried == []


def test_a_damaged_model_is_made_again(checkpoint: str, tmp_path: Path) -> None:
    """A file was cut short on the disk."""
    store = Store(tmp_path)
    folder = prepare(checkpoint, store=store, precision="int8", progress=lambda _: None)
    with (folder / DATA_FILE).open("rb+") as file:
        file.truncate(100)
    with pytest.raises(ModelDamaged):
        store.folder(folder.name)

    prepare(checkpoint, store=store, precision=None, progress=lambda _: None)

    store.verify(folder.name)


def test_a_folder_of_something_else_is_left_as_it_is(checkpoint: str, tmp_path: Path) -> None:
    """The user named the wrong folder."""
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")

    with pytest.raises(ExportError, match="not a model folder"):
        export_to(checkpoint, tmp_path, wishes=FAST, progress=lambda _: None)

    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_an_export_killed_in_the_middle_leaves_no_model(checkpoint: str, tmp_path: Path) -> None:
    """Kill -9 while weights are written; the next try succeeds and sweeps what was left."""
    target = tmp_path / "model"
    command = [sys.executable, "-c", KILLED_IN_THE_MIDDLE, checkpoint, str(target)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"half\n"
        process.send_signal(signal.SIGKILL)

    assert not target.exists()
    left = list(tmp_path.rglob("*"))
    assert DATA_FILE in {path.name for path in left}, "it was not killed in the middle"
    assert "manifest.json" not in {path.name for path in left}

    export_to(checkpoint, target, wishes=FAST, progress=lambda _: None)

    assert [path.name for path in tmp_path.iterdir()] == ["model"]


def test_a_new_export_killed_in_the_middle_leaves_the_old_model(checkpoint: str, tmp_path: Path) -> None:
    """The old model stays whole and in its place."""
    store = Store(tmp_path)
    folder = prepare(checkpoint, store=store, precision="fp32", progress=lambda _: None)
    command = [sys.executable, "-c", KILLED_IN_THE_MIDDLE, checkpoint, str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"half\n"
        process.send_signal(signal.SIGKILL)

    store.verify(folder.name)
    assert [manifest.precision for manifest in store.manifests()] == ["fp32"]
