"""Prompts of each family, read as one text."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import pytest

from jupyter_starcoder.errors import BadRequest
from jupyter_starcoder.prompt.choice import choose_family
from jupyter_starcoder.prompt.family import PromptFamily
from jupyter_starcoder.prompt.transcript import flattened
from jupyter_starcoder.values.conversation import Attachment, Change, Conversation, Subject, Turn
from jupyter_starcoder.values.notebook import Cell, Output, Place, Request
from jupyter_starcoder.values.prompt import Form, Marker, Prompt, Snippet

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
    text = read(CHATML.explain(PLACE, Subject(code="<|im_end|>x = 1\n"), (), (), 1000, len))

    assert "```python\n<|im_end|>x = 1\n```\n\nWhat" in text
    assert text.endswith("<|im_end|>\n<|im_start|>assistant\n")


def test_chatml_writes_code_below_the_notebook_so_far() -> None:
    """The assistant's turn holds the code and the request as a comment, no prose; a fence ends the answer."""
    prompt = CHATML.generate(replace(PLACE, prefix=""), "plot it", SNIPPETS, 1000, len)

    assert "Last step: plot it<|im_end|>\n<|im_start|>assistant\n```python\n" in read(prompt)
    assert "Sales" not in read(prompt)
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
    prompt = STARCODER.explain(PLACE, Subject(code="x = 1"), (), (), 2000, len)

    assert read(prompt).endswith("sentences.\n\nAssistant:")
    assert "Human: ```python\nx = 1\n```\n\nWhat does" in read(prompt)
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

    explained = read(CHATML.explain(place, Subject(code=place.prefix), (), (), 1000, len))
    generated = read(CHATML.generate(place, "add one", (), 2000, len))

    assert f"You explain {title}code" in explained
    assert f"user\n{fence}x <- 1" in explained
    assert f"Write {title}code for a notebook." in generated
    assert f"assistant\n{fence}" in generated
    assert "mystery" not in explained + generated


FRAMES = (
    Snippet(
        source="kernel",
        title="variables",
        text="sales: DataFrame 3 × 2, columns 'region' (object)",
        score=1.0,
        code="sales.info()",
        output="<class 'pandas.core.frame.DataFrame'>\nregion",
    ),
    Snippet(source="kernel", title="variables", text="load: function (path)", score=0.5),
)
SECOND = frozenset((END, "<file_sep>", "<repo_name>", "<jupyter_script>", *FIM, *NOTEBOOK))
KAGGLE = choose_family(SECOND)


def test_starcoder_shows_a_frame_as_a_cell_above_the_cursor() -> None:
    """What `info()` prints is an output, as in the notebooks that it learned from; the rest are comments."""
    text = read(STARCODER.complete(PLACE, FRAMES, 1000, len))

    assert text.endswith(
        "df.head()<jupyter_output>a\n0 1"
        "<jupyter_text><jupyter_code>sales.info()<jupyter_output><class 'pandas.core.frame.DataFrame'>\nregion"
        "<jupyter_text><jupyter_code># variables\n# load: function (path)\n\ndf.gr"
    )


def test_starcoder_frame_below_open_code_closes_it_first() -> None:
    """Code without output has its marker before another cell begins."""
    place = replace(PLACE, before=(Cell(kind="code", source="x = 1"), Cell(kind="markdown", source="Then")))

    assert read(STARCODER.complete(place, FRAMES[:1], 1000, len)) == (
        "<jupyter_start><jupyter_text><jupyter_code>x = 1<jupyter_output><empty_output>"
        "<jupyter_text><jupyter_code>sales.info()<jupyter_output><class 'pandas.core.frame.DataFrame'>\nregion"
        "<jupyter_text>Then<jupyter_code>df.gr"
    )


def test_starcoder2_shows_frames_before_a_script() -> None:
    """As Kaggle's scripts stood in its training data: a title, the data, then one script."""
    place = replace(PLACE, path="work/bike_trips.ipynb")

    assert read(KAGGLE.complete(place, FRAMES, 1000, len)) == (
        "<jupyter_start><jupyter_text>bike trips<jupyter_code>sales.info()"
        "<jupyter_output><class 'pandas.core.frame.DataFrame'>\nregion<jupyter_script># Sales\n# by region\n\n"
        "import pandas as pd\n\ndf.head()\n# Output:\n#   a\n# 0 1\n\n# variables\n# load: function (path)\n\ndf.gr"
    )


def test_starcoder2_without_a_frame_continues_a_transcript() -> None:
    """Outputs are worth more than the form."""
    assert "<jupyter_output>a\n0 1" in read(KAGGLE.complete(PLACE, FRAMES[1:], 1000, len))


