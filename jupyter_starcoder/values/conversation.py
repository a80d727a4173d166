"""What is said between a person and the assistant, and what they talk about."""

from dataclasses import dataclass
from typing import Literal

Speaker = Literal["person", "assistant"]
SubjectKind = Literal["cell", "selection", "output", "error"]
AttachmentKind = Literal["cell", "selection", "frame", "error"]


@dataclass(frozen=True, slots=True)
class Turn:
    """What one of them says."""

    speaker: Speaker
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """Something from the notebook that the person laid beside the question."""

    kind: AttachmentKind
    label: str  # as the person sees it, such as "cell 3" or "trips"
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """Turns from the oldest on; the last one is the person's and waits for an answer."""

    turns: tuple[Turn, ...]
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Mishap:
    """The error with which a cell failed."""

    name: str  # such as "KeyError"
    message: str
    traceback: str = ""  # plain text, without colours
