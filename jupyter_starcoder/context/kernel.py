"""The live kernel as a context source: which frames and functions there are, with their columns."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from jupyter_starcoder.context.nearness import texts_near
from jupyter_starcoder.context.source import Found
from jupyter_starcoder.values.notebook import Place
from jupyter_starcoder.values.prompt import Snippet
from kernels_ctx.answer import read_answer
from kernels_ctx.errors import KernelContextError
from kernels_ctx.ranking import FAR, Near
from kernels_ctx.snapshot import KernelSnapshot, Variable
from kernels_ctx.text import MOST_COLUMNS, WORTH_A_LINE, info_text, line

SnapshotOf = Callable[[str, float], Awaitable[KernelSnapshot | None]]  # (path of the notebook, timeout in s)
MOST_FRAMES, MOST_OTHERS = 12, 24  # that are written down; a prompt has room for fewer
FEWER_COLUMNS = (12, 4)  # of a frame, where there is less room


@dataclass(frozen=True, slots=True)
class Written:
    """A snapshot's snippets for the names near one cursor."""

    snapshot: KernelSnapshot
    near: Near
    snippets: tuple[Snippet, ...]


class KernelSource:
    """Asks for the snapshot of the kernel that runs the notebook."""

    name = "kernel"

    def __init__(self, snapshot_of: SnapshotOf) -> None:
        self._snapshot_of = snapshot_of
        self._last: Written | None = None

    async def find(self, place: Place, deadline_s: float) -> Found:
        """The snapshot, and a snippet a variable, frames first; none where there is no kernel or it does not answer.

        A kernel that asks for itself is busy with asking, and brought its snapshot along.
        """
        try:
            told = read_answer(place.language, place.live) if place.live else None
            snapshot = told or await self._snapshot_of(place.path, deadline_s)
        except KernelContextError:
            return Found()
        return Found(self._written(snapshot, texts_near(place)), snapshot) if snapshot is not None else Found()

    def _written(self, snapshot: KernelSnapshot, near_texts: Sequence[str]) -> tuple[Snippet, ...]:
        """A keystroke inside of a word changes nothing, and is not to cost much."""
        last, near = self._last, Near.of(near_texts)
        if last is None or last.snapshot != snapshot or last.near != near:
            self._last = last = Written(snapshot, near, variables(snapshot, near_texts))
        return last.snippets


def variables(snapshot: KernelSnapshot, near_texts: Sequence[str]) -> tuple[Snippet, ...]:
    """What the kernel holds, in an order that stays; what is named nearby has the higher scores.

    Args:
        snapshot: what the kernel holds.
        near_texts: texts around the cursor, nearest first.
    """
    near = Near.of(near_texts)
    frames = [variable for variable in snapshot.variables if variable.is_frame]
    others = [v for v in snapshot.variables if not v.is_frame and v.kind in WORTH_A_LINE]
    worth = (*near.variables(frames, MOST_FRAMES), *near.variables(others, MOST_OTHERS))
    latest = max((variable.touched for variable in snapshot.variables), default=0)
    return tuple(_snippet(variable, near, near_texts, _score(variable, near, latest)) for variable in worth)


def _snippet(variable: Variable, near: Near, near_texts: Sequence[str], score: float) -> Snippet:
    """A variable as a line, and a frame as a cell that shows it too; with all columns, and with those that matter."""
    sizes = [MOST_COLUMNS, *(size for size in FEWER_COLUMNS if size < variable.column_count)]
    text, *shorter_texts = (line(variable, near, size) for size in sizes)
    outputs = [info_text(variable, near_texts, most_columns=size) for size in sizes] if variable.is_frame else [""]
    return Snippet(
        source=KernelSource.name,
        title="variables",
        text=text,
        shorter_texts=tuple(shorter_texts),
        score=score,
        code=f"{variable.name}.info()" if variable.is_frame else "",
        output=outputs[0],
        shorter_outputs=tuple(outputs[1:]),
    )


def _score(variable: Variable, near: Near, latest: int) -> float:
    """A frame at the cursor first, then what is named near it, then what was touched last."""
    nearness = 1 / (1 + near.distances.get(variable.name, FAR))
    age = variable.touched / (latest + 1)
    return (2.0 if variable.is_frame else 1.0) * nearness + 0.5 * variable.is_frame + 0.25 * age
