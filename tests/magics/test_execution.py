"""The magics where nobody looks: a notebook that a program runs, and a model that is real."""

import json
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from tests.magics.conftest import OWN_MODEL

TIMEOUT_S = 120
Execute = Callable[..., list[str]]


@pytest.fixture
def execute(tmp_path: Path, rules: Path, monkeypatch: pytest.MonkeyPatch) -> Execute:
    """Runs a notebook as `jupyter execute` and papermill do; gives what each cell shows."""
    config = tmp_path / "config"
    config.mkdir()
    (config / "jupyter_starcoder_config.json").write_text(json.dumps({"StarcoderConfig": {"fake_rules": str(rules)}}))
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(config))
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "runtime"))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))

    def run(*cells: str) -> list[str]:
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])  # type: ignore[no-untyped-call]
        client = NotebookClient(
            notebook, timeout=TIMEOUT_S, kernel_name="python3", resources={"metadata": {"path": tmp_path}}
        )
        client.execute()
        return ["".join(shown(output) for output in cell.outputs) for cell in notebook.cells]

    return run


def shown(output: nbformat.NotebookNode) -> str:
    """The text of an output."""
    return str(output.get("text") or output["data"]["text/plain"])


def test_notebook_without_a_browser_runs_what_was_asked_for(execute: Execute) -> None:
    """Each answer stays in its cell's output, the code and what it printed; the values are there for cells below."""
    outputs = execute(
        "%load_ext jupyter_starcoder",
        "one = 1",
        "%%starcoder print one",
        "%%starcoder --run --into written\nprint one",
        "print(written)",
        "%%starcoder print one",
        "%starcoder explain",
        "%starcoder status",
    )

    assert outputs[2] == OWN_MODEL + "print(1)"
    assert outputs[3] == "print(1)1\n"
    assert outputs[4:] == ["1\n", "print(1)", "print(1)", "fake is ready on CPU (this session's own model)\n"]


def test_notebook_without_a_browser_is_told_of_no_next_cell(execute: Execute, rules: Path) -> None:
    """Nobody makes one there."""
    rules.write_text(json.dumps([{"answer": "2"}]))
    outputs = execute("%load_ext jupyter_starcoder", "x = 1", "%starcoder edit two", "%%starcoder --into x two")
    rules.write_text(json.dumps([{"answer": "pass"}]))
    with pytest.raises(CellExecutionError, match="the code above was not run") as failed:
        execute("%load_ext jupyter_starcoder", "%%starcoder --run --into best two")

    assert "x exists (int)" in outputs[3]
    assert "next cell" not in "".join(outputs) + str(failed.value)


def test_notebook_stops_at_a_magic_that_fails(execute: Execute) -> None:
    """Whoever runs it sees which cell, and one line that says why."""
    with pytest.raises(CellExecutionError, match="UsageError: %starcoder dance is not known") as failed:
        execute("%load_ext jupyter_starcoder", "%starcoder dance", "never = 1")

    assert "jupyter_starcoder/magics" not in str(failed.value)


@pytest.mark.model
def test_embedded_model_writes_code_and_explains(
    execute: Execute, embedded_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The whole road without a server: a request becomes code, and code becomes words."""
    monkeypatch.setenv("JUPYTER_STARCODER_MODELS", str(embedded_model.parent))
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(embedded_model))  # without the rules
    outputs = execute(
        "%load_ext jupyter_starcoder",
        "numbers = [3, 1, 2]",
        "%%starcoder sort the numbers",
        "%starcoder explain",
        "%starcoder status",
    )

    assert "sort" in outputs[2]
    assert len(outputs[3].split()) > 5
    assert outputs[4].startswith(f"{embedded_model.name} is ready on ")
