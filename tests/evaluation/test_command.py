"""`jupyter starcoder eval`, with the fake model and small benchmarks."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from jupyter_starcoder import cli
from jupyter_starcoder.cli import eval as command
from jupyter_starcoder.evaluation.report import REPORT_FILE
from jupyter_starcoder.evaluation.results import RESULTS_FILE, read_results
from jupyter_starcoder.evaluation.task_sets import PROMPTS

Capture = pytest.CaptureFixture[str]
Fake = Callable[..., None]
WriteRows = Callable[[str, list[dict[str, object]]], Path]


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where this user's configuration, models and results are."""
    folder = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(folder))
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(folder / "data"))
    monkeypatch.setenv("JUPYTER_STARCODER_MODELS", str(folder / "models"))
    return folder


@pytest.fixture
def fake(home: Path) -> Fake:
    """Sets what the fake model answers."""
    rules = home / "rules.json"
    (home / "jupyter_starcoder_config.json").write_text(json.dumps({"StarcoderConfig": {"fake_rules": str(rules)}}))

    def write(*answers: dict[str, object]) -> None:
        rules.write_text(json.dumps(answers))

    return write


def scored(capsys: Capture, *arguments: str | Path) -> dict[str, object]:
    """What the command prints with `--json`."""
    assert cli.main(["eval", *map(str, arguments), "--json"]) == 0
    reply: dict[str, object] = json.loads(capsys.readouterr().out)
    return reply


def test_eval_of_references_and_of_empty_answers(humaneval_file: Path, capsys: Capture) -> None:
    """All pass, none passes."""
    right = scored(capsys, "humaneval", "--data", humaneval_file, "--answers", "reference")
    empty = scored(capsys, "humaneval", "--data", humaneval_file, "--answers", "empty")

    assert (right["passed"], right["total"], right["pass_at_1"]) == (2, 2, 1.0)
    assert (empty["passed"], empty["total"], empty["pass_at_1"]) == (0, 2, 0.0)
    assert right["report"] != empty["report"]


def test_eval_asks_the_model_and_cuts_its_answer(humaneval_file: Path, fake: Fake, capsys: Capture) -> None:
    """The model is given the prompt as it was published, and stops where the function ends."""
    ending = 'def add_1(a, b):\n    """Adds."""\n'
    fake({"ending": ending, "answer": "    return a + b\nprint('no part of it')"}, {"answer": "    return 0\n"})

    reply = scored(capsys, "humaneval", "--data", humaneval_file, "--prompt", "plain")

    assert (reply["passed"], reply["total"]) == (1, 2)
    record, results, _ = read_results(Path(str(reply["report"])).parent)
    assert [result.passed for result in results] == [False, True]
    assert results[1].answer == "    return a + b"
    assert results[1].finish == "cancelled"
    answers = record.conditions["answers"]
    assert isinstance(answers, dict)
    assert answers["model"] == "fake"


def test_eval_record_holds_what_decides_the_score(humaneval_file: Path, fake: Fake, capsys: Capture) -> None:
    """Somebody else can make the score again."""
    fake({"answer": "\n    return a + b\n"})

    reply = scored(capsys, "humaneval", "--data", humaneval_file, "--samples", "2", "--seed", "3", "--limit", "1")

    record, results, _ = read_results(Path(str(reply["report"])).parent)
    answers = record.conditions["answers"]
    assert isinstance(answers, dict)
    asked = {name: answers[name] for name in ("prompt", "temperature", "top_p", "seed", "max_tokens", "batch")}
    assert asked == {
        **{"prompt": "stripped", "temperature": 0.2, "top_p": 0.95, "seed": 3, "max_tokens": 384, "batch": 1},
    }
    assert "\ndef" in answers["stops"]
    assert len(str(record.conditions["data_sha256"])) == 64
    assert {"program_limit_s", "program_python", "program_libraries", "samples"} <= record.conditions.keys()
    assert {"sandbox", "jupyter_starcoder", "python"} <= record.circumstances.keys()
    assert [result.sample for result in results] == [0, 1]
    assert reply["pass_at"] == {"1": 1.0, "2": 1.0}


def test_eval_of_a_file_of_answers(ds1000_file: Path, write_rows: WriteRows, capsys: Capture) -> None:
    """Answers as published: each is judged by the test of its own problem, whatever their order."""
    answers = write_rows(
        "answers.jsonl",
        [
            {"code": "    return sorted(numbers)\n", "metadata": {"problem_id": 15, "library": "Scipy"}},
            {"code": "result = sorted(numbers)\n", "metadata": {"problem_id": 5}},
            {"code": "result = None\n", "metadata": {"problem_id": 10}},
        ],
    )

    here = ("--environment", sys.prefix)
    reply = scored(capsys, "ds1000", "--data", ds1000_file, "--answers", answers, *here)

    assert (reply["passed"], reply["total"]) == (2, 3)
    groups = reply["groups"]
    assert isinstance(groups, dict)
    assert groups["Scipy"]["passed"] == groups["Pandas"]["passed"] == 1


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ([{"code": "x"}], "metadata.problem_id"),
        ([{"task_id": 1}], "code"),
        ([{"code": "x", "task_id": "HumanEval/0"}], "HumanEval/1 has 0 answers"),
    ],
)
def test_eval_of_answers_that_are_incomplete_is_an_error(
    humaneval_file: Path, write_rows: WriteRows, capsys: Capture, rows: list[dict[str, object]], says: str
) -> None:
    """A missing answer is not a wrong one."""
    answers = write_rows("answers.jsonl", rows)

    assert cli.main(["eval", "humaneval", "--data", str(humaneval_file), "--answers", str(answers)]) == 1

    assert says in capsys.readouterr().err


