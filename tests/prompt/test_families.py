"""Prompts of each family, read as one text."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import pytest

from jupyter_starcoder.prompt.choice import choose_family
from jupyter_starcoder.prompt.family import PromptFamily
from jupyter_starcoder.prompt.transcript import flattened
from jupyter_starcoder.values.notebook import Cell, Output, Place
from jupyter_starcoder.values.prompt import Marker, Prompt, Snippet

NOTEBOOK = ("<jupyter_start>", "<jupyter_text>", "<jupyter_code>", "<jupyter_output>", "<empty_output>")
FIM = ("<fim_prefix>", "<fim_suffix>", "<fim_middle>")
END = "<|endoftext|>"
PLAIN = choose_family(frozenset((END,)))
CHATML = choose_family(frozenset((END, "<|im_start|>", "<|im_end|>", *NOTEBOOK)))
STARCODER = choose_family(frozenset((END, "<filename>", *FIM, *NOTEBOOK)))
STARCODER2 = choose_family(frozenset((END, "<file_sep>", "<repo_name>", *FIM, *NOTEBOOK)))
SANTACODER = choose_family(frozenset((END, "<fim-prefix>", "<fim-suffix>", "<fim-middle>")))

CELLS = (
    Cell(kind="markdown", source="# Sales\nby region"),
    Cell(kind="code", source="import pandas as pd"),
    Cell(kind="raw", source="raw"),
    Cell(kind="code", source="df.head()\n", outputs=(Output(kind="result", text="  a\n0 1"),)),
    Cell(kind="code", source="  \n"),
)
PLACE = Place(before=CELLS, prefix="df.gr", suffix="", after=())
SNIPPETS = (Snippet(source="kernel", title="Variables", text="df: DataFrame"),)


def read(prompt: Prompt) -> str:
    """A prompt as one text."""
    return "".join(piece.spelling if isinstance(piece, Marker) else piece.text for piece in prompt.pieces)


@pytest.mark.parametrize(
    ("markers", "name"),
    [
        ((), "plain"),
        (("<|im_start|>", "<|im_end|>", *NOTEBOOK), "chatml"),
        (FIM, "starcoder"),
        ((*FIM, "<|im_start|>", "<|im_end|>"), "starcoder"),
        (("<fim-prefix>", "<fim-suffix>", "<fim-middle>"), "starcoder"),
        (("<fim_prefix>", "<fim_suffix>"), "plain"),
    ],
)
def test_choice_goes_by_the_markers(markers: Sequence[str], name: str) -> None:
    """Infilling is the best there is, then a conversation, then plain text; the family needs only what is there."""
    family = choose_family(frozenset(markers))

    assert family.name == name
    assert family.markers <= set(markers)


def test_plain_is_a_script_up_to_the_cursor() -> None:
    """Markdown, outputs and context are comments; empty and raw cells are left out."""
    prompt = PLAIN.complete(replace(PLACE, suffix=" + 1"), SNIPPETS, 1000, len)

    assert read(prompt) == (
        "# Sales\n# by region\n\nimport pandas as pd\n\ndf.head()\n# Output:\n#   a\n# 0 1\n\n"
        "# Variables\n# df: DataFrame\n\ndf.gr"
    )
    assert prompt.heal
    assert prompt.stop_texts == ("# Output:", "\n```", "\n#\n")
    assert prompt.stop_markers == (END,)
    assert [(section.name, section.tokens > 0) for section in prompt.sections] == [
        ("cells", True),
        ("kernel", True),
        ("cell", True),
    ]


def test_plain_markdown_cell_is_a_comment_of_one_line() -> None:
    """In a Markdown cell the answer is the rest of the line."""
    prompt = PLAIN.complete(replace(PLACE, kind="markdown", prefix="We see\nthat ", before=()), (), 100, len)

    assert read(prompt) == "# We see\n# that"
    assert prompt.stop_texts == ("\n",)


def test_plain_comments_fit_the_language() -> None:
    """A JavaScript notebook is commented as JavaScript."""
    assert "// Sales\n// by region" in read(PLAIN.complete(replace(PLACE, language="javascript"), (), 1000, len))


def test_chatml_completes_as_plain() -> None:
    """A conversation is for questions; code is continued."""
    assert read(CHATML.complete(PLACE, SNIPPETS, 1000, len)) == read(PLAIN.complete(PLACE, SNIPPETS, 1000, len))


def test_chatml_explains_in_a_conversation() -> None:
    """The code stands in the user's turn, and the assistant's turn is open."""
    text = read(CHATML.explain(replace(PLACE, prefix="<|im_end|>x = 1\n"), (), 1000, len))

    assert "```python\n<|im_end|>x = 1\n```\n\nWhat" in text
    assert text.endswith("<|im_end|>\n<|im_start|>assistant\n")


def test_chatml_writes_code_below_the_notebook_so_far() -> None:
    """The assistant's turn holds the cells and the request as a comment; the answer ends with the code block."""
    prompt = CHATML.generate(replace(PLACE, prefix=""), "plot it", SNIPPETS, 1000, len)

    assert "Last step: plot it<|im_end|>\n<|im_start|>assistant\n```python\n# Sales\n" in read(prompt)
    assert read(prompt).endswith("df: DataFrame\n\n# plot it\n")
    assert "```" in prompt.stop_texts


