"""What of a snapshot matters at a place: what the cells near it read, then what was touched last."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from kernels_ctx.snapshot import Column, Key, Variable

WORD = re.compile(r"[^\W\d]\w*")
QUOTED = re.compile(r"""(["'`])((?:(?!\1)[^\\\n]){1,80})\1""")
FAR = 1 << 30


@dataclass(frozen=True, slots=True)
class Near:
    """The names in the texts around a place, and how far away each is: 0 in the nearest text."""

    distances: dict[str, int]

    @classmethod
    def of(cls, texts: Sequence[str]) -> "Near":
        """The names in these texts, nearest first: words, and what stands in quotes."""
        distances: dict[str, int] = {}
        for distance, text in enumerate(texts):
            for name in [*WORD.findall(text), *(quoted for _, quoted in QUOTED.findall(text))]:
                distances.setdefault(name, distance)
        return cls(distances)

    def variables(self, variables: Sequence[Variable], most: int) -> tuple[Variable, ...]:
        """The `most` variables that matter, in their own order."""
        if len(variables) <= most:
            return tuple(variables)
        ranked = sorted(variables, key=lambda variable: (self._distance(variable.name), -variable.touched))
        kept = {variable.name for variable in ranked[:most]}
        return tuple(variable for variable in variables if variable.name in kept)

    def columns(self, variable: Variable, most: int) -> tuple[Column, ...]:
        """The `most` columns that matter, in their own order: those named nearby, then those looked at closely."""
        if len(variable.columns) <= most:
            return variable.columns
        ranks = [(self._nearest(column.key), column.null_share is None) for column in variable.columns]
        ranked = sorted(range(len(ranks)), key=ranks.__getitem__)
        return tuple(variable.columns[place] for place in sorted(ranked[:most]))

    def _nearest(self, key: Key | None) -> int:
        if isinstance(key, tuple):
            return min(map(self._nearest, key), default=FAR)
        return self._distance(key) if isinstance(key, str) else FAR

    def _distance(self, name: str) -> int:
        return self.distances.get(name, FAR)
