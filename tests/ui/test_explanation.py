"""Explanations of a cell, in a real browser with the fake model."""

import json
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from tests.ui.conftest import Opener
    from tests.ui.server import Server
    from tests.ui.sheet import Sheet

pytestmark = pytest.mark.browser
ONLY_IN_LAB = pytest.mark.parametrize("frontend", ["lab"])
EXPLAIN = "Explain this cell"
ANSWER = """This **adds** two numbers.

```python
x = 1 + 1
```

- `x` is *two*
"""
DOCUMENT = "window.jupyterapp.shell.currentWidget.context.model.sharedModel.toJSON().cells"
# No word of it comes again: an answer that goes round in circles would be ended.
WORDS = " ".join(f"word {n}" for n in range(100))
HOSTILE = """Before <script>window.ranByModel = 1</script>
<img src="http://127.0.0.1:9/leak?secret" alt="a picture" onerror="window.ranByModel = 2">
<b style="background-image: url(http://127.0.0.1:9/leak)">bold</b>
![text](http://127.0.0.1:9/leak2)
<button data-commandlinker-command="notebook:insert-cell-below">Show more</button>
[a link](javascript:window.ranByModel=3) **after**
"""


def _explain(sheet: "Sheet") -> None:
    sheet.press("Control+Alt+e")


def test_explanation_is_rendered_under_the_cell(fill_notebook: "Opener", server: "Server") -> None:
    """The answer is rendered as Markdown under the cell, and the notebook's document stays as it was."""
    server.answer({"answer": ANSWER})
    sheet = fill_notebook(server, "x = 1 + 1", "y = 2")
    before = sheet.page.evaluate(DOCUMENT)
    _explain(sheet)

    expect(sheet.cell().get_by_role("region", name="Explanation of the cell")).to_have_attribute("data-state", "done")
    expect(sheet.explanation.locator("strong")).to_have_text("adds")
    expect(sheet.explanation.locator("pre code")).to_have_text("x = 1 + 1\n")
    expect(sheet.explanation.locator("li code")).to_have_text("x")
    expect(sheet.explanation.get_by_role("button", name="Stop")).to_be_hidden()
    assert sheet.page.evaluate(DOCUMENT) == before


@ONLY_IN_LAB
def test_an_explanation_at_the_lower_edge_stays_in_view(fill_notebook: "Opener", server: "Server") -> None:
    """An answer that grows below a cell at the lower edge of the page scrolls into view as it comes."""
    server.answer({"answer": "\n\n".join(f"Step {n}." for n in range(9)), "delay_s": 0.002})
    sheet = fill_notebook(server, "x = 1\n" * 25, "y = 2")
    _explain(sheet)

    expect(sheet.explanation).to_have_attribute("data-state", "done")
    expect(sheet.explanation.get_by_text("Step 8.")).to_be_in_viewport()


@pytest.mark.parametrize("place", ["cell toolbar", "notebook toolbar", "context menu", "palette"])
def test_explanation_is_asked_for_from_every_place(fill_notebook: "Opener", server: "Server", place: str) -> None:
    """The command is found in all the places where one looks for it."""
    server.answer({"answer": "**Here.**"})
    sheet = fill_notebook(server, "x = 1")
    if place == "cell toolbar":
        sheet.cell().get_by_role("button", name=EXPLAIN).click()
    elif place == "notebook toolbar":
        sheet.page.locator('.jp-NotebookPanel-toolbar [data-jp-item-name="starcoder-explain"] jp-button').click()
    elif place == "context menu":
        sheet.choose(EXPLAIN, sheet.cell().locator(".cm-content"))
    else:
        sheet.command(EXPLAIN)

    expect(sheet.explanation.locator("strong")).to_have_text("Here.")
    sheet.explanation.get_by_role("button", name="Close").click()
    expect(sheet.explanation).to_have_count(0)


@ONLY_IN_LAB
def test_nothing_that_a_model_writes_runs_or_is_fetched(fill_notebook: "Opener", server: "Server") -> None:
    """Scripts, handlers and script links of an answer do not run, and no address in it is asked for."""
    server.answer({"answer": HOSTILE})
    sheet = fill_notebook(server, "x = 1")
    fetched: list[str] = []
    sheet.page.on("request", lambda request: fetched.append(request.url))
    _explain(sheet)

    expect(sheet.explanation.locator("strong")).to_have_text("after")
    assert sheet.page.evaluate("window.ranByModel") is None
    assert [url for url in fetched if "leak" in url] == []
    expect(sheet.explanation.locator("img, script, [onerror]")).to_have_count(0)
    expect(sheet.explanation.locator('a[href^="javascript"]')).to_have_count(0)
    sheet.explanation.get_by_text("Show more").click()
    expect(sheet.page.locator(".jp-Dialog")).to_have_count(0)
    expect(sheet.page.locator(".jp-Notebook .jp-CodeCell")).to_have_count(1)


