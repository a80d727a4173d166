"""The result of written code under a name."""

import pytest

from jupyter_starcoder.magics.binding import bound


@pytest.mark.parametrize(
    ("code", "named"),
    [
        ("a.sum()", "n = a.sum()"),
        ("x = 1\n(x\n .real)", "x = 1\nn = (x\n .real)"),
        ("'ü'; x + 1", "'ü'; n = x + 1"),
        ("x = 1\ntotal = x", "x = 1\ntotal = x\nn = total"),
        ("n = 1\n", "n = 1\n"),
        ("n = 1\nprint(n)", "n = 1\nprint(n)"),
        ("x = '\u2028'\nx * 2", "x = '\u2028'\nn = x * 2"),
        ("x = 1\nprint(x + 1)", "x = 1\nn = x + 1\nprint(n)"),
        ("x = 1; print(\n  x\n  + 1)\n", "x = 1; n = (x\n  + 1)\nprint(n)"),
        ("print(n for n in x)", "n = (n for n in x)\nprint(n)"),
        ("total: int = 1", "total: int = 1\nn = total"),
    ],
)
def test_last_value_gets_the_name(code: str, named: str) -> None:
    """Over several lines, behind a semicolon and signs of two bytes, of an assignment, and of what is printed."""
    assert bound(code, "n") == named


@pytest.mark.parametrize(
    "code",
    ["", "# nothing", "for x in y:\n    x", "x =", "%timeit x", "x.y = 1", "import os", "print(1, 2)", "print(*x)"],
)
def test_code_without_a_last_value_is_not_bound(code: str) -> None:
    """Nor what Python cannot read."""
    assert bound(code, "n") is None
