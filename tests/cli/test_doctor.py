"""`jupyter starcoder doctor`."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from jupyter_starcoder import cli
from jupyter_starcoder.cli import doctor
from jupyter_starcoder.errors import ExtraMissing
from jupyter_starcoder.values.settings import Settings

Capture = pytest.CaptureFixture[str]


def settings(models_dir: Path, model: str = "small") -> Settings:
    """A user's settings."""
    return Settings(model=model, models_dir=models_dir)


def test_doctor_without_a_model_says_how_to_get_it(home: Path, capsys: Capture) -> None:
    """One line each; the broken one says what to do, and the status is 1."""
    assert cli.main(["doctor"]) == 1

    lines = capsys.readouterr().out.splitlines()
    (broken,) = [line for line in lines if line.startswith("BROKEN")]
    assert "jupyter starcoder models get" in broken
    assert all(line.startswith(("ok", "warning", "BROKEN", "Something is broken")) for line in lines)


def test_doctor_as_json_is_one_object(home: Path, capsys: Capture) -> None:
    """A program reads the same findings."""
    cli.main(["doctor", "--json"])

    reply = json.loads(capsys.readouterr().out)
    assert reply["ok"] is False
    assert {finding["subject"] for finding in reply["findings"]} >= {"python", "ONNX Runtime", "model", "disk"}
    assert {finding["verdict"] for finding in reply["findings"]} <= {"ok", "warning", "broken"}


@pytest.mark.model
def test_doctor_with_the_embedded_model_finds_all_well(embedded_model: Path, capsys: Capture) -> None:
    """What `make lab` made is whole."""
    status = cli.main(["doctor"])

    assert (status, capsys.readouterr().out.splitlines()[-1]) == (0, "All is well.")


@pytest.mark.parametrize(("least", "verdict"), [((1, 0), "ok"), ((999, 0), "broken")])
def test_version_is_held_against_the_least(least: tuple[int, int], verdict: str) -> None:
    """A package that is too old is broken, and the line says which is needed."""
    assert doctor.version("jupyter_server", least).verdict == verdict


def test_version_of_a_missing_front_end_is_a_warning() -> None:
    """Completions on the command line need no JupyterLab; the server they do need."""
    assert doctor.version("surely-not-installed", (1, 0)).verdict == "warning"


def test_damaged_model_is_broken(tmp_path: Path) -> None:
    """A folder with a manifest that says nothing of use is not passed as a model."""
    (tmp_path / "small").mkdir()
    (tmp_path / "small" / "manifest.json").write_text("{}")

    finding = doctor.checked("model", lambda subject: doctor.model(subject, settings(tmp_path)))

    assert finding.verdict == "broken"
    assert "small" in finding.message


def test_both_runtimes_are_broken() -> None:
    """What the engine would complain of is a finding here."""

    def look(_subject: str) -> doctor.Finding:
        raise ExtraMissing("onnxruntime and onnxruntime-gpu are both installed")

    assert doctor.checked("ONNX Runtime", look) == doctor.Finding(
        "ONNX Runtime", "broken", "onnxruntime and onnxruntime-gpu are both installed"
    )


def test_disk_of_a_folder_that_is_not_there_yet_is_its_parents(tmp_path: Path) -> None:
    """The first model has no folder to go into."""
    assert "GB free" in doctor.disk("disk", tmp_path / "not" / "yet").message


def test_setting_that_is_not_allowed_is_broken(configure: Callable[..., None], capsys: Capture) -> None:
    """The doctor goes on as far as it can."""
    configure(provider="abacus")

    assert cli.main(["doctor"]) == 1
    assert "provider" in capsys.readouterr().out


def test_look_that_fails_in_an_unforeseen_way_is_a_finding() -> None:
    """A file that is not what it should be ends one line, never the doctor."""

    def look(_subject: str) -> doctor.Finding:
        raise json.JSONDecodeError("no value", "", 0)

    finding = doctor.checked("front end", look)

    assert finding.verdict == "broken"
    assert "JSONDecodeError" in finding.message
