"""What was executed in this session, as a notebook, and what failed in it."""

import ast
import linecache
import re
import sys
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from IPython.core.error import UsageError
from IPython.core.interactiveshell import ExecutionResult, InteractiveShell

from jupyter_starcoder.errors import BadRequest
from jupyter_starcoder.values.conversation import Mishap
from jupyter_starcoder.values.notebook import Cell, Notebook

OUR_OWN = ("%starcoder", "%%starcoder", "%load_ext jupyter_starcoder", "%reload_ext jupyter_starcoder")
COLOUR = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A cell that failed."""

    source: str
    mishap: Mishap


class History:
    """What a session executed, and the last error in it."""

    def __init__(self, shell: InteractiveShell) -> None:
        """Knows what was executed before, and which error came last."""
        self._shell = shell
        self._written: dict[int, str] = {}
        self.failure = self._failed_before()

    def notebook(self) -> Notebook:
        """The cells before the running one, ours as the code that they ran."""
        manager = self._shell.history_manager
        return session_notebook(manager.input_hist_raw if manager else (), self._shell.execution_count, self._written)

    def note_written(self, code: str) -> None:
        """The running cell runs this code, which the model wrote."""
        self._written[self._shell.execution_count] = code

    def note_result(self, result: ExecutionResult) -> None:
        """IPython's hook behind each cell: keeps an error of the user's code as text, not the frames it came from."""
        error = result.error_before_exec or result.error_in_exec
        source = str(getattr(result.info, "raw_cell", "") or "")
        if not isinstance(error, Exception) or isinstance(error, UsageError) or is_ours(source):
            return
        self.failure = self._failure(source, error)

    def _failed_before(self) -> Failure | None:
        """What failed before anybody listened: Python keeps it for its debugger."""
        error, manager = getattr(sys, "last_value", None), self._shell.history_manager
        if not isinstance(error, Exception) or manager is None:
            return None
        for frame, _ in traceback.walk_tb(error.__traceback__):
            if frame.f_globals is self._shell.user_global_ns and frame.f_code.co_name == "<module>":
                code = "".join(linecache.getlines(frame.f_code.co_filename))
                for typed, plain in reversed([*zip(manager.input_hist_raw, manager.input_hist_parsed, strict=False)]):
                    if plain.strip() == code.strip() and not is_ours(typed):
                        return self._failure(typed, error)
        return None

    def _failure(self, source: str, error: Exception) -> Failure:
        lines = self._shell.InteractiveTB.structured_traceback(type(error), error, error.__traceback__)
        text = COLOUR.sub("", "\n".join(lines))
        return Failure(source=source, mishap=Mishap(name=type(error).__name__, message=str(error), traceback=text))


def session_notebook(inputs: Sequence[str], execution_count: int, written: Mapping[int, str] | None = None) -> Notebook:
    """The cells that were executed before the one that is running now, our own magics left out.

    Args:
        inputs: IPython's history, as typed; index 0 is empty.
        execution_count: the number of the running cell.
        written: by number, the code that cells of ours ran.
    """
    sources = [(written or {}).get(at, source) for at, source in enumerate(inputs[:execution_count])][1:]
    kept = [source for source in sources if source.strip() and not is_ours(source)]
    return Notebook(cells=tuple(Cell(kind="code", source=source) for source in kept))


def last_cell(notebook: Notebook, purpose: str = "explain") -> int:
    """The index of the cell that ran last.

    Raises:
        BadRequest: nothing has been executed.
    """
    if not notebook.cells:
        raise BadRequest(f"there is nothing to {purpose} yet: run a cell first")
    return len(notebook.cells) - 1


def with_failed(notebook: Notebook, source: str) -> tuple[Notebook, int]:
    """The notebook and the index of the cell that failed; where it is none of them it is put behind them."""
    for at in range(len(notebook.cells) - 1, -1, -1):
        if notebook.cells[at].source == source:
            return notebook, at
    return replace(notebook, cells=(*notebook.cells, Cell(kind="code", source=source))), len(notebook.cells)


def definition(notebook: Notebook, name: str) -> tuple[int, str] | None:
    """The cell that defined a name last, and the statement that did."""
    for at in range(len(notebook.cells) - 1, -1, -1):
        source = notebook.cells[at].source
        try:
            statements = ast.parse(source).body
        except (SyntaxError, ValueError):
            continue
        for statement in reversed(statements):
            if name in _defined(statement):
                return at, ast.get_source_segment(source, statement) or source
    return None


def is_ours(source: str) -> bool:
    """Whether a cell asks us."""
    return source.lstrip().startswith(OUR_OWN)


def _defined(statement: ast.stmt) -> set[str]:
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return {statement.name}
    return {node.id for node in ast.walk(statement) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
