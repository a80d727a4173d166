"""The seam of a context source."""

from collections.abc import Sequence
from typing import Protocol

from jupyter_starcoder.values.notebook import Place
from jupyter_starcoder.values.prompt import Snippet


class ContextSource(Protocol):
    """Knows something about a place in a notebook that is not in its cells."""

    @property
    def name(self) -> str:
        """Its name in timings and settings."""

    async def snippets(self, place: Place, deadline_s: float) -> Sequence[Snippet]:
        """What it knows; an answer later than `deadline_s` seconds from now is thrown away."""
