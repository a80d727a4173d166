"""The live kernel as a context source: which frames and functions there are, with their columns."""

from collections.abc import Awaitable, Callable, Sequence

from jupyter_starcoder.values.notebook import Place
from jupyter_starcoder.values.prompt import Snippet
from kernels_ctx.errors import KernelContextError
from kernels_ctx.snapshot import KernelSnapshot
from kernels_ctx.text import render

SnapshotOf = Callable[[str, float], Awaitable[KernelSnapshot | None]]  # (path of the notebook, timeout in s)


class KernelSource:
    """Asks for the snapshot of the kernel that runs the notebook."""

    name = "kernel"

    def __init__(self, snapshot_of: SnapshotOf) -> None:
        self._snapshot_of = snapshot_of

    async def snippets(self, place: Place, deadline_s: float) -> Sequence[Snippet]:
        """One snippet with a line a variable, or none where there is no kernel or it does not answer."""
        try:
            snapshot = await self._snapshot_of(place.path, deadline_s)
        except KernelContextError:
            return ()
        text = render(snapshot) if snapshot is not None else ""
        return (Snippet(source=self.name, title="variables", text=text, score=1.0),) if text else ()
