"""The notebook as a script: project, cells and context as code and comments, then the cell."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain

from jupyter_starcoder.prompt.budget import end_of, lines_of
from jupyter_starcoder.prompt.draft import Draft, frame
from jupyter_starcoder.prompt.script import commented, comments, output_stop, script_parts, without_headings
from jupyter_starcoder.prompt.sections import cells_and_related, of_source
from jupyter_starcoder.values.notebook import Place
from jupyter_starcoder.values.prompt import Pieces, Section, Snippet, Text

# As nbconvert begins a script: the embedded model goes on with imports, and without it with prose.
PYTHON = "#!/usr/bin/env python\n# coding: utf-8\n\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptSections:
    """What a script is made of, in the order in which it changes: what changes most often stands last."""

    project: Section
    cells: Section
    related: Section
    kernel: Section
    names: Section
    cell: Section


@dataclass(frozen=True, slots=True)
class ScriptForm:
    """Any model has read scripts. The kernel's variables are comments above the cell."""

    markers: frozenset[str] = frozenset()

    def lay(self, place: Place, own: str, snippets: Sequence[Snippet], draft: Draft) -> tuple[Section, ...]:
        """See `NotebookForm.lay`."""
        variables = of_source(snippets, "kernel")

        def kernel(room_tokens: int) -> Pieces:
            return comments(variables, place.language, room_tokens, draft.count)

        found = script_sections(place, own, snippets, draft, kernel)
        sections = (found.project, found.cells, found.related, found.kernel, found.cell)
        return sections if any(map(_has_words, sections)) else _begun(place, found.cell, draft)

    def stop_texts(self, language: str) -> tuple[str, ...]:
        """See `NotebookForm.stop_texts`."""
        return (output_stop(language),)


def script_sections(
    place: Place,
    own: str,
    snippets: Sequence[Snippet],
    draft: Draft,
    kernel: Callable[[int], Pieces],
    names: Sequence[Snippet] = (),
) -> ScriptSections:
    """Builds the sections of a script.

    Args:
        place: where it ends.
        own: what of the cursor's cell stands in front of the cursor.
        snippets: context.
        draft: the budget.
        kernel: writes the kernel's variables into a room of so many tokens.
        names: those of them that stand as comments above the cell, where the others stand elsewhere.
    """
    count, language = draft.count, place.language
    before = place.before
    if place.request and place.request.cell is not None:  # it goes to the code that it asks for, below the frames
        before = before[: place.request.cell]
        own = f"{commented(without_headings(place.request.words), language)}\n{own}"
    files = of_source(snippets, "project")
    cell = draft.section("cell", lambda room: lines_of(end_of(own, room, count)))
    variables = draft.section("inputs" if place.request else "kernel", kernel)
    said = draft.section("names", lambda room: comments(names, language, room, count))
    project = draft.section("project", lambda room: comments(files, language, room, count))
    cells, related = cells_and_related(
        lambda: script_parts(before, language, draft.budget_tokens, count),
        snippets,
        draft,
        lambda kept: tuple(chain.from_iterable(part.pieces for part in kept)),
    )
    return ScriptSections(project=project, cells=cells, related=related, kernel=variables, names=said, cell=cell)


def _has_words(section: Section) -> bool:
    return any(isinstance(piece, Text) and piece.text.strip() for piece in section.pieces)


def _begun(place: Place, cell: Section, draft: Draft) -> tuple[Section, ...]:
    opening = frame("opening", (Text(PYTHON),), draft.count)
    is_python = place.kind == "code" and place.language == "python"
    return (opening, cell) if is_python and opening.tokens <= draft.room_tokens("cells") else (cell,)
