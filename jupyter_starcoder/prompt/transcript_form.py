"""The notebook as StarCoder saw notebooks: a live frame is a cell that shows it, right above the cursor's."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

from jupyter_starcoder.prompt.budget import MIDDLE_TOKENS, Candidate, best, cost, end_of, lines_of
from jupyter_starcoder.prompt.draft import Draft, frame
from jupyter_starcoder.prompt.family import Count
from jupyter_starcoder.prompt.script import comments
from jupyter_starcoder.prompt.script_form import ScriptForm
from jupyter_starcoder.prompt.sections import cells_and_related, of_source
from jupyter_starcoder.prompt.transcript import (
    CODE,
    EMPTY,
    MARKERS,
    OUTPUT,
    TEXT,
    Transcript,
    flattened,
    opening,
    rejoined,
    start,
)
from jupyter_starcoder.values.notebook import Place
from jupyter_starcoder.values.prompt import Pieces, Section, Snippet, Text

FRAME_TOKENS = 7  # the most markers around the sections: a start, two triplets begun, an output closed


@dataclass(frozen=True, slots=True)
class TranscriptForm:
    """Text, code, output, text, code, output."""

    keeps_lines: bool  # of Markdown (StarCoder2)

    @property
    def markers(self) -> frozenset[str]:
        """Those of a notebook."""
        return MARKERS

    def lay(self, place: Place, own: str, snippets: Sequence[Snippet], draft: Draft) -> tuple[Section, ...]:
        """See `NotebookForm.lay`."""
        count, language = draft.count, place.language
        if not draft.reserve(FRAME_TOKENS):
            return ScriptForm().lay(place, own, snippets, draft)
        cells_above = Transcript(place.before, draft.budget_tokens, count, keeps_lines=self.keeps_lines)
        words = " ".join([*cells_above.texts, *self._comment(place)])
        variables = of_source(snippets, "kernel")
        others = [snippet for snippet in variables if not snippet.output]
        files = of_source(snippets, "project")

        asked = draft.section("request", lambda room: lines_of(end_of(words, room, count)))
        cell = draft.section("cell", lambda room: lines_of(end_of(own, room, count)))
        name = "inputs" if place.request else "kernel"
        kernel = draft.section(name, lambda room: shown_frames(variables, room, count))
        names = draft.section("names", lambda room: comments(others, language, room, count))
        project = draft.section("project", lambda room: comments(files, language, room, count))
        cells, related = cells_and_related(lambda: cells_above.parts, snippets, draft, rejoined)
        is_open = cells_above.is_open and bool(cells.pieces)
        return _joined(cells, kernel, asked, (project, related, names, cell), is_open=is_open, count=count)

    def has_room(self, draft: Draft) -> bool:
        """Its markers leave enough for the rest."""
        return draft.room_tokens("cells") >= FRAME_TOKENS + MIDDLE_TOKENS

    def _comment(self, place: Place) -> tuple[str, ...]:
        """A request that is a comment, as text: that is where notebooks have their words."""
        if place.request is None or place.request.cell is not None:
            return ()
        return (place.request.words if self.keeps_lines else flattened(place.request.words),)

    def stop_texts(self, language: str) -> tuple[str, ...]:
        """See `NotebookForm.stop_texts`: markers end each part."""
        return ()


def shown_frames(variables: Sequence[Snippet], room_tokens: int, count: Count) -> Pieces:
    """The best frames, each as a cell with its output."""
    frames = [snippet for snippet in variables if snippet.output]
    candidates = [
        Candidate((s.output, *s.shorter_outputs), s.score, frame_tokens=3 + cost(s.code, count)) for s in frames
    ]
    kept = [(frames[index].code, text) for index, text in best(candidates, room_tokens, count)]
    return tuple(chain.from_iterable((TEXT, CODE, Text(code), OUTPUT, Text(text)) for code, text in kept))


def _joined(
    cells: Section, kernel: Section, asked: Section, own: Sequence[Section], *, is_open: bool, count: Count
) -> tuple[Section, ...]:
    """The sections with the markers between them."""
    closing: Pieces = ()
    if kernel.pieces and is_open:
        closing, is_open = (OUTPUT, EMPTY), False
    words = "".join(piece.text for piece in asked.pieces if isinstance(piece, Text))
    request = frame("request", opening(words, is_open=is_open), count)
    body = (cells, frame("markers", closing, count), kernel, request)
    first = next(section.pieces for section in body if section.pieces)
    return (frame("start", start(first), count), *body, *own)
