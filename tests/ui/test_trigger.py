"""When code is suggested and when it is not, in a real browser with the fake model."""

import re
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import BrowserContext, expect

if TYPE_CHECKING:
    from tests.ui.conftest import Opener
    from tests.ui.server import Server
    from tests.ui.sheet import Sheet

pytestmark = pytest.mark.browser

# No front end of ipywidgets is needed: the kind of the output tells that it is one.
WIDGET = """import time
bundle = {"application/vnd.jupyter.widget-view+json": {"model_id": "m"}, "text/plain": "a widget"}
display(bundle, raw=True)
time.sleep(60)
"""
ONE_FRONTEND = pytest.mark.parametrize("frontend", ["lab"])


SNOOZES = "() => window.jupyterapp.commands.isEnabled('starcoder:snooze', { minutes: 0 })"


@pytest.fixture
def own_context(contexts: dict[str, BrowserContext], server: "Server") -> Iterator[None]:
    """Has a test open pages that share nothing with those of others, such as the clock."""
    shared = contexts.pop(server.url, None)
    yield
    if server.url in contexts:
        contexts.pop(server.url).close()
    if shared:
        contexts[server.url] = shared


def run(sheet: "Sheet", command: str, **args: object) -> None:
    """Executes a command, as the menu would."""
    sheet.page.evaluate("([id, args]) => window.jupyterapp.commands.execute(id, args)", [command, args])


def test_a_new_line_gets_a_suggestion(open_notebook: "Opener", server: "Server") -> None:
    """Behind a comment, and in the middle of a block, Enter is enough; in the middle of a word nothing is asked."""
    server.answer(
        {"ending": "# the sum\n", "answer": "total = sum(x)"},
        {"ending": "if a:\n    ", "answer": "return 1"},
        {"ending": "if a:\n", "answer": "    return 1"},  # where the editor is too slow to indent
    )
    sheet = open_notebook(server, "", "# the sum", "first = 1")
    sheet.page.keyboard.insert_text("if a:")
    sheet.press("Enter")
    expect(sheet.ghost).to_contain_text("return 1")
    sheet.press("Tab")
    sheet.expect_source("if a:\n    return 1")

    sheet.cell(1).locator(".cm-content").click()
    sheet.press("Control+End")
    sheet.press("Enter")
    sheet.expect_ghost("total = sum(x)")
    sheet.press("Tab")
    sheet.expect_source("# the sum\ntotal = sum(x)", 1)

    asked = len(sheet.asked)
    sheet.cell(2).locator(".cm-content").click()
    sheet.press("Home")
    sheet.type("my_")
    sheet.settle()
    assert len(sheet.asked) == asked


def test_suggestions_are_switched_off(open_notebook: "Opener", server: "Server") -> None:
    """Snoozed, off in the notebook, off in its language: each by its command, said in the status, and back again."""
    server.answer({"ending": "x = ", "answer": "42"})
    sheet = open_notebook(server)
    for off, on, said in (
        (("starcoder:snooze", {"minutes": 5}), ("starcoder:snooze", {"minutes": 0}), "snoozed until"),
        (("starcoder:toggle-notebook", {}), ("starcoder:toggle-notebook", {}), "no suggestions here"),
        (("starcoder:toggle-language", {}), ("starcoder:toggle-language", {}), "no suggestions in python"),
    ):
        run(sheet, off[0], **off[1])
        expect(sheet.status).to_contain_text(f"ready · {said}")
        sheet.type("x = ")
        sheet.settle(400)
        assert sheet.asked == []
        run(sheet, on[0], **on[1])
        expect(sheet.status).not_to_contain_text(said)
        sheet.press("Control+a")
        sheet.press("Backspace")
    metadata = "() => window.jupyterapp.shell.currentWidget.content.model.sharedModel.getMetadata('starcoder') ?? null"
    assert sheet.page.evaluate(metadata) is None
    run(sheet, "starcoder:toggle-notebook")
    assert sheet.page.evaluate(metadata) == {"suggestions": False}
    sheet.press("Alt+\\")
    why = sheet.page.locator(".jp-GhostText-errorIndicator")
    expect(why).to_have_attribute("title", re.compile("switched off in this notebook"))
    sheet.status.get_by_role("button").click()
    expect(sheet.page.get_by_role("dialog")).to_contain_text("Suggestions are switched off in this notebook")
    sheet.press("Escape")
    sheet.begin()
    run(sheet, "starcoder:toggle-notebook")
    sheet.type("x = ")
    sheet.expect_ghost("42")


