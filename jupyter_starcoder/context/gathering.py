"""Asks every context source at once and takes what comes before the deadline."""

import asyncio
import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass

from jupyter_starcoder.context.source import ContextSource, Found
from jupyter_starcoder.values.notebook import Place
from jupyter_starcoder.values.prompt import Asked, Snippet
from kernels_ctx.snapshot import KernelSnapshot

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """What the sources knew in time."""

    snippets: tuple[Snippet, ...]  # in the order of the sources, and in each source's own
    asked: tuple[Asked, ...] = ()
    snapshot: KernelSnapshot | None = None  # of the live kernel

    @property
    def late(self) -> tuple[str, ...]:
        """Sources that were too slow."""
        return tuple(source.name for source in self.asked if source.outcome == "late")

    @property
    def failed(self) -> tuple[str, ...]:
        """Sources that could not answer."""
        return tuple(source.name for source in self.asked if source.outcome == "failed")


async def gather(sources: Sequence[ContextSource], place: Place, deadline_s: float) -> Gathered:
    """Asks the sources together; one that is late or fails costs its own snippets and nothing else."""
    if not sources:
        return Gathered(snippets=())
    started_s = time.perf_counter()
    tasks = [asyncio.ensure_future(_timed(source, place, deadline_s)) for source in sources]
    try:
        await asyncio.wait(tasks, timeout=deadline_s)
    finally:
        for task in tasks:
            task.cancel()
    waited_s = time.perf_counter() - started_s
    snippets: list[Snippet] = []
    asked: list[Asked] = []
    snapshot: KernelSnapshot | None = None
    for source, task in zip(sources, tasks, strict=True):
        if not task.done() or task.cancelled():
            asked.append(Asked(name=source.name, outcome="late", took_s=waited_s))
        elif (error := task.exception()) is not None:
            # Whatever it was: what it says may hold a user's data, its kind does not.
            log.warning("the context source %s failed: %s", source.name, type(error).__name__)
            asked.append(Asked(name=source.name, outcome="failed", took_s=waited_s))
        else:
            found, took_s = task.result()
            snippets.extend(found.snippets)
            snapshot = snapshot or found.snapshot
            asked.append(Asked(name=source.name, outcome="answered", took_s=took_s, snippets=len(found.snippets)))
    return Gathered(snippets=tuple(snippets), asked=tuple(asked), snapshot=snapshot)


async def _timed(source: ContextSource, place: Place, deadline_s: float) -> tuple[Found, float]:
    started_s = time.perf_counter()
    found = await source.find(place, deadline_s)
    return found, time.perf_counter() - started_s
