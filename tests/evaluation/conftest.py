"""Small benchmarks of our own writing, and one runner for all tests of a kind of sandbox."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from jupyter_starcoder.evaluation.runner import Runner, standard_library
from jupyter_starcoder.evaluation.sandbox import BUBBLEWRAP, NONE, UNSHARE, Sandbox, works

SANDBOXES = {sandbox.name: sandbox for sandbox in (BUBBLEWRAP, UNSHARE, NONE)}
WriteRows = Callable[[str, list[dict[str, object]]], Path]

CONTEXT = '''\
import copy

def generate_test_case(number):
    return [3, 1, 2], [1, 2, 3]

def exec_test(result, expected):
    return result == expected

exec_context = """
numbers = test_input
[insert]
"""

def test_execution(solution):
    test_input, expected = copy.deepcopy(generate_test_case(1))
    names = {"test_input": test_input}
    exec(exec_context.replace("[insert]", solution), names)
    assert exec_test(names["result"], expected)

def test_string(solution):
    assert "for" not in solution
'''


@pytest.fixture(scope="session", params=sorted(SANDBOXES))
def sandbox(request: pytest.FixtureRequest) -> Sandbox:
    """Each sandbox that works here; the one without the system's help works everywhere."""
    chosen = SANDBOXES[request.param]
    if chosen is not NONE and not works(chosen):
        pytest.skip(f"{chosen.name} does not work on this machine")
    return chosen


@pytest.fixture(scope="session")
def runner(sandbox: Sandbox) -> Iterator[Runner]:
    """A runner with the standard library, in each sandbox."""
    with Runner(standard_library(), sandbox) as runner:
        yield runner


@pytest.fixture(scope="session")
def plain_runner() -> Iterator[Runner]:
    """A runner in the best sandbox that works here."""
    with Runner(standard_library()) as runner:
        yield runner


@pytest.fixture
def write_rows(tmp_path: Path) -> WriteRows:
    """Writes a file of JSON lines."""

    def write(name: str, rows: list[dict[str, object]]) -> Path:
        path = tmp_path / name
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
        return path

    return write


@pytest.fixture
def ds1000_file(write_rows: WriteRows) -> Path:
    """Three problems in the format of DS-1000: two ask for statements, one for a function's body."""
    asked = (
        "Problem:\nSort the numbers.\nA:\n<code>\nnumbers = [3, 1, 2]\n</code>\nresult = ...\nBEGIN SOLUTION\n<code>\n"
    )
    begun = "Problem:\nSort.\nA:\n<code>\ndef f(numbers):\n    # result = f(numbers)\n    ### BEGIN SOLUTION"
    body = CONTEXT.replace("[insert]\n", "def f(numbers):\n[insert]\nresult = f(numbers)\n")
    problems = [
        (asked, "result = sorted(numbers)\n", CONTEXT, at(5)),
        (asked, "result = [1, 2, 3]\n", CONTEXT, at(10)),
        (begun, "    return sorted(numbers)\n", body, at(15, "Scipy")),
    ]
    names = ("prompt", "reference_code", "code_context", "metadata")
    return write_rows("ds1000.jsonl", [dict(zip(names, problem, strict=True)) for problem in problems])


def at(number: int, library: str = "Pandas") -> dict[str, object]:
    """The metadata of a problem."""
    return {"problem_id": number, "library": library, "perturbation_type": "Origin"}


@pytest.fixture
def humaneval_file(write_rows: WriteRows) -> Path:
    """Two problems in the format of HumanEval."""
    rows: list[dict[str, object]] = [
        {
            "task_id": f"HumanEval/{number}",
            "prompt": f'def add_{number}(a, b):\n    """Adds."""\n',
            "entry_point": f"add_{number}",
            "canonical_solution": "    return a + b\n",
            "test": "def check(candidate):\n    assert candidate(1, 2) == 3\n    assert candidate(2, 2) == 4\n",
        }
        for number in range(2)
    ]
    return write_rows("HumanEval.jsonl", rows)


@pytest.fixture(scope="session")
def ds1000_context() -> str:
    """A program that judges, as DS-1000 has one with each problem."""
    return CONTEXT
