"""What a person who asks in words has before them: the notebook above, and what the live kernel holds."""

from collections.abc import Sequence
from dataclasses import replace

from jupyter_starcoder.prompt.budget import beginning_of, tokens_of
from jupyter_starcoder.prompt.draft import Draft, frame
from jupyter_starcoder.prompt.script import FENCE, comments, fence_of
from jupyter_starcoder.prompt.script_form import script_sections
from jupyter_starcoder.prompt.sections import of_source
from jupyter_starcoder.values.conversation import Attachment, AttachmentKind
from jupyter_starcoder.values.notebook import Place, Request
from jupyter_starcoder.values.prompt import Pieces, Section, Snippet, Text

NOTEBOOK = "The notebook that they look at, and what its variables hold:"
LABELS: dict[AttachmentKind, str] = {
    "cell": "This is",
    "selection": "This is selected in",
    "frame": "This is known of",
    "error": "This error came out of",
}


def surroundings(place: Place, snippets: Sequence[Snippet], draft: Draft) -> tuple[Section, ...]:
    """Both as a script, as far as the budget goes."""
    variables = of_source(snippets, "kernel")
    asked = replace(place, request=Request(words=""))  # somebody asked in words: frames get more room
    found = script_sections(
        asked, "", snippets, draft, lambda room: comments(variables, place.language, room, draft.count)
    )
    return tuple(s for s in (found.project, found.cells, found.related, found.kernel) if s.pieces)


def lying_before(
    place: Place, snippets: Sequence[Snippet], attachments: Sequence[Attachment], draft: Draft
) -> tuple[Section, ...]:
    """The same in words, and what was laid beside the question.

    It has a part of the budget of its own, so that it stays while a conversation grows.
    """
    attached = draft.section("attached", lambda room: _attached(attachments, room, draft))
    opening, closing = Text(f"\n{NOTEBOOK}\n\n{FENCE}\n"), Text(f"{FENCE}\n")
    around = tokens_of((opening, closing), draft.count)
    own = Draft(max(1, draft.room_tokens("surroundings") - around), draft.count)
    sections = surroundings(place, snippets, own)
    inner = tuple(piece for section in sections for piece in section.pieces)
    if not inner or not draft.section("surroundings", lambda _: (opening, *inner, closing)).pieces:
        return (attached,)
    return (frame("opening", (opening,), draft.count), *sections, frame("opening", (closing,), draft.count), attached)


def _attached(attachments: Sequence[Attachment], room_tokens: int, draft: Draft) -> Pieces:
    """Each under its label, in the order in which they were added; all are cut to the same length."""
    shown = [attachment for attachment in attachments if attachment.text.strip()]
    pieces: list[Text] = []
    for index, attachment in enumerate(shown):
        room = room_tokens // (len(shown) - index)
        fence = fence_of(attachment.text)
        label = beginning_of(" ".join(attachment.label.split()), max(1, room // 4), draft.count)
        opening, closing = Text(f"\n{LABELS[attachment.kind]} {label}:\n\n{fence}\n"), Text(f"\n{fence}\n")
        room -= tokens_of((opening, closing), draft.count)
        text = Text(beginning_of(attachment.text.strip("\n"), room, draft.count).rstrip("\n"))
        if room > 0 and text.text:
            pieces += (opening, text, closing)
            room_tokens -= tokens_of((opening, text, closing), draft.count)
    return tuple(pieces)
