"""Other cells of the notebook as a context source: those that define what is named near the cursor."""

import re
from collections import Counter
from functools import lru_cache

from jupyter_starcoder.context.nearness import texts_near, words, words_of_cell
from jupyter_starcoder.context.source import Found
from jupyter_starcoder.values.notebook import Place
from jupyter_starcoder.values.prompt import Snippet

MOST_CELLS = 12
_LONGEST_CHARS = 20_000  # of a cell: one that is longer defines what its beginning defines
# What binds a name at the beginning of a line, in Python, R and Julia; of several names all.
_BINDING = re.compile(
    r"""^[ \t]*(?:async[ \t]+)?(?:
        (?:def|class|function|struct)[ \t]+(?P<named>[^\W\d]\w*)
      | (?:from[ \t]+[\w.]+[ \t]+)?import[ \t]+(?P<imported>[^#\n]+)
      | (?:for|with)[ \t]+(?P<looped>[^:\n]+?)(?:[ \t]+in\b|:)
      | (?P<bound>[^\W\d]\w*(?:[ \t]*,[ \t]*[^\W\d]\w*)*)[ \t]*(?:=(?!=)|<-|:[^=\n]+=(?!=))
    )""",
    re.MULTILINE | re.VERBOSE,
)


class CellSource:
    """Ranks the cells above by the names that they share with the cursor's surroundings, recency and distance."""

    name = "cells"

    async def find(self, place: Place, deadline_s: float) -> Found:
        """The cells that define something near the cursor, in the notebook's order."""
        return Found(relevant_cells(place))


def relevant_cells(place: Place) -> tuple[Snippet, ...]:
    """The cells above that define names near the cursor; the best have the highest scores.

    A name counts more the fewer cells define it, and where a cell above defines it again, the later definition is
    what holds. The word that is being typed does not count, so that the choice stays while one types it.
    """
    texts = texts_near(place)
    weights: dict[str, float] = {}
    for distance, text in enumerate(texts):
        for name in words_of_cell(text) if distance else words(text):
            weights.setdefault(name, 1 / (1 + distance))
    defined = [
        definitions(cell.source[:_LONGEST_CHARS]) if cell.kind == "code" else frozenset() for cell in place.before
    ]
    counts = Counter(name for names in defined for name in names)
    scored: list[tuple[float, int]] = []
    known: set[str] = set()  # defined again further down
    for index in range(len(defined) - 1, -1, -1):
        shared = defined[index] & weights.keys()
        if fresh := shared - known:
            scored.append((sum(weights[name] / counts[name] for name in fresh) + _recency(place, index), index))
            known |= fresh
    best = sorted(sorted(scored, reverse=True)[:MOST_CELLS], key=lambda pair: pair[1])
    return tuple(
        Snippet(source=CellSource.name, title="cells", text=place.before[index].source, score=score, cell=index)
        for score, index in best
    )


def _recency(place: Place, index: int) -> float:
    """Less than any shared name is worth: of equals the one that ran last, or stands nearest."""
    runs = [cell.run for cell in place.before]
    last = max(runs, default=0)
    return 0.01 * (runs[index] / last if last else (index + 1) / len(runs))


@lru_cache(maxsize=2048)
def definitions(source: str) -> frozenset[str]:
    """The names that a cell's code binds, as far as its lines show it."""
    names: set[str] = set()
    for match in _BINDING.finditer(source):
        if match["imported"]:
            parts = (part.strip(" ()\t\\") for part in match["imported"].split(","))
            names |= {part.rpartition(" as ")[2].strip().partition(".")[0] for part in parts}
        else:
            names |= words(match["named"] or match["looped"] or match["bound"] or "")
    return frozenset(name for name in names if name.isidentifier())