@ONLY_IN_LAB
def test_stop_stops_and_keeps_what_came(fill_notebook: "Opener", server: "Server") -> None:
    """Stop ends the answer, keeps its text, and leaves the keyboard on a button; nothing moves for who wants that."""
    server.answer({"answer": WORDS, "delay_s": 0.02})
    sheet = fill_notebook(server, "x = 1")
    _explain(sheet)
    expect(sheet.explanation).to_contain_text("word 1")
    assert (
        sheet.page.evaluate("document.getAnimations().filter(a => a.animationName?.includes('Starcoder')).length") == 0
    )
    stop = sheet.explanation.get_by_role("button", name="Stop")
    stop.focus()
    sheet.press("Enter")

    expect(sheet.explanation).to_have_attribute("data-state", "stopped")
    expect(sheet.explanation.get_by_role("status")).to_have_text("Stopped")
    expect(stop).to_be_hidden()
    expect(sheet.explanation.get_by_role("button", name="Close")).to_be_focused()
    sheet.expect_broken_off("starcoder/explain")
    expect(sheet.explanation).to_contain_text("word 1")
    sheet.press("Enter")
    expect(sheet.explanation).to_have_count(0)


@ONLY_IN_LAB
def test_an_error_is_shown_in_place(fill_notebook: "Opener", server: "Server") -> None:
    """An engine that dies in the middle leaves the text so far and says what happened."""
    server.answer({"answer": "some words", "dies_after": 5})
    sheet = fill_notebook(server, "x = 1")
    _explain(sheet)

    expect(sheet.explanation.get_by_role("alert")).to_have_text("the fake engine died, as its rule says")
    expect(sheet.explanation).to_contain_text("some")


@ONLY_IN_LAB
def test_a_second_question_starts_anew(fill_notebook: "Opener", server: "Server") -> None:
    """Asking again, while an answer is written, replaces it in the same panel."""
    server.answer({"answer": WORDS, "delay_s": 0.02})
    sheet = fill_notebook(server, "x = 1")
    _explain(sheet)
    expect(sheet.explanation).to_contain_text("word 1")
    server.answer({"answer": "**second**"})
    _explain(sheet)

    expect(sheet.explanation.locator("strong")).to_have_text("second")
    expect(sheet.explanation).not_to_contain_text("word 1")
    expect(sheet.explanation).to_have_count(1)


@ONLY_IN_LAB
def test_a_question_about_the_explanation_is_answered_in_place(fill_notebook: "Opener", server: "Server") -> None:
    """A further question goes with what was said so far, and its answer stands below it."""
    server.answer({"answer": "**Adds.**"})
    sheet = fill_notebook(server, "x = 1 + 1")
    _explain(sheet)
    expect(sheet.explanation.locator("strong")).to_have_text("Adds.")
    server.answer({"answer": "*Since one is a number.*"})
    sheet.explanation.get_by_role("textbox", name="Ask about this explanation").focus()
    sheet.type("Why?")
    with sheet.page.expect_request("**/starcoder/explain*") as asked:
        sheet.press("Enter")

    expect(sheet.explanation.locator("em")).to_have_text("Since one is a number.")
    expect(sheet.explanation.locator("strong")).to_have_text("Adds.")
    expect(sheet.explanation.locator(".jp-Starcoder-question")).to_have_text("Why?")
    assert json.loads(asked.value.post_data or "null")["turns"] == [
        {"speaker": "assistant", "text": "**Adds.**"},
        {"speaker": "person", "text": "Why?"},
    ]
    sheet.press("Escape")
    expect(sheet.explanation).to_have_count(0)


@ONLY_IN_LAB
def test_a_selection_and_an_output_are_explained(fill_notebook: "Opener", server: "Server") -> None:
    """What is selected is explained rather than the cell, and an output from its context menu."""
    server.answer({"answer": "**Here.**"})
    output: dict[str, object] = {"output_type": "stream", "name": "stdout", "text": "\x1b[31mred\x1b[0m 2\n"}
    sheet = fill_notebook(server, {"source": "x = 1\nprint(2)", "outputs": [output]})
    sheet.press("Shift+Home")
    with sheet.page.expect_request("**/starcoder/explain*") as asked:
        _explain(sheet)
    body = json.loads(asked.value.post_data or "null")
    assert (body["subject"], body["text"]) == ("selection", "print(2)")
    expect(sheet.explanation.locator("strong")).to_have_text("Here.")
    with sheet.page.expect_request("**/starcoder/explain*") as asked:
        sheet.choose("Explain this output", sheet.cell().locator(".jp-OutputArea-output"))

    body = json.loads(asked.value.post_data or "null")
    assert (body["subject"], body["text"]) == ("output", "red 2\n")
    expect(sheet.explanation).to_contain_text("Explanation of the output")


@ONLY_IN_LAB
def test_turns_without_room_are_marked(fill_notebook: "Opener", server: "Server") -> None:
    """A line stands between what the last answer knows of and what had no room in its prompt."""
    server.answer({"answer": "**First.**"})
    sheet = fill_notebook(server, "x = 1")
    _explain(sheet)
    expect(sheet.explanation.locator("strong")).to_have_text("First.")
    mark = sheet.explanation.locator(".jp-Starcoder-leftOut")
    question = sheet.explanation.get_by_role("textbox", name="Ask about this explanation")
    server.answer({"answer": "*Second.*"})
    question.fill("Why? " * 150)
    question.press("Enter")
    expect(sheet.explanation.locator("em")).to_have_text("Second.")
    expect(mark).to_have_count(0)
    question.fill("And how? " * 90)
    question.press("Enter")

    expect(sheet.explanation.locator("em")).to_have_count(2)
    expect(mark).to_contain_text("had no room")
    assert mark.evaluate("node => node.previousElementSibling.textContent").startswith(("First.", "Why?"))
