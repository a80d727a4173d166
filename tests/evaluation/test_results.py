"""Results on the disk."""

from dataclasses import replace
from pathlib import Path

import pytest

from jupyter_starcoder.errors import EvaluationError
from jupyter_starcoder.evaluation.results import RESULTS_FILE, Record, Result, Results, read_results

RECORD = Record(conditions={"data_sha256": "abc", "samples": 2}, circumstances={"sandbox": "none"})
RESULT = Result(problem="a/1", sample=0, group="A", outcome="passed", message="", seconds=0.5, answer="x = 'ü'\n")


def test_results_come_back_as_they_were_added(tmp_path: Path) -> None:
    """Record and results are read again from the folder."""
    with Results.begin(tmp_path, RECORD) as results:
        results.add(RESULT)
        results.add(replace(RESULT, sample=1, outcome="failed"))

    record, known, _ = read_results(tmp_path)

    assert record == RECORD
    assert known == [RESULT, replace(RESULT, sample=1, outcome="failed")]


def test_results_are_on_the_disk_before_the_next_one(tmp_path: Path) -> None:
    """A run that is killed has lost nothing that was added."""
    with Results.begin(tmp_path, RECORD) as results:
        results.add(RESULT)

        assert read_results(tmp_path)[1] == [RESULT]


def test_resumed_results_drop_the_line_that_was_cut(tmp_path: Path) -> None:
    """Killed in the middle of a line, a run goes on behind the last whole one."""
    with Results.begin(tmp_path, RECORD) as results:
        results.add(RESULT)
    with (tmp_path / RESULTS_FILE).open("ab") as file:
        file.write(b'{"problem": "a/2", "samp')

    with Results.resume(tmp_path, RECORD) as results:
        assert results.known == [RESULT]
        results.add(replace(RESULT, problem="a/2"))

    assert [result.problem for result in read_results(tmp_path)[1]] == ["a/1", "a/2"]


def test_resumed_results_of_other_conditions_are_refused(tmp_path: Path) -> None:
    """Two halves of a score are made alike; where the sandbox is another one, they are."""
    Results.begin(tmp_path, RECORD).__exit__()

    with pytest.raises(EvaluationError, match="another data_sha256"):
        Results.resume(tmp_path, replace(RECORD, conditions={"data_sha256": "xyz", "samples": 2}))
    Results.resume(tmp_path, replace(RECORD, circumstances={"sandbox": "unshare"})).__exit__()


def test_new_results_never_replace_older_ones(tmp_path: Path) -> None:
    """Hours of work are not overwritten."""
    Results.begin(tmp_path, RECORD).__exit__()

    with pytest.raises(EvaluationError, match="--resume"):
        Results.begin(tmp_path, RECORD)


def test_folder_without_results_says_so(tmp_path: Path) -> None:
    """The message names the file."""
    with pytest.raises(EvaluationError, match=RESULTS_FILE):
        read_results(tmp_path)
