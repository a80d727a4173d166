"""The seam of a context source."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from jupyter_starcoder.values.notebook import Place
from jupyter_starcoder.values.prompt import Snippet
from kernels_ctx.snapshot import KernelSnapshot


@dataclass(frozen=True, slots=True)
class Found:
    """What a source knows."""

    snippets: Sequence[Snippet] = ()
    snapshot: KernelSnapshot | None = None  # of the live kernel, by the source that asked it


class ContextSource(Protocol):
    """Knows something about a place in a notebook that is not in its cells."""

    @property
    def name(self) -> str:
        """Its name in timings and settings."""

    async def find(self, place: Place, deadline_s: float) -> Found:
        """What it knows; an answer later than `deadline_s` seconds from now is thrown away."""
