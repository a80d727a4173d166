"""A request in words as a problem whose solution is begun: the shape of data science benchmarks such as DS-1000."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from jupyter_starcoder.prompt.budget import Candidate, beginning_of, best, cost, lines_of
from jupyter_starcoder.prompt.draft import Draft, frame
from jupyter_starcoder.prompt.script_form import ScriptForm, script_sections
from jupyter_starcoder.prompt.sections import of_source
from jupyter_starcoder.values.notebook import Place
from jupyter_starcoder.values.prompt import Pieces, Section, Snippet, Text

PROBLEM, DATA, CODE, SOLUTION = "Problem:\n", "\n\nData:\n", "\n\nA:\n<code>\n", "</code>\nBEGIN SOLUTION\n<code>\n"
END = "</code>"


@dataclass(frozen=True, slots=True)
class ProblemForm:
    """Words, the live variables as data, the code so far, the solution; a script where nothing is asked for."""

    markers: frozenset[str] = frozenset()

    def lay(self, place: Place, own: str, snippets: Sequence[Snippet], draft: Draft) -> tuple[Section, ...]:
        """See `NotebookForm.lay`."""
        count, request = draft.count, place.request
        frame_tokens = sum(cost(text, count) for text in (PROBLEM, DATA, CODE, SOLUTION))
        if request is None or not draft.reserve(frame_tokens):
            return ScriptForm().lay(place, own, snippets, draft)
        before = place.before if request.cell is None else place.before[: request.cell]
        variables = of_source(snippets, "kernel")
        asked = draft.section("request", lambda room: lines_of(beginning_of(request.words, room, count)))
        data = draft.section("inputs", lambda room: _lines(variables, room, draft))
        script = script_sections(replace(place, before=before, request=None), own, snippets, draft, lambda _: ())

        def between(text: str) -> Section:
            return frame("problem", (Text(text),), count)

        return (
            between(PROBLEM),
            asked,
            *((between(DATA), data) if data.pieces else ()),
            between(CODE),
            script.project,
            script.cells,
            script.related,
            between(SOLUTION),
            script.cell,
        )

    def stop_texts(self, language: str) -> tuple[str, ...]:
        """See `NotebookForm.stop_texts`."""
        return (END, *ScriptForm().stop_texts(language))


def _lines(variables: Sequence[Snippet], room_tokens: int, draft: Draft) -> Pieces:
    candidates = [
        Candidate(tuple(text.strip() + "\n" for text in (s.text, *s.shorter_texts)), s.score) for s in variables
    ]
    return tuple(Text(text.rstrip("\n") + "\n") for _, text in best(candidates, room_tokens, draft.count))
