"""The benchmarks: how a model is asked, and how its answer is judged."""

import gzip
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from jupyter_starcoder.errors import EvaluationError, ExtraMissing, ModelUnsupported
from jupyter_starcoder.evaluation.problem import Question, TaskSet
from jupyter_starcoder.evaluation.runner import Runner
from jupyter_starcoder.evaluation.task_sets import open_task_set
from jupyter_starcoder.values.prompt import Marker, Text

WriteRows = Callable[[str, list[dict[str, object]]], Path]
LIMIT_S = 20.0
FILLS_IN = frozenset({"<fim_prefix>", "<fim_suffix>", "<fim_middle>"})


def opened(name: str, path: Path) -> TaskSet:
    """The benchmark of a file."""
    return open_task_set(name, path, "js")[0]


def asked(task_set: TaskSet, number: int, prompt: str = "", markers: frozenset[str] = frozenset()) -> Question:
    """What a model is asked."""
    return task_set.question(task_set.problems[number], prompt or task_set.prompts[0], markers)


def passes(runner: Runner, task_set: TaskSet, number: int, answer: str) -> bool:
    """Whether an answer passes."""
    return runner.run(task_set.program(task_set.problems[number], answer), limit_s=LIMIT_S).passed


def test_ds1000_references_pass_and_empty_answers_do_not(plain_runner: Runner, ds1000_file: Path) -> None:
    """The two ends of the scale."""
    task_set = opened("ds1000", ds1000_file)

    assert [problem.name for problem in task_set.problems] == ["ds1000/5", "ds1000/10", "ds1000/15"]
    assert [problem.group for problem in task_set.problems] == ["Pandas", "Pandas", "Scipy"]
    for number, problem in enumerate(task_set.problems):
        assert passes(plain_runner, task_set, number, problem.reference or "")
        assert not passes(plain_runner, task_set, number, "")


def test_ds1000_answer_is_judged_as_text_too(plain_runner: Runner, ds1000_file: Path) -> None:
    """The right result by forbidden means fails."""
    task_set = opened("ds1000", ds1000_file)

    assert not passes(plain_runner, task_set, 0, "result = [x for x in sorted(numbers)]\n")


def test_ds1000_prompt_is_the_published_one(ds1000_file: Path) -> None:
    """Nothing is added or taken, not even a newline."""
    task_set = opened("ds1000", ds1000_file)
    row = json.loads(ds1000_file.read_text().splitlines()[2])

    assert asked(task_set, 2).pieces == (Text(row["prompt"]),)
    assert "</code>" in asked(task_set, 2).stops


@pytest.mark.parametrize(
    ("written", "answer"),
    [
        ("result = 1\n</code>\nEND SOLUTION", "result = 1\n"),
        ("result = 1\n# SOLUTION END\nplt.show()", "result = 1\n"),
        ("\n    return 1\n\n", "    return 1\n"),
        ("    return 1", "    return 1\n"),
        ("\n\n  x = 1\n  y = 2\n</code>", "  x = 1\n  y = 2\n"),
        ("```python\nresult = 1\n```\nThis sets it.", "result = 1\n"),
        ("result = 1\n```\nThis sets it.", "result = 1\n"),
        ("", "\n"),
    ],
)
def test_ds1000_answer_keeps_its_indentation(ds1000_file: Path, written: str, answer: str) -> None:
    """What is no code goes; the blanks of the first line stay."""
    assert opened("ds1000", ds1000_file).cleaned(written) == answer


def test_ds1000_insertion_needs_a_model_that_fills_in(ds1000_file: Path) -> None:
    """Prefix and suffix stand between the model's markers, with nothing added beside them."""
    task_set = opened("ds1000", ds1000_file)

    pieces = asked(task_set, 0, "insertion", FILLS_IN).pieces

    assert [piece.spelling for piece in pieces if isinstance(piece, Marker)] == sorted(
        FILLS_IN, key=["<fim_prefix>", "<fim_suffix>", "<fim_middle>"].index
    )
    assert pieces[1] == asked(task_set, 0).pieces[0]
    with pytest.raises(ModelUnsupported, match="fill in the middle"):
        asked(task_set, 0, "insertion")


