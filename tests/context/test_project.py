"""Files that a notebook imports: read, never run, and never outside of the root."""

import asyncio
from pathlib import Path

import pytest

from jupyter_starcoder.context import project
from jupyter_starcoder.context.outline import Outline, outline
from jupyter_starcoder.context.project import ProjectSource, imports
from jupyter_starcoder.values.notebook import Cell, Place
from jupyter_starcoder.values.prompt import Snippet

HELPERS = '''
"""Reads trips."""
import os
raise SystemExit("this file was run")

@cached
def load(path: str, *, rows: int = 10) -> "Frame":
    """Reads the trips.

    More about it."""
    return 1

class Trip(Base):
    """One trip."""
    def __init__(self, start): ...
    async def end(self) -> float: ...
    def _hidden(self): ...

def _private(): ...
'''


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project with a notebook's folder in it."""
    (tmp_path / "work" / "kit").mkdir(parents=True)
    (tmp_path / "helpers.py").write_text(HELPERS)
    (tmp_path / "work" / "kit" / "__init__.py").write_text("def open_kit(): ...")
    (tmp_path / "work" / "kit" / "plots.py").write_text("def bars(rows): ...")
    return tmp_path


def snippets(source: ProjectSource, code: str, path: str = "work/a.ipynb") -> list[Snippet]:
    """What the source knows at the end of a notebook with this cell."""
    place = Place(before=(Cell(kind="code", source=code),), prefix="", suffix="", after=(), path=path)
    return list(asyncio.run(source.find(place, 1.0)).snippets)


def test_outline_is_signatures_and_first_lines() -> None:
    """What calls need, on a line each; bodies, decorators and private names are left out."""
    assert outline(HELPERS.encode()).text(frozenset()).splitlines() == [
        "def load(path: str, *, rows: int=10) -> 'Frame': Reads the trips.",
        "class Trip(Base): One trip.",
        "    def __init__(self, start)",
        "    async def end(self) -> float",
    ]


@pytest.mark.parametrize("source", [b"def (", b"\x00", b"\xff\xfe", b"(" * 50_000, b""])
def test_outline_of_no_python_is_empty(source: bytes) -> None:
    """Whatever a file holds, it is no error."""
    assert outline(source).text(frozenset()) == ""


def test_imports_are_found_among_magics_and_half_typed_code() -> None:
    """Modules with the names that are wanted out of them; a star or a plain import wants all."""
    cells = [
        "%load_ext x\nfrom helpers import load, Trip as T\nimport kit.plots as p, os",
        "from helpers import (",
        "x =",
    ]

    assert imports(cells[:1]) == {
        "helpers": frozenset({"load", "Trip"}),
        "kit.plots": frozenset(),
        "os": frozenset(),
    }
    assert imports(["from helpers import load", "import helpers"]) == {"helpers": frozenset()}
    assert imports(["from helpers import ("]) == {"helpers": frozenset()}
    assert imports(["from helpers import *"]) == {"helpers": frozenset()}
    assert imports(["from . import x", "import 1x"]) == {}


def test_project_finds_files_in_the_notebooks_folder_and_the_root(root: Path) -> None:
    """As Python would from there: modules, packages, and modules in packages."""
    found = snippets(ProjectSource(root), "import helpers\nimport kit\nfrom kit import plots")

    assert [(snippet.title, snippet.text.splitlines()[0][:12]) for snippet in found] == [
        ("helpers.py", "def load(pat"),
        ("work/kit/__init__.py", "def open_kit"),
    ]
    assert [snippet.title for snippet in snippets(ProjectSource(root), "from kit import plots")] == [
        "work/kit/plots.py"
    ]


def test_project_gives_only_the_names_that_are_imported(root: Path) -> None:
    """The rest of a large module would cost its place."""
    (snippet,) = snippets(ProjectSource(root), "from helpers import Trip")

    assert snippet.text.startswith("class Trip")


def test_project_never_leaves_the_root(root: Path) -> None:
    """Neither by the notebook's path, nor by a link."""
    inner = root / "work"
    (inner / "linked.py").symlink_to(root / "helpers.py")

    assert snippets(ProjectSource(inner), "import helpers", path="../a.ipynb") == []
    assert snippets(ProjectSource(inner), "import linked", path="a.ipynb") == []


def test_project_of_a_shared_notebook_is_found_behind_its_drive(root: Path) -> None:
    """A notebook that several people edit has a drive in front of its path."""
    assert snippets(ProjectSource(root), "import kit", path="RTC:work/a.ipynb")


def test_project_reads_a_file_once_until_it_changes(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A keystroke reads nothing that is known; a saved file is seen."""
    read: list[bytes] = []

    def counted(source: bytes) -> Outline:
        read.append(source)
        return outline(source)

    monkeypatch.setattr(project, "outline", counted)
    source = ProjectSource(root)

    for _ in range(3):
        snippets(source, "import helpers")
    assert len(read) == 1
    (root / "helpers.py").write_text("def other(): ...\n")
    (snippet,) = snippets(source, "import helpers")
    assert snippet.text == "def other()"


def test_project_leaves_out_a_file_that_is_too_large(root: Path) -> None:
    """A generated file of megabytes is not parsed."""
    (root / "huge.py").write_text("def f(): ...\n" + "x = 1\n" * 50_000)

    assert snippets(ProjectSource(root), "import huge") == []


def test_project_knows_python_only(root: Path) -> None:
    """`import` in another language means something else."""
    place = Place(before=(), prefix="import helpers", suffix="", after=(), language="julia")

    assert list(asyncio.run(ProjectSource(root).find(place, 1.0)).snippets) == []
