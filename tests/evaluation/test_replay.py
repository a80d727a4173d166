"""`jupyter starcoder eval replay`: a small notebook in a real kernel, completed by the fake model."""

import json
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest

from jupyter_starcoder import cli
from jupyter_starcoder.evaluation.replay.replaying import Replay, stops
from jupyter_starcoder.evaluation.replay.results import Suggestions
from jupyter_starcoder.evaluation.results import RESULTS_FILE
from jupyter_starcoder.values.settings import Settings

Capture = pytest.CaptureFixture[str]
Fake = Callable[..., None]
Write = Callable[..., Path]
MAKE = "import pandas\n\nfares = pandas.DataFrame({'wharf_id': [3, 7], 'fare_pence': [180, 240]})\nprint('made')"
READ = "fares['fare_pence'].max()"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where this user's configuration, models and results are."""
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path))
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("JUPYTER_STARCODER_MODELS", str(tmp_path / "models"))
    return tmp_path


@pytest.fixture
def fake(home: Path) -> Fake:
    """Sets what the fake model answers."""
    rules = home / "rules.json"
    (home / "jupyter_starcoder_config.json").write_text(json.dumps({"StarcoderConfig": {"fake_rules": str(rules)}}))

    def write(*answers: dict[str, object]) -> None:
        rules.write_text(json.dumps(answers))

    return write


@pytest.fixture
def write_notebook(tmp_path: Path) -> Write:
    """Writes a notebook of code cells."""

    def write(*sources: str, name: str = "fares") -> Path:
        path = tmp_path / f"{name}.ipynb"
        cells = [nbformat.v4.new_code_cell(source) for source in sources]  # type: ignore[no-untyped-call]
        nbformat.write(nbformat.v4.new_notebook(cells=cells), path)  # type: ignore[no-untyped-call]
        return path

    return write


def test_replay_tells_conditions_apart_by_what_the_live_kernel_holds(
    fake: Fake, write_notebook: Write, tmp_path: Path, capsys: Capture
) -> None:
    """The cursor's cell did not run yet, those above did; columns come out of the kernel alone."""
    fake({"ending": "f", "answer": "ares['wharf_id']"}, {"ending": "", "answer": "fare_pence'].max()"})
    notebook = write_notebook(MAKE, READ)
    arguments = ["eval", "replay", str(notebook), "--limit-places", "40", "--output", str(tmp_path / "run"), "--json"]

    status = cli.main([*arguments, "--conditions", "none,outputs,schema,names"])

    reply = json.loads(capsys.readouterr().out)
    _, found, _ = Suggestions.read(tmp_path / "run")
    at_quote = {line.condition: line for line in found if line.cell == 1 and line.kind == "quote"}
    assert status == 0
    assert list(reply["summary"]["conditions"]) == ["none", "outputs", "schema", "names"]
    assert all(line.exact and line.written == "fare_pence'].max()" for line in at_quote.values())
    sizes = [at_quote[name].prompt_tokens for name in ("none", "outputs", "schema")]
    assert sizes == sorted(set(sizes)), "each adds something to the prompt"
    assert [at_quote[name].steered for name in ("outputs", "schema", "names")] == [False, False, True]
    assert not any(line.steered for line in found if line.cell == 0)
    assert (tmp_path / "run" / "report.md").exists()


def test_replay_goes_on_where_it_was_killed(fake: Fake, write_notebook: Write, tmp_path: Path, capsys: Capture) -> None:
    """Lines that are there are not asked again, and the end is the same."""
    fake({"ending": "", "answer": "1"})
    notebook = str(write_notebook("total = 1 + 1", "total"))
    arguments = ["eval", "replay", notebook, "--conditions", "none,cells,outputs", "--output", str(tmp_path / "run")]
    assert cli.main([*arguments, "--json"]) == 0
    whole = capsys.readouterr().out
    path = tmp_path / "run" / RESULTS_FILE
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:4]) + lines[4][:20])
    fake({"ending": "", "answer": "2"})

    assert cli.main([*arguments, "--resume", "--json"]) == 0

    again = json.loads(capsys.readouterr().out)
    _, found, _ = Suggestions.read(tmp_path / "run")
    assert [line.suggestion for line in found] == ["1"] * 3 + ["2"] * (len(lines) - 4)
    assert again["summary"]["conditions"].keys() == json.loads(whole)["summary"]["conditions"].keys()


def test_replay_never_runs_what_the_model_wrote(fake: Fake, write_notebook: Write, tmp_path: Path) -> None:
    """The model asks for a file; the author's cells run and it is not there."""
    fake({"ending": "", "answer": "open('written', 'w').close()"})
    notebook = write_notebook("kept = []", "open('by_author', 'w').close()", "len(kept)")

    assert cli.main(["eval", "replay", str(notebook), "--conditions", "none", "--json"]) == 0

    assert (tmp_path / "by_author").exists()
    assert not (tmp_path / "written").exists()


def test_replay_of_a_notebook_that_fails_names_the_cell(fake: Fake, write_notebook: Write, capsys: Capture) -> None:
    """What was asked before is kept; the message shows nothing of the notebook's data."""
    fake({"ending": "", "answer": "1"})

    assert cli.main(["eval", "replay", str(write_notebook("x = 1", "1 / 0", "x")), "--conditions", "none"]) == 1

    assert "cell 1 of fares did not run to its end (ZeroDivisionError)" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--limit-places", "0"], "asks for nothing"),
        (["--limit-cells", "0"], "asks for nothing"),
        (["--conditions", "moon"], "no condition moon"),
        (["--kinds", "name,moon"], "no kind of place moon"),
        (["other/fares.ipynb"], "two notebooks are called fares"),
    ],
)
def test_replay_refuses_what_it_cannot_do(
    arguments: list[str], message: str, fake: Fake, write_notebook: Write, capsys: Capture
) -> None:
    """Before anything runs."""
    fake({"ending": "", "answer": "1"})

    assert cli.main(["eval", "replay", str(write_notebook("x = 1")), *arguments]) == 1

    assert message in capsys.readouterr().err


def test_replay_without_the_notebook_says_so(fake: Fake, capsys: Capture) -> None:
    """Our own words rather than a traceback."""
    fake({"ending": "", "answer": "1"})

    assert cli.main(["eval", "replay", "nowhere.ipynb"]) == 1

    assert "nowhere.ipynb" in capsys.readouterr().err


def test_replay_of_some_cells_draws_the_same_ones_each_time(write_notebook: Write) -> None:
    """And other ones with another seed; empty cells and places of others are left alone."""
    path = write_notebook(*(f"total_{number} = {number}" for number in range(9)), " ")

    def drawn(seed: int) -> list[int]:
        work = Replay(
            notebooks=[path],
            conditions=(),
            settings=Settings(model="any", models_dir=Path()),
            places=1,
            cells=3,
            seed=seed,
        )
        return [stop.cell for stop in stops(path, work)]

    assert drawn(1) == drawn(1) == sorted(drawn(1))
    assert len(drawn(1)) == 3
    assert len({tuple(drawn(seed)) for seed in range(5)}) > 1
    assert 9 not in {cell for seed in range(20) for cell in drawn(seed)}