@ONE_FRONTEND
@pytest.mark.usefixtures("own_context")
def test_a_snooze_ends_by_itself(open_notebook: "Opener", server: "Server") -> None:
    """After its minutes, and not before, suggestions come again."""
    server.answer({"ending": "x = ", "answer": "42"})
    sheet = open_notebook(server)
    sheet.page.clock.install()
    run(sheet, "starcoder:snooze", minutes=5)
    sheet.page.clock.fast_forward("04:00")
    assert sheet.page.evaluate(SNOOZES)
    sheet.type("x = ")
    sheet.settle(400)
    assert sheet.asked == []
    sheet.page.clock.fast_forward("01:00")
    sheet.page.wait_for_function(f"!({SNOOZES})()")
    sheet.press("Control+a")
    sheet.type("x = ")

    sheet.expect_ghost("42")


@ONE_FRONTEND
def test_a_cell_that_may_not_be_changed_gets_no_suggestion(fill_notebook: "Opener", server: "Server") -> None:
    """Not even to who asks for one: taking it would change the cell."""
    server.answer({"ending": "x = ", "answer": "42"})
    sheet = fill_notebook(server, {"source": "x = ", "metadata": {"editable": False}}, "x = ")
    sheet.press("Alt+\\")
    sheet.settle(400)
    assert sheet.asked == []
    sheet.cell(1).locator(".cm-content").click()
    sheet.press("Control+End")
    sheet.press("Alt+\\")
    sheet.expect_ghost("42")


@ONE_FRONTEND
def test_a_cell_that_runs_its_widget_gets_no_suggestion(open_notebook: "Opener", server: "Server") -> None:
    """Its keys are for the widget: nothing is asked for until the cell has ended."""
    server.answer({"ending": "", "answer": "42"})
    sheet = open_notebook(server, WIDGET)
    sheet.run()
    expect(sheet.cell().locator(".jp-OutputArea-output")).to_contain_text("a widget", timeout=30_000)
    sheet.begin()
    sheet.type("x = ")
    sheet.settle(400)
    assert sheet.asked == []
    run(sheet, "notebook:interrupt-kernel")
    expect(sheet.cell().locator(".jp-OutputArea-output")).to_contain_text(["a widget", "KeyboardInterrupt"])
    sheet.begin()
    sheet.type("1; y = ")
    sheet.expect_ghost("42")


@ONE_FRONTEND
def test_the_popup_of_completions_comes_first(open_notebook: "Opener", server: "Server") -> None:
    """While it is open nothing is asked for; Escape closes it alone, and the next key brings a suggestion."""
    server.answer({"ending": "", "answer": "42"})
    sheet = open_notebook(server, "import os\nos.pat")
    popup = sheet.page.locator(".jp-Completer:visible")
    deadline_s = time.monotonic() + 30
    while not popup.count() and time.monotonic() < deadline_s:  # the kernel may still be on its way
        sheet.press("Tab")
        sheet.settle(1500)
    expect(popup).to_be_visible()
    sheet.type("h")
    sheet.settle(400)
    assert sheet.asked == []
    if popup.count():
        sheet.press("Escape")
        expect(popup).to_have_count(0)
    sheet.cell().locator(".cm-content").click()
    sheet.press("Control+End")
    sheet.type("; x")
    sheet.expect_ghost("42")
