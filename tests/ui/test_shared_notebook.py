"""Two browsers on one notebook: the chat beside it, new cells, what a kernel writes, and what the notebook keeps."""

import re
import secrets
import time
from typing import TYPE_CHECKING, cast

import pytest
from playwright.sync_api import expect

from tests.ui.server import KEPT, Server
from tests.ui.sheet import IS_THERE, Sheet
from tests.ui.test_chat import ANSWER, OPEN_CHAT, PATH, WORDS, Chat
from tests.ui.test_generate import LONG
from tests.ui.test_trigger import WIDGET

if TYPE_CHECKING:
    from tests.ui.conftest import PageOf, Pair

pytestmark = pytest.mark.browser
TEXTS = """() => window.jupyterapp.shell.currentWidget.content.widgets
  .map(({ model }) => model.sharedModel.getSource())"""
# The text of every cell that comes from now on, as it is when it comes.
RECORD_CELLS = """() => {
  const { cells } = window.jupyterapp.shell.currentWidget.content.model;
  cells.changed.disconnect(window.noteCells);
  window.came = [];
  window.noteCells = (_, { type, newValues }) =>
    window.came.push(...newValues.map(({ sharedModel }) => `${type} ${sharedModel.getSource()}`));
  cells.changed.connect(window.noteCells);
}"""
TOGGLE = "window.jupyterapp.commands.execute('starcoder:toggle-notebook')"
IS_ON = "window.jupyterapp.commands.isToggled('starcoder:toggle-notebook')"
UNDO = "window.jupyterapp.commands.execute('notebook:undo-cell-action')"
RENAME = "name => window.jupyterapp.shell.currentWidget.context.rename(name)"


def _chats(*sheets: Sheet) -> list[Chat]:
    """The chat of each page, opened at a new conversation."""
    chats = [Chat(sheet) for sheet in sheets]
    for chat in chats:
        chat.page.evaluate(OPEN_CHAT)
        chat.button("New").press("Enter")
        expect(chat.title).to_have_text("New conversation")
        expect(chat.question).to_be_focused()
    return chats


def _expect_cells(sheet: Sheet, *texts: str) -> None:
    """Waits until the notebook has exactly these cells."""
    deadline_s = time.monotonic() + 20
    while sheet.page.evaluate(TEXTS) != list(texts) and time.monotonic() < deadline_s:
        sheet.page.wait_for_timeout(50)
    assert sheet.page.evaluate(TEXTS) == list(texts)


def _came(sheet: Sheet) -> list[str]:
    return cast("list[str]", sheet.page.evaluate("window.came"))


def test_jupyterlab_and_notebook_7_hold_one_notebook(page_of: "PageOf", shared_server: Server) -> None:
    """What is taken, accepted, written and inserted in Notebook 7 comes to JupyterLab."""
    shared_server.write("two-kinds.ipynb", "y = 0", {"cell_type": "markdown", "source": "Sum up"})
    lab, nb7 = (Sheet(page_of(shared_server), shared_server) for _ in range(2))
    for sheet, frontend in ((lab, "lab"), (nb7, "notebook")):
        sheet.visit(frontend, "two-kinds.ipynb", "two-kinds")
        sheet.page.wait_for_function(IS_THERE)
    nb7.begin()
    shared_server.answer({"ending": "\nx = ", "answer": "[1, 2]"})
    nb7.press("Enter")
    nb7.type("x = ")
    nb7.expect_ghost("[1, 2]")
    lab.expect_source("y = 0\nx = ")
    nb7.press("Tab")
    lab.expect_source("y = 0\nx = [1, 2]")

    shared_server.answer({"ending": "", "answer": "y = 10\nx = [1, 2]"})
    nb7.press("Control+k")
    nb7.page.keyboard.type("ten")
    nb7.press("Enter")
    expect(nb7.page.get_by_role("group", name="Edit of the cell")).to_have_attribute("data-state", "deciding")
    assert lab.source() == "y = 0\nx = [1, 2]"
    nb7.press("Enter")
    lab.expect_source("y = 10\nx = [1, 2]")

    shared_server.answer({"ending": "", "answer": ANSWER})
    nb7.page.locator(".jp-MarkdownCell").click()
    nb7.press("Escape")
    nb7.press("Control+Alt+g")
    expect(nb7.page.locator(".jp-Notebook .jp-Cell")).to_have_count(3)
    (chat,) = _chats(nb7)
    chat.ask("How?")
    chat.answers.get_by_role("group", name="Code 1").get_by_role("button", name="Insert below").press("Enter")
    _expect_cells(lab, "y = 10\nx = [1, 2]", "Sum up", nb7.source(2), "total = a + b")


