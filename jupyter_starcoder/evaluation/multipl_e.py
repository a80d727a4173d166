"""MultiPL-E: HumanEval in other languages, run by their own interpreters."""

import secrets
import shutil
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from jupyter_starcoder.errors import EvaluationError, ExtraMissing
from jupyter_starcoder.evaluation.data import DataFile
from jupyter_starcoder.evaluation.problem import Problem, Program, Question
from jupyter_starcoder.evaluation.text import cut
from jupyter_starcoder.values.prompt import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """How a program of a language is run: it is read from standard input, so that it cannot read its own end."""

    title: str
    command: tuple[str, ...]
    ending: str  # prints {0}
    install: str


LANGUAGES = {
    "js": Language(title="JavaScript", command=("node", "-"), ending="\nconsole.log('{0}');\n", install="Node.js"),
    "r": Language(
        title="R", command=("Rscript", "--vanilla", "-"), ending="\ncat('{0}')\n", install="R (Debian: r-base-core)"
    ),
}
FILES = {name: (f"humaneval-{name}.jsonl",) for name in LANGUAGES}


class Row(msgspec.Struct, frozen=True):
    """One line of the data."""

    name: str
    language: str
    prompt: str
    tests: str
    stop_tokens: list[str]


class MultiPLE:
    """The benchmark in one language."""

    name = "multipl-e"
    prompts = ("stripped", "plain")
    limit_s = 15.0
    answer_tokens = 384
    needs_libraries = False

    def __init__(self, data: DataFile) -> None:
        """Raises: EvaluationError: the data is not that of MultiPL-E, or in a language that is not run here."""
        rows = data.rows(Row)
        names = sorted({row.language for row in rows})
        if len(names) != 1 or names[0] not in LANGUAGES:
            spoken = ", ".join(sorted(LANGUAGES))
            raise EvaluationError(
                f"{data.path} holds programs in {', '.join(names)}: what can be run is one of {spoken}"
            )
        self._language = LANGUAGES[names[0]]
        self._rows = {row.name: row for row in rows}
        self.problems = tuple(Problem(name=name, group=self._language.title, reference=None) for name in self._rows)

    def modules(self, _problems: Sequence[Problem]) -> tuple[str, ...]:
        """None: another language's interpreter starts for each program."""
        return ()

    def question(self, problem: Problem, prompt: str, _markers: frozenset[str]) -> Question:
        """The published prompt, as it is or without the blanks around it (`stripped`)."""
        row = self._rows[problem.name]
        text = row.prompt.strip() if prompt == "stripped" else row.prompt
        return Question(pieces=(Text(text),), stops=self._stops(problem))

    def _stops(self, problem: Problem) -> tuple[str, ...]:
        return tuple(self._rows[problem.name].stop_tokens)

    def cleaned(self, text: str) -> str:
        """All of it: the stops differ by problem, and the stream has cut there already."""
        return cut(text, ("\n```",))

    def program(self, problem: Problem, answer: str, prompt: str = "") -> Program:
        """Prompt, answer and tests, then a word that only a program that came to its end prints."""
        interpreter = shutil.which(self._language.command[0])
        if interpreter is None:
            raise ExtraMissing(f"{self._language.title} is not installed here: install {self._language.install}")
        row, word = self._rows[problem.name], secrets.token_hex(16)
        return Program(
            kind="command",
            setup=row.prompt.strip() if prompt == "stripped" else row.prompt,
            answer=answer,
            checks=f"\n{row.tests}\n{self._language.ending.format(word)}",
            command=(interpreter, *self._language.command[1:]),
            ending=word,
        )
