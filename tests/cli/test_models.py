"""`jupyter starcoder models`: what it prints, and what another program reads."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from jupyter_starcoder.cli import main
from jupyter_starcoder.cli.models import lines
from jupyter_starcoder.cli.progress import ChangingLine, JsonLines, StepLines, spelled
from jupyter_starcoder.models.catalogue import CATALOGUE, EMBEDDED
from jupyter_starcoder.models.store import ROOT_VARIABLE, Store
from jupyter_starcoder.stock import known_models
from jupyter_starcoder.values.manifest import FORMAT, write_manifest
from jupyter_starcoder.values.model import Manifest, Progress
from jupyter_starcoder.values.settings import Settings

MANIFEST = Manifest(
    format=FORMAT,
    name="as it was exported",
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
    files={},
    perplexity=None,
    written_by="test",
)


@pytest.fixture(autouse=True)
def empty_store(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A store with nothing in it."""
    monkeypatch.setenv(ROOT_VARIABLE, os.fspath(tmp_path / "models"))
    return tmp_path / "models"


def test_list_names_every_model(capsys: pytest.CaptureFixture[str]) -> None:
    """One a line, with its licence and the precisions to take; why is said below."""
    status = main(["models", "list"])

    table, _, advice = capsys.readouterr().out.partition("\n\n")
    lines = table.splitlines()
    assert status == 0
    assert [line.split()[0] for line in lines] == [entry.name for entry in CATALOGUE]
    assert all(entry.licence in line for entry, line in zip(CATALOGUE, lines, strict=True))
    for entry, line in zip(CATALOGUE, lines, strict=True):
        assert f"{entry.recommended.cpu}/{entry.recommended.cuda}" in line
        assert entry.recommended.reason in advice


def test_list_json_is_one_array(capsys: pytest.CaptureFixture[str]) -> None:
    """Of objects with stable keys."""
    main(["models", "list", "--json"])

    listed = json.loads(capsys.readouterr().out)
    assert listed[0]["name"] == EMBEDDED
    assert set(listed[0]) == {
        *("name", "title", "licence", "precision", "download_bytes", "is_prepared", "is_gated", "note"),
        *("recommended_cpu", "recommended_cuda", "reason"),
    }
    assert not listed[0]["is_prepared"]


@pytest.mark.parametrize("part", ["get", "remove"])
def test_an_unknown_model_is_one_line_on_stderr(part: str, capsys: pytest.CaptureFixture[str]) -> None:
    """And status 1."""
    status = main(["models", part, "nosuch"])

    printed = capsys.readouterr()
    assert status == 1
    assert printed.err.startswith("error: 'nosuch'")
    assert printed.err.count("\n") == 1


def test_get_in_a_process_prints_its_error_alone(tmp_path: Path) -> None:
    """As the server reads it: progress on stdout, the reason on stderr."""
    (tmp_path / "broken.gguf").write_bytes(b"nothing")
    result = subprocess.run(
        [sys.executable, "-m", "jupyter_starcoder.cli", "models", "get", "broken.gguf", "--progress", "json"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert result.returncode == 1
    assert result.stdout == ""
    assert result.stderr.startswith("error: broken.gguf cannot be read as GGUF")


@pytest.mark.parametrize(
    ("progress", "words"),
    [
        (Progress(step="checking"), "checking"),
        (Progress(step="downloading", done=12_000_000, unit="bytes"), "downloading: 12 MB"),
        (
            Progress(step="downloading", done=12_000_000, total=93_000_000, unit="bytes"),
            "downloading: 12 of 93 MB (12 %)",
        ),
        (Progress(step="writing", done=3, total=30, unit="layers"), "writing: 3 of 30 layers (10 %)"),
        (Progress(step="ready", done=1, total=1), "ready: 1 of 1 (100 %)"),
    ],
)
def test_progress_is_spelled_with_its_unit(progress: Progress, words: str) -> None:
    """Bytes as megabytes."""
    assert spelled(progress) == words


def test_displays_show_each_step(capsys: pytest.CaptureFixture[str]) -> None:
    """A line that changes, a line a step, and objects: the start and the end of a step are never left out."""
    steps = [Progress(step="a", done=n, total=3) for n in (1, 2, 3)] + [Progress(step="b")]
    printed = []
    for display in (ChangingLine(sys.stdout), StepLines(sys.stdout), JsonLines(sys.stdout)):
        for progress in steps:
            display.show(progress)
        display.close()
        printed.append(capsys.readouterr().out)

    assert "a: 1 of 3 (33 %)" in printed[0]
    assert "a: 3 of 3 (100 %)" in printed[0]
    assert printed[0].endswith("\r\x1b[K")
    assert printed[1] == "a\nb\n"
    objects = [json.loads(line) for line in printed[2].splitlines()]
    assert [(item["step"], item["done"]) for item in objects if item["done"] != 2] == [("a", 1), ("a", 3), ("b", 0)]


def test_commands_look_where_the_settings_say(
    configure: Callable[..., None], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A model that `get` puts elsewhere than where the server looks would never be found."""
    configure(models_dir=os.fspath(tmp_path / "configured"))

    main(["models", "remove", "nosuch"])
    main(["models", "remove", "nosuch", "--store", os.fspath(tmp_path / "another")])

    first, second = capsys.readouterr().err.splitlines()
    assert os.fspath(tmp_path / "configured") in first
    assert os.fspath(tmp_path / "another") in second


def test_store_that_cannot_be_written_is_one_line(
    empty_store: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Here a file stands where the folder should be."""
    empty_store.touch()
    (tmp_path / "weights.gguf").touch()

    assert main(["models", "get", os.fspath(tmp_path / "weights.gguf")]) == 1

    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"error: {empty_store} cannot be written")


def test_list_shows_the_precision_that_a_model_is_in(empty_store: Path) -> None:
    """What a server lists is what is there, not what the catalogue would make."""
    folder = empty_store / EMBEDDED
    folder.mkdir(parents=True)
    write_manifest(folder, MANIFEST)

    (listed,) = [line for line in lines(Store(empty_store)) if line.name == EMBEDDED]
    (known,) = [
        model for model in known_models(Settings(model=EMBEDDED, models_dir=empty_store)) if model.name == EMBEDDED
    ]

    assert (listed.precision, known.precision) == ("fp32", "fp32")
    assert listed.is_prepared
    assert known.is_prepared
