"""Notebook files as values."""

import json
from pathlib import Path

import pytest

from jupyter_starcoder.errors import BadNotebook
from jupyter_starcoder.notebook.reading import read_notebook
from jupyter_starcoder.values.notebook import Cell, Notebook, Output


def written(tmp_path: Path, content: object) -> Path:
    """A notebook file with that JSON."""
    path = tmp_path / "a.ipynb"
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def test_read_notebook_has_cells_outputs_and_language(tmp_path: Path) -> None:
    """Streams, results and errors become plain text; pictures alone become nothing."""
    outputs = [
        {"output_type": "stream", "name": "stdout", "text": ["a\r", "b"]},
        {
            "output_type": "execute_result",
            "execution_count": 1,
            "metadata": {},
            "data": {"text/plain": "'🎈'", "text/html": "<b>"},
        },
        {"output_type": "display_data", "metadata": {}, "data": {"image/png": "aaaa"}},
        {"output_type": "error", "ename": "E", "evalue": "v", "traceback": ["\x1b[31mline\x1b[0m"]},
    ]
    code: dict[str, object] = {"execution_count": 1, "source": ["x = '🎈'\n", "x"], "outputs": outputs}
    cells: list[dict[str, object]] = [
        {"cell_type": "markdown", "id": "a", "metadata": {}, "source": "# Hi"},
        {"cell_type": "code", "id": "b", "metadata": {}, **code},
        {"cell_type": "raw", "id": "c", "metadata": {}, "source": "r"},
    ]
    metadata = {"language_info": {"name": "Python"}}
    path = written(tmp_path, {"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": cells})

    assert read_notebook(path) == Notebook(
        cells=(
            Cell(kind="markdown", source="# Hi"),
            Cell(
                kind="code",
                source="x = '🎈'\nx",
                outputs=(
                    Output(kind="stream", text="b"),
                    Output(kind="result", text="'🎈'"),
                    Output(kind="error", text="line\nE: v"),
                ),
                run=1,
            ),
            Cell(kind="raw", source="r"),
        ),
        language="python",
        path="a.ipynb",
    )


def test_read_notebook_of_format_3_is_brought_to_4(tmp_path: Path) -> None:
    """Old notebooks hold their cells in worksheets."""
    cell = {
        "cell_type": "code",
        "language": "python",
        "input": ["a\n", "b"],
        "outputs": [],
        "collapsed": False,
        "metadata": {},
    }
    content = {
        "nbformat": 3,
        "nbformat_minor": 0,
        "metadata": {"name": ""},
        "worksheets": [{"cells": [cell], "metadata": {}}],
    }

    assert read_notebook(written(tmp_path, content)).cells == (Cell(kind="code", source="a\nb"),)


def test_read_notebook_source_file_is_one_cell(tmp_path: Path) -> None:
    """A plain source file can be completed too."""
    path = tmp_path / "a.py"
    path.write_text("x = 1\n")

    assert read_notebook(path) == Notebook(cells=(Cell(kind="code", source="x = 1\n"),), path="a.py")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "is not JSON"),
        ("[]", "holds 'list', not a notebook"),
        ('{"nbformat": 9}', "holds 9, not a notebook"),
        (
            '{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [{"cell_type": "code"}]}',
            "no notebook|breaks",
        ),
        ('{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": 3}', "no notebook|breaks"),
        ('{"nbformat": 4, "nbformat_minor": 5, "metadata": {}}', "no notebook|breaks"),
    ],
)
def test_read_notebook_broken_file_is_named(tmp_path: Path, text: str, message: str) -> None:
    """The error names the file and what is wrong with it."""
    path = tmp_path / "a.ipynb"
    path.write_text(text)

    with pytest.raises(BadNotebook, match=message) as caught:
        read_notebook(path)
    assert "a.ipynb" in caught.value.message


def test_read_notebook_missing_or_binary_file_is_named(tmp_path: Path) -> None:
    """No file, and a file that is no text."""
    with pytest.raises(BadNotebook, match="check the path"):
        read_notebook(tmp_path / "none.ipynb")
    (tmp_path / "b.ipynb").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(BadNotebook, match="not UTF-8"):
        read_notebook(tmp_path / "b.ipynb")
