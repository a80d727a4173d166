"""Buttons at the output of a cell that failed, in a real browser with the fake model."""

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import Locator, Request, expect

if TYPE_CHECKING:
    from tests.ui.conftest import Opener
    from tests.ui.server import Server
    from tests.ui.sheet import Sheet

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("frontend", ["lab"])]
FIX = "Fix this cell"
ERROR = {
    "output_type": "error",
    "ename": "NameError",
    "evalue": "name 'y' is not defined",
    "traceback": ["\x1b[31mNameError\x1b[39m: name 'y' is not defined"],
}
FAILED: dict[str, object] = {"source": "x = y", "outputs": [ERROR], "execution_count": 1}


def _strip(sheet: "Sheet") -> Locator:
    return sheet.page.get_by_role("group", name="Error of the cell")


def _bar(sheet: "Sheet") -> Locator:
    return sheet.page.get_by_role("group", name="Edit of the cell")


def _sent(request: Request) -> dict[str, Any]:
    return dict(json.loads(request.post_data or "null"))


def test_a_saved_error_is_fixed_after_a_look(fill_notebook: "Opener", server: "Server") -> None:
    """Fix sends the error without colours, shows the change, runs nothing, and Enter accepts it."""
    server.answer({"answer": "y = 1\nx = y"})
    sheet = fill_notebook(server, FAILED)
    with sheet.page.expect_request("**/starcoder/fix*") as asked:
        _strip(sheet).get_by_role("button", name="Fix").press("Enter")
    expect(_bar(sheet).get_by_role("status")).to_contain_text("1 change.")

    assert _sent(asked.value)["mishap"] == {
        "name": "NameError",
        "message": "name 'y' is not defined",
        "traceback": "NameError: name 'y' is not defined",
    }
    assert sheet.source() == "x = y"
    sheet.press("Enter")
    sheet.expect_source("y = 1\nx = y")
    expect(sheet.cell().locator(".jp-InputPrompt")).to_have_text("[1]:")


def test_the_buttons_come_and_go_with_the_error(fill_notebook: "Opener", server: "Server") -> None:
    """A run that fails brings the buttons, clearing the output takes them away."""
    sheet = fill_notebook(server, "1 / 0", "x = 1")
    expect(_strip(sheet)).to_have_count(0)
    sheet.run()
    expect(_strip(sheet)).to_have_count(1)
    sheet.page.evaluate("window.jupyterapp.commands.execute('notebook:clear-cell-output')")

    expect(_strip(sheet)).to_have_count(0)


def test_the_error_is_explained_beside_it(fill_notebook: "Opener", server: "Server") -> None:
    """The second button explains the error under the cell, as does the error's context menu."""
    server.answer({"answer": "**No y.**"})
    sheet = fill_notebook(server, FAILED)
    with sheet.page.expect_request("**/starcoder/explain*") as asked:
        _strip(sheet).get_by_role("button", name="Explain this error").press("Enter")

    expect(sheet.explanation.locator("strong")).to_have_text("No y.")
    expect(sheet.explanation).to_contain_text("Explanation of the error")
    sent = _sent(asked.value)
    assert (sent["subject"], sent["text"]) == ("error", "NameError: name 'y' is not defined")
    with sheet.page.expect_request("**/starcoder/explain*") as asked:
        sheet.choose("Explain this error", sheet.cell().locator(".jp-OutputArea-output"))
    assert _sent(asked.value)["subject"] == "error"


def test_fix_is_found_in_menu_palette_and_by_its_shortcut(fill_notebook: "Opener", server: "Server") -> None:
    """Each proposes a fix of the cell that failed."""
    server.answer({"answer": "y = 1\nx = y"})
    sheet = fill_notebook(server, FAILED)
    choices: tuple[Callable[[], None], ...] = (
        lambda: sheet.choose(FIX, sheet.cell().locator(".cm-content")),
        lambda: sheet.command(FIX),
        lambda: sheet.press("Control+Alt+f"),
    )
    for choose in choices:
        choose()
        expect(_bar(sheet).get_by_role("status")).to_contain_text("1 change.")
        sheet.press("Escape")
        expect(_bar(sheet)).to_have_count(0)
    assert sheet.source() == "x = y"