def test_ds1000_imports_what_its_libraries_need(ds1000_file: Path) -> None:
    """Nothing is loaded for a library that no problem is about."""
    task_set = opened("ds1000", ds1000_file)

    modules = task_set.modules(task_set.problems)

    assert {"numpy", "pandas", "scipy"} <= set(modules)
    assert "tensorflow" not in modules


def test_humaneval_references_pass_and_empty_answers_do_not(plain_runner: Runner, humaneval_file: Path) -> None:
    """The two ends of the scale."""
    task_set = opened("humaneval", humaneval_file)

    for number, problem in enumerate(task_set.problems):
        assert passes(plain_runner, task_set, number, problem.reference or "")
        assert not passes(plain_runner, task_set, number, "")
        assert not passes(plain_runner, task_set, number, "    return a - b\n")


def test_humaneval_newline_of_the_prompt_is_kept_unless_it_is_stripped(
    plain_runner: Runner, humaneval_file: Path
) -> None:
    """An answer goes on from what was asked: to the stripped prompt it has to begin with the newline itself."""
    task_set = opened("humaneval", humaneval_file)
    (plain,), (stripped,) = asked(task_set, 0, "plain").pieces, asked(task_set, 0, "stripped").pieces

    assert isinstance(plain, Text)
    assert stripped == Text(plain.text.strip())
    assert plain.text.endswith("\n")
    problem, written = task_set.problems[0], task_set.cleaned("\n    return a + b\n\nprint('done')")
    for answer, passed in ((written, True), (written.lstrip("\n"), False)):
        assert plain_runner.run(task_set.program(problem, answer, "stripped"), limit_s=LIMIT_S).passed is passed


def test_humaneval_prompted_puts_a_files_name_in_front(humaneval_file: Path) -> None:
    """As a special token of the model, whichever of the two it has."""
    task_set = opened("humaneval", humaneval_file)

    for marker in ("<filename>", "<file_sep>"):
        first, text = asked(task_set, 0, "prompted", frozenset({marker})).pieces
        assert first == Marker(marker)
        assert isinstance(text, Text)
        assert text.text.startswith("solutions/solution_1.py\n")
    with pytest.raises(ModelUnsupported, match="--prompt"):
        asked(task_set, 0, "prompted")


def test_humaneval_answer_is_cut_where_the_function_ends(humaneval_file: Path) -> None:
    """What a model writes behind its function is not run."""
    assert opened("humaneval", humaneval_file).cleaned("    return 1\ndef other():\n    boom") == "    return 1"


@pytest.fixture
def mbpp_file(write_rows: WriteRows) -> Path:
    """Four problems in the format of MBPP; those below 11 are not evaluated."""
    rows: list[dict[str, object]] = [
        {
            "task_id": number,
            "text": f"Write a function that adds {number}.",
            "code": f"def add(x):\r\n  return x + {number}",
            "test_setup_code": "",
            "test_list": [f"assert add(1) == {number + 1}", f"assert add(0) == {number}"],
        }
        for number in (2, 3, 4, 11)
    ]
    return write_rows("mbpp.jsonl", rows)


def test_mbpp_evaluates_its_own_split(plain_runner: Runner, mbpp_file: Path) -> None:
    """References pass; an answer that passes the first test alone does not."""
    task_set = opened("mbpp", mbpp_file)

    assert [problem.name for problem in task_set.problems] == ["mbpp/11"]
    assert passes(plain_runner, task_set, 0, task_set.problems[0].reference or "")
    assert not passes(plain_runner, task_set, 0, "def add(x):\n    return 12\n")
    assert not passes(plain_runner, task_set, 0, "")


def test_mbpp_prompts_show_the_first_test_or_solved_problems(mbpp_file: Path) -> None:
    """A docstring, or three problems with their solutions."""
    task_set = opened("mbpp", mbpp_file)

    assert asked(task_set, 0).pieces == (Text('"""\nWrite a function that adds 11.\nassert add(1) == 12\n"""\n'),)
    (shown,) = asked(task_set, 0, "few-shot").pieces
    assert isinstance(shown, Text)
    assert [f"adds {number}." in shown.text for number in (2, 3, 4, 11)] == [True] * 4
    assert "return x + 4" in shown.text
    assert "return x + 11" not in shown.text
    assert shown.text.endswith("[BEGIN]\n")


