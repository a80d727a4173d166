"""A notebook between StarCoder's notebook markers.

StarCoder saw notebooks as triplets: text, code, output. Text is one line without `#`, code cells in a row are one, an
output has at most 1,000 characters, and a cell without output has a marker that says so. StarCoder2 kept Markdown's
lines.

Source: the preprocessing of the models' training data, and the StarCoder2 paper (arXiv 2402.19173), section 5.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from jupyter_starcoder.prompt.budget import Part, beginning_of
from jupyter_starcoder.prompt.family import Count
from jupyter_starcoder.values.notebook import Cell, Output
from jupyter_starcoder.values.prompt import Marker, Text

START = Marker("<jupyter_start>")
TEXT = Marker("<jupyter_text>")
CODE = Marker("<jupyter_code>")
OUTPUT = Marker("<jupyter_output>")
EMPTY = Marker("<empty_output>")
MARKERS = frozenset(marker.spelling for marker in (START, TEXT, CODE, OUTPUT, EMPTY))

_CELL_SHARE = 4  # a single cell gets at most this part of the budget
_TAGS = re.compile(r"<[^>\n]*>")


@dataclass(frozen=True, slots=True, kw_only=True)
class Transcript:
    """Cells as parts, and what stands between them and the next code cell."""

    parts: tuple[Part, ...]
    ending: tuple[Marker | Text, ...]  # up to where the next cell's code begins


def transcript(cells: Sequence[Cell], *, keeps_lines: bool, budget_tokens: int, count: Count) -> Transcript:
    """Cells in the form of a transcript.

    A code cell without output goes on in the code cell below it, as in training; one with output is closed by it.

    Args:
        cells: in order; empty and raw ones are left out.
        keeps_lines: Markdown stays as it is (StarCoder2) instead of becoming one line.
        budget_tokens: of the whole prompt; one cell gets at most a quarter of it.
        count: tokens of a text.
    """
    limit_tokens = max(1, budget_tokens // _CELL_SHARE)
    parts: list[Part] = []
    texts: list[str] = []  # Markdown that no code has followed yet
    is_open = False  # the last code cell waits for more code or an output
    for cell in cells:
        source = cell.source.strip()
        if cell.kind == "raw" or not source:
            continue
        if cell.kind == "markdown":
            if is_open:
                parts.append(Part((OUTPUT, EMPTY)))
                is_open = False
            texts.append(source if keeps_lines else flattened(source))
            continue
        if count(source) > limit_tokens:
            source = beginning_of(source, limit_tokens, count).rstrip()
        shown = short_output(cell.outputs)
        closing = (OUTPUT, Text(shown)) if shown else ()
        parts.append(Part((*_opening(texts, is_open=is_open), Text(source), *closing)))
        texts, is_open = [], not shown
    return Transcript(parts=tuple(parts), ending=_opening(texts, is_open=is_open))


def rejoined(parts: Sequence[Part]) -> tuple[Marker | Text, ...]:
    """The parts that were kept, as one transcript: the first may have been the middle of a triplet."""
    pieces = [piece for part in parts for piece in part.pieces]
    while pieces and pieces[0] in (OUTPUT, EMPTY):
        pieces.pop(0)
    if pieces and pieces[0] != TEXT:
        return (START, TEXT, CODE, *pieces)
    return (START, *pieces)


def flattened(text: str) -> str:
    """Markdown on one line, without tags and `#`."""
    return " ".join(_TAGS.sub("", text).replace("#", "").split())


def short_output(outputs: Iterable[Output]) -> str:
    """What a cell printed, in one."""
    return "\n".join(text for output in outputs if (text := output.text.strip()))


def _opening(texts: Sequence[str], *, is_open: bool) -> tuple[Marker | Text, ...]:
    """What stands in front of a cell's code."""
    if is_open:
        return (Text("\n"),)
    return (TEXT, Text(" ".join(texts)), CODE) if texts else (TEXT, CODE)
