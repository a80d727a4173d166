"""All that a model is given, section by section, for whoever asks to see it."""

from typing import TYPE_CHECKING

from jupyter_starcoder.values.prompt import Marker, Pieces
from jupyter_starcoder.wire import PromptEvent, WireSection, WireSource

if TYPE_CHECKING:
    from jupyter_starcoder.copilot import Question


def prompt_event(question: "Question") -> PromptEvent:
    """A question's prompt and where its time went."""
    return PromptEvent(
        family=question.model.family.name,
        sections=tuple(
            WireSection(name=each.name, text=spelled(each.pieces), tokens=each.tokens, build_ms=1000 * each.build_s)
            for each in question.prompt.sections
        ),
        sources=tuple(
            WireSource(name=each.name, outcome=each.outcome, snippets=each.snippets, took_ms=1000 * each.took_s)
            for each in question.asked
        ),
        tokens=len(question.encoded.ids),
        budget_tokens=question.budget_tokens,
        context_ms=1000 * question.context_s,
    )


def spelled(pieces: Pieces) -> str:
    """Pieces as one text, markers by their spelling."""
    return "".join(piece.spelling if isinstance(piece, Marker) else piece.text for piece in pieces)
