"""The tour says only what is there: keys, commands, magics and columns."""

import json
import re
from pathlib import Path

import pytest
from jupyter_core.paths import jupyter_path

from jupyter_starcoder.magics.magics import HELP

ROOT = Path(__file__).parents[2]
TOUR = ROOT / "examples" / "tour.ipynb"
SOURCES = [path for path in (ROOT / "labextension" / "src").rglob("*.ts") if not path.name.endswith(".spec.ts")]
# Keys that our own fields and panels take, with the file that does so.
OWN_KEYS = {"Enter": "proposal/bar.ts", "Escape": "proposal/proposal.ts"}
JUPYTERLAB = {"Settings", "Settings Editor", "View"}  # menus of its own
PALETTE = "Ctrl+Shift+C"  # JupyterLab's own as well
ARROWS = {"ArrowRight": "→", "ArrowDown": "↓"}
FEATURES = {"completion", "explanation", "edit", "fix", "generation", "chat", "magics", "settings"}


def cells() -> list[dict[str, str]]:
    """Id, kind and text of every cell."""
    return [
        {"id": cell["id"], "kind": cell["cell_type"], "text": "".join(cell["source"])}
        for cell in json.loads(TOUR.read_text())["cells"]
    ]


def words() -> str:
    """All that it says."""
    return "\n".join(cell["text"] for cell in cells() if cell["kind"] == "markdown")


def shortcuts() -> set[str]:
    """Every key of a command of ours, and of JupyterLab's own for completions, as the tour writes them."""
    schemas = [*(ROOT / "labextension" / "schema").glob("*.json")]
    name = ("lab", "schemas", "@jupyterlab", "completer-extension", "inline-completer.json")
    schemas += [path for folder in jupyter_path(*name) if (path := Path(folder)).is_file()]
    found = [json.loads(schema.read_text()).get("jupyter.lab.shortcuts", []) for schema in schemas]
    keys = [keys for entries in found for entry in entries for keys in entry["keys"]]
    written = {"Accel": "Ctrl", **ARROWS}
    return {"+".join(written.get(key, key) for key in combination.split()) for combination in keys}


def test_tour_has_a_place_for_every_feature() -> None:
    """Each has a cell of words, in which it begins with a heading."""
    headed = {cell["id"] for cell in cells() if cell["kind"] == "markdown" and cell["text"].startswith("## ")}

    assert headed == FEATURES


def test_tour_names_keys_that_do_something() -> None:
    """Each is a shortcut of a schema, or taken by a file of the front end."""
    named = set(re.findall(r"`((?:Ctrl|Alt|Shift)\+[^`]+|Enter|Escape)`", words()))
    named |= set(re.findall(r"\*\*(Tab|Escape)\*\*", words()))
    own = {key for key, file in OWN_KEYS.items() if key in (ROOT / "labextension" / "src" / file).read_text()}

    assert {"Tab", "Ctrl+→", "Ctrl+K", "Ctrl+Alt+E", "Ctrl+Alt+F", "Ctrl+Alt+G", "Ctrl+Alt+C"} <= named
    assert named - shortcuts() - own == {PALETTE}


def test_tour_names_commands_and_buttons_that_exist() -> None:
    """Each phrase in italics is a label of the front end, or the way to the settings."""
    labels = set(re.findall(r"trans\s*\.__\(\s*'([^']+)'", "".join(path.read_text() for path in SOURCES)))
    named = {part for phrase in re.findall(r"(?<!\*)\*([^*]+)\*(?!\*)", words()) for part in phrase.split(" → ")}

    assert {"Explain this cell", "Fix", "Write code for this text", "Open the chat", "StarCoder models"} <= named
    assert named - labels - JUPYTERLAB == set()


def test_tour_uses_magics_that_exist() -> None:
    """In words and in cells."""
    named = set(re.findall(r"%starcoder \w+", "\n".join(cell["text"] for cell in cells())))

    assert {name for name in re.findall(r"^(%starcoder \w+)", HELP, re.MULTILINE) if name not in named} == set()
    assert {name for name in named if name not in HELP} == set()


def test_tour_goes_on_behind_what_fails_by_design() -> None:
    """Without a copilot its cells run to the end, and the one with a column that does not exist fails."""
    raw = json.loads(TOUR.read_text())["cells"]
    may_fail = {cell["id"] for cell in raw if "raises-exception" in cell["metadata"].get("tags", [])}
    names: dict[str, object] = {}
    failed: dict[str, str] = {}
    for cell in cells():
        if cell["kind"] == "code" and not cell["text"].startswith("%"):
            try:
                exec(compile(cell["text"], cell["id"], "exec"), names)
            except (KeyError, SyntaxError) as error:
                failed[cell["id"]] = type(error).__name__

    assert failed == {"typing": "SyntaxError", "fails": "KeyError"}
    assert may_fail == set(failed)


@pytest.mark.parametrize("option", ["--json", "--show-prompt"])
def test_tour_has_the_place_that_the_readme_completes(option: str) -> None:
    """The command in the README asks at the end of a line that waits for more."""
    command = re.search(rf"complete examples/tour\.ipynb --cell (\d+) --offset (\d+) {option}", readme())

    assert command
    cell, offset = map(int, command.groups())
    assert cells()[cell]["text"][:offset].endswith('.groupby("bridge")["cyclists"].')


def readme() -> str:
    """Of the project."""
    return (ROOT / "README.md").read_text()
