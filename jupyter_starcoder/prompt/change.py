"""Asks for a text's new version: the notebook above, the text as it is, and what is to be done with it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from jupyter_starcoder.prompt.budget import beginning_of, lines_of, tokens_of
from jupyter_starcoder.prompt.draft import Draft, frame
from jupyter_starcoder.prompt.sections import prompt_of
from jupyter_starcoder.prompt.surroundings import surroundings
from jupyter_starcoder.values.conversation import Change
from jupyter_starcoder.values.notebook import Place
from jupyter_starcoder.values.prompt import Pieces, Prompt, Snippet, Text

WISH_SHARE = 4  # what is wished may have this part of the budget


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeFrame:
    """What a form writes around the parts of such a prompt."""

    opening: Pieces = ()  # in front of all
    above: tuple[Pieces, Pieces] = ((), ())  # around the notebook above, where something of it is kept
    before: Pieces  # in front of the text as it is
    behind: Pieces  # what is to be done, and what begins the new text
    stop_texts: tuple[str, ...] = ()


def changed(
    place: Place,
    change: Change,
    frame_of: ChangeFrame,
    snippets: Sequence[Snippet],
    draft: Draft,
    stop_markers: tuple[str, ...],
) -> Prompt:
    """The prompt; where the text does not fit it is cut, which the section "edited" shows."""
    count = draft.count
    seed = lines_of(change.indent + change.given)
    around = (*frame_of.opening, *frame_of.above[0], *frame_of.above[1], *frame_of.before, *frame_of.behind, *seed)
    if not draft.reserve(tokens_of(around, count)):
        cut = beginning_of(change.text, draft.budget_tokens, count) or "\n"
        return prompt_of((frame("edited", (Text(cut),), count),), stop_markers, frame_of.stop_texts)
    edited = draft.section("edited", lambda room: _edited(change, room, draft))
    above = surroundings(place, snippets, draft)
    is_above = any(section.pieces for section in above)
    return prompt_of(
        (
            frame("opening", frame_of.opening, count),
            *((frame("opening", frame_of.above[0], count),) if is_above else ()),
            *above,
            *((frame("opening", frame_of.above[1], count),) if is_above else ()),
            frame("opening", frame_of.before, count),
            edited,
            frame("request", (*frame_of.behind, *seed), count),
        ),
        stop_markers,
        frame_of.stop_texts,
        heal=bool(seed),
    )


def wish_within(change: Change, draft: Draft) -> Change:
    """The same with a wish that leaves room for the rest."""
    room = max(1, draft.budget_tokens // WISH_SHARE)
    return replace(
        change,
        wish=beginning_of(change.wish.strip(), room, draft.count).strip(),
        mishap=beginning_of(change.mishap.strip(), room, draft.count).strip(),
    )


def _edited(change: Change, room_tokens: int, draft: Draft) -> Pieces:
    """Whole, or as much as fits: by itself a line may cost more than among others."""
    text = change.indent + change.text
    kept = (
        text if tokens_of(lines_of(text), draft.count) <= room_tokens else beginning_of(text, room_tokens, draft.count)
    )
    return lines_of(kept)
