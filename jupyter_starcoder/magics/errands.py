"""What a magic can ask a model for; `cell` is an index into the notebook that goes along."""

from dataclasses import dataclass
from typing import ClassVar

from jupyter_starcoder.values.conversation import Mishap, Subject, Turn
from jupyter_starcoder.values.settings import Feature

CELL = Subject()


@dataclass(frozen=True, slots=True, kw_only=True)
class Complete:
    """What comes next at the end of a cell."""

    feature: ClassVar[Feature] = "complete"
    cell: int
    offset: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Generate:
    """Code for a request in words, to stand before index `cell`."""

    feature: ClassVar[Feature] = "generate"
    cell: int
    request: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Explain:
    """What a cell or a part of it does, in Markdown."""

    feature: ClassVar[Feature] = "explain"
    cell: int
    subject: Subject = CELL


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """A cell's whole new text, changed as the instruction says."""

    feature: ClassVar[Feature] = "edit"
    cell: int
    instruction: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fix:
    """A cell's whole new text without the error."""

    feature: ClassVar[Feature] = "fix"
    cell: int
    mishap: Mishap


@dataclass(frozen=True, slots=True, kw_only=True)
class Chat:
    """What the assistant says next; `cell` is the one that is looked at, if any was run."""

    feature: ClassVar[Feature] = "chat"
    cell: int | None
    turns: tuple[Turn, ...]


Errand = Complete | Generate | Explain | Edit | Fix | Chat


def advice(errand: Errand) -> str:
    """What to do where the model had no answer: a command that takes no words cannot be said in others."""
    match errand:
        case Fix():
            return "run the cell again, and tell %starcoder edit what it should do"
        case Complete():
            return "%%starcoder writes code for a request in words"
        case Explain():
            return "%starcoder chat takes a question"
        case _:
            return "say it in other words"
