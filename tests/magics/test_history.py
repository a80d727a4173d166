"""What was executed in a session, as a notebook."""

import pytest

from jupyter_starcoder.errors import BadRequest
from jupyter_starcoder.magics.history import last_cell, session_notebook


def test_notebook_of_a_session_holds_what_was_executed_before() -> None:
    """The running cell, empty cells and our own magics are left out."""
    inputs = ["", "%load_ext jupyter_starcoder", "x = 1", "", "  %starcoder explain", "%%starcoder\nmore", "y = 2", "z"]

    found = session_notebook(inputs, execution_count=7)

    assert [cell.source for cell in found.cells] == ["x = 1", "y = 2"]
    assert last_cell(found) == 1


def test_last_cell_of_a_new_session_is_an_error_that_says_what_to_do() -> None:
    """There is nothing to explain before something ran."""
    with pytest.raises(BadRequest, match="run a cell first"):
        last_cell(session_notebook([""], execution_count=1))
