"""The store: what is in it is whole, and a process killed in the middle leaves nothing that looks whole."""

import errno
import hashlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from jupyter_starcoder.errors import ModelDamaged, ModelError, ModelNotReady, UnknownModel
from jupyter_starcoder.local import is_prepared
from jupyter_starcoder.models import lock
from jupyter_starcoder.models.lock import ProcessLock
from jupyter_starcoder.models.staging import claimed, clear
from jupyter_starcoder.models.store import ROOT_VARIABLE, Store, default_root
from jupyter_starcoder.values.manifest import FORMAT, write_manifest
from jupyter_starcoder.values.model import GRAPH_FILE, FileFact, Manifest, Progress


def fill(folder: Path, name: str = "small", content: bytes = b"graph") -> None:
    """Writes the files of a model into a folder."""
    (folder / GRAPH_FILE).write_bytes(content)
    fact = FileFact(sha256=hashlib.sha256(content).hexdigest(), size_bytes=len(content))
    manifest = Manifest(
        format=FORMAT,
        name=name,
        family="llama",
        source="test",
        revision="",
        licence="",
        precision="fp32",
        window_tokens=8,
        vocabulary_size=8,
        layers=1,
        kv_heads=1,
        head_size=8,
        end_ids=(),
        markers=(),
        inputs={},
        outputs={},
        files={GRAPH_FILE: fact},
        perplexity=None,
        written_by="test",
    )
    write_manifest(folder, manifest)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """A store with one model, `small`."""
    store = Store(tmp_path / "models")
    with store.staging("small") as fresh:
        fill(fresh)
    return store


def test_a_staged_model_is_there_afterwards(store: Store) -> None:
    """And nothing else."""
    assert [manifest.name for manifest in store.manifests()] == ["small"]
    assert store.folder("small") == store.root / "small"
    assert [path.name for path in store.root.iterdir()] == ["small"]


def test_a_failed_staging_leaves_the_old_model(store: Store) -> None:
    """The error goes on, the files do not."""

    def fail() -> None:
        with store.staging("small") as fresh:
            fill(fresh, content=b"other")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()

    assert (store.folder("small") / GRAPH_FILE).read_bytes() == b"graph"
    assert [path.name for path in store.root.iterdir()] == ["small"]


def test_a_second_staging_takes_the_place_of_the_first(store: Store) -> None:
    """Whole."""
    with store.staging("small") as fresh:
        fill(fresh, content=b"other graph")

    assert (store.folder("small") / GRAPH_FILE).read_bytes() == b"other graph"
    assert [path.name for path in store.root.iterdir()] == ["small"]


def test_half_a_replacement_is_undone_by_the_next(store: Store) -> None:
    """Killed between its two renames: the old model was moved aside, the new one is not there yet."""
    (store.root / "small").rename(store.root / ".small.old")

    with pytest.raises(ZeroDivisionError), store.staging("small"):
        raise ZeroDivisionError

    assert (store.folder("small") / GRAPH_FILE).read_bytes() == b"graph"


def test_a_process_killed_while_it_stages_leaves_no_model(tmp_path: Path) -> None:
    """Kill -9: the lock is free again, the rest is swept by the next try."""
    store = Store(tmp_path)
    program = (
        "import sys, time, pathlib\n"
        "from jupyter_starcoder.models.store import Store\n"
        "store = Store(pathlib.Path(sys.argv[1]))\n"
        "with store.claimed('small', print), store.staging('small') as fresh:\n"
        "    (fresh / 'manifest.json').write_text('{}')\n"
        "    print('half', flush=True)\n"
        "    time.sleep(600)\n"
    )
    process = subprocess.Popen([sys.executable, "-c", program, str(tmp_path)], stdout=subprocess.PIPE)
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"half\n"
        process.send_signal(signal.SIGKILL)

    assert store.manifests() == ()
    with pytest.raises(UnknownModel):
        store.folder("small")

    with store.claimed("small", lambda _: None), store.staging("small") as fresh:
        assert list(fresh.iterdir()) == []
        fill(fresh)
    assert [path.name for path in tmp_path.iterdir()] == ["small"]


def test_a_second_process_waits_for_the_first_and_says_so(tmp_path: Path) -> None:
    """Both want to make the same model; the lock is freed while the second one waits."""
    first = ProcessLock(tmp_path / ".small.lock")
    assert first.acquire()
    seen: list[Progress] = []

    def watch(progress: Progress) -> None:
        seen.append(progress)
        first.release()

    with claimed(tmp_path / "small", watch):
        assert not ProcessLock(tmp_path / ".small.lock").acquire()

    assert ["waiting" in progress.step for progress in seen] == [True]
    assert list(tmp_path.iterdir()) == []


def test_a_missing_file_is_damage(store: Store) -> None:
    """The message says what to do."""
    (store.root / "small" / GRAPH_FILE).unlink()

    with pytest.raises(ModelDamaged, match=r"is missing: .*models get small --again"):
        store.folder("small")


def test_a_file_cut_short_is_damage(store: Store) -> None:
    """Seen by its size, without reading it."""
    (store.root / "small" / GRAPH_FILE).write_bytes(b"gra")

    with pytest.raises(ModelDamaged, match="3 bytes instead of 5"):
        store.folder("small")


