"""Suggestions that read what nobody defines."""

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_starcoder.names.defined import Definitions, defined, read
from jupyter_starcoder.names.unknown import KnownNames
from kernels_ctx.snapshot import KernelSnapshot

DEFINITIONS = Definitions(
    KernelSnapshot(language="python", variables=(), names=("df", "pd")), ["total = 1", "nobody(1)\nprint(nobody.x)"]
)


def shown(answer: str, prefix: str = "", suffix: str = "", size: int = 3) -> str:
    """What is left of an answer that comes in pieces."""
    stage = KnownNames(DEFINITIONS, prefix, suffix)
    text = "".join(stage.feed(answer[at : at + size]) for at in range(0, len(answer), size))
    return text + stage.close()


@pytest.mark.parametrize(
    ("prefix", "answer"),
    [
        ("", "x = total + 1\nprint(x)"),
        ("x = ", "df.groupby('a').sum()\nx.plot()"),
        ("", "for row in df.itertuples():\n    print(row)\nelse:\n    print(total)"),
        ("for row in df:\n    ", "print(row)\nprint(row)"),
        ("", "import numpy as np\nnp.mean(total)"),
        ("", "[a + b for a, b in zip(df, df)]"),
        ("", "f = lambda a: a + total"),
        ("", "def f(a, *b, c=1, **d):\n    return a, b, c, d"),
        ("", "with open('a') as file:\n    file.read()"),
        ("", "try:\n    total()\nexcept ValueError as error:\n    print(error)"),
        ("", "if (size := len(df)) > 3:\n    print(size)"),
        ("df.plot(\n", "    kind=total,\n    ax=pd,\n)\n"),
        ("my_own = 1\nprint(", "my_own)"),
        ("print(tot", "al)"),
        ("", "print(f'{total} {df.x}')"),
        ("", "from numpy import *\nmean(total)"),
        ("", "%timeit nobody(1)\nprint(total)"),
        ("", "x = 'nobody'  # nobody\nprint(x)"),
        ("", "match total:\n    case [first, *others]:\n        print(first, others)"),
        ("", "print(_, __name__, In, display, get_ipython)"),
        ("", "class A:\n    def f(self):\n        return self"),
        ("", "x = (nobody"),  # cut short: nobody knows what it would have been
        ("", "print(total)\nprint(tot"),
        ("", "await total\nyield_ = 1\nprint(yield_)"),
        ("", "@pd.cache\ndef f():\n    return total"),
    ],
)
def test_known_names_are_shown(prefix: str, answer: str) -> None:
    """Whatever binds a name in Python is understood, and what cannot be parsed is let through."""
    assert shown(answer, prefix) == answer


@pytest.mark.parametrize(
    ("prefix", "answer", "left"),
    [
        ("", "nobody", ""),
        ("", "x = nobody + 1\n", ""),
        ("x = ", "nobody(df)", ""),
        ("", "x = total\ny = nobody\nz = 1", "x = total"),
        ("", "x = total\n\n\n# then\ny = nobody", "x = total\n\n\n# then"),
        ("", "x = total\nfor a in df:\n    nobody(a)\nprint(x)", "x = total\nfor a in df:"),
        ("", "for a in df:\n    print(a)\n    nobody(a)", "for a in df:\n    print(a)"),
        ("", "x = df.plot(\n    nobody,\n    total,\n)\nprint(x)", "x = df.plot("),
        ("for a in df:\n    ", "print(a)\nnobody", "print(a)"),
        ("", "print(f'{nobody}')", "print("),
        ("", "x = [a for a in nobody]\n", "x = ["),
        ("", "nobody.x = 1\n", ""),
        ("", "nobody[0] = 1\n", ""),
        ("", "import numpy as np\nnumpy.mean(total)", "import numpy as np"),
        ("if total:\n    ", "print(1)\nelse:\n    nobody()", "print(1)\nelse:"),
        ("", "print(total, nobody, df)", "print(total,"),
        (
            "",
            "df.nobody(nobody=total, a='nobody')  # nobody\nprint(nobody)",
            "df.nobody(nobody=total, a='nobody')  # nobody\nprint(",
        ),
        ("x = f'", "{nobody} {total}'", ""),
        ("x = 'one: ", "{nobody}', nobody", "{nobody}',"),
        ('"""What\n', 'nobody knows."""\nnobody()', 'nobody knows."""'),
    ],
)
def test_unknown_names_are_withheld_with_all_that_follows(prefix: str, answer: str, left: str) -> None:
    """What is left ends in front of the first name that nobody is sure of, and not with an empty line."""
    assert shown(answer, prefix) == left


