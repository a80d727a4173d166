"""Completions from the model's words to the cell: `│` is the cursor."""

from typing import NamedTuple

import pytest

from jupyter_starcoder.stream.sequence import answer_stages, completion_stages
from jupyter_starcoder.stream.stage import Chain
from jupyter_starcoder.values.notebook import Cell, CellKind, Place
from jupyter_starcoder.values.prompt import Prompt, Text


class Case(NamedTuple):
    """A cell with its cursor, what the model says, and what is shown."""

    name: str
    cell: str
    answer: str
    shown: str


CASES = [
    Case("a word goes on", "df.he│", "ad()\n\nprint(df)", "ad()"),
    Case("auto-closed call", "print(│)", "x)\nprint(y)", "x"),
    Case("auto-closed call that stays open", "print(│)", "f(x", "f(x"),
    Case("a call inside an auto-closed call", "print(│)", "len(x))", "len(x)"),
    Case("outer bracket closed, inner one open", "f(g(│)", "x) + 1)", "x) + 1"),
    Case("auto-closed string", "df['│']", "cyclists'].sum()", "cyclists"),
    Case("open string and bracket", "df['│", "cyclists'].sum()\n", "cyclists'].sum()"),
    Case("string behind the cursor is another one", "x = df['│, y['a'])", "b'", "b'"),
    Case("docstring that is closed", 'def f():\n    """│"""', 'Adds.""" x', "Adds."),
    Case("bracket in a comment", "# see (│", "a) and b)", "a) and b)"),
    Case("bracket that nobody opened", "x = 1│", "0)\n", "0"),
    Case("bracket of another kind", "x = [1│", ", 2)", ", 2"),
    Case("rest of the line repeated", "x = a│ + b", " * 2 + b\ny", " * 2"),
    Case("rest of the line repeated at once", "x = │a + b", "a + b", ""),
    Case("rest repeated without its space", "x =│ a", " 2 * a", " 2 *"),
    Case("rest is part of a word", "im│port x", "port numpy", "port numpy"),
    Case("one line where text follows", "x = │  # comment", "1\ny = 2", "1"),
    Case("colon behind the cursor", "if x│:", " == y:\n    pass", " == y"),
    Case("line behind the cursor repeated", "a = 1\n│\nprint(a)", "b = 2\nprint(a)\nc", "b = 2"),
    Case("line behind the cursor repeated at once", "a = 1\n│\nprint(a)", "print(a)\n", ""),
    Case(
        "indented line behind the cursor repeated",
        "def f():\n    a = 1\n    │\n    return a",
        "b = 2\n    return a",
        "b = 2",
    ),
    Case("line begins as the one behind does", "a = 1\n│\nprint(a)", "print(a + 1)", "print(a + 1)"),
    Case("no indentation yet", "if a:\n│", "    return 1", "    return 1"),
    Case("indentation there", "if a:\n    │", "return 1", "return 1"),
    Case("indentation twice", "if a:\n    │", "    return 1", "return 1"),
    Case("indentation twice, two lines", "if a:\n    │", "    x = 1\n        y = 2", "x = 1\n    y = 2"),
    Case("indentation missing", "if a:\n│", "return 1", "    return 1"),
    Case("blank line first", "if a:\n    │", "\n    return 1", "return 1"),
    Case("too deep", "x = 1\n│", "    y = 2", "y = 2"),
    Case("leaves the block at once", "if a:\n    b()\n    │", "\nc()", ""),
    Case(
        "function body to its end",
        "def f(x):│",
        "\n    y = x\n\n    return y\n\nprint(f(1))",
        "\n    y = x\n\n    return y",
    ),
    Case(
        "function body from its first line",
        "def f(x):\n    │",
        "y = x\n    return y\nprint(f(1))",
        "y = x\n    return y",
    ),
    Case("branch goes on", "if a:\n    │", "b()\nelse:\n    c()\nd()", "b()\nelse:\n    c()"),
    Case("a name like else", "if a:\n    │", "b()\nelsewhere()", "b()"),
    Case("paragraph at top level", "x = 1\n│", "y = 2\nz = 3\n\nw = 4", "y = 2\nz = 3"),
    Case("call over several lines", "│", "f(\n    a,\n\n    b,\n)\n\ng()", "f(\n    a,\n\n    b,\n)"),
    Case("stop text", "x│", " = 1\n# Output:\n# 1", " = 1"),
    Case("stop text at once", "x\n│", "# Output:\n# 1", ""),
    Case("line repeated", "│", "plt.show()\nplt.show()\nplt.show()", "plt.show()"),
    Case("line above the cursor repeated", "import numpy as np\n│", "import numpy as np\n", ""),
    Case("passage repeated", "│", "a = f(1)\nb = f(2)\na = f(1)\nb = f(2)\nc", "a = f(1)\nb = f(2)"),
    Case("passage repeated and broken off", "│", "a = f(1)\nb = f(2)\na = f(1)\nb = f", "a = f(1)\nb = f(2)"),
    Case("passage from an indented cursor", "if x:\n    │", "f(10)\n    f(2)\n    f(10)\n    f(2)", "f(10)\n    f(2)"),
    Case(
        "line in two branches",
        "if x:│",
        "\n    f(1)\n    g()\nelse:\n    f(1)\n    h()",
        "\n    f(1)\n    g()\nelse:\n    f(1)\n    h()",
    ),
    Case(
        "rows with the same frame",
        "x = [│",
        "\n    {\n        1,\n    },\n    {\n        2,\n    },\n    {\n        3,",
        "\n    {\n        1,\n    },\n    {\n        2,\n    },\n    {\n        3,",
    ),
    Case("phrase repeated", "# │", "the cat and the cat and the cat and the cat and", "the cat and the cat and"),
    Case("row of numbers", "x = [│", "0, 0, 0, 0, 1]", "0, 0, 0, 0, 1]"),
    Case("emoji", "s = '🎈│'", "\U0001f9d1é'", "\U0001f9d1é"),
    Case("spaces at the end", "x = │", "1   \n\n", "1"),
    Case("nothing", "x = │", "", ""),
]