def test_verify_reads_every_byte(store: Store) -> None:
    """A changed file of the same size."""
    store.verify("small")
    (store.root / "small" / GRAPH_FILE).write_bytes(b"grape")

    with pytest.raises(ModelDamaged, match="not what was written"):
        store.verify("small")


def test_a_small_file_of_another_model_is_damage(store: Store) -> None:
    """A tokenizer or graph that was exchanged has another hash, also where its size is the same."""
    (store.root / "small" / GRAPH_FILE).write_bytes(b"grape")

    with pytest.raises(ModelDamaged, match=r"not what was written.*models get small --again"):
        store.folder("small")


def test_a_folder_without_manifest_is_damage(store: Store) -> None:
    """And not listed."""
    (store.root / "small" / "manifest.json").unlink()

    assert store.manifests() == ()
    with pytest.raises(ModelDamaged, match=r"manifest\.json"):
        store.folder("small")


def test_remove_takes_the_model_away(store: Store) -> None:
    """Once."""
    store.remove("small")

    assert list(store.root.iterdir()) == []
    with pytest.raises(UnknownModel, match="nothing to remove"):
        store.remove("small")


def test_remove_leaves_a_model_alone_that_another_process_prepares(store: Store) -> None:
    """In a terminal somebody gets it again: what a page then removes would be back a moment later."""
    with store.claimed("small", lambda _: None), pytest.raises(ModelNotReady, match="another process prepares small"):
        store.remove("small")
    assert store.has("small")

    store.remove("small")
    assert list(store.root.iterdir()) == []


def test_a_process_that_prepares_waits_for_a_removal(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """It does not put a model there whose files are being taken away."""
    taken: list[bool] = []

    def look(_folder: Path) -> None:
        taken.append(ProcessLock(store.root / ".small.lock").acquire())

    monkeypatch.setattr(shutil, "rmtree", look)
    store.remove("small")

    assert taken == [False]


def test_clear_brings_back_a_model_that_was_about_to_be_replaced(store: Store) -> None:
    """Killed between both renames, and then cancelled: the model of before is there, not lost in a hidden folder."""
    store.path("small").rename(store.root / ".small.old")
    (store.root / ".small.part").mkdir()

    assert clear(store.path("small"))

    store.verify("small")
    assert [path.name for path in store.root.iterdir()] == ["small"]


def test_a_removed_model_does_not_come_back(store: Store) -> None:
    """Nor does the one that it has replaced, where a process was killed before it was gone."""
    (store.root / ".small.old").mkdir()

    store.remove("small")

    assert list(store.root.iterdir()) == []


@pytest.mark.parametrize("name", ["", "..", "../small", "a/b", ".small.part", "a\0b", "x" * 200])
def test_a_name_that_leads_out_of_the_store_is_refused(store: Store, name: str) -> None:
    """Whatever it is used for."""
    for use in (store.folder, store.remove, store.verify, store.has, store.staging):
        with pytest.raises(UnknownModel):
            use(name)


def test_the_root_can_be_chosen(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """By an environment variable."""
    monkeypatch.setenv(ROOT_VARIABLE, os.fspath(tmp_path))

    assert default_root() == tmp_path


def test_a_store_that_is_not_there_is_empty(tmp_path: Path) -> None:
    """Nobody has prepared a model yet."""
    assert Store(tmp_path / "none").manifests() == ()


def test_a_renamed_folder_has_its_own_name(store: Store) -> None:
    """A model is asked for, loaded and removed by the name of its folder, so that is the name that is listed."""
    store.path("small").rename(store.path("mine"))

    assert [manifest.name for manifest in store.manifests()] == ["mine"]


def test_a_disk_without_locks_is_an_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Waiting for a lock that can never be had would not end."""

    def refuse(_file: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(lock, "_try_lock", refuse)

    with pytest.raises(ModelError, match="No locks available"), claimed(tmp_path / "small", lambda _: None):
        pass


@pytest.mark.parametrize("ask", [Store.has, Store.folder, lambda store, _name: store.manifests()])
def test_a_store_that_cannot_be_read_is_an_error_of_ours(
    store: Store, monkeypatch: pytest.MonkeyPatch, ask: Callable[[Store, str], object]
) -> None:
    """With the folder and the system's own words, as far as a person can do something about it."""

    def refuse(path: Path) -> object:
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    for method in ("is_file", "is_dir"):
        monkeypatch.setattr(Path, method, refuse)

    with pytest.raises(ModelError, match=r"models\S* cannot be read \(Permission denied\): mend its rights"):
        ask(store, "small")


def test_a_file_that_cannot_be_read_is_told_before_it_is_loaded(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """What ONNX Runtime says of it names neither the file nor the reason."""
    whole = Path.open

    def refuse(path: Path, mode: str = "r") -> object:
        if path.name == GRAPH_FILE:
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return whole(path, mode)

    monkeypatch.setattr(Path, "open", refuse)

    with pytest.raises(ModelError, match=rf"{GRAPH_FILE} cannot be read"):
        store.folder("small")


def test_prepared_is_also_what_cannot_be_read(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Loading it then says why it does not work; fetching it again would help nobody."""

    def refuse(path: Path) -> bool:
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    monkeypatch.setattr(Path, "is_file", refuse)

    assert is_prepared(store.root, "small")
    assert not is_prepared(store.root, "../small")
