"""Cells that matter at a cursor, and those that do not."""

import pytest

from jupyter_starcoder.context.cells import definitions, relevant_cells
from jupyter_starcoder.values.notebook import Cell, Place


def place(*above: str, prefix: str = "") -> Place:
    """A cursor below these code cells."""
    cells = tuple(Cell(kind="code", source=source) for source in above)
    return Place(before=cells, prefix=prefix, suffix="", after=())


FILLER = ("1 + 1",) * 10


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("x = 1", {"x"}),
        ("a, b = f()", {"a", "b"}),
        ("x: int = 1", {"x"}),
        ("x == 1", set()),
        ("f(x=1)", set()),
        ("def load(path):\n    rows = 1", {"load", "rows"}),
        ("async def go(): ...", {"go"}),
        ("class Trip:\n    pass", {"Trip"}),
        ("import numpy as np, os.path", {"np", "os"}),
        ("from a.b import (c as d, e)", {"d", "e"}),
        ("for bridge, rows in groups:\n    pass", {"bridge", "rows"}),
        ("trips <- read.csv('x')", {"trips"}),
        ("%matplotlib inline\n!ls", set()),
    ],
)
def test_definitions_are_what_a_cell_binds(source: str, names: set[str]) -> None:
    """Assignments, definitions, imports and loops, in whatever else stands there."""
    assert definitions(source) == names


def test_relevant_cells_define_what_is_named_at_the_cursor() -> None:
    """A cell far above that says what a name is, and none that has nothing to do with it."""
    (found,) = relevant_cells(place("trips = load()", "other = 1", *FILLER, prefix="trips."))

    assert (found.cell, found.text) == (0, "trips = load()")


def test_relevant_cells_the_last_definition_is_what_holds() -> None:
    """A name that is defined again further down is not looked up further up."""
    (found,) = relevant_cells(place("df = 1", "df = 2", *FILLER, prefix="df."))

    assert found.cell == 1


def test_relevant_cells_stand_in_order_and_the_nearest_name_counts_most() -> None:
    """Scores choose, the notebook's order stays."""
    found = relevant_cells(place("far = 1", "near = 2", *FILLER, "far + 1", prefix="near."))

    assert [snippet.cell for snippet in found] == [0, 1]
    assert found[1].score > found[0].score


def test_relevant_cells_of_equals_the_last_executed_is_better() -> None:
    """What ran last is what is worked with."""
    cells = (Cell(kind="code", source="a = 1", run=7), Cell(kind="code", source="b = 2", run=3))
    first, second = relevant_cells(Place(before=cells, prefix="a + b ", suffix="", after=()))

    assert first.score > second.score


def test_relevant_cells_stay_while_a_word_is_typed() -> None:
    """Only a finished word can change the choice."""
    above = ("trip = 1", "trips = 2", *FILLER)
    typed = [relevant_cells(place(*above, prefix=f"y = {'trips'[:size]}")) for size in range(6)]

    assert all(found == typed[0] for found in typed)


def test_relevant_cells_survive_a_cell_of_a_megabyte() -> None:
    """It is looked at as far as its beginning."""
    huge = "x = 1\n" * 180_000

    assert [snippet.cell for snippet in relevant_cells(place(huge, *FILLER, prefix="x + "))] == [0]
