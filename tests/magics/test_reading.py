"""Our lines, before IPython reads them."""

import pytest
from IPython.core.inputtransformer2 import TransformerManager

from jupyter_starcoder.magics.reading import ours_as_meant


def read(cell: str) -> str:
    """The Python that IPython makes of a cell."""
    manager = TransformerManager()  # type: ignore[no-untyped-call]
    manager.cleanup_transforms.append(ours_as_meant)
    return manager.transform_cell(cell)


def test_cell_magic_alone_has_a_body() -> None:
    """IPython refuses a cell magic with nothing below it."""
    assert read("%%starcoder plot it") == "get_ipython().run_cell_magic('starcoder', 'plot it', '\\n')\n"
    assert read("%%starcoder\nplot it?") == "get_ipython().run_cell_magic('starcoder', '', 'plot it?\\n')\n"


def test_question_is_asked_rather_than_looked_up() -> None:
    """IPython takes a question mark at the end for its own help."""
    assert read("# so\n%matplotlib inline\n%starcoder chat what is {x}?").splitlines()[2] == (
        "get_ipython().run_line_magic('starcoder', 'chat what is {x}?')"
    )
    assert "pinfo" not in read("%starcoder chat what is x?")


@pytest.mark.parametrize(
    "cell", ["text = '''\n%starcoder chat what is it?\n'''\n", "%%writefile x.py\n%starcoder chat what is it?\n"]
)
def test_lines_of_others_stay_as_they_are(cell: str) -> None:
    """A string and the body of another magic are somebody's data."""
    assert ours_as_meant(cell.splitlines(keepends=True)) == cell.splitlines(keepends=True)
