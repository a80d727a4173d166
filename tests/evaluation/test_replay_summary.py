"""What a replay shows, out of lines that are known."""

from dataclasses import replace
from pathlib import Path

import pytest

from jupyter_starcoder.errors import EvaluationError
from jupyter_starcoder.evaluation.replay.conditions import CONDITIONS, conditions_of
from jupyter_starcoder.evaluation.replay.report import write_report
from jupyter_starcoder.evaluation.replay.results import Suggested
from jupyter_starcoder.evaluation.replay.summary import bootstrapped, gain, summarised
from jupyter_starcoder.evaluation.results import Record
from jupyter_starcoder.values.notebook import Cell, Notebook, Output
from jupyter_starcoder.values.settings import Settings

LINE = Suggested(
    notebook="ferries",
    cell=1,
    offset=0,
    kind="cell",
    condition="none",
    suggestion="x",
    written="x",
    exact=True,
    matched=4,
    saved=3,
    saved_whole=2,
    steered=False,
    prompt_tokens=10,
    new_tokens=2,
    answer_s=0.1,
)
NOTEBOOK = Notebook(
    cells=(Cell(kind="code", source="a = 1", outputs=(Output(kind="stream", text="1"),)), Cell(kind="code", source="a"))
)


def lines(condition: str, matched: list[int]) -> list[Suggested]:
    """A place a cell, with so many right characters."""
    return [
        replace(LINE, condition=condition, cell=cell, matched=count, exact=count > 4, suggestion="s" * count)
        for cell, count in enumerate(matched)
    ]


def test_summary_compares_a_condition_with_its_base_place_by_place() -> None:
    """Places that got better and worse are counted, and the differences have a mean."""
    summary = summarised([*lines("none", [2, 4, 6, 0]), *lines("cells", [2, 9, 3, 1])])

    found = summary.gains["cells"]
    assert (found.base, found.better, found.worse, found.changed) == ("none", 2, 1, 3)
    assert found.measures["matched"].value == pytest.approx(0.75)
    assert summary.conditions["none"].measures["exact"].value == 0.25
    assert summary.conditions["none"].shown == 0.75
    assert list(summary.conditions) == ["none", "cells"]


def test_summary_leaves_out_a_gain_without_its_base() -> None:
    """A condition that was asked alone is not compared."""
    assert summarised(lines("schema", [1])).gains == {}


def test_gain_counts_only_places_that_both_have() -> None:
    """A run that was cut short compares what it has."""
    base, other = lines("none", [1, 2]), lines("cells", [5])

    found = gain("none", {line.place[:3]: line for line in base}, {line.place[:3]: line for line in other})

    assert found.measures["matched"].value == 4.0


def test_interval_is_wider_where_places_of_a_cell_are_alike() -> None:
    """Ten places in two cells say less than ten places in ten cells."""
    values = [0.0] * 5 + [1.0] * 5

    together = bootstrapped([("a", number // 5) for number in range(10)], values)
    apart = bootstrapped([("a", number) for number in range(10)], values)

    assert together.value == apart.value == 0.5
    assert together.high - together.low > apart.high - apart.low


def test_interval_is_the_same_each_time_and_holds_the_mean() -> None:
    """The draws have a seed."""
    values = [1.0, 4.0, 2.0, 8.0]
    cells = [("a", number) for number in range(4)]

    first = bootstrapped(cells, values)

    assert first == bootstrapped(cells, values)
    assert first.low <= first.value <= first.high


def test_conditions_add_one_thing_to_one_that_stands_above() -> None:
    """The table can be read from top to bottom."""
    names = [condition.name for condition in CONDITIONS]

    assert len(set(names)) == len(names)
    for number, condition in enumerate(CONDITIONS):
        assert condition.base is None or condition.base in names[:number]


def test_conditions_switch_what_a_user_switches() -> None:
    """Cells and outputs by what the notebook holds, the rest by settings."""
    named = {condition.name: condition for condition in CONDITIONS}
    settings = Settings(model="any", models_dir=Path())

    assert [cell.source for cell in named["none"].notebook(NOTEBOOK).cells] == ["a"]
    assert named["cells"].notebook(NOTEBOOK).cells[0].outputs == ()
    assert named["outputs"].notebook(NOTEBOOK) == NOTEBOOK
    assert named["outputs"].settings(settings).kernel_context == "none"
    assert named["examples"].settings(settings).kernel_context == "schema+examples"
    assert not named["schema"].settings(settings).constrained_names
    assert named["names"].settings(settings).constrained_names
    assert named["names"].settings(settings).unknown_names == "allow"
    assert named["known"].settings(settings).unknown_names == "withhold"


def test_conditions_come_in_the_order_of_the_table() -> None:
    """All of them for no names; one that is not there is named."""
    assert conditions_of([]) == CONDITIONS
    assert [condition.name for condition in conditions_of(["schema", "none"])] == ["none", "schema"]
    with pytest.raises(EvaluationError, match=r"no condition weather: choose of none, cells"):
        conditions_of(["weather"])


def test_report_tells_conditions_kinds_and_notebooks(tmp_path: Path) -> None:
    """With plots, and with what the scores depend on."""
    summary = summarised([*lines("none", [2, 4]), *lines("cells", [2, 9])])

    text = write_report(tmp_path, Record(conditions={"seed": 7}, circumstances={}), summary).read_text()

    assert "| `cells` | + cells above | 50.0 (0.0 to 100.0) | 5.50 (2.00 to 9.00) |" in text
    assert "| `cells` | `none` | +50.00 " in text
    assert "| ferries | 2 |" in text
    assert "| seed | `7` |" in text
    assert {path.name for path in tmp_path.glob("*.png")} == {"conditions.png", "kinds.png"}
