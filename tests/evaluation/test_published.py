"""The harness held against the published data: their own solutions pass, and nothing does not.

DS-1000 and the rest take longer and are checked by commands: see docs/evaluation.md.
"""

import os
from pathlib import Path

import pytest

from jupyter_starcoder.evaluation.runner import Runner
from jupyter_starcoder.evaluation.task_sets import open_task_set

pytestmark = pytest.mark.benchmark

BESIDE = Path(__file__).parents[3] / "shared" / "data"
NO_SETUP = "mbpp/367"  # its data lacks the class that its tests are made of


@pytest.fixture(scope="module")
def data() -> Path:
    """The folder of the published files."""
    folder = Path(os.environ.get("STARCODER_BENCHMARKS", BESIDE))
    if not folder.is_dir():
        pytest.skip(f"no published benchmarks in {folder}: name their folder in STARCODER_BENCHMARKS")
    return folder


def failing(runner: Runner, name: str, path: Path, answer: str | None) -> tuple[list[str], int]:
    """The problems that their own solution, or the given answer, does not solve; and how many there are."""
    if not path.exists():
        pytest.skip(f"{path} is not there")
    task_set, _ = open_task_set(name, path, "js")
    programs = {
        problem.name: task_set.program(problem, (problem.reference or "") if answer is None else answer)
        for problem in task_set.problems
    }
    failed = [problem for problem, program in programs.items() if not runner.run(program, limit_s=20).passed]
    return failed, len(programs)


def test_humaneval_solutions_pass(plain_runner: Runner, data: Path) -> None:
    """164 of 164."""
    assert failing(plain_runner, "humaneval", data / "HumanEval.jsonl.gz", None) == ([], 164)


def test_humaneval_empty_answers_fail(plain_runner: Runner, data: Path) -> None:
    """0 of 164."""
    failed, total = failing(plain_runner, "humaneval", data / "HumanEval.jsonl.gz", "")

    assert (len(failed), total) == (164, 164)


def test_mbpp_solutions_pass_but_one(plain_runner: Runner, data: Path) -> None:
    """499 of 500."""
    assert failing(plain_runner, "mbpp", data / "mbpp.jsonl.gz", None) == ([NO_SETUP], 500)
