"""Requests in words."""

import pytest

from jupyter_starcoder.notebook.cursor import place_at
from jupyter_starcoder.notebook.request import request_at
from jupyter_starcoder.values.notebook import Cell, Cursor, Notebook

ASKED = Cell(kind="markdown", source="Plot the revenue by region.")


@pytest.mark.parametrize(
    ("prefix", "words"),
    [
        ("# plot the revenue by region\n", "plot the revenue by region"),
        ("x = 1\n# plot the revenue\n# by region\n", "plot the revenue\nby region"),
        ("def f():\n    # plot the revenue by region\n    ", "plot the revenue by region"),
        ("# plot the revenue by region\ndf.pl", "plot the revenue by region"),
        ("// plot the revenue by region\n", "plot the revenue by region"),
    ],
)
def test_request_is_the_comment_above_the_cursor(prefix: str, words: str) -> None:
    """It stays one while the line below it is typed."""
    request = request_at((), prefix, "")

    assert request is not None
    assert (request.words, request.cell) == (words, None)


@pytest.mark.parametrize(
    "prefix",
    [
        "# plot the revenue by region",  # still being typed
        "# plot the revenue by region\ndf.plot()\n",
        "# df['total sum here'] = rows of it\n",
        "# print(all of the rows)\n",
        "# noqa: all of these rules\n",
        "# setup\n",
        "x = 1\n",
        "",
    ],
)
def test_request_is_none_without_words_above_the_cursor(prefix: str) -> None:
    """Code that was switched off, a heading, and a comment that has its code already ask for nothing."""
    assert request_at((), prefix, "") is None


def test_request_is_the_markdown_cell_right_above() -> None:
    """Empty and raw cells do not come between; a code cell does."""
    between = (Cell(kind="raw", source="raw"), Cell(kind="code", source=" "))
    request = request_at((ASKED, *between), "df.pl", ")")

    assert request is not None
    assert (request.words, request.cell) == (ASKED.source, 0)
    assert request_at((ASKED, Cell(kind="code", source="x = 1")), "", "") is None
    assert request_at((Cell(kind="markdown", source="# Sales"),), "", "") is None
    assert request_at((ASKED,), "x = 1\ny", "") is None
    assert request_at((ASKED,), "", "\nprint(1)") is None


def test_place_in_a_code_cell_has_its_request() -> None:
    """In a Markdown cell nobody asks for code."""
    for kind, is_there in (("code", True), ("markdown", False)):
        cell = Cell(kind=kind, source="")  # type: ignore[arg-type]
        place = place_at(Notebook(cells=(ASKED, cell)), Cursor(cell=1, offset=0))
        assert (place.request is not None) is is_there
