"""A conversation within a budget: who the assistant is, what lies before both, and what was said.

What stays the same from turn to turn stands in front, so that a turn costs what was said since. Where it gets too long
the oldest turns are left out, in coarse steps.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import chain

from jupyter_starcoder.prompt.budget import STEPS, beginning_of, first_kept, fits, tokens_of
from jupyter_starcoder.prompt.draft import Draft, frame
from jupyter_starcoder.prompt.sections import prompt_of
from jupyter_starcoder.values.conversation import Speaker, Turn
from jupyter_starcoder.values.prompt import Pieces, Prompt, Section, Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Saying:
    """What somebody says; the middle is cut where there is no room for all."""

    middle: str
    before: str = ""
    behind: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spelling:
    """How a model has seen conversations."""

    opening: Pieces  # who the assistant is
    around: Callable[[Speaker], tuple[Pieces, Pieces]]  # a turn
    answering: Pieces  # what begins the answer
    closing: Pieces = ()  # behind what lies before both, in front of the first turn
    stop_texts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Talk:
    """What was said, up to what waits for an answer."""

    turns: tuple[Turn, ...] = ()  # from the oldest on, in front of the last one
    last: Saying
    first: Saying | None = None  # what it is all about; stays however long it gets


def talked(
    talk: Talk,
    spelling: Spelling,
    lying_before: Callable[[Draft], Sequence[Section]],
    draft: Draft,
    stop_markers: tuple[str, ...],
) -> Prompt:
    """The prompt.

    Args:
        talk: what was said.
        spelling: how the model has seen conversations.
        lying_before: gives what of the notebook is known to both within a draft of its own.
        draft: the budget.
        stop_markers: special tokens that end the answer.
    """
    count = draft.count
    around = (*spelling.opening, *spelling.closing, *spelling.answering)
    if not draft.reserve(tokens_of(around, count)):
        cut = beginning_of(talk.last.middle, draft.budget_tokens, count) or "\n"
        last = frame("asked", (Text(cut),), count)
        return replace(prompt_of((last,), stop_markers, spelling.stop_texts), left_out_turns=len(talk.turns))
    last = draft.section("asked", lambda room: _said("person", talk.last, spelling, room, draft))
    first = draft.section("asked", lambda room: _said("person", talk.first, spelling, room, draft))
    before = lying_before(draft)
    said = [_said(turn.speaker, Saying(middle=turn.text), spelling, draft.budget_tokens, draft) for turn in talk.turns]
    start = _first_turn(talk, [tokens_of(pieces, count) for pieces in said], draft)
    turns = draft.section("turns", lambda _: tuple(chain.from_iterable(said[start:])))
    prompt = prompt_of(
        (
            frame("opening", spelling.opening, count),
            *before,
            frame("opening", spelling.closing, count),
            first,
            turns,
            last,
            frame("opening", spelling.answering, count),
        ),
        stop_markers,
        spelling.stop_texts,
    )
    return replace(prompt, left_out_turns=start)


def _first_turn(talk: Talk, costs: Sequence[int], draft: Draft) -> int:
    """Index of the oldest turn that is kept: one of the person's, or of the assistant's behind the first."""
    start = first_kept(costs, draft.room_tokens("turns"), draft.budget_tokens // STEPS)
    begins: Speaker = "assistant" if talk.first else "person"
    while start < len(costs) and talk.turns[start].speaker != begins:
        start += 1
    return start


def _said(speaker: Speaker, saying: Saying | None, spelling: Spelling, room_tokens: int, draft: Draft) -> Pieces:
    """A turn, its middle cut to the room; nothing where not even its frame fits."""
    if saying is None:
        return ()
    count = draft.count
    before, behind = spelling.around(speaker)
    before = (*before, Text(saying.before)) if saying.before else before
    behind = (Text(saying.behind), *behind) if saying.behind else behind
    room_tokens -= tokens_of((*before, *behind), count)
    if room_tokens < 1:
        return ()
    text = saying.middle.strip("\n")
    if not fits(text, room_tokens, count):
        text = beginning_of(text, room_tokens, count)
    return (*before, Text(text), *behind)
