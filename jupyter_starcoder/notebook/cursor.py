"""What stands around a cursor."""

from collections.abc import Sequence
from dataclasses import replace

from jupyter_starcoder.errors import BadCursor
from jupyter_starcoder.notebook.outputs import shorten
from jupyter_starcoder.notebook.request import request_at
from jupyter_starcoder.values.notebook import Cell, Cursor, Notebook, Place

OUTPUT_LIMIT_CHARS = 1000  # of each cell; StarCoder's notebooks were cut at this length


def place_at(notebook: Notebook, cursor: Cursor) -> Place:
    """What stands around a cursor, with outputs shortened. Offsets count code points, as Python's own indices do.

    Raises:
        BadCursor: the cell or the offset lies outside the notebook.
    """
    count = len(notebook.cells)
    if not count:
        raise BadCursor(f"cell {cursor.cell} does not exist: the notebook has no cells")
    if cursor.cell >= count:
        raise BadCursor(f"cell {cursor.cell} does not exist: the notebook has {count} cells, send 0 to {count - 1}")
    cell = notebook.cells[cursor.cell]
    size = len(cell.source)
    if cursor.offset > size:
        raise BadCursor(
            f"offset {cursor.offset} lies outside cell {cursor.cell}: it has {size} code points, send 0 to {size}"
        )
    before = notebook.cells[: cursor.cell]
    prefix, suffix = cell.source[: cursor.offset], cell.source[cursor.offset :]
    return Place(
        before=_shortened(before),
        prefix=prefix,
        suffix=suffix,
        after=_shortened(notebook.cells[cursor.cell + 1 :]),
        kind=cell.kind,
        outputs=shorten(cell.outputs, OUTPUT_LIMIT_CHARS),
        language=notebook.language,
        path=notebook.path,
        live=notebook.live,
        request=request_at(before, prefix, suffix) if cell.kind == "code" else None,
    )


def below_cell(notebook: Notebook, cell: int) -> Place:
    """In a new cell behind another, which asks for nothing; at the beginning of a notebook without any.

    Raises:
        BadCursor: there is no such cell.
    """
    if not -1 <= cell < max(1, len(notebook.cells)):
        raise BadCursor(f"cell {cell} does not exist: the notebook has {len(notebook.cells)} cells")
    return replace(before_cell(notebook, min(cell + 1, len(notebook.cells))), request=None)


def end_of_cell(notebook: Notebook, cell: int) -> Place:
    """Behind the last character of a cell.

    Raises:
        BadCursor: there is no such cell.
    """
    if not notebook.cells:
        raise BadCursor(f"cell {cell} does not exist: the notebook has no cells")
    if not 0 <= cell < len(notebook.cells):
        raise BadCursor(f"cell {cell} does not exist: the notebook has cells 0 to {len(notebook.cells) - 1}")
    return place_at(notebook, Cursor(cell=cell, offset=len(notebook.cells[cell].source)))


def before_cell(notebook: Notebook, cell: int) -> Place:
    """In a new cell that stands in front of another, or behind the last one.

    Raises:
        BadCursor: no cell can stand there.
    """
    if not 0 <= cell <= len(notebook.cells):
        raise BadCursor(f"a cell cannot stand at {cell}: the notebook has {len(notebook.cells)} cells")
    cells = (*notebook.cells[:cell], Cell(kind="code", source=""), *notebook.cells[cell:])
    return place_at(replace(notebook, cells=cells), Cursor(cell=cell, offset=0))


def _shortened(cells: Sequence[Cell]) -> tuple[Cell, ...]:
    return tuple(
        replace(cell, outputs=shorten(cell.outputs, OUTPUT_LIMIT_CHARS)) if cell.outputs else cell for cell in cells
    )
