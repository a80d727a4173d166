"""New cells for a request in words, in a real browser with the fake model."""

import time
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Locator, Route, expect

if TYPE_CHECKING:
    from tests.ui.conftest import Opener
    from tests.ui.server import Server
    from tests.ui.sheet import Sheet

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("frontend", ["lab"])]
BUTTON = "Write code for this text"
CODE = "total = sum(prices)"
LONG = "\n".join(f"x{n} = {n}" for n in range(200))
TEXTS = "window.jupyterapp.shell.currentWidget.context.model.sharedModel.cells.map(cell => cell.getSource())"
WORDS: dict[str, object] = {"cell_type": "markdown", "source": "Sum up the prices"}


def _draft(sheet: "Sheet") -> Locator:
    return sheet.page.get_by_role("region", name="New cell")


def _texts(sheet: "Sheet") -> list[str]:
    return [str(text) for text in sheet.page.evaluate(TEXTS)]


def _on_words(sheet: "Sheet") -> None:
    """Makes the Markdown cell, which is the second one, the active one."""
    sheet.page.locator(".jp-MarkdownCell").click()
    sheet.press("Escape")


def _let_go(sheet: "Sheet", held: list[Route]) -> None:
    """Sends the request on that was held, once it is there."""
    deadline_s = time.monotonic() + 20
    while not held and time.monotonic() < deadline_s:
        sheet.page.wait_for_timeout(20)
    held[0].continue_()


def test_a_markdown_cell_becomes_code_below_and_one_step_takes_it_away(
    fill_notebook: "Opener", server: "Server"
) -> None:
    """The button of a Markdown cell writes a code cell below it, which one step of undoing removes."""
    server.answer({"answer": CODE})
    sheet = fill_notebook(server, "prices = [1]", WORDS)
    _on_words(sheet)
    held: list[Route] = []
    sheet.page.route("**/starcoder/generate*", lambda route: held.append(route))
    sheet.page.locator(".jp-MarkdownCell").get_by_role("button", name=BUTTON).click()
    expect(_draft(sheet).get_by_role("button", name="Close")).to_be_focused()
    _let_go(sheet, held)

    expect(sheet.cell(1).locator(".cm-content")).to_be_focused()
    assert _texts(sheet) == ["prices = [1]", "Sum up the prices", CODE]
    expect(_draft(sheet)).to_have_count(0)
    sheet.press("Escape")
    sheet.press("z")
    expect(sheet.page.locator(".jp-Notebook .jp-Cell")).to_have_count(2)
    assert _texts(sheet) == ["prices = [1]", "Sum up the prices"]


def test_a_comment_becomes_code_by_its_shortcut(fill_notebook: "Opener", server: "Server") -> None:
    """A cell of comments alone is a request too."""
    server.answer({"answer": CODE})
    sheet = fill_notebook(server, "# Sum up the prices", "x = 1")
    sheet.press("Control+Alt+g")

    expect(sheet.cell(1).locator(".cm-content")).to_be_focused()
    assert _texts(sheet) == ["# Sum up the prices", CODE, "x = 1"]


def test_escape_leaves_no_cell_and_stop_asks(fill_notebook: "Opener", server: "Server") -> None:
    """Escape drops what was written; Stop keeps it in sight, and it becomes a cell if that is said."""
    server.answer({"answer": LONG, "delay_s": 0.02})
    sheet = fill_notebook(server, "# Many numbers")
    sheet.press("Control+Alt+g")
    expect(_draft(sheet)).to_contain_text("x1 = 1")
    sheet.press("Escape")
    expect(_draft(sheet)).to_have_count(0)
    assert _texts(sheet) == ["# Many numbers"]
    sheet.press("Control+Alt+g")
    expect(_draft(sheet)).to_contain_text("x1 = 1")
    _draft(sheet).get_by_role("button", name="Stop").press("Enter")
    expect(_draft(sheet).get_by_role("status")).to_have_text("Stopped")
    assert _texts(sheet) == ["# Many numbers"]
    _draft(sheet).get_by_role("button", name="Insert below").press("Enter")

    expect(sheet.cell(1).locator(".cm-content")).to_be_focused()
    assert _texts(sheet)[1].startswith("x0 = 0\nx1 = 1")


def test_who_types_in_another_cell_meanwhile_goes_on_there(fill_notebook: "Opener", server: "Server") -> None:
    """The new cell comes where it belongs and takes the keyboard only from who waits for it."""
    server.answer({"answer": CODE})
    sheet = fill_notebook(server, "# Sum up the prices", "y = ")
    held: list[Route] = []
    sheet.page.route("**/starcoder/generate*", lambda route: held.append(route))
    sheet.press("Control+Alt+g")
    expect(_draft(sheet)).to_contain_text("Writing…")
    sheet.cell(1).locator(".cm-content").click()
    sheet.press("Control+End")
    sheet.type("1")
    _let_go(sheet, held)
    expect(_draft(sheet)).to_have_count(0)
    sheet.type("2")

    assert _texts(sheet) == ["# Sum up the prices", CODE, "y = 12"]


def test_a_failure_leaves_no_cell(fill_notebook: "Opener", server: "Server") -> None:
    """An engine that dies on the way is said below the words, and can be asked again."""
    server.answer({"answer": CODE, "dies_after": 5})
    sheet = fill_notebook(server, "# Sum")
    sheet.press("Control+Alt+g")
    expect(_draft(sheet).get_by_role("alert")).to_have_text("the fake engine died, as its rule says")
    assert _texts(sheet) == ["# Sum"]
    server.answer({"answer": CODE})
    _draft(sheet).get_by_role("button", name="Try again").press("Enter")

    expect(sheet.cell(1).locator(".cm-content")).to_be_focused()
    assert _texts(sheet) == ["# Sum", CODE]


def test_an_answer_of_the_longest_length_becomes_a_cell_only_if_that_is_said(
    fill_notebook: "Opener", server: "Server"
) -> None:
    """What was cut stays in sight with a word about it, until somebody puts it in."""
    server.answer({"answer": LONG})
    sheet = fill_notebook(server, "# Many numbers")
    sheet.press("Control+Alt+g")
    expect(_draft(sheet).get_by_role("status")).to_have_text("Ended at the longest length of an answer")
    assert _texts(sheet) == ["# Many numbers"]
    _draft(sheet).get_by_role("button", name="Insert below").press("Enter")

    expect(sheet.cell(1).locator(".cm-content")).to_be_focused()
    assert _texts(sheet)[1].startswith("x0 = 0\nx1 = 1")


def test_generate_is_found_in_menu_and_palette(fill_notebook: "Opener", server: "Server") -> None:
    """Both write a cell below the words."""
    server.answer({"answer": CODE})
    sheet = fill_notebook(server, "# Sum up the prices")
    sheet.choose(BUTTON, sheet.cell().locator(".cm-content"))
    expect(sheet.cell(1).locator(".cm-content")).to_be_focused()
    sheet.begin()
    sheet.command(BUTTON)

    expect(sheet.cell(2)).to_have_count(1)
    assert _texts(sheet) == ["# Sum up the prices", CODE, CODE]