def test_eval_prints_scores_and_tells_sandbox_and_progress_apart(humaneval_file: Path, capsys: Capture) -> None:
    """Standard output is the score; what a person watches goes beside it."""
    assert cli.main(["eval", "humaneval", "--data", str(humaneval_file), "--answers", "reference"]) == 0

    printed = capsys.readouterr()
    assert "2 of 2" in printed.out
    assert "sandbox: " in printed.err
    assert "2 of 2, 2 passed" in printed.err


def test_eval_writes_a_report_with_plots(humaneval_file: Path, tmp_path: Path, capsys: Capture) -> None:
    """A page of Markdown whose pictures lie beside it."""
    output = tmp_path / "out"

    scored(capsys, "humaneval", "--data", humaneval_file, "--answers", "reference", "--output", output)

    text = (output / REPORT_FILE).read_text()
    assert "| **all** | 2 | 2 of 2 | 100.0 (34.2 to 100.0) |" in text
    assert "data_sha256" in text
    for picture in ("scores.png", "times.png"):
        assert f"]({picture})" in text
        assert (output / picture).read_bytes().startswith(b"\x89PNG")


def test_eval_goes_on_after_it_was_killed(humaneval_file: Path, home: Path, fake: Fake, capsys: Capture) -> None:
    """What was scored stays; only what is missing is asked."""
    fake({"ending": 'add_1(a, b):\n    """Adds."""\n', "answer": "x", "delay_s": 60}, {"answer": "    return a + b\n"})
    arguments = ["eval", "humaneval", "--data", str(humaneval_file), "--prompt", "plain", "--json"]
    running = subprocess.Popen([sys.executable, "-m", "jupyter_starcoder.cli", *arguments])
    runs = home / "data" / "starcoder" / "evaluation" / "runs"
    while not any(path.read_bytes().count(b"\n") == 2 for path in runs.glob(f"*/{RESULTS_FILE}")):
        assert running.poll() is None
        time.sleep(0.02)
    running.send_signal(signal.SIGKILL)
    running.wait()
    (folder,) = runs.iterdir()

    fake({"ending": 'add_1(a, b):\n    """Adds."""\n', "answer": "    return a + b\n"}, {"answer": "    boom"})
    reply = scored(capsys, *arguments[1:-1], "--resume")

    assert (reply["passed"], reply["total"]) == (2, 2)
    assert reply["report"] == str(folder / REPORT_FILE)


def test_eval_that_is_interrupted_ends_its_programs(write_rows: WriteRows, humaneval_file: Path, home: Path) -> None:
    """Ctrl-C in the middle of a program ends it at once, with the status that a shell expects."""
    loops = [{"task_id": f"HumanEval/{number}", "completion": "    return 0\nwhile True: pass"} for number in range(2)]
    answers = write_rows("answers.jsonl", [dict(row) for row in loops])
    arguments = ["eval", "humaneval", "--data", str(humaneval_file), "--answers", str(answers), "--timeout", "100"]
    command = [sys.executable, "-m", "jupyter_starcoder.cli", *arguments]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as running:
        assert running.stderr is not None
        while "0 of 2" not in running.stderr.readline():
            assert running.poll() is None

        running.send_signal(signal.SIGINT)

        assert "Traceback" not in running.stderr.read()
    assert running.returncode == 130


def test_eval_with_nothing_to_resume_begins(humaneval_file: Path, capsys: Capture) -> None:
    """A finished run is not gone on with."""
    arguments = ("humaneval", "--data", humaneval_file, "--answers", "reference", "--resume")

    first, second = scored(capsys, *arguments), scored(capsys, *arguments)

    assert first["report"] != second["report"]
    assert second["passed"] == 2


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--limit", "0"), "--limit 0"),
        (("--samples", "0"), "--samples 0"),
        (("--max-tokens", "-1"), "--max-tokens -1"),
        (("--timeout", "0"), "--timeout 0"),
        (("--environment", "/nowhere"), "no environment"),
        (("--answers", "/nowhere.jsonl"), "/nowhere.jsonl"),
    ],
)
def test_eval_of_senseless_wishes_is_an_error(
    humaneval_file: Path, fake: Fake, capsys: Capture, arguments: tuple[str, ...], says: str
) -> None:
    """The message names the option."""
    fake({"answer": ""})

    assert cli.main(["eval", "humaneval", "--data", str(humaneval_file), *arguments]) == 1

    assert says in capsys.readouterr().err


def test_eval_without_data_says_where_to_put_it(capsys: Capture) -> None:
    """No benchmark comes with the package."""
    assert cli.main(["eval", "mbpp", "--answers", "empty"]) == 1

    assert "--data" in capsys.readouterr().err


def test_eval_finds_data_where_it_is_kept(home: Path, humaneval_file: Path, capsys: Capture) -> None:
    """Put there once, it needs no option."""
    folder = home / "data" / "starcoder" / "evaluation" / "data"
    folder.mkdir(parents=True)
    humaneval_file.rename(folder / humaneval_file.name)

    assert scored(capsys, "humaneval", "--answers", "reference")["passed"] == 2


def test_eval_knows_the_prompts_of_each_benchmark() -> None:
    """The command's help does not import the benchmarks, and still agrees with them."""
    assert command.PROMPTS == PROMPTS