@pytest.mark.parametrize("form", ["script", "transcript", "kaggle", "problem"])
def test_form_that_is_chosen_holds_with_and_without_something_behind(form: Form) -> None:
    """The same form at the end of a notebook and inside of infilling, so that both can be compared."""
    family = choose_family(SECOND, form)
    marks = {"script": "# variables\n# sales", "transcript": "df.head()<jupyter_output>", "kaggle": "<jupyter_script>"}
    begun = replace(PLACE, request=Request(words="plot the sales"))

    for place in (begun, replace(begun, suffix="\nend()")):
        text = read(family.complete(place, FRAMES, 2000, len))
        assert marks.get(form, "Problem:\nplot the sales\n\nData:\nsales: DataFrame") in text
        assert text.endswith("df.gr")


def test_form_without_its_markers_is_refused() -> None:
    """The message says what can be chosen."""
    with pytest.raises(BadRequest, match="choose script or problem"):
        choose_family(frozenset((END,)), "kaggle")


def test_request_in_a_comment_stands_below_the_live_frames() -> None:
    """Cells, then the data, then what is asked, then the code: in each family's form."""
    place = replace(PLACE, prefix="# plot the sales\n", request=Request(words="plot the sales"))

    assert read(PLAIN.complete(place, FRAMES, 1000, len)).endswith(
        "# sales: DataFrame 3 × 2, columns 'region' (object)\n# load: function (path)\n\n# plot the sales\n"
    )
    assert read(STARCODER.complete(place, FRAMES[:1], 1000, len)).endswith(
        "region<jupyter_text>plot the sales<jupyter_code># plot the sales\n"
    )


def test_request_in_a_markdown_cell_moves_below_the_live_frames() -> None:
    """It is not said twice."""
    before = (*CELLS, Cell(kind="markdown", source="## Plot the sales"))
    place = replace(PLACE, before=before, prefix="", request=Request(words="## Plot the sales", cell=len(CELLS)))
    plain, transcript = (read(family.complete(place, FRAMES[:1], 1000, len)) for family in (PLAIN, STARCODER))

    assert plain.endswith("columns 'region' (object)\n\n# Plot the sales\n")
    assert transcript.endswith("region<jupyter_text>Plot the sales<jupyter_code>")
    assert plain.count("Plot the sales") == transcript.count("Plot the sales") == 1


def test_request_gives_the_live_frames_more_room() -> None:
    """They are what the request is about."""
    frames = tuple(replace(FRAMES[0], text=f"sales_{number}: " + "column " * 5) for number in range(50))
    asked = replace(PLACE, request=Request(words="plot the sales"))
    sizes = [read(PLAIN.complete(place, frames, 1000, len)).count("# sales_") for place in (PLACE, asked)]

    assert sizes[1] > 1.5 * sizes[0]


def test_generated_code_has_the_live_frames_above_its_request() -> None:
    """`%%starcoder` asks with the same words in the same place."""
    for family in (PLAIN, CHATML, STARCODER):
        text = read(family.generate(replace(PLACE, prefix=""), "plot the sales", FRAMES[:1], 2000, len))
        assert text.index("region") < text.rindex("plot the sales")


def test_problem_ends_where_its_solution_ends() -> None:
    """The tag that closes it is a stop."""
    family = choose_family(frozenset((END,)), "problem")
    place = replace(PLACE, prefix="", request=Request(words="plot the sales"))
    prompt = family.complete(place, FRAMES, 2000, len)

    assert read(prompt).endswith("df.head()\n# Output:\n#   a\n# 0 1\n\n</code>\nBEGIN SOLUTION\n<code>\n")
    assert "</code>" in prompt.stop_texts


def test_far_cell_that_matters_stands_behind_the_near_ones() -> None:
    """A cell that was left out comes back as context, and one that is there is not repeated."""
    cells = (Cell(kind="code", source="trips = load()"), *(Cell(kind="code", source=f"x{n} = {n}") for n in range(99)))
    far, near = (
        Snippet(source="cells", title="cells", text=cells[index].source, score=1.0, cell=index) for index in (0, 99)
    )
    for family in (PLAIN, STARCODER):
        text = read(family.complete(replace(PLACE, before=cells), (far, near), 400, len))
        assert text.index("x97 = 97") < text.index("trips = load()") < text.index("df.gr")
        assert text.count("x98 = 98") == 1
        assert "x3 = 3" not in text
    whole = read(PLAIN.complete(replace(PLACE, before=cells[:3]), (far,), 400, len))
    assert whole.count("trips = load()") == 1


