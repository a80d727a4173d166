"""The text in front of a cursor and the text behind it, for models that were trained to fill in the middle.

The text behind the cursor stands first where a model was trained on that order: the text being typed then stands at
the very end, and of two prompts that are a keystroke apart the engine reads one token. In the other order it reads all
that is behind the cursor again. `benchmarks/prompt.py` has the numbers.

Sources: Bavarian et al. 2022 (arXiv 2207.14255), section 3, "SPM variant 2"; the StarCoder paper (arXiv 2305.06161).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from jupyter_starcoder.prompt.budget import beginning_of, lines_of
from jupyter_starcoder.prompt.draft import Draft
from jupyter_starcoder.prompt.script import SEPARATOR, script_parts
from jupyter_starcoder.values.notebook import Place
from jupyter_starcoder.values.prompt import Marker, Section

_CLOSERS = ")]}\"'`"  # what an editor writes by itself behind the cursor
_CELLS_BELOW = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Spelling:
    """The markers of infilling."""

    prefix: str
    suffix: str
    middle: str

    @property
    def markers(self) -> frozenset[str]:
        """All three."""
        return frozenset((self.prefix, self.suffix, self.middle))


STARCODER = Spelling(prefix="<fim_prefix>", suffix="<fim_suffix>", middle="<fim_middle>")
SANTACODER = Spelling(prefix="<fim-prefix>", suffix="<fim-suffix>", middle="<fim-middle>")


def text_behind(place: Place) -> str:
    """The rest of the cell without the brackets and quotes that the editor has closed at the cursor.

    They come and go with keystrokes, and would move the beginning of a prompt in which they stand first. What the
    answer repeats of them is cut off later.
    """
    rest, newline, below = place.suffix.partition("\n")
    return newline + below if not rest.strip(_CLOSERS + " \t") else place.suffix


def is_followed(place: Place) -> bool:
    """Something stands behind the cursor that an answer should fit."""
    return bool(text_behind(place).strip()) or any(cell.kind == "code" and cell.source.strip() for cell in place.after)


def behind(place: Place, draft: Draft) -> Section:
    """The rest of the cell, then the cells below, as far as they fit."""
    room = draft.room_tokens("behind")
    cells = [cell for cell in place.after if cell.kind == "code"][:_CELLS_BELOW]
    parts = script_parts(cells, place.language, room * 4, draft.count)
    below = "".join(part.text for part in parts)
    text = text_behind(place) + (SEPARATOR + below if below else "")
    return draft.section("behind", lambda limit: lines_of(beginning_of(text, limit, draft.count)))


def around(
    front: Sequence[Section], behind: Section, spelling: Spelling, *, is_suffix_first: bool
) -> tuple[Section, ...]:
    """The two sides with the markers between them."""

    def mark(*spellings: str) -> Section:
        return Section(name="markers", tokens=len(spellings), pieces=tuple(map(Marker, spellings)))

    if is_suffix_first:
        return (mark(spelling.prefix, spelling.suffix), behind, mark(spelling.middle), *front)
    return (mark(spelling.prefix), *front, mark(spelling.suffix), behind, mark(spelling.middle))
