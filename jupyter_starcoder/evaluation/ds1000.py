"""DS-1000 in its simplified format: questions about seven libraries, judged by a program that comes with each.

A test is looked up by its problem's number. Answers keep the indentation of their first line, and what a model
continues is exactly the published prompt.
"""

from collections.abc import Sequence

import msgspec

from jupyter_starcoder.evaluation.data import DataFile
from jupyter_starcoder.evaluation.infilling import infilling
from jupyter_starcoder.evaluation.problem import Pieces, Problem, Program, Question
from jupyter_starcoder.evaluation.text import cut, without_fence
from jupyter_starcoder.values.prompt import Text

FILES = ("ds1000.jsonl", "ds1000-dev.jsonl")
STOPS = ("</code>", "# SOLUTION END", "\nEND SOLUTION")
# What an answer stands in front of, for a model that fills in: our own variant, the data set has no text there.
SUFFIX = "\n</code>\nEND SOLUTION\n"
FIGURE_SUFFIX = "\n# SOLUTION END\n"
FIGURE_ENDING = "# SOLUTION START\n"

# Imported once and forked: names that every program of the library begins with, no more, since what is loaded already
# can make an answer pass that forgets to import it.
MODULES = {
    "Matplotlib": ("matplotlib.pyplot", "seaborn", "PIL.Image"),
    "Numpy": ("scipy",),
    "Pandas": (),
    "Pytorch": ("torch",),
    "Scipy": ("scipy", "scipy.stats", "scipy.sparse", "scipy.optimize"),
    "Sklearn": ("sklearn", "sklearn.datasets"),
    "Tensorflow": ("tensorflow",),
}
COMMON = ("numpy", "numpy.testing", "pandas", "pandas.testing")


class Metadata(msgspec.Struct, frozen=True):
    """What is told of a problem."""

    problem_id: int
    library: str
    perturbation_type: str = ""


class Row(msgspec.Struct, frozen=True):
    """One line of the data."""

    prompt: str
    reference_code: str
    code_context: str
    metadata: Metadata


class DS1000:
    """The benchmark, or a part of it."""

    name = "ds1000"
    prompts = ("completion", "insertion")
    limit_s = 120.0  # the official one
    answer_tokens = 256  # the longest reference has 285, the 95th percentile 145
    needs_libraries = True

    def __init__(self, data: DataFile) -> None:
        """Raises: EvaluationError: the data is not that of DS-1000."""
        self._rows = {f"ds1000/{row.metadata.problem_id}": row for row in data.rows(Row)}
        self.problems = tuple(
            Problem(name=name, group=row.metadata.library, reference=row.reference_code)
            for name, row in self._rows.items()
        )

    def modules(self, problems: Sequence[Problem]) -> tuple[str, ...]:
        """Those of the libraries that the problems are about."""
        wanted = {problem.group for problem in problems}
        return (*COMMON, *(name for group in sorted(wanted) for name in MODULES.get(group, ())))

    def question(self, problem: Problem, prompt: str, markers: frozenset[str]) -> Question:
        """The published prompt; `insertion` shows a model that fills in what stands behind the answer."""
        text = self._rows[problem.name].prompt
        pieces: Pieces = (Text(text),)
        if prompt == "insertion":
            pieces = infilling(text, FIGURE_SUFFIX if text.endswith(FIGURE_ENDING) else SUFFIX, markers)
        return Question(pieces=pieces, stops=STOPS)

    def cleaned(self, text: str) -> str:
        """Up to the stops. Leading blank lines go, but never the indentation of the first line."""
        return without_fence(cut(text, STOPS)).lstrip("\n").rstrip() + "\n"

    def program(self, problem: Problem, answer: str, _prompt: str = "") -> Program:
        """The program that came with the problem judges the answer's text."""
        return Program(kind="context", setup=self._rows[problem.name].code_context, answer=answer)
