"""The pinned environment: an interpreter with the libraries that answers are judged with. It is not the user's."""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from jupyter_core.paths import jupyter_data_dir

from jupyter_starcoder.errors import EvaluationError

PINS = Path(__file__).with_name("pins.txt")
PYTHON = (3, 11)
PYTHON_NAME = "python3.11"
READY_FILE = "starcoder-ready.txt"  # written last: an environment without it was not finished
LAST_LINES = 6

Progress = Callable[[str], None]


def default_root() -> Path:
    """Where environments lie."""
    return Path(jupyter_data_dir()) / "starcoder" / "evaluation" / "environments"


def python_of(folder: Path) -> Path:
    """The interpreter of an environment that exists.

    Raises:
        EvaluationError: there is none.
    """
    python = folder / "bin" / "python"
    if not python.exists():
        raise EvaluationError(f"{folder} is no environment (it has no bin/python): give one with --environment")
    return python


def ensure(root: Path, progress: Progress) -> Path:
    """The interpreter of the pinned environment, which is made when it is not there yet.

    Raises:
        EvaluationError: it cannot be made here; the message says what to do.
    """
    folder = root / f"ds1000-{hashlib.sha256(PINS.read_bytes()).hexdigest()[:12]}"
    with _locked(root, progress):
        if (folder / READY_FILE).exists():
            return python_of(folder)
        shutil.rmtree(folder, ignore_errors=True)
        try:
            _make(folder, progress)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
    return python_of(folder)


def _make(folder: Path, progress: Progress) -> None:
    progress("making the pinned environment (about 3 GB, once)")
    folder.mkdir(parents=True)
    _run([_base_python(), "-I", "-m", "venv", str(folder)], progress)
    requirements = folder / "pins.txt"
    # PyTorch's builds for the CPU are a tenth of the general ones; not everybody's package index has them.
    for torch in ("+cpu", ""):
        requirements.write_text(PINS.read_text().replace("torch==2.13.0", f"torch==2.13.0{torch}"))
        try:
            _run(_pip(folder, requirements), progress)
            break
        except EvaluationError:
            if not torch:
                raise
            progress("no build of torch for the CPU alone is found: trying the general one, which is larger")
    (folder / READY_FILE).write_text("".join(f"{line}\n" for line in installed(python_of(folder))))


def _pip(folder: Path, requirements: Path) -> list[str]:
    options = ["--only-binary", ":all:", "--progress-bar", "off", "--disable-pip-version-check", "--no-input"]
    return [str(python_of(folder)), "-I", "-m", "pip", "install", *options, "-r", str(requirements)]


def installed(python: Path) -> list[str]:
    """What is installed there, a `name==version` each."""
    command = [str(python), "-I", "-m", "pip", "freeze", "--disable-pip-version-check"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own environment
    return sorted(done.stdout.split("\n"))[1:] if done.returncode == 0 else []


def _base_python() -> str:
    """A Python that the pins exist for.

    Raises:
        EvaluationError: there is none.
    """
    if sys.version_info[:2] == PYTHON:
        return str(getattr(sys, "_base_executable", sys.executable))
    found = shutil.which(PYTHON_NAME)
    if found is None:
        raise EvaluationError(
            f"the pinned libraries exist for Python 3.11, and this is {sys.version_info[0]}.{sys.version_info[1]}: "
            f"put a {PYTHON_NAME} on the PATH, or give an environment of your own with --environment"
        )
    return found


def _run(command: list[str], progress: Progress) -> None:
    """Runs a step; what it prints is shown as progress, and its last lines are the error."""
    lines: list[str] = []
    with subprocess.Popen(  # noqa: S603 - venv and pip
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        assert process.stdout is not None  # noqa: S101 - asked for above
        for line in process.stdout:
            lines = [*lines[-LAST_LINES:], line.strip()]
            if step := _step(line):
                progress(step)
    if process.returncode:
        raise EvaluationError(
            f"the pinned environment cannot be made ({' / '.join(lines)[-600:]}): it needs the package index once. "
            f"Where there is none, install {PINS.name} of this package on another machine, copy the environment, and "
            "name it with --environment"
        )


def _step(line: str) -> str:
    """What a person is told of a line of pip's: the libraries that were asked for, not what these need."""
    words = line.split()
    if line.startswith("Collecting ") and "(from -r" in line:
        return f"fetching {words[1]}"
    return "installing" if line.startswith("Installing ") else ""


@contextmanager
def _locked(root: Path, progress: Progress) -> Iterator[None]:
    """One at a time: a second command waits until the first has made it."""
    root.mkdir(parents=True, exist_ok=True)
    with (root / "lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            progress(f"waiting for another command that makes the environment ({os.getpid()} is this one)")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield
