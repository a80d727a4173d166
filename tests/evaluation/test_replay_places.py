"""Places in a cell, and what a suggestion is worth there."""

import pytest

from jupyter_starcoder.evaluation.replay.places import KINDS, Spot, sampled, spots
from jupyter_starcoder.evaluation.replay.scoring import Score, first_line, scored

CELL = """\
late = sailings["delay_s"].max()
for line in late:
    print(line)  # of "all"
"""


def behind(source: str, kind: str) -> list[str]:
    """What stands before the cursor on its line, for each place of the kind."""
    return [source[: spot.offset].rpartition("\n")[2] for spot in spots(source) if spot.kind == kind]


def test_spots_of_a_cell_are_of_every_kind() -> None:
    """An empty cell, lines' starts and ends, and behind what begins a name."""
    assert behind(CELL, "cell") == [""]
    assert behind(CELL, "line") == ["", "    "]
    assert behind(CELL, "end") == ['late = sailings["delay_s"].max()', "for line in late:"]
    assert behind(CELL, "dot") == ['late = sailings["delay_s"].']
    assert behind(CELL, "bracket") == ["late = sailings[", "    print("]
    assert behind(CELL, "quote") == ['late = sailings["']
    assert {spot.kind for spot in spots(CELL)} == set(KINDS)


def test_spots_behind_names_are_behind_their_first_letter() -> None:
    """Keywords, short names, comments and words in strings are left out."""
    assert behind("for x in frame.columns:  # never\n    total('words') or 1", "name") == [
        "for x in f",
        "for x in frame.c",
        "    t",
    ]


@pytest.mark.parametrize("source", ["", "  \n", "x"])
def test_spots_have_something_behind_them(source: str) -> None:
    """There is nothing to complete in an empty cell; a cell of one letter has its beginning alone."""
    assert [spot.offset for spot in spots(source)] == ([0] if source.strip() else [])


def test_spots_count_code_points_and_survive_broken_code() -> None:
    """A quote that is never closed and a letter beyond ASCII are text like any other."""
    source = 'größe = "offen\nübrig.wert'

    assert Spot(source.index(".wert") + 1, "dot") in spots(source)


def test_spots_in_a_long_string_are_its_beginning_and_its_lines() -> None:
    """SQL in a string of several lines is not taken for Python."""
    source = 'read("""\nSELECT a.b\n""")'

    assert [(spot.kind, spot.offset) for spot in spots(source)] == [
        ("cell", 0),
        ("name", 1),
        ("bracket", 5),
        ("end", 8),
        ("quote", 8),
        ("line", 9),
        ("end", 19),
        ("line", 20),
    ]


def test_sampled_places_are_the_same_for_the_same_key() -> None:
    """And others for another one."""
    assert sampled(CELL, 3, "0/a/1") == sampled(CELL, 3, "0/a/1")
    assert len({tuple(sampled(CELL, 3, f"{seed}/a/1")) for seed in range(8)}) > 1


def test_sampled_places_are_of_as_many_kinds_as_there_are() -> None:
    """No kind comes twice before each came once, and a limit beyond all places takes them all."""
    assert {spot.kind for spot in sampled(CELL, len(KINDS), "any")} == set(KINDS)
    assert sampled(CELL, 100, "any") == spots(CELL)
    assert {spot.kind for spot in sampled(CELL, 100, "any", ("dot", "quote"))} == {"dot", "quote"}


@pytest.mark.parametrize(
    ("suggestion", "written", "expected"),
    [
        ("mean()", "mean()\nlate", Score(exact=True, matched=6, saved=5, saved_whole=5)),
        ("mean()\nmore", "mean()\nlate", Score(exact=True, matched=7, saved=6, saved_whole=2)),
        ("mean(axis=1)", "mean()", Score(exact=False, matched=5, saved=4, saved_whole=0)),
        ("", "mean()", Score(exact=False, matched=0, saved=0, saved_whole=0)),
        ("m", "mean()", Score(exact=False, matched=1, saved=0, saved_whole=0)),
        ("other", "mean()", Score(exact=False, matched=0, saved=0, saved_whole=0)),
        ("\n    x = 1", "\n    x = 1\ny", Score(exact=True, matched=10, saved=9, saved_whole=9)),
        ("x = 1", "\nx = 1", Score(exact=False, matched=0, saved=0, saved_whole=0)),
        ("mean()  \n", "mean()", Score(exact=True, matched=6, saved=5, saved_whole=5)),
    ],
)
def test_scored_suggestion_counts_what_is_right(suggestion: str, written: str, expected: Score) -> None:
    """From the cursor on, less one Tab; behind a line's end the next line is the line that is meant."""
    assert scored(suggestion, written) == expected


@pytest.mark.parametrize(("text", "line"), [("a\nb", "a"), ("\n\n  a \nb", "\n\n  a"), ("", ""), ("\n", "")])
def test_first_line_goes_to_the_end_of_the_first_with_text(text: str, line: str) -> None:
    """What stands behind the cursor on its line may be nothing."""
    assert first_line(text) == line
