"""A notebook, a place in it, and what surrounds that place."""

from dataclasses import dataclass
from typing import Literal

from jupyter_starcoder.errors import BadCursor

CellKind = Literal["code", "markdown", "raw"]
OutputKind = Literal["stream", "result", "error"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """What a cell printed, as plain text."""

    kind: OutputKind
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One cell."""

    kind: CellKind
    source: str
    outputs: tuple[Output, ...] = ()
    run: int = 0  # its execution count; 0 for a cell that did not run, or where it is not known


@dataclass(frozen=True, slots=True, kw_only=True)
class Notebook:
    """Cells in order. A plain source file is a notebook of one code cell."""

    cells: tuple[Cell, ...]
    language: str = "python"  # the kernel's language, lower case
    path: str = ""  # as Jupyter shows it; may be empty
    live: str = ""  # what the kernel said of itself when it asked, as its probe does; empty where it did not ask


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor:
    """A place in a notebook."""

    cell: int  # among all cells, from 0
    offset: int  # code points from the cell's start, as in JupyterLab's request.offset

    def __post_init__(self) -> None:
        if self.cell < 0:
            raise BadCursor(f"cell {self.cell} does not exist: count from 0")
        if self.offset < 0:
            raise BadCursor(f"offset {self.offset} lies before cell {self.cell}: send 0 or more")


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What somebody wants at a place, in words."""

    words: str
    cell: int | None = None  # the Markdown cell right above that says it; None for a comment at the prefix's end


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What stands around a cursor: all that a prompt may be made of."""

    before: tuple[Cell, ...]  # cells above, in order
    prefix: str  # the cell's text before the cursor
    suffix: str  # the cell's text behind the cursor
    after: tuple[Cell, ...]  # cells below, in order
    kind: CellKind = "code"
    outputs: tuple[Output, ...] = ()  # of the cell itself
    language: str = "python"
    path: str = ""
    live: str = ""  # what the kernel said of itself when it asked
    request: Request | None = None

    @property
    def source(self) -> str:
        """The whole text of the cell."""
        return self.prefix + self.suffix
