"""Asks every context source at once and takes what comes before the deadline."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass

from jupyter_starcoder.context.source import ContextSource
from jupyter_starcoder.values.notebook import Place
from jupyter_starcoder.values.prompt import Snippet

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """What the sources knew in time."""

    snippets: tuple[Snippet, ...]  # best first; equal scores in the order of the sources
    late: tuple[str, ...] = ()  # sources that were too slow
    failed: tuple[str, ...] = ()  # sources that could not answer


async def gather(sources: Sequence[ContextSource], place: Place, deadline_s: float) -> Gathered:
    """Asks the sources together; one that is late or fails costs its own snippets and nothing else."""
    if not sources:
        return Gathered(snippets=())
    tasks = [asyncio.ensure_future(source.snippets(place, deadline_s)) for source in sources]
    try:
        await asyncio.wait(tasks, timeout=deadline_s)
    finally:
        for task in tasks:
            task.cancel()
    snippets: list[Snippet] = []
    late: list[str] = []
    failed: list[str] = []
    for source, task in zip(sources, tasks, strict=True):
        if not task.done() or task.cancelled():
            late.append(source.name)
        elif (error := task.exception()) is not None:
            # Whatever it was: what it says may hold a user's data, its kind does not.
            log.warning("the context source %s failed: %s", source.name, type(error).__name__)
            failed.append(source.name)
        else:
            snippets.extend(task.result())
    snippets.sort(key=lambda snippet: -snippet.score)
    return Gathered(snippets=tuple(snippets), late=tuple(late), failed=tuple(failed))