def test_unknown_name_in_the_middle_of_a_line_is_seen() -> None:
    """What stands behind the cursor makes the line whole."""
    assert shown("nobody", "print(", ")") == ""
    assert shown("total", "print(", ")") == "total"


@pytest.mark.parametrize(
    ("pieces", "given"),
    [
        (["x = to", "tal", ".head(", "na"], ["", "", "x = total.head(", ""]),
        (["for row in df", ":\n    row", "."], ["for row in", " df:", "\n    row."]),
        (["import numpy as np\nnp", ".mean"], ["import numpy as np", "\nnp."]),
        (["def f(a, b):", "\n    return a", "\n"], ["def f(", "", "a, b):\n    return a"]),
        (["a = [b", " for b in df]", "\n"], ["a = [", "", "b for b in df]"]),
        (["print('none of this is read", "')"], ["print('none of this is", " read')"]),
        (["# none of this is read", "\n"], ["# none of this is", " read"]),
        (["df.plot(kind=", "'bar', "], ["df.plot(", "kind='bar',"]),
    ],
)
def test_text_is_given_as_soon_as_its_names_are_known(pieces: list[str], given: list[str]) -> None:
    """Nobody waits for the end of a line without a reason."""
    stage = KnownNames(DEFINITIONS, "", "")

    assert [stage.feed(piece) for piece in pieces] == given


def test_stage_is_done_once_it_withheld_a_line() -> None:
    """The engine need not go on, and nothing comes at the end."""
    stage = KnownNames(DEFINITIONS, "", "")
    assert (stage.feed("x = nobody"), stage.done) == ("", False)
    assert (stage.feed("\ny = total"), stage.done) == ("", True)
    assert stage.close() == ""


LINES = st.sampled_from(
    [
        "x = total",
        "nobody()",
        "for a in df:",
        "    print(a)",
        "    nobody",
        "",
        "df(",
        ")",
        "# a",
        "@a",
        "df[a] = f'{b}'",
    ]
)


@given(lines=st.lists(LINES, max_size=8), size=st.integers(1, 50))
def test_pieces_never_change_the_result(lines: list[str], size: int) -> None:
    """The law of all text stages; and what is shown is the beginning of what came."""
    text = "\n".join(lines)

    assert shown(text, size=size) == shown(text, size=1000) == shown(text, size=1)
    assert text.startswith(shown(text, size=size))


@given(st.text("abx =\n()[]:.'\"#%@\\\t é*,", max_size=60))
def test_stage_takes_any_text(text: str) -> None:
    """Broken code is no error."""
    assert text.startswith(shown(text, prefix="for a in ["))


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("import a.b, c as d\nfrom e import f", {"a", "d", "f"}),
        ("%matplotlib inline\nx = 1", {"matplotlib", "inline", "x"}),
        ("files = !ls\nt = %timeit -o f()\ny = 1", {"files", "t", "y"}),
        ("%%time\nx = 1", {"time", "x"}),
        ("df.head?\nx = 1", {"df", "head", "x"}),
        ("def f(:\n    whole words", {"def", "f", "whole", "words"}),
    ],
)
def test_defined_reads_cells_with_magics(source: str, names: set[str]) -> None:
    """A cell is Python with IPython's signs in it."""
    assert defined(source) == names


def test_read_leaves_out_what_is_bound() -> None:
    """Attributes and keywords are no names."""
    assert read(ast.parse("x = a.b(c=d)\ne[x]")) == {"a", "d", "e"}


@pytest.mark.parametrize("source", ["from math import *", "%run other.ipynb", "%pylab inline", "%store -r x"])
def test_definitions_are_open_where_anything_may_be_defined(source: str) -> None:
    """Then nothing is withheld."""
    snapshot = KernelSnapshot(language="python", variables=(), names=("a",))

    assert Definitions(snapshot, ["x = 1", source]).lacking({"a", "nobody", "x"}) == set()
    assert Definitions(snapshot, ["x = 1"]).lacking({"a", "nobody", "x"}) == {"nobody"}


def test_definitions_of_a_kernel_that_could_not_tell_all_are_open() -> None:
    """A snapshot that was cut short, without the names of the rest, proves nothing."""
    assert Definitions(KernelSnapshot(language="python", variables=(), is_cut=True), []).lacking({"nobody"}) == set()
