"""A notebook between StarCoder's notebook markers.

StarCoder saw notebooks as triplets: text, code, output. Text is one line without `#`, code cells in a row are one, an
output has at most 1,000 characters, and a cell without output has a marker that says so. StarCoder2 kept Markdown's
lines.

Source: the preprocessing of the models' training data, and the StarCoder2 paper (arXiv 2402.19173), section 5.
"""

import re
from collections.abc import Iterable, Sequence

from jupyter_starcoder.prompt.budget import Part, beginning_of, fits
from jupyter_starcoder.prompt.family import Count
from jupyter_starcoder.values.notebook import Cell, Output
from jupyter_starcoder.values.prompt import Marker, Pieces, Text

START = Marker("<jupyter_start>")
TEXT = Marker("<jupyter_text>")
CODE = Marker("<jupyter_code>")
OUTPUT = Marker("<jupyter_output>")
EMPTY = Marker("<empty_output>")
MARKERS = frozenset(marker.spelling for marker in (START, TEXT, CODE, OUTPUT, EMPTY))

NEWLINE = Text("\n")  # between two code cells

_CELL_SHARE = 4  # a single cell gets at most this part of the budget
_TAGS = re.compile(r"<[^>\n]*>")


class Transcript:
    """Cells as parts of a transcript.

    A code cell without output goes on in the code below it, as in training; one with output is closed by it.
    """

    def __init__(self, cells: Sequence[Cell], budget_tokens: int, count: Count, *, keeps_lines: bool) -> None:
        """Args:
        cells: in order; empty and raw ones are left out.
        budget_tokens: of the whole prompt; one cell gets at most a quarter of it.
        count: tokens of a text.
        keeps_lines: Markdown stays as it is (StarCoder2) instead of becoming one line.
        """
        limit_tokens = max(1, budget_tokens // _CELL_SHARE)
        self.parts: list[Part] = []  # code cells, each with the Markdown above it
        self.texts: list[str] = []  # Markdown that no code has followed yet
        self.is_open = False  # the last code waits for more code or an output
        for index, cell in enumerate(cells):
            source = cell.source.strip()
            if cell.kind == "raw" or not source:
                continue
            if not fits(source, limit_tokens, count):
                source = beginning_of(source, limit_tokens, count).rstrip()
            if cell.kind == "markdown":
                self.texts.append(source if keeps_lines else flattened(source))
                continue
            shown = short_output(cell.outputs)
            pieces = (*opening(" ".join(self.texts), is_open=self.is_open), Text(source))
            self.parts.append(Part((*pieces, OUTPUT, Text(shown)) if shown else pieces, index))
            self.texts, self.is_open = [], not shown


def opening(text: str, *, is_open: bool) -> Pieces:
    """What stands between what went before and a cell's code."""
    if is_open and not text:
        return (NEWLINE,)
    closing = (OUTPUT, EMPTY) if is_open else ()
    return (*closing, TEXT, *((Text(text),) if text else ()), CODE)


def rejoined(parts: Iterable[Part]) -> Pieces:
    """The parts that were kept, without what closed the part in front of them."""
    pieces = [piece for part in parts for piece in part.pieces]
    while pieces and pieces[0] in (OUTPUT, EMPTY, NEWLINE):
        pieces.pop(0)
    return tuple(pieces)


def start(following: Pieces) -> Pieces:
    """The beginning of a transcript, whatever follows: that may have been the middle of a triplet."""
    return (START,) if following[:1] == (TEXT,) else (START, TEXT, CODE)


def flattened(text: str) -> str:
    """Markdown on one line, without tags and `#`."""
    return " ".join(_TAGS.sub("", text).replace("#", "").split())


def short_output(outputs: Iterable[Output]) -> str:
    """What a cell printed, in one."""
    return "\n".join(text for output in outputs if (text := output.text.strip()))
