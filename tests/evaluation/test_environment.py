"""The pinned environment."""

import subprocess
import sys
from pathlib import Path

import pytest

from jupyter_starcoder.errors import EvaluationError
from jupyter_starcoder.evaluation import environment
from jupyter_starcoder.evaluation.environment import ensure, installed, python_of


@pytest.fixture
def pins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Other pins than the real ones, and no package index."""
    path = tmp_path / "pins.txt"
    path.write_text("# nothing\n")
    monkeypatch.setattr(environment, "PINS", path)
    monkeypatch.setattr(environment, "PYTHON", sys.version_info[:2])
    for name, value in (("PIP_NO_INDEX", "1"), ("PIP_FIND_LINKS", str(tmp_path)), ("PIP_EXTRA_INDEX_URL", "")):
        monkeypatch.setenv(name, value)
    return path


def test_environment_is_made_once_and_is_not_ours(pins: Path, tmp_path: Path) -> None:
    """It sees none of the packages here, and the second time nothing is done."""
    said: list[str] = []

    python = ensure(tmp_path / "root", said.append)

    assert any("making" in line for line in said)
    command = [str(python), "-I", "-c", "import importlib.util as u; print(u.find_spec('numpy'))"]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip() == "None"
    said.clear()
    assert ensure(tmp_path / "root", said.append) == python
    assert said == []


def test_environment_of_other_pins_is_another_one(pins: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An update of the pins never scores with the old libraries."""
    made: list[Path] = []

    def make(folder: Path, _progress: environment.Progress) -> None:
        made.append(folder)
        (folder / "bin").mkdir(parents=True)
        (folder / "bin" / "python").touch()

    monkeypatch.setattr(environment, "_make", make)
    ensure(tmp_path / "root", print)
    pins.write_text("# something\n")
    ensure(tmp_path / "root", print)

    assert len(set(made)) == 2


def test_environment_that_cannot_be_made_says_what_to_do_and_leaves_nothing(
    pins: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a package index there is a way too."""
    monkeypatch.setattr(environment, "_pip", lambda _folder, _requirements: ["sh", "-c", "echo no index; exit 1"])
    monkeypatch.setattr(environment, "_base_python", lambda: "true")

    with pytest.raises(EvaluationError, match=r"no index.*--environment"):
        ensure(tmp_path / "root", lambda _line: None)

    assert [path.name for path in (tmp_path / "root").iterdir()] == ["lock"]


def test_environment_for_another_python_says_which(pins: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The pins do not exist for every Python."""
    monkeypatch.setattr(environment, "PYTHON", (3, 5))
    monkeypatch.setattr(environment, "PYTHON_NAME", "python3.5")

    with pytest.raises(EvaluationError, match=r"python3\.5"):
        ensure(tmp_path / "root", lambda _line: None)


def test_folder_that_is_no_environment_is_an_error(tmp_path: Path) -> None:
    """The message says how to name one."""
    with pytest.raises(EvaluationError, match="--environment"):
        python_of(tmp_path)


def test_installed_lists_names_and_versions() -> None:
    """Of the environment that these tests run in."""
    assert any(line.startswith("numpy==") for line in installed(python_of(Path(sys.prefix))))
