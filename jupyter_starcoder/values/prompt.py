"""What a model is given: markers and text, and what ends its answer."""

from dataclasses import dataclass, field
from typing import Literal

# How a notebook is written down for a model, and where in it stands what the live kernel holds.
Form = Literal[
    "script",  # a script; the kernel's variables are comments above the cell
    "transcript",  # cells between notebook markers; a frame is the output of its `info()` above the cell
    "kaggle",  # frames as outputs first, then a script
    "problem",  # words, frames and code so far, then a solution is begun
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Snippet:
    """Something worth knowing that is not a cell: kernel variables, a function of the project."""

    source: str  # the name of the context source, e.g. "kernel"
    title: str
    text: str
    shorter_texts: tuple[str, ...] = ()  # the same with fewer details, for a smaller room; the shortest last
    score: float = 0.0  # higher is kept longer when the budget is short
    code: str = ""  # with `output`: the same as a notebook shows it, what is run
    output: str = ""  # and what that prints
    shorter_outputs: tuple[str, ...] = ()
    cell: int | None = None  # it is a cell above the cursor, this one: not needed where that cell is kept anyway


Outcome = Literal["answered", "late", "failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """How it went with a source of context."""

    name: str
    outcome: Outcome
    took_s: float  # of a late one, how long it was waited for
    snippets: int = 0


@dataclass(frozen=True, slots=True)
class Marker:
    """A special token, by its spelling. It is one token or the model does not know it."""

    spelling: str


@dataclass(frozen=True, slots=True)
class Text:
    """Ordinary text: whatever it spells, it never becomes a special token."""

    text: str


Pieces = tuple[Marker | Text, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One part of a prompt and what it cost."""

    name: str
    tokens: int  # counted by itself: at least what it costs among the others
    pieces: Pieces = ()
    build_s: float = field(default=0.0, compare=False)  # what it took to choose and cut it


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """All that the model is given for one answer."""

    pieces: Pieces
    stop_markers: tuple[str, ...]  # special tokens that end the answer
    stop_texts: tuple[str, ...] = ()  # text that ends the answer and is not part of it
    heal: bool = False  # the answer goes on in the middle of a word: see tokenizer
    sections: tuple[Section, ...] = ()  # in order; their pieces put together are the prompt's
    left_out_turns: int = 0  # of a conversation, the oldest that had no room
