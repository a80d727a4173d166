"""A model's Markdown, for a front end that trusts what it is shown."""

import pytest

from jupyter_starcoder.magics.markdown import fenced, harmless, visible


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "![x](https://example.com/x.png)",
        "[x](javascript:alert(1))",
        "see https://example.com/?x, WWW.example.com and me@example.com",
        "[x]: https://example.com\n![][x]",
        "> <b>",
        "| a | b |\n|---|---|\n| `a | <img src=x onerror=alert(1)>` |",
        "$\\href{javascript:alert(1)}{x}$ \\(x\\)",
        "` <b>\n`",
        "```\ncode\n```\n<script>",
        "```\ncode\n    ```\n<b>",
        "~~~\n```\n~~~\n<b>",
        "<details>\n\n```\ncode\n```",
        "- a\n\n      <b>\n",
    ],
)
def test_nothing_active_is_left_outside_code(text: str) -> None:
    """No tag but ours, no link, no image, no formula."""
    lines, outside, ticks = harmless(text).split("\n"), [], ""
    for line in lines:
        if ticks:
            ticks = "" if line == ticks else ticks
        elif line.startswith("```"):
            ticks = line
        else:
            outside.append(line)
    rest = "\n".join(outside)
    for tag in ("<code>", "</code>", "<span>", "</span>"):
        rest = rest.replace(tag, "")
    assert not ticks
    assert not set(rest) & set("<>[]$\\`@")
    assert "://" not in rest
    assert "www." not in rest.lower()


def test_code_is_kept_letter_by_letter() -> None:
    """A block is written anew, with more ticks than it holds, and without the indentation of a list."""
    text = "- so:\n  ```python\n  x = '<b>' # ```\n    y\n  ```\nand"

    assert harmless(text) == "- so:\n\n````python\nx = '<b>' # ```\n  y\n````\n\nand"
    assert fenced("a", "mermaid") == "```\na\n```"


def test_code_that_has_no_end_yet_is_a_block() -> None:
    """An answer is drawn while it comes."""
    assert harmless("so\n```py\nx = [1]") == "so\n\n```py\nx = [1]\n```\n"


def test_words_keep_headings_lists_emphasis_and_code() -> None:
    """What is only text stays as Markdown."""
    assert harmless("# A\n\n1. *b* and **c**: `x`") == "# A\n\n1. *b* and **c**: <code>x</code>"
    assert harmless("`a_b`") == "<code>a&#95;b</code>"


def test_text_commands_no_terminal() -> None:
    """Colours, titles and bells are left out."""
    assert visible("a\x1b]0;title\x07b\x9bc\n\td\r") == "a]0;titlebc\n\td"
