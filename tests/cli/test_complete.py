"""`jupyter starcoder complete`."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from jupyter_starcoder import cli

Fake = Callable[..., None]
Capture = pytest.CaptureFixture[str]
AT_THE_END = ("--cell", "1", "--offset", "18")
TIMINGS = {"context_ms", "prompt_tokens", "reused_tokens", "first_token_ms", "tokens_per_s"}


def test_complete_prints_the_completion_and_tells_the_timings_apart(
    fake: Fake, notebook: Path, capsys: Capture
) -> None:
    """Standard output is the completion and nothing else."""
    fake({"ending": "area = ", "answer": "math.pi"})

    status = cli.main(["complete", str(notebook), *AT_THE_END])

    printed = capsys.readouterr()
    assert status == 0
    assert printed.out == "math.pi\n"
    assert "first token" in printed.err


def test_complete_as_json_is_exactly_one_object(fake: Fake, notebook: Path, capsys: Capture) -> None:
    """A program reads completion and timings."""
    fake({"ending": "area = ", "answer": "math.pi"})

    cli.main(["complete", str(notebook), *AT_THE_END, "--json"])

    reply = json.loads(capsys.readouterr().out)
    assert set(reply) == {"completion", "timings"}
    assert reply["completion"] == "math.pi"
    assert set(reply["timings"]) >= TIMINGS


def test_complete_again_gives_the_timings_of_each_run(fake: Fake, notebook: Path, capsys: Capture) -> None:
    """What a warm model takes is seen without a server."""
    fake({"answer": "math.pi"})

    cli.main(["complete", str(notebook), *AT_THE_END, "--json", "--repeat", "3"])

    assert len(json.loads(capsys.readouterr().out)["runs"]) == 3


def test_complete_shows_its_prompt_without_asking_the_model(fake: Fake, notebook: Path, capsys: Capture) -> None:
    """What the model would be given is no secret."""
    fake({"answer": "math.pi", "dies_after": 0})

    assert cli.main(["complete", str(notebook), *AT_THE_END, "--show-prompt"]) == 0

    printed = capsys.readouterr()
    assert printed.out.endswith("radius = 2\narea = \n")
    assert re.search(r"^cells +13 tokens +[\d.]+ ms$", printed.err, re.MULTILINE)
    assert re.search(r"^project +0 known +[\d.]+ ms  answered$", printed.err, re.MULTILINE)
    assert re.search(r"^chatml: 31 of \d+ tokens, in [\d.]+ ms$", printed.err, re.MULTILINE)


def test_complete_shows_its_prompt_as_one_object(fake: Fake, notebook: Path, capsys: Capture) -> None:
    """A program reads the sections, each with text, tokens and time."""
    fake({"answer": "math.pi", "dies_after": 0})

    cli.main(["complete", str(notebook), *AT_THE_END, "--show-prompt", "--json"])

    shown = json.loads(capsys.readouterr().out)
    assert "".join(section["text"] for section in shown["sections"]).endswith("radius = 2\narea = ")
    assert shown["tokens"] <= shown["budget_tokens"]


def test_complete_knows_the_files_beside_the_notebook(fake: Fake, notebook: Path, capsys: Capture) -> None:
    """The notebook's folder is the project."""
    fake({"answer": "math.pi"})
    (notebook.parent / "math.py").write_text("def shadow(sun): ...\n")

    cli.main(["complete", str(notebook), *AT_THE_END, "--show-prompt"])

    assert "# math.py\n# def shadow(sun)\n" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("form", "begins"), [("transcript", "<jupyter_start>"), ("script", "import math"), ("kaggle", "<jup")]
)
def test_complete_shows_its_prompt_in_the_form_that_is_asked_for(
    fake: Fake, notebook: Path, capsys: Capture, form: str, begins: str
) -> None:
    """How the notebook is written down can be chosen."""
    fake({"answer": "math.pi"})

    assert cli.main(["complete", str(notebook), *AT_THE_END, "--show-prompt", "--prompt", form]) == 0

    assert capsys.readouterr().out.startswith(begins)


@pytest.mark.parametrize(
    ("place", "says"),
    [
        (("--cell", "7", "--offset", "0"), "cell 7 does not exist"),
        (("--cell", "-1", "--offset", "0"), "count from 0"),
        (("--cell", "1", "--offset", "19"), "19"),
        ((*AT_THE_END, "--max-tokens", "0"), "send 1 or more"),
    ],
)
def test_complete_at_a_place_that_is_none_is_an_error(
    fake: Fake, notebook: Path, capsys: Capture, place: tuple[str, ...], says: str
) -> None:
    """The message says what there is."""
    fake({"answer": "math.pi"})

    assert cli.main(["complete", str(notebook), *place]) == 1

    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("error: ")
    assert says in printed.err


def test_complete_in_a_file_that_is_no_notebook_is_an_error(fake: Fake, tmp_path: Path, capsys: Capture) -> None:
    """Missing files and other files are told by name."""
    (tmp_path / "text.ipynb").write_text("not a notebook")
    for name in ("text.ipynb", "missing.ipynb"):
        assert cli.main(["complete", str(tmp_path / name), *AT_THE_END]) == 1
        assert name in capsys.readouterr().err


def test_complete_without_the_model_says_how_to_get_it(home: Path, notebook: Path, capsys: Capture) -> None:
    """Nothing is fetched unasked."""
    assert cli.main(["complete", str(notebook), *AT_THE_END]) == 1
    assert "jupyter starcoder models get" in capsys.readouterr().err


def test_complete_with_a_setting_that_is_not_allowed_is_an_error(
    configure: Fake, notebook: Path, capsys: Capture
) -> None:
    """A mistake in a configuration file is told, not passed over."""
    configure(threads=-1)

    assert cli.main(["complete", str(notebook), *AT_THE_END]) == 1
    assert "threads" in capsys.readouterr().err


@pytest.mark.model
def test_complete_with_the_embedded_model_reuses_what_it_has_read(
    embedded_model: Path, tmp_path: Path, notebook: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    """The whole road, twice: the second time all of the prompt but its end is in the cache."""
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path))

    cli.main(["complete", str(notebook), *AT_THE_END, "--json", "--repeat", "2", "--max-tokens", "8"])

    reply = json.loads(capsys.readouterr().out)
    assert reply["completion"].strip()
    cold, warm = reply["runs"]
    assert cold["reused_tokens"] == 0
    assert 0 < warm["prompt_tokens"] - warm["reused_tokens"] <= 2  # the last tokens are always read


@pytest.mark.parametrize("times", ["0", "-1", "x"])
def test_complete_a_number_of_times_that_is_none_is_refused(notebook: Path, capsys: Capture, times: str) -> None:
    """The line says what to give instead."""
    with pytest.raises(SystemExit, match="2"):
        cli.main(["complete", str(notebook), *AT_THE_END, f"--repeat={times}"])

    assert f"{times!r} is no number of times: give 1 or more" in capsys.readouterr().err
