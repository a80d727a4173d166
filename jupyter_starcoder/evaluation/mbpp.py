"""MBPP: short functions from a sentence and a test, the whole set or its sanitized part."""

from collections.abc import Sequence

import msgspec

from jupyter_starcoder.errors import EvaluationError
from jupyter_starcoder.evaluation.data import DataFile
from jupyter_starcoder.evaluation.problem import Problem, Program, Question
from jupyter_starcoder.evaluation.text import cut
from jupyter_starcoder.values.prompt import Text

FILES = ("mbpp.jsonl", "mbpp-sanitized.json", "sanitized-mbpp.json")
STOPS = ("\nclass", "\nassert", '\n"""', "\nprint", "\nif", "\n<|/", "\n```")
EVALUATED = range(11, 511)  # the set's own split; of the sanitized part, all is evaluated
SHOWN = (2, 3, 4)  # the problems that are shown solved in a few-shot prompt
DONE = "\n[DONE]"


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One row of either form: `text` and `test_setup_code`, or `prompt` and `test_imports`."""

    task_id: int
    code: str
    test_list: list[str]
    text: str = ""
    prompt: str = ""
    test_setup_code: str = ""
    test_imports: list[str] | None = None

    @property
    def sentence(self) -> str:
        """What is asked for."""
        return self.text or self.prompt

    @property
    def setup(self) -> str:
        """What tests and answer may count on."""
        return "\n".join([self.test_setup_code, *(self.test_imports or []), ""]).lstrip("\n")


class MBPP:
    """The benchmark."""

    name = "mbpp"
    prompts = ("docstring", "few-shot")
    limit_s = 5.0
    answer_tokens = 256
    needs_libraries = False

    def __init__(self, data: DataFile) -> None:
        """Raises: EvaluationError: the data is not that of MBPP."""
        rows = data.rows(Row)
        is_sanitized = any(row.test_imports is not None for row in rows)
        group = "MBPP sanitized" if is_sanitized else "MBPP"
        self._rows = {f"mbpp/{row.task_id}": row for row in rows}
        self.problems = tuple(
            Problem(name=name, group=group, reference=row.code)
            for name, row in self._rows.items()
            if is_sanitized or row.task_id in EVALUATED
        )

    def modules(self, _problems: Sequence[Problem]) -> tuple[str, ...]:
        """What many solutions import."""
        return ("math", "re", "collections", "itertools", "functools", "heapq", "operator", "cmath")

    def question(self, problem: Problem, prompt: str, _markers: frozenset[str]) -> Question:
        """The sentence and the first test as a docstring, or behind three solved problems (`few-shot`)."""
        row = self._rows[problem.name]
        if prompt == "few-shot":
            return Question(pieces=(Text("\n\n".join((*self._examples(), _task(row)))),), stops=(DONE,))
        text = f'"""\n{row.sentence}\n{row.test_list[0]}\n"""\n'
        return Question(pieces=(Text(text),), stops=STOPS)

    def _examples(self) -> list[str]:
        names = [f"mbpp/{number}" for number in SHOWN]
        if any(name not in self._rows for name in names):
            raise EvaluationError(
                "this file lacks problems 2, 3 and 4, which a few-shot prompt shows: give the whole set"
            )
        return [f"{_task(row)}{_code(row)}{DONE}" for row in (self._rows[name] for name in names)]

    def cleaned(self, text: str) -> str:
        """Up to the stops of either prompt."""
        return cut(text, (*STOPS, DONE))

    def program(self, problem: Problem, answer: str, _prompt: str = "") -> Program:
        """The answer, then all tests."""
        row = self._rows[problem.name]
        return Program(kind="python", setup=row.setup, answer=f"{answer}\n", checks="\n".join([*row.test_list, ""]))


def _task(row: Row) -> str:
    tests = "\n".join(row.test_list)
    return f"# Task: {row.sentence}\n# The function passes these tests:\n{tests}\n[BEGIN]\n"


def _code(row: Row) -> str:
    return row.code.replace("\r\n", "\n").strip("\n")
