"""What is told of a model before it is got."""

import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

from jupyter_starcoder.models.catalogue import EMBEDDED, entry
from jupyter_starcoder.stock import known_models
from jupyter_starcoder.values.settings import Settings
from jupyter_starcoder.values.stock import KnownModel, Room

HUB = entry("starcoder2-15b")
MADE_BYTES = round(HUB.weights * 0.66)  # in 4 bits


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The hub's cache, empty, on a disk with 70 GB to spare."""
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=70_000_000_000))
    return tmp_path / "hub"


class Held:
    """What the hub's cache holds of one repository: files by their hash, and their names as links in each revision."""

    def __init__(self, cache: Path) -> None:
        """Holds nothing yet."""
        self._folder = cache / f"models--{HUB.reference.replace('/', '--')}"

    def add(self, hash_: str, size_bytes: int) -> None:
        """A file, or a part of one."""
        path = self._folder / "blobs" / hash_
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x" * size_bytes)

    def name(self, name: str, hash_: str, revision: str = "newer") -> None:
        """The name of a file in a revision."""
        path = self._folder / "snapshots" / revision / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.symlink_to(Path("../../blobs") / hash_)


def known(name: str, store: Path) -> KnownModel:
    """One model as it is listed."""
    settings = Settings(model=EMBEDDED, models_dir=store, provider="cpu")
    return next(model for model in known_models(settings) if model.name == name)


def test_download_and_what_is_made_of_it_need_room(cache: Path, tmp_path: Path) -> None:
    """Both lie beside each other for a while."""
    room = known(HUB.name, tmp_path / "store").room

    assert room == Room(needed_bytes=HUB.download_bytes + MADE_BYTES, free_bytes=70_000_000_000)
    assert room.is_short
    assert cache.exists() is False


def test_what_the_hubs_cache_holds_needs_no_room_again(cache: Path, tmp_path: Path) -> None:
    """But for parts that no download goes on with; what two revisions share is there once."""
    held = Held(cache)
    for revision in ("newer", "older"):
        held.name("model-00001-of-00002.safetensors", "shard", revision=revision)
    held.add("shard", 300)
    held.add("half.incomplete", 200)
    held.add("half.0123abcd.incomplete", 100)

    room = known(HUB.name, tmp_path / "store").room

    assert room is not None
    assert room.needed_bytes == HUB.download_bytes + MADE_BYTES - 500


def test_files_in_the_hubs_cache_that_no_download_of_ours_gets_spare_no_room(cache: Path, tmp_path: Path) -> None:
    """Other programs get pickles of the same repository; and of a file that was deleted the name may stay."""
    held = Held(cache)
    held.name("pytorch_model.bin", "pickle")
    held.add("pickle", 1000)
    held.add("of-nothing", 1000)
    held.name("model.safetensors", "deleted")
    held.name("config.json", "small")
    held.add("small", 7)

    room = known(HUB.name, tmp_path / "store").room

    assert room is not None
    assert room.needed_bytes == HUB.download_bytes + MADE_BYTES - 7


def test_folder_that_nobody_may_look_into_is_no_reason_to_list_nothing(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Getting a model says what is wrong there."""

    def refuse(_: Path) -> None:
        raise PermissionError(13, "Permission denied", str(cache))

    monkeypatch.setattr(shutil, "disk_usage", refuse)

    assert known(EMBEDDED, tmp_path / "store").room is None
