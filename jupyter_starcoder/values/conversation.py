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
    text: str  # of a frame it may be empty: what the live kernel says of the name in `label` is meant


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

    @property
    def line(self) -> str:
        """Name and message, as the last line of a traceback has them."""
        return f"{self.name}: {self.message}" if self.message else self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What an explanation is about."""

    kind: SubjectKind = "cell"
    code: str = ""  # the cell's; the copilot fills it in
    text: str = ""  # what is selected, printed or raised; nothing for the cell itself


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What a text is to become."""

    text: str  # as it is, without blank lines around it and without the first line's indentation
    wish: str  # what is to be done, as a commit's message says it
    indent: str = ""  # of the first line
    mishap: str = ""  # how it failed: the last frames of a traceback, and the error
    error: Mishap | None = None  # the same in full
    given: str = ""  # what the new text begins with, behind the indentation, where that is known