def test_mbpp_sanitized_is_evaluated_whole(plain_runner: Runner, tmp_path: Path) -> None:
    """One JSON array, with imports that the tests need."""
    code = "def root(x):\n    return x ** 0.5"
    row = {
        "task_id": 2,
        "prompt": "Write a function that takes the root.",
        "code": code,
        "test_imports": ["import math"],
        "test_list": ["assert root(4) == math.sqrt(4)"],
    }
    path = tmp_path / "sanitized-mbpp.json.gz"
    path.write_bytes(gzip.compress(json.dumps([row]).encode()))
    task_set = opened("mbpp", tmp_path)

    assert passes(plain_runner, task_set, 0, code)
    with pytest.raises(EvaluationError, match="whole set"):
        asked(task_set, 0, "few-shot")


ADD = {
    "js": (
        "function add(a, b){\n",
        "return a + b;\n}",
        "const assert = require('assert');\nassert.equal(add(1, 2), 3);",
    ),
    "r": ("add <- function(a, b) {", "\n  a + b\n}", "stopifnot(isTRUE(all.equal(add(1, 2), 3)))"),
}
QUIT = {"js": "process.exit(0);\n}\nadd();", "r": "\n}\nquit(status = 0)"}
INTERPRETERS = {"js": "node", "r": "Rscript"}


def language_file(write_rows: WriteRows, language: str) -> Path:
    """One problem in the format of MultiPL-E."""
    prompt, _, tests = ADD.get(language, ("", "", ""))
    row: dict[str, object] = {"name": "add", "language": language, "prompt": prompt, "tests": tests}
    return write_rows(f"humaneval-{language}.jsonl", [row | {"stop_tokens": ["\nEND"]}])


@pytest.mark.parametrize("language", sorted(ADD))
def test_multipl_e_runs_the_language(plain_runner: Runner, write_rows: WriteRows, language: str) -> None:
    """Right passes; wrong, empty and an early end with success do not."""
    if shutil.which(INTERPRETERS[language]) is None:
        pytest.skip(f"{INTERPRETERS[language]} is not installed")
    task_set = opened("multipl-e", language_file(write_rows, language))

    assert asked(task_set, 0).stops == ("\nEND",)
    assert passes(plain_runner, task_set, 0, ADD[language][1])
    for wrong in (ADD[language][1].replace("+", "-"), "", QUIT[language]):
        assert not passes(plain_runner, task_set, 0, wrong)


def test_multipl_e_without_its_interpreter_says_what_to_install(
    write_rows: WriteRows, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A language that is not there is an error, not a score of nothing."""
    task_set = opened("multipl-e", language_file(write_rows, "r"))
    monkeypatch.setenv("PATH", "")

    with pytest.raises(ExtraMissing, match="r-base"):
        task_set.program(task_set.problems[0], "")


def test_multipl_e_in_a_language_that_is_not_run_says_which_are(write_rows: WriteRows) -> None:
    """The message names them."""
    with pytest.raises(EvaluationError, match="js, r"):
        opened("multipl-e", language_file(write_rows, "rkt"))


@pytest.mark.parametrize("content", [b"", b"\x1f\x8bbroken", b'{"prompt": 1}\n', b"[1, 2]", b"{"])
def test_file_that_is_no_benchmark_is_an_error_of_ours(tmp_path: Path, content: bytes) -> None:
    """The message names the file."""
    path = tmp_path / "data.jsonl"
    path.write_bytes(content)

    with pytest.raises(EvaluationError, match=r"data\.jsonl"):
        opened("ds1000", path)


def test_folder_without_the_benchmark_says_what_it_is_called(tmp_path: Path) -> None:
    """A person sees what to put there."""
    with pytest.raises(EvaluationError, match=r"HumanEval\.jsonl"):
        opened("humaneval", tmp_path)
    with pytest.raises(EvaluationError, match="--data"):
        opened("humaneval", tmp_path / "missing.jsonl")
