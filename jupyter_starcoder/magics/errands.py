"""What a magic can ask a model for; `cell` is an index into the notebook that goes along."""

from dataclasses import dataclass

from jupyter_starcoder.values.conversation import Mishap, Subject, Turn

CELL = Subject()


@dataclass(frozen=True, slots=True, kw_only=True)
class Complete:
    """What comes next at the end of a cell."""

    cell: int
    offset: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Generate:
    """Code for a request in words, to stand before index `cell`."""

    cell: int
    request: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Explain:
    """What a cell or a part of it does, in Markdown."""

    cell: int
    subject: Subject = CELL


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """A cell's whole new text, changed as the instruction says."""

    cell: int
    instruction: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fix:
    """A cell's whole new text without the error."""

    cell: int
    mishap: Mishap


@dataclass(frozen=True, slots=True, kw_only=True)
class Chat:
    """What the assistant says next; `cell` is the one that is looked at, if any was run."""

    cell: int | None
    turns: tuple[Turn, ...]


Errand = Complete | Generate | Explain | Edit | Fix | Chat
