"""What a model is given: markers and text, and what ends its answer."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Snippet:
    """Something worth knowing that is not a cell: kernel variables, a function of the project."""

    source: str  # the name of the context source, e.g. "kernel"
    title: str
    text: str
    score: float = 0.0  # higher is kept longer when the budget is short


@dataclass(frozen=True, slots=True)
class Marker:
    """A special token, by its spelling. It is one token or the model does not know it."""

    spelling: str


@dataclass(frozen=True, slots=True)
class Text:
    """Ordinary text: whatever it spells, it never becomes a special token."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One part of a prompt and what it cost."""

    name: str
    tokens: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """All that the model is given for one answer."""

    pieces: tuple[Marker | Text, ...]
    stop_markers: tuple[str, ...]  # special tokens that end the answer
    stop_texts: tuple[str, ...] = ()  # text that ends the answer and is not part of it
    heal: bool = False  # the answer goes on in the middle of a word: see tokenizer
    sections: tuple[Section, ...] = ()