def test_what_is_said_in_one_page_is_found_in_the_other(pair: "Pair") -> None:
    """An answer that streams in one page shows nothing in the other, which finds it, and can go on, when it looks."""
    sheets = pair("x = 1")
    ada, bob = _chats(*sheets)
    server = ada.sheet.server
    server.answer({"ending": "", "answer": WORDS, "delay_s": 0.1})
    ada.ask("First, by Ada?")
    expect(ada.answers).to_contain_text("word 1")
    expect(bob.title).to_have_text("New conversation")
    expect(bob.questions).to_have_count(0)
    bob.button("New").focus()
    bob.list.select_option(label="First, by Ada?")
    expect(bob.panel.get_by_text("another page may be waiting for it")).to_be_visible()
    ada.button("Stop").click()
    ada.expect_ended("stopped")
    _await_answer(ada)
    bob.question.focus()
    bob.expect_ended("stopped")
    expect(bob.answers).to_contain_text("word 1")

    server.answer({"ending": "", "answer": "**yes**"})
    ada.ask("Second, by Ada?")
    ada.expect_ended(count=2)
    bob.ask("Third, by Bob?")
    said = ["First, by Ada?", "Second, by Ada?", "Third, by Bob?"]
    expect(bob.questions).to_have_text(said)
    ada.button("New").focus()
    expect(ada.questions).to_have_text(said)
    expect(ada.answers).to_contain_text(["word 1", "yes", "yes"])


def _await_answer(chat: Chat) -> None:
    """Waits until the server has written the only answer of a conversation down, which it does once it is over."""
    name, deadline_s = chat.list.input_value(), time.monotonic() + 20
    while not chat.sheet.server.reply(f"chats/{name}")["exchanges"][0]["reply"] and time.monotonic() < deadline_s:
        chat.page.wait_for_timeout(50)


def test_code_of_an_answer_comes_once_to_both(pair: "Pair") -> None:
    """A new cell, and text over a selection, come to the other page whole and once; each undo takes back one."""
    sheets = pair("x = 1", "z = 3")
    ada, bob = sheets
    (chat,) = _chats(ada)
    ada.server.answer({"ending": "", "answer": ANSWER})
    chat.ask("How?")
    chat.expect_ended()
    bob.page.evaluate(RECORD_CELLS)
    code = chat.answers.get_by_role("group", name="Code 1")
    code.get_by_role("button", name="Insert below").press("Enter")
    _expect_cells(bob, "x = 1", "total = a + b", "z = 3")
    ada.begin()
    ada.press("Control+Shift+ArrowLeft")
    code.get_by_role("button", name="Replace selection").press("Enter")
    for sheet in sheets:
        _expect_cells(sheet, "x = total = a + b", "total = a + b", "z = 3")
    assert _came(bob) == ["add total = a + b"]

    ada.begin()
    ada.press("Control+z")
    _expect_cells(bob, "x = 1", "total = a + b", "z = 3")
    ada.page.evaluate(UNDO)
    for sheet in sheets:
        _expect_cells(sheet, "x = 1", "z = 3")


def test_conversations_of_a_shared_notebook_are_filed_under_its_path(pair: "Pair") -> None:
    """The path is that of the file, before and after one page renames it, and the other page goes on there."""
    sheets = pair("x = 1")
    ada, bob = _chats(*sheets)
    server = ada.sheet.server
    old = str(ada.page.evaluate(PATH))
    new = f"{KEPT}{secrets.token_hex(4)}.ipynb"
    server.answer({"ending": "", "answer": "**yes**"})
    ada.ask("Before, by Ada?")
    ada.expect_ended()
    assert (server.home / "root" / old).is_file()
    assert _paths(ada.sheet)["Before, by Ada?"] == old
    with bob.page.expect_response(lambda reply: reply.request.method == "PATCH" and "starcoder/chats" in reply.url):
        ada.page.evaluate(RENAME, new)
    for chat in (ada, bob):
        chat.page.wait_for_function(f"path => {PATH} === path", arg=new)
    bob.ask("After, by Bob?")
    bob.expect_ended()
    ada.ask("After, by Ada?")
    ada.expect_ended(count=2)

    assert (server.home / "root" / new).is_file()
    assert _paths(ada.sheet)["Before, by Ada?"] == _paths(ada.sheet)["After, by Bob?"] == new
    assert old not in _paths(ada.sheet).values()