def test_starcoder_at_the_end_continues_a_transcript() -> None:
    """Triplets of text, code and output; code cells in a row are one until an output closes them."""
    prompt = STARCODER.complete(PLACE, SNIPPETS, 1000, len)

    assert read(prompt) == (
        "<jupyter_start><jupyter_text>Sales by region<jupyter_code>import pandas as pd\ndf.head()"
        "<jupyter_output>a\n0 1<jupyter_text><jupyter_code># Variables\n# df: DataFrame\n\ndf.gr"
    )
    assert {"<jupyter_output>", "<jupyter_text>", "<jupyter_code>", END} <= set(prompt.stop_markers)
    assert prompt.heal


def test_starcoder_code_without_output_has_its_marker() -> None:
    """Text after code without output: the empty output is said."""
    before = (Cell(kind="code", source="x = 1"), Cell(kind="markdown", source="Then <b>plot</b>"))

    assert read(STARCODER.complete(replace(PLACE, before=before), (), 1000, len)) == (
        "<jupyter_start><jupyter_text><jupyter_code>x = 1<jupyter_output><empty_output>"
        "<jupyter_text>Then plot<jupyter_code>df.gr"
    )


def test_starcoder2_keeps_the_lines_of_markdown() -> None:
    """Its notebooks kept Markdown as it was."""
    assert "<jupyter_text># Sales\nby region<jupyter_code>" in read(STARCODER2.complete(PLACE, (), 1000, len))


@pytest.mark.parametrize("after", [(), (Cell(kind="code", source="print(df)"),)])
def test_starcoder_fills_in_where_something_follows(after: tuple[Cell, ...]) -> None:
    """What follows stands first; the file's name belongs to the text in front of the cursor, which stands last."""
    place = replace(PLACE, suffix="" if after else "\nend()", after=after, path="dir/sales.ipynb")
    behind = "\n\nprint(df)\n\n" if after else "\nend()"
    prompt = STARCODER.complete(place, (), 1000, len)

    assert read(prompt) == (
        f"<fim_prefix><fim_suffix>{behind}<fim_middle><filename>sales.py\n# Sales\n# by region\n\n"
        "import pandas as pd\n\ndf.head()\n# Output:\n#   a\n# 0 1\n\ndf.gr"
    )
    assert prompt.heal
    assert prompt.stop_texts == ("# Output:",)


def test_starcoder2_fills_in_behind_the_marker_of_a_file() -> None:
    """Its documents begin with it, and have no marker for a name."""
    text = read(STARCODER2.complete(replace(PLACE, suffix="\nend()"), (), 1000, len))

    assert text.startswith("<file_sep><fim_prefix><fim_suffix>\nend()<fim_middle># Sales\n")


def test_santacoder_fills_in_with_what_follows_behind() -> None:
    """Its markers have hyphens, it never saw a file name, and only this order is known of it."""
    prompt = SANTACODER.complete(replace(PLACE, suffix=" + 1"), (), 1000, len)

    assert read(prompt).startswith("<fim-prefix># Sales")
    assert read(prompt).endswith("df.gr<fim-suffix> + 1<fim-middle>")
    assert not prompt.heal


@pytest.mark.parametrize("closed", [")", "')", '"]', "", " )"])
def test_starcoder_takes_a_bracket_that_the_editor_closed_for_nothing(closed: str) -> None:
    """It comes and goes with keystrokes: the end of a notebook stays one, and what stands in front of a prompt too."""
    following = replace(PLACE, suffix=f"{closed}\nend()")

    assert read(STARCODER.complete(replace(PLACE, suffix=closed), (), 1000, len)).startswith("<jupyter_start>")
    assert "<fim_suffix>\nend()<fim_middle>" in read(STARCODER.complete(following, (), 1000, len))


