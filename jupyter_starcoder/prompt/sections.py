"""Sections that forms have in common, and how they become a prompt."""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import chain

from jupyter_starcoder.prompt.budget import STEPS, Candidate, Part, best, first_kept
from jupyter_starcoder.prompt.draft import Draft
from jupyter_starcoder.values.prompt import Pieces, Prompt, Section, Snippet, Text

NOTHING = Section(name="cell", tokens=1, pieces=(Text("\n"),))  # an engine needs a token to start from


def of_source(snippets: Sequence[Snippet], source: str) -> list[Snippet]:
    """The snippets of one source, in its order."""
    return [snippet for snippet in snippets if snippet.source == source]


def cells_and_related(
    written: Callable[[], Sequence[Part]],
    snippets: Sequence[Snippet],
    draft: Draft,
    joined: Callable[[Sequence[Part]], Pieces],
) -> tuple[Section, Section]:
    """The cells nearest to the cursor, and of those that are left out the ones that matter at it.

    The latter stand behind: they change with what is named at the cursor, and the beginning of a prompt must not.

    Args:
        written: the cells above as the form writes them.
        snippets: all that is known of the place; those that are cells are used.
        draft: what is left of the budget.
        joined: the parts that are kept, as pieces.
    """
    started_s = time.perf_counter()
    parts = written()
    costs = [part.tokens(draft.count) for part in parts]
    room = draft.room_tokens("cells")
    if sum(costs) > room:
        room -= draft.room_tokens("related")
    start = first_kept(costs, room, draft.budget_tokens // STEPS)
    first_cell = parts[start].cell if start < len(parts) else None
    far = [s for s in snippets if s.cell is not None and (first_cell is None or s.cell < first_cell)]
    related = draft.section("related", lambda limit: _related(far, limit, draft) if start else ())
    cells = draft.section("cells", lambda _: joined(parts[start:]))
    return replace(cells, build_s=time.perf_counter() - started_s - related.build_s), related


def _related(far: Sequence[Snippet], room_tokens: int, draft: Draft) -> Pieces:
    texts = [Candidate((snippet.text.strip("\n").rstrip(),), snippet.score, frame_tokens=2) for snippet in far]
    kept = best(texts, room_tokens, draft.count)
    return tuple(chain.from_iterable((Text(text.rstrip()), Text("\n\n")) for _, text in kept))


def prompt_of(
    sections: Sequence[Section], stop_markers: tuple[str, ...], stop_texts: tuple[str, ...] = (), *, heal: bool = False
) -> Prompt:
    """A prompt made of these; sections without pieces are left out, and where there is nothing at all it is a line."""
    full = tuple(section for section in sections if section.pieces) or (NOTHING,)
    return Prompt(
        pieces=tuple(chain.from_iterable(section.pieces for section in full)),
        stop_markers=stop_markers,
        stop_texts=stop_texts,
        heal=heal,
        sections=full,
    )
