"""A notebook in a kernel of its own, run one cell after the other."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import cast

import nbformat
from jupyter_client.kernelspec import NoSuchKernel
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

from jupyter_starcoder.copilot import SnapshotOf
from jupyter_starcoder.errors import EvaluationError
from jupyter_starcoder.notebook.reading import cell_of
from jupyter_starcoder.values.notebook import Cell, Notebook
from kernels_ctx.asking import snapshot
from kernels_ctx.client import open_channel
from kernels_ctx.limits import Limits
from kernels_ctx.snapshot import Detail, KernelSnapshot

CELL_S = 300  # longest run of one cell
ANSWER_S = 30.0  # for the kernel to say what it holds
PROBE_S = 2.0  # inside the kernel: on a busy machine too it gets to its end, so that a replay can be repeated


class LiveNotebook:
    """Cells that ran, with their outputs of this run, and what the kernel holds now."""

    def __init__(self, client: NotebookClient, name: str, language: str) -> None:
        self._client = client
        self._name = name
        self._language = language
        self._ran = 0
        self._snapshots: dict[Detail, KernelSnapshot] = {}

    def until(self, index: int, source: str) -> Notebook:
        """The notebook while its author writes cell `index`, of which `source` stands there; nothing stands below."""
        cells = [cell_of(cell) for cell in self._client.nb.cells[:index]]
        return Notebook(
            cells=(*cells, Cell(kind="code", source=source)), language=self._language, path=f"{self._name}.ipynb"
        )

    async def run(self, index: int) -> None:
        """Runs the cells up to and with `index` that did not run yet.

        Raises:
            EvaluationError: a cell failed or took too long.
        """
        self._snapshots.clear()
        for number in range(self._ran, index + 1):
            try:
                await self._client.async_execute_cell(self._client.nb.cells[number], number)
            except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
                reason = getattr(error, "ename", "") or type(error).__name__
                raise EvaluationError(
                    f"cell {number} of {self._name} did not run to its end ({reason}): mend the notebook"
                ) from error
            self._ran = number + 1

    def snapshots(self, detail: Detail) -> SnapshotOf:
        """What the kernel holds, in so much detail, as a copilot asks for it."""

        async def snapshot_of(_path: str, _timeout_s: float) -> KernelSnapshot:
            if detail not in self._snapshots:
                manager = cast(AsyncKernelManager, self._client.km)
                async with open_channel(manager.client(), self._language) as channel:
                    limits = Limits(detail=detail, probe_s=PROBE_S)
                    self._snapshots[detail] = await snapshot(channel, ANSWER_S, limits)
            return self._snapshots[detail]

        return snapshot_of


@asynccontextmanager
async def started(path: Path) -> AsyncIterator[LiveNotebook]:
    """The notebook with a new kernel, which ends with it.

    Raises:
        EvaluationError: there is no such kernel.
    """
    node = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    spec = node.metadata.get("kernelspec", {})
    for cell in node.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    client = NotebookClient(
        node,
        timeout=CELL_S,
        kernel_name=spec.get("name") or "python3",
        resources={"metadata": {"path": str(path.parent)}},
    )
    language = node.metadata.get("language_info", {}).get("name") or spec.get("language") or "python"
    async with AsyncExitStack() as stack:
        try:
            await stack.enter_async_context(client.async_setup_kernel())
        except NoSuchKernel as error:
            raise EvaluationError(f"{path} wants the kernel {error.name}, which is not here: install it") from error
        except RuntimeError as error:  # it died, or took longer than a minute
            raise EvaluationError(f"the kernel {client.kernel_name} of {path} did not start ({error})") from error
        yield LiveNotebook(client, path.stem, language.lower())
