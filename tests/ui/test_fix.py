"""Buttons at the output of a cell that failed, in a real browser."""

import json
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Locator, Route, expect

if TYPE_CHECKING:
    from tests.ui.conftest import Opener, Server, Sheet

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("frontend", ["lab"])]
ERROR = {
    "output_type": "error",
    "ename": "NameError",
    "evalue": "name 'y' is not defined",
    "traceback": ["\x1b[31mNameError\x1b[39m: name 'y' is not defined"],
}
FAILED: dict[str, object] = {"source": "x = y", "outputs": [ERROR], "execution_count": 1}


def _strip(sheet: "Sheet") -> Locator:
    return sheet.page.get_by_role("group", name="Error of the cell")


def _answer(sheet: "Sheet", endpoint: str, text: str) -> list[dict[str, object]]:
    asked: list[dict[str, object]] = []

    def handle(route: Route) -> None:
        asked.append(json.loads(route.request.post_data or "null"))
        events = [{"type": "text", "text": text}, {"type": "done", "finish": "stop", "model": "fake", "timings": {}}]
        route.fulfill(body="".join(json.dumps(event) + "\n" for event in events))

    sheet.page.route(f"**/starcoder/{endpoint}*", handle)
    return asked


def test_a_saved_error_is_fixed_after_a_look(open_notebook: "Opener", server: "Server") -> None:
    """Fix sends the error without colours, shows the change, runs nothing, and Enter accepts it."""
    sheet = open_notebook(server, FAILED)
    asked = _answer(sheet, "fix", "y = 1\nx = y")
    _strip(sheet).get_by_role("button", name="Fix").press("Enter")
    bar = sheet.page.get_by_role("group", name="Edit of the cell")
    expect(bar.get_by_role("status")).to_contain_text("1 change.")

    assert asked[0]["mishap"] == {
        "name": "NameError",
        "message": "name 'y' is not defined",
        "traceback": "NameError: name 'y' is not defined",
    }
    assert sheet.source() == "x = y"
    sheet.press("Enter")
    sheet.expect_source("y = 1\nx = y")
    expect(sheet.cell().locator(".jp-InputPrompt")).to_have_text("[1]:")


def test_the_buttons_come_and_go_with_the_error(open_notebook: "Opener", server: "Server") -> None:
    """A run that fails brings the buttons, clearing the output takes them away."""
    sheet = open_notebook(server, "1 / 0", "x = 1")
    expect(_strip(sheet)).to_have_count(0)
    sheet.press("Control+Enter")
    expect(_strip(sheet)).to_have_count(1)
    sheet.page.evaluate("window.jupyterapp.commands.execute('notebook:clear-cell-output')")

    expect(_strip(sheet)).to_have_count(0)


def test_the_error_is_explained_beside_it(open_notebook: "Opener", server: "Server") -> None:
    """The second button explains the error under the cell."""
    sheet = open_notebook(server, FAILED)
    asked = _answer(sheet, "explain", "**No y.**")
    _strip(sheet).get_by_role("button", name="Explain this error").press("Enter")

    expect(sheet.explanation.locator("strong")).to_have_text("No y.")
    expect(sheet.explanation).to_contain_text("Explanation of the error")
    assert (asked[0]["subject"], asked[0]["text"]) == ("error", "NameError: name 'y' is not defined")


def test_a_fix_comes_from_the_server(open_notebook: "Opener", server: "Server") -> None:
    """The whole road: the error goes to the server, and the model's text comes back as a proposal."""
    server.answer({"ending": "", "answer": "y = 1\nx = y"})
    sheet = open_notebook(server, FAILED)
    _strip(sheet).get_by_role("button", name="Fix").press("Enter")
    bar = sheet.page.get_by_role("group", name="Edit of the cell")
    expect(bar.get_by_role("status")).to_contain_text("1 change.")
    sheet.press("Enter")

    sheet.expect_source("y = 1\nx = y")
