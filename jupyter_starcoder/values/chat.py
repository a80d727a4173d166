"""Conversations as they are kept."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from jupyter_starcoder.values.conversation import Attachment, Conversation, Turn

MOST_ATTACHED = 8  # they share a part of the prompt: of more than these the oldest would only take room from the newest
Ending = Literal["done", "cut", "stopped", "failed"]  # "cut": at the longest length of an answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Chat:
    """A conversation without what was said in it."""

    id: str
    path: str  # of the notebook that it was begun in; empty without one
    title: str  # empty before the first question
    changed_s: float  # Unix time of the last question, or of its beginning


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What the assistant said, as far as it came."""

    text: str
    ending: Ending
    model: str = ""
    left_out_turns: int = 0  # so many of the oldest had no room in the prompt


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """A question, and its answer once that has ended."""

    key: str  # the page's own name for it: asked again under the same name, it gets another answer
    question: str
    asked_s: float  # Unix time
    attachments: tuple[Attachment, ...] = ()
    reply: Reply | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """A frame in a live kernel that a question can point at."""

    name: str
    kind: str  # its type, such as "DataFrame"
    shape: tuple[int, ...]  # empty where it is not known without work
    columns: int


def conversation_of(exchanges: tuple[Exchange, ...]) -> Conversation:
    """What was said until the last question, which waits for its answer; what got no answer is passed over.

    What lay beside an older question lies there still: the next one is often about the same.
    """
    *before, last = exchanges
    turns = [
        turn
        for each in before
        if each.reply and each.reply.text
        for turn in (Turn("person", each.question), Turn("assistant", each.reply.text))
    ]
    heard = (*(each for each in before if each.reply and each.reply.text), last)
    return Conversation(turns=(*turns, Turn("person", last.question)), attachments=_attached(heard))


def _attached(exchanges: Iterable[Exchange]) -> tuple[Attachment, ...]:
    """What was laid beside the questions, each thing once and as it was last, in the order in which it came."""
    found: dict[tuple[str, str], Attachment] = {}
    for exchange in exchanges:
        found |= {(each.kind, each.label): each for each in exchange.attachments}
    return tuple(found.values())[-MOST_ATTACHED:]
