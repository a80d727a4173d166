"""A disk that is full: found under whatever a library made of it, and beforehand where that can be told."""

import errno
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

from jupyter_starcoder.errors import DiskFull, SourceUnreachable
from jupyter_starcoder.models.disk import require_space, room_for, told_when_full
from jupyter_starcoder.values.stock import Room


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ENOSPC, "No space left on device"),
        OSError(errno.EDQUOT, "Disk quota exceeded"),
        RuntimeError("a native downloader: No space left on device (os error 28)"),
        SourceUnreachable("pip could not get it: OSError: [Errno 28] No space left on device"),
    ],
)
def test_a_full_disk_is_found_under_any_error(error: Exception, tmp_path: Path) -> None:
    """By its number, or by the system's words where these are all that is left."""
    told = told_when_full("small could not be prepared", tmp_path / "not there yet")

    with pytest.raises(DiskFull, match=r"^small could not be prepared: the disk is full\. Free space"), told:
        raise error


def test_other_errors_stay_what_they_are(tmp_path: Path) -> None:
    """A folder without rights is no full disk."""
    with pytest.raises(PermissionError), told_when_full("it could not be done", tmp_path):
        raise PermissionError(errno.EACCES, "Permission denied")


def test_folders_on_one_disk_share_its_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What goes into each of them, there or not, is counted together."""
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=100))
    room = room_for([(tmp_path / "not there yet", 70), (tmp_path, 31)])

    assert room == Room(needed_bytes=101, free_bytes=100)
    assert room.is_short
    assert not room_for([(tmp_path, 100)]).is_short


def test_of_two_disks_the_one_that_falls_shortest_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Room on the one does not help the other."""
    store, cache = tmp_path / "store", tmp_path / "hub"
    free_bytes = {store: 1000, cache: 50}
    monkeypatch.setattr("jupyter_starcoder.models.disk._disk", [store, cache].index)
    monkeypatch.setattr("jupyter_starcoder.models.disk._free_bytes", free_bytes.get)

    assert room_for([(cache, 60), (store, 900)]) == Room(needed_bytes=60, free_bytes=50)


def test_space_is_asked_for_beforehand(tmp_path: Path) -> None:
    """With both numbers, so that nobody waits for a download that cannot end well."""
    free_bytes = shutil.disk_usage(tmp_path).free
    require_space("small", tmp_path / "not there yet", 1000)

    with pytest.raises(DiskFull, match=r"^small takes \d+\.\d GB and \d+\.\d GB are free\."):
        require_space("small", tmp_path / "not there yet", free_bytes + (1 << 40))