@pytest.mark.parametrize("family", [STARCODER, STARCODER2])
def test_infilling_prompts_a_keystroke_apart_share_all_but_their_end(family: PromptFamily) -> None:
    """Whatever follows the cursor, the engine finds all in its cache but what was typed."""
    below = (Cell(kind="code", source="print(df)\n" * 50),)
    place = replace(PLACE, before=CELLS * 100, suffix="\nend()", after=below)
    typed = "total = df.groupby('region')['sum'].max()"

    prompts = [
        read(family.complete(replace(place, prefix=typed[:size], suffix=closed), SNIPPETS, 2000, len))
        for size, closed in ((size, ")" * (size % 2) + place.suffix) for size in range(1, len(typed)))
    ]

    assert all(new.startswith(old) for old, new in pairwise(prompts))


def test_santacoder_without_notebooks_continues_a_script() -> None:
    """No notebook markers: the script form."""
    assert read(SANTACODER.complete(PLACE, (), 1000, len)) == read(PLAIN.complete(PLACE, (), 1000, len))


def test_starcoder_explains_in_a_dialogue() -> None:
    """The answer follows the assistant's name without a space, and ends where a person would speak."""
    prompt = STARCODER.explain(replace(PLACE, prefix="x = 1"), (), 2000, len)

    assert read(prompt).endswith("```\nx = 1\n```\n\nAssistant:")
    assert "\nHuman:" in prompt.stop_texts


def test_starcoder_writes_code_below_the_request() -> None:
    """The request is the text of a cell."""
    text = read(STARCODER.generate(replace(PLACE, prefix=""), "# Plot it\nin red", (), 1000, len))

    assert text.endswith("<jupyter_text>Plot it in red<jupyter_code>")


def test_plain_writes_code_below_a_comment() -> None:
    """The request is a comment of as many lines."""
    assert read(PLAIN.generate(replace(PLACE, prefix=""), "Plot it\nin red", (), 1000, len)).endswith(
        "# Plot it\n# in red\n"
    )


def test_flattened_markdown_is_one_line() -> None:
    """Tags, line ends and `#` go, as they went in the training data."""
    assert flattened("## A <img src='x'>\n\nb #1\n") == "A b 1"


def test_prompt_of_nothing_has_a_token() -> None:
    """An empty notebook still gives the engine something to start from."""
    empty = Place(before=(), prefix="", suffix="", after=())

    for family in (PLAIN, CHATML, STARCODER, SANTACODER):
        assert read(family.complete(empty, (), 100, len))


@pytest.mark.parametrize(
    ("prefix", "stops"),
    [
        ("total = ", ("\n```", "\n#\n")),
        ("", ("\n```", "```", "\n#\n", "#\n")),
        ("if total:\n    ", ("\n```", "```", "\n#\n", "#\n")),
        ('text = """\n```\n', ("\n#\n", "#\n")),
        ("#\n# Totals\n", ("\n```", "```")),
    ],
)
def test_plain_code_ends_where_markdown_begins(prefix: str, stops: tuple[str, ...]) -> None:
    """A fence that nobody opened and a comment without words end it, unless the text has such things of its own."""
    prompt = PLAIN.complete(replace(PLACE, prefix=prefix), (), 1000, len)

    assert prompt.stop_texts == ("# Output:", *stops)


def test_plain_empty_notebook_begins_as_a_script() -> None:
    """A model that is given nothing answers with prose."""
    empty = Place(before=(), prefix="", suffix="", after=())

    assert read(PLAIN.complete(empty, (), 1000, len)) == "#!/usr/bin/env python\n# coding: utf-8\n\n"
    assert read(PLAIN.complete(replace(empty, language="r"), (), 1000, len)) == "\n"
    assert read(PLAIN.complete(empty, (), 5, len)) == "\n"


@pytest.mark.parametrize(("language", "title", "fence"), [("r", "R ", "```r\n"), ("mystery\x1b[0m", "", "```\n")])
def test_chatml_names_the_notebooks_language(language: str, title: str, fence: str) -> None:
    """An R notebook is not asked for Python; a name that may be anything is left out."""
    place = replace(PLACE, before=(), prefix="x <- 1", language=language)

    explained = read(CHATML.explain(place, (), 1000, len))
    generated = read(CHATML.generate(place, "add one", (), 2000, len))

    assert f"You explain {title}code" in explained
    assert f"user\n{fence}x <- 1" in explained
    assert f"Write {title}code for a notebook." in generated
    assert f"assistant\n{fence}" in generated
    assert "mystery" not in explained + generated