def _paths(sheet: Sheet) -> dict[str, str]:
    """By title: the notebook that each conversation is filed under."""
    return {chat["title"]: chat["path"] for chat in sheet.server.reply("chats")["chats"]}


def test_a_written_cell_comes_to_the_other_once_it_is_put_in(pair: "Pair") -> None:
    """While it is written the other page has no part of it and may insert cells; one undo takes it back from both."""
    ada, bob = sheets = pair("# Many numbers", "z = 3")
    ada.server.answer({"answer": LONG, "delay_s": 0.1})
    bob.page.evaluate(RECORD_CELLS)
    ada.press("Control+Alt+g")
    draft = ada.page.get_by_role("region", name="New cell")
    expect(draft).to_contain_text("x1 = 1")
    bob.page.evaluate("window.jupyterapp.commands.execute('notebook:insert-cell-above')")
    _expect_cells(ada, "", "# Many numbers", "z = 3")
    expect(bob.page.get_by_role("region", name="New cell")).to_have_count(0)
    draft.get_by_role("button", name="Stop").press("Enter")
    draft.get_by_role("button", name="Insert below").press("Enter")

    expect(ada.cell(2).locator(".cm-content")).to_be_focused()
    code = ada.source(2)
    assert code.startswith("x0 = 0\nx1 = 1")
    for sheet in sheets:
        _expect_cells(sheet, "", "# Many numbers", code, "z = 3")
    assert _came(bob) == ["add ", f"add {code}"]
    ada.page.evaluate(UNDO)
    for sheet in sheets:
        _expect_cells(sheet, "", "# Many numbers", "z = 3")


def test_a_magic_writes_one_next_cell_for_both(pair: "Pair") -> None:
    """Whoever runs it, the next cell and what is shown come to both pages, once."""
    ada, bob = sheets = pair("%load_ext jupyter_starcoder", "%%starcoder --into low\nsort the prices", "z = 3")
    before = [sheet.source(index) for sheet in sheets[:1] for index in range(2)]
    ada.server.answer({"ending": "", "answer": "sorted(prices)"})
    ada.run()
    expect(bob.cell().locator(".jp-InputPrompt")).to_have_text(re.compile(r"\[\d+\]:"))
    for sheet in sheets:
        sheet.page.evaluate(RECORD_CELLS)
    for number, sheet in enumerate(sheets, 1):
        sheet.cell(1).locator(".cm-content").click()
        sheet.run()
        written = ["low = sorted(prices)"] * number
        for each in sheets:
            _expect_cells(each, *before, *written, "z = 3")
            expect(each.cell(1).locator(".jp-OutputArea-output")).to_have_text(["sorted(prices)"])

    for sheet in sheets:
        assert _came(sheet) == ["add low = sorted(prices)"] * 2


def test_a_cell_that_one_runs_is_busy_for_the_other(pair: "Pair") -> None:
    """A widget that runs for one takes the keys of the other, too; in another cell code is suggested meanwhile."""
    ada, bob = pair(WIDGET, "")
    ada.server.answer({"ending": "", "answer": "42"})
    ada.run()
    expect(bob.cell().locator(".jp-OutputArea-output")).to_contain_text("a widget")
    expect(bob.cell().locator(".jp-InputPrompt")).to_have_text("[*]:")
    bob.begin()
    bob.type("x = ")
    bob.settle()
    assert bob.asked == []
    bob.cell(1).locator(".cm-content").click()
    bob.type("y = ")

    bob.expect_ghost("42")
    ada.page.evaluate("window.jupyterapp.commands.execute('notebook:interrupt-kernel')")
    expect(bob.cell().locator(".jp-OutputArea-output")).to_contain_text(["a widget", "KeyboardInterrupt"])


def test_suggestions_that_one_switches_off_are_off_for_both(pair: "Pair") -> None:
    """The notebook says so to both pages: what is suggested goes, nothing is asked for, until either says otherwise."""
    ada, bob = pair("", "")
    ada.server.answer({"ending": "x = ", "answer": "42 + 1"})
    bob.type("x = ")
    bob.expect_ghost("42 + 1")
    ada.page.evaluate(TOGGLE)
    expect(bob.ghost).to_have_count(0)
    assert bob.page.evaluate(IS_ON) is False
    asked = len(bob.asked)
    bob.cell(1).locator(".cm-content").click()
    bob.type("x = ")
    bob.settle()
    assert len(bob.asked) == asked

    bob.page.evaluate(TOGGLE)
    ada.page.wait_for_function(IS_ON)
    ada.expect_source("x = ", 1)
    ada.begin()
    ada.type("\nx = ")
    ada.expect_ghost("42 + 1")
