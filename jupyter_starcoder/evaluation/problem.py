"""Problems, programs made of them, and what came of these."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from jupyter_starcoder.values.prompt import Marker, Text

Pieces = tuple[Marker | Text, ...]
Kind = Literal["python", "context", "command"]
Outcome = Literal["passed", "failed", "tampered", "timeout", "crashed", "limit"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One problem, as every part but its own task set needs it."""

    name: str  # unique within its set
    group: str  # what scores are told apart by: a library, a language
    reference: str | None  # None: the data has no solution


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What a model is asked."""

    pieces: Pieces
    stops: tuple[str, ...]  # texts that end the answer and are not part of it


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """An answer with what judges it."""

    kind: Kind
    answer: str
    setup: str = ""  # code in front of the answer; of a "context" the whole program that judges
    checks: str = ""  # code behind it
    command: tuple[str, ...] = ()  # of a "command": the interpreter, which reads the program from its standard input
    ending: str = ""  # of a "command": what it prints at its very end


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What came of a program."""

    outcome: Outcome
    message: str  # why it did not pass
    seconds: float

    @property
    def passed(self) -> bool:
        """It ran to its end and every check held."""
        return self.outcome == "passed"


class TaskSet(Protocol):
    """One benchmark: its problems, how a model is asked, and how an answer becomes a program."""

    @property
    def name(self) -> str:
        """As the command calls it."""

    @property
    def problems(self) -> Sequence[Problem]:
        """In the order of the data."""

    @property
    def prompts(self) -> tuple[str, ...]:
        """Ways to ask; the first is the default."""

    @property
    def limit_s(self) -> float:
        """Seconds that a program may take."""

    @property
    def answer_tokens(self) -> int:
        """Longest answer of a model."""

    @property
    def needs_libraries(self) -> bool:
        """Programs run in the pinned environment, rather than with the standard library alone."""

    def modules(self, problems: Sequence[Problem]) -> tuple[str, ...]:
        """What is imported once for all programs."""

    def question(self, problem: Problem, prompt: str, markers: frozenset[str]) -> Question:
        """What a model with these special tokens is asked.

        Raises:
            ModelUnsupported: this way to ask needs special tokens that the model does not have.
        """

    def cleaned(self, text: str) -> str:
        """What a model wrote, as an answer: up to the stops, without what is no code."""

    def program(self, problem: Problem, answer: str, prompt: str = "") -> Program:
        """The answer with what judges it.

        Args:
            problem: which one.
            answer: as it was written or given.
            prompt: how it was asked for, where that decides what the answer goes on from; empty for what was given.

        Raises:
            ExtraMissing: the language's interpreter is not installed.
        """
