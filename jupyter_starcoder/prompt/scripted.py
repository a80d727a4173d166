"""Puts a prompt in script form together, within its budget."""

from collections.abc import Sequence
from dataclasses import dataclass

from jupyter_starcoder.prompt.budget import STEPS, best_snippets, chosen, cost, end_of, total
from jupyter_starcoder.prompt.family import Count
from jupyter_starcoder.prompt.script import script_parts, snippet_text
from jupyter_starcoder.values.notebook import Place
from jupyter_starcoder.values.prompt import Section, Snippet

NOTHING = "\n"  # for an empty notebook: an engine needs a token to start from
# The same for Python, as nbconvert begins a script: the embedded model goes on with imports, and without it with prose.
PYTHON = "#!/usr/bin/env python\n# coding: utf-8\n\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """A stretch of a prompt, and what its sections cost."""

    text: str
    sections: tuple[Section, ...]


def script_up_to(place: Place, own: str, snippets: Sequence[Snippet], budget_tokens: int, count: Count) -> Script:
    """The cells above, then the context, then `own`: what changes most often stands last.

    Args:
        place: where the script ends.
        own: what of the cursor's cell stands in front of the cursor; cut where it takes over three quarters.
        snippets: context; gets at most a quarter.
        budget_tokens: for all of it.
        count: tokens of a text.
    """
    own = end_of(own, max(1, budget_tokens * 3 // 4), count)
    own_tokens = cost(own, count)
    context = context_text(snippets, place.language, min(budget_tokens // 4, budget_tokens - own_tokens), count)
    context_tokens = cost(context, count)
    cells = script_parts(place.before, place.language, budget_tokens, count)
    kept = chosen(cells, budget_tokens - own_tokens - context_tokens, budget_tokens // STEPS, count)
    text = "".join(part.text for part in kept) + context + own
    return Script(
        text=text if text.strip() else _begun(text, place, budget_tokens, count),
        sections=(
            Section(name="cells", tokens=total(kept, count)),
            Section(name="context", tokens=context_tokens),
            Section(name="cell", tokens=own_tokens),
        ),
    )


def _begun(blank: str, place: Place, budget_tokens: int, count: Count) -> str:
    is_python = place.kind == "code" and place.language == "python"
    return PYTHON + blank if is_python and count(PYTHON + blank) <= budget_tokens else blank or NOTHING


def context_text(snippets: Sequence[Snippet], language: str, room_tokens: int, count: Count) -> str:
    """The best snippets as comments, of at most `room_tokens`."""
    kept = list(best_snippets(snippets, room_tokens, count))
    # A comment costs more than what it says: its mark at each line.
    while kept and cost(snippet_text(kept, language), count) > room_tokens:
        kept.pop()
    return snippet_text(kept, language)
