"""HumanEval: functions of plain Python, from their signature and docstring."""

from collections.abc import Sequence

import msgspec

from jupyter_starcoder.errors import ModelUnsupported
from jupyter_starcoder.evaluation.data import DataFile
from jupyter_starcoder.evaluation.problem import Pieces, Problem, Program, Question
from jupyter_starcoder.evaluation.text import cut
from jupyter_starcoder.values.prompt import Marker, Text

FILES = ("HumanEval.jsonl", "humaneval.jsonl")
STOPS = ("\nclass", "\ndef", "\n#", "\n@", "\nprint", "\nif", "\n```")
# A file name that promises a solution: StarCoder solves a fifth more below it.
PROMISE = "solutions/solution_1.py\n# Here is the correct implementation of the code exercise\n"
FILE_MARKERS = ("<filename>", "<file_sep>")  # of StarCoder and of StarCoder2


class Row(msgspec.Struct, frozen=True):
    """One line of the data."""

    task_id: str
    prompt: str
    entry_point: str
    canonical_solution: str
    test: str


class HumanEval:
    """The benchmark."""

    name = "humaneval"
    prompts = ("stripped", "plain", "prompted")
    limit_s = 5.0
    answer_tokens = 384
    needs_libraries = False

    def __init__(self, data: DataFile) -> None:
        """Raises: EvaluationError: the data is not that of HumanEval."""
        self._rows = {row.task_id: row for row in data.rows(Row)}
        self.problems = tuple(
            Problem(name=row.task_id, group="HumanEval", reference=row.canonical_solution)
            for row in self._rows.values()
        )

    def modules(self, _problems: Sequence[Problem]) -> tuple[str, ...]:
        """What many solutions import."""
        return ("typing", "math", "re", "collections", "itertools", "functools", "heapq", "hashlib")

    def question(self, problem: Problem, prompt: str, markers: frozenset[str]) -> Question:
        """The published prompt, with the newline at its end (`plain`) or without it (`stripped`).

        `prompted` puts a file's name in front.
        """
        text = self._rows[problem.name].prompt
        pieces: Pieces = (Text(text.strip() if prompt == "stripped" else text),)
        if prompt == "prompted":
            marker = next((marker for marker in FILE_MARKERS if marker in markers), None)
            if marker is None:
                raise ModelUnsupported("this model has no special token for a file's name: choose another --prompt")
            pieces = (Marker(marker), Text(PROMISE + text))
        return Question(pieces=pieces, stops=STOPS)

    def cleaned(self, text: str) -> str:
        """Up to the stops, and nothing else: with a stripped prompt the model writes the first newline itself."""
        return cut(text, STOPS)

    def program(self, problem: Problem, answer: str, prompt: str = "") -> Program:
        """What was asked and the answer, then the test on the function."""
        row = self._rows[problem.name]
        checks = f"{row.test}\ncheck({row.entry_point})\n"
        return Program(
            kind="python",
            setup=row.prompt.strip() if prompt == "stripped" else row.prompt,
            answer=f"{answer}\n",
            checks=checks,
        )