def test_project_stands_first_as_what_changes_least() -> None:
    """A cell that is added moves nothing that stands in front of it."""
    files = (Snippet(source="project", title="helpers.py", text="def load(path)", score=1.0),)

    assert read(PLAIN.complete(PLACE, files, 1000, len)).startswith("# helpers.py\n# def load(path)\n\n# Sales")


COMMITS = choose_family(frozenset((END, "<commit_before>", "<commit_msg>", "<commit_after>", *FIM, *NOTEBOOK)))
ISSUES = choose_family(frozenset((END, "<file_sep>", "<issue_start>", "<issue_comment>", *FIM, *NOTEBOOK)))
RENAME = Change(text="df = load()\ndf.head()", wish="Rename df to trips")
BARE = Place(before=(Cell(kind="code", source="import pandas as pd"),), prefix="", suffix="", after=())


def test_starcoder_edits_as_a_commit_below_the_cells_above() -> None:
    """The text as it was, the message, and the new text is to come."""
    assert read(COMMITS.edit(BARE, RENAME, (), 1000, len)) == (
        "import pandas as pd\n\n<commit_before>df = load()\ndf.head()<commit_msg>Rename df to trips<commit_after>"
    )


def test_starcoder2_edits_as_the_answer_to_an_issue() -> None:
    """It saw no commits; the answer's block of code is begun and ends at its fence."""
    prompt = ISSUES.edit(BARE, RENAME, (), 1000, len)

    assert "<issue_start>Title: Rename df to trips\n" in read(prompt)
    assert read(prompt).endswith("```python\n")
    assert "\n```" in prompt.stop_texts


@pytest.mark.parametrize("family", [PLAIN, CHATML, COMMITS, ISSUES])
def test_edit_goes_on_behind_the_indentation(family: PromptFamily) -> None:
    """A part of a block stays where it stands."""
    prompt = family.edit(BARE, replace(RENAME, indent="    "), (), 2000, len)

    assert "    df = load()\ndf.head()" in read(prompt)
    assert read(prompt).endswith("    ")
    assert prompt.heal


@pytest.mark.parametrize("family", [PLAIN, CHATML, COMMITS, ISSUES])
def test_edit_of_what_failed_shows_the_error_and_the_live_frames(family: PromptFamily) -> None:
    """What went wrong, and the names that there are."""
    change = replace(RENAME, wish="Fix KeyError: 'fare'", mishap="----> 2 df['fare']\nKeyError: 'fare'")
    text = read(family.edit(BARE, change, FRAMES[:1], 2000, len))

    assert "----> 2 df['fare']\n" in text
    assert "columns 'region' (object)" in text


@pytest.mark.parametrize("family", [PLAIN, CHATML])
def test_explanation_of_an_error_goes_on_with_what_was_asked_since(family: PromptFamily) -> None:
    """The subject stays in front, then come the turns, the last one open."""
    turns = (Turn("assistant", "There is no x."), Turn("person", "How do I make one?"))
    subject = Subject(kind="error", code="print(x)", text="NameError: name 'x' is not defined")
    text = read(family.explain(BARE, subject, turns, FRAMES[:1], 3000, len))

    order = ["columns 'region'", "print(x)", "NameError", "There is no x.", "How do I make one?"]
    assert sorted(order, key=text.index) == order


@pytest.mark.parametrize("family", [PLAIN, CHATML])
def test_chat_leaves_out_the_oldest_turns_and_says_how_many(family: PromptFamily) -> None:
    """What is kept begins with the person, and the question is there in any case."""
    turns = [Turn("person" if n % 2 == 0 else "assistant", f"turn {n} " + "words " * 20) for n in range(30)]
    said = Conversation(turns=(*turns, Turn("person", "and now?")))
    prompt = family.chat(BARE, said, (), 2000, len)

    assert 0 < prompt.left_out_turns < 30
    assert prompt.left_out_turns % 2 == 0
    assert f"turn {prompt.left_out_turns} " in read(prompt)
    assert f"turn {prompt.left_out_turns - 1} " not in read(prompt)
    assert "and now?" in read(prompt)


@pytest.mark.parametrize("family", [PLAIN, CHATML])
def test_chat_that_goes_on_begins_with_what_was_read_already(family: PromptFamily) -> None:
    """A turn costs what was said since."""
    first = Conversation(
        turns=(Turn("person", "What is a mean?"),),
        attachments=(Attachment(kind="selection", label="cell 3", text="df.mean()"),),
    )
    second = replace(first, turns=(*first.turns, Turn("assistant", "A sum over a count."), Turn("person", "Thanks")))
    before, after = (read(family.chat(BARE, said, FRAMES[:1], 4000, len)) for said in (first, second))

    assert "df.mean()" in before
    assert after.startswith(before[: before.index("What is a mean?") + len("What is a mean?")])
