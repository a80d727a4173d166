"""What stands around a cursor."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_starcoder.errors import BadCursor
from jupyter_starcoder.notebook.cursor import OUTPUT_LIMIT_CHARS, place_at
from jupyter_starcoder.notebook.outputs import CUT
from jupyter_starcoder.values.notebook import Cell, Cursor, Notebook, Output

many = settings(max_examples=60)


sources = st.text(alphabet=st.sampled_from("ab\n 🎈\U0001f9d1é́"), max_size=12)


@many
@given(cells=st.lists(sources, min_size=1, max_size=5), data=st.data())
def test_place_offsets_count_code_points(cells: list[str], data: st.DataObject) -> None:
    """Prefix and suffix meet at the cursor, also with characters that JavaScript counts twice."""
    notebook = Notebook(
        cells=tuple(Cell(kind="code", source=source) for source in cells), language="julia", path="a.ipynb"
    )
    cell = data.draw(st.integers(0, len(cells) - 1))
    offset = data.draw(st.integers(0, len(cells[cell])))

    place = place_at(notebook, Cursor(cell=cell, offset=offset))

    assert len(place.prefix) == offset
    assert place.source == cells[cell]
    assert [c.source for c in (*place.before, *place.after)] == cells[:cell] + cells[cell + 1 :]
    assert (place.language, place.path) == ("julia", "a.ipynb")


@pytest.mark.parametrize(
    ("cell", "offset", "message"),
    [
        (2, 0, "cell 2 does not exist: the notebook has 2 cells, send 0 to 1"),
        (1, 4, "offset 4 lies outside cell 1: it has 3"),
    ],
)
def test_place_outside_is_refused_with_its_numbers(cell: int, offset: int, message: str) -> None:
    """The error says what was sent and what would do."""
    notebook = Notebook(cells=(Cell(kind="code", source=""), Cell(kind="markdown", source="a🎈b")))

    with pytest.raises(BadCursor, match=message):
        place_at(notebook, Cursor(cell=cell, offset=offset))


def test_place_in_an_empty_notebook_is_refused() -> None:
    """Without cells there is no cursor."""
    with pytest.raises(BadCursor, match="no cells"):
        place_at(Notebook(cells=()), Cursor(cell=0, offset=0))


def test_place_shortens_outputs_everywhere() -> None:
    """A cell that printed a megabyte costs no more than one that printed a page."""
    cell = Cell(kind="code", source="x", outputs=(Output(kind="stream", text="y" * 1_000_000),))
    place = place_at(Notebook(cells=(cell, cell, cell)), Cursor(cell=1, offset=0))

    for outputs in (place.outputs, place.before[0].outputs, place.after[0].outputs):
        assert [len(output.text) for output in outputs] == [OUTPUT_LIMIT_CHARS + len(CUT)]
