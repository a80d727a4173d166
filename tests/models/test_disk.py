"""A disk that is full: found under whatever a library made of it, and beforehand where that can be told."""

import errno
import shutil
from pathlib import Path

import pytest

from jupyter_starcoder.errors import DiskFull, SourceUnreachable
from jupyter_starcoder.models.disk import require_space, told_when_full


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


def test_space_is_asked_for_beforehand(tmp_path: Path) -> None:
    """With both numbers, so that nobody waits for a download that cannot end well."""
    free_bytes = shutil.disk_usage(tmp_path).free
    require_space("small", tmp_path / "not there yet", 1000)

    with pytest.raises(DiskFull, match=r"^small takes \d+\.\d GB and \d+\.\d GB are free\."):
        require_space("small", tmp_path / "not there yet", free_bytes + (1 << 40))