def shown(cell: str, answer: str, *, after: tuple[Cell, ...] = (), kind: CellKind = "code") -> str:
    """What a person sees, the answer coming in characters."""
    prefix, _, suffix = cell.partition("│")
    place = Place(before=(), prefix=prefix, suffix=suffix, after=after, kind=kind)
    prompt = Prompt(pieces=(Text("x"),), stop_markers=(), stop_texts=("# Output:",))
    chain = Chain(completion_stages(place, prompt))
    return "".join([*map(chain.feed, answer), chain.close()])


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_completion_realistic_case_is_shown_as_expected(case: Case) -> None:
    """The model's words come out as a person would want them at the cursor."""
    assert shown(case.cell, case.answer) == case.shown


def test_completion_next_cell_repeated_is_cut() -> None:
    """The first line of the next code cell is not suggested again."""
    after = (Cell(kind="markdown", source="x"), Cell(kind="code", source="\nprint(a)\n"))

    assert shown("a = 1│", "\nprint(a)", after=after) == ""


def test_completion_markdown_apostrophe_is_text() -> None:
    """In Markdown, brackets and apostrophes are ordinary text."""
    assert shown("It│", "'s fine :)", kind="markdown") == "'s fine :)"


def test_completion_end_of_block_stops_the_engine() -> None:
    """Once nothing can be added, the chain says so before the model ends."""
    chain = Chain(
        completion_stages(Place(before=(), prefix="x = ", suffix="", after=()), Prompt(pieces=(), stop_markers=()))
    )
    chain.feed("1\n\ny")

    assert chain.done


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("\n\n This adds.\n", "This adds."),
        ("    indented\n    code", "    indented\n    code"),
        ("x = 1\n```\nmore", "x = 1"),
        ("One.\nHuman: why?", "One."),
        ("- a b c d\n- e f g h\n- a b c d\n- e f g h\n- a b c d", "- a b c d\n- e f g h\n- a b c d\n- e f g h"),
    ],
)
def test_answer_is_trimmed_and_ended(answer: str, expected: str) -> None:
    """An answer loses blanks around it, what follows a stop text, and a list that goes round in circles."""
    chain = Chain(answer_stages(Prompt(pieces=(), stop_markers=(), stop_texts=("\n```", "\nHuman:"))))

    assert "".join([*map(chain.feed, answer), chain.close()]) == expected
