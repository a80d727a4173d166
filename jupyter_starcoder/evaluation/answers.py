"""Where answers come from: a model, or what somebody gives."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import msgspec

from jupyter_starcoder.errors import EvaluationError
from jupyter_starcoder.evaluation.data import read_data
from jupyter_starcoder.evaluation.problem import Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answer and what it cost."""

    text: str
    prompt_tokens: int = 0
    new_tokens: int = 0
    finish: str = ""
    seconds: float = 0.0


class Answerer(Protocol):
    """Answers problems."""

    async def answer(self, problem: Problem, sample: int) -> Answer:
        """The answer number `sample`, from 0.

        Raises:
            EvaluationError: there is none.
        """


class References:
    """The data's own solutions."""

    async def answer(self, problem: Problem, sample: int) -> Answer:
        """The same for each sample."""
        if problem.reference is None:
            raise EvaluationError(f"the data has no solution for {problem.name}: use a model, empty answers, or a file")
        return Answer(text=problem.reference)


class Empty:
    """Nothing: no check may let it pass."""

    async def answer(self, problem: Problem, sample: int) -> Answer:
        """Always the same."""
        return Answer(text="")


class Metadata(msgspec.Struct, frozen=True):
    """As published answers of DS-1000 name their problem."""

    problem_id: int | str


class Row(msgspec.Struct, frozen=True):
    """One given answer: `code` and `metadata.problem_id`, or `completion` and `task_id`."""

    code: str | None = None
    completion: str | None = None
    metadata: Metadata | None = None
    task_id: int | str | None = None


class Given:
    """Answers out of a file; several for a problem are its samples, in their order."""

    def __init__(self, path: Path, task_set: str) -> None:
        """Args: path: JSON lines, packed or not.

        Raises:
            EvaluationError: the file cannot be read, or a row names no problem.
        """
        data = read_data(path)
        self.sha256 = data.sha256
        self._answers: dict[str, list[str]] = {}
        for row in data.rows(Row):
            number = row.metadata.problem_id if row.metadata else row.task_id
            text = row.code if row.code is not None else row.completion
            if number is None or text is None:
                raise EvaluationError(f"{path} has a row without code or metadata.problem_id: each answer needs both")
            self._answers.setdefault(_named(number, task_set), []).append(text)

    async def answer(self, problem: Problem, sample: int) -> Answer:
        """As it was given."""
        answers = self._answers.get(problem.name, [])
        if sample >= len(answers):
            raise EvaluationError(
                f"{problem.name} has {len(answers)} answers in the file: give --samples so many at most"
            )
        return Answer(text=answers[sample])


def _named(number: int | str, task_set: str) -> str:
    """The problem's name; DS-1000, HumanEval and MBPP are known by their numbers too."""
    prefix = {"humaneval": "HumanEval"}.get(task_set, task_set)
    return f"{prefix}/{number}" if isinstance(number, int) or number.isdecimal() else number
