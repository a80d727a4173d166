"""What was executed in this session, as a notebook."""

from collections.abc import Sequence

from jupyter_starcoder.errors import BadRequest
from jupyter_starcoder.values.notebook import Cell, Notebook

OUR_OWN = ("%starcoder", "%%starcoder", "%load_ext jupyter_starcoder", "%reload_ext jupyter_starcoder")


def session_notebook(inputs: Sequence[str], execution_count: int) -> Notebook:
    """The cells that were executed before the one that is running now, our own magics left out.

    Args:
        inputs: IPython's history, as typed; index 0 is empty.
        execution_count: the number of the running cell.
    """
    sources = [source for source in inputs[1:execution_count] if source.strip() and not _is_ours(source)]
    return Notebook(cells=tuple(Cell(kind="code", source=source) for source in sources))


def last_cell(notebook: Notebook) -> int:
    """The index of the cell to explain.

    Raises:
        BadRequest: nothing has been executed.
    """
    if not notebook.cells:
        raise BadRequest("there is nothing to explain yet: run a cell first")
    return len(notebook.cells) - 1


def _is_ours(source: str) -> bool:
    return source.lstrip().startswith(OUR_OWN)
