"""The notebooks that are replayed run from top to bottom and hold nothing of the machine they were written on."""

import json
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

FOLDER = Path(__file__).parents[1] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
# Runs the code cells of each notebook in one process, which imports every library once.
RUN = """
import sys, tempfile, os
import nbformat
from IPython.core.interactiveshell import InteractiveShell

os.environ["MPLBACKEND"] = "Agg"
os.chdir(tempfile.mkdtemp())
shell = InteractiveShell.instance(colors="NoColor")
for path in sys.argv[1:]:
    shell.reset(new_session=True)
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "code" and not shell.run_cell(cell.source).success:
            sys.exit(f"{path} fails in: {cell.source}")
"""


def test_index_names_every_notebook_once() -> None:
    """Six to look at while prompts are tuned, six that are held out."""
    index: dict[str, list[str]] = json.loads((FOLDER / "index.json").read_text())

    named = [name for part in index.values() for name in part]
    assert sorted(named) == [path.stem for path in NOTEBOOKS]
    assert {part: len(names) for part, names in index.items()} == {"development": 6, "held_out": 6}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_is_valid_and_holds_nothing_of_a_machine(path: Path) -> None:
    """Outputs are saved; no absolute path, no address of an object, no metadata of a run."""
    notebook = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]

    nbformat.validate(notebook)
    assert not re.search(r"(?<![\w:/])/(work|home|root|tmp|Users|usr)\b|at 0x", path.read_text())
    assert not any(cell.metadata for cell in notebook.cells)
    assert any(cell.get("outputs") for cell in notebook.cells)


def test_notebooks_run_from_top_to_bottom(tmp_path: Path) -> None:
    """All of them, one after the other."""
    names = [str(path) for path in NOTEBOOKS]

    run = subprocess.run([sys.executable, "-c", RUN, *names], cwd=tmp_path, capture_output=True, text=True, timeout=170)

    assert run.returncode == 0, run.stderr[-2000:] + run.stdout[-2000:]
