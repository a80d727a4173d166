"""What axe-core says of everything that we put into a page, in light and in dark."""

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from tests.ui.conftest import Opener
    from tests.ui.server import Server
    from tests.ui.sheet import Sheet

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("frontend", ["lab"])]
AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
# The rules for whole pages judge JupyterLab; those for what is in them judge us.
JUDGE = """async selector => {
  const found = await axe.run({ include: [selector] }, { resultTypes: ['violations'] });
  return found.violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html}\\n${failureSummary}`));
}"""
THEMES = {"true": "JupyterLab Light", "false": "JupyterLab Dark"}
THEME_SETTINGS = "@jupyterlab/apputils-extension:themes"
ERROR = {"output_type": "error", "ename": "NameError", "evalue": "no y", "traceback": ["NameError: no y"]}
FAILED: dict[str, object] = {"source": "x = y", "outputs": [ERROR], "execution_count": 1}
ANSWER = "**Adds** `1` and [two](https://example.org).\n\n```python\nx = 1  # one\n```\n"

MODELS, HEALTH = (re.compile(rf"/starcoder/{route}(\?|$)") for route in ("models", "health"))
OPEN = "command => window.jupyterapp.commands.execute(command)"
WAY: dict[str, object] = {"step": "downloading", "done": 40_000_000, "total": 94_000_000, "unit": "bytes"}
OPEN_SETTINGS = "() => window.jupyterapp.commands.execute('settingeditor:open', {query: 'StarCoder: suggestions'})"
# All that the row of a model can show.
STANDS: tuple[dict[str, object], ...] = (
    {"state": "served"},
    {"state": "fetching", "progress": WAY, "bytes_per_s": 1e6, "left_s": 54.0},
    {"state": "paused", "progress": WAY | {"total": 0}},
    {"state": "failed", "message": "the index was not reached"},
    {"state": "none", "is_prepared": False, "is_gated": True, "address": "https://example.org", "access": "accept it"},
)


def _expect_accessible(sheet: "Sheet", selector: str) -> None:
    """Judges what there is now, in both themes."""
    if not AXE.exists():
        if os.environ.get("CI"):
            pytest.fail(f"{AXE} is missing: jlpm install")
        pytest.skip("no axe-core is found: jlpm install")
    if not sheet.page.evaluate("'axe' in window"):
        sheet.page.add_script_tag(path=AXE)
    for is_light, theme in THEMES.items():
        sheet.set("theme", theme, THEME_SETTINGS)
        expect(sheet.page.locator("body")).to_have_attribute("data-jp-theme-light", is_light)
        expect(sheet.page.locator(selector).first).to_be_visible()
        assert sheet.page.evaluate(JUDGE, selector) == [], theme


def test_a_serious_fault_is_found(fill_notebook: "Opener", server: "Server") -> None:
    """A button without a name is reported, so that silence means something."""
    sheet = fill_notebook(server)
    sheet.page.evaluate("document.querySelector('.jp-Starcoder-status').append(document.createElement('button'))")

    with pytest.raises(AssertionError, match="button-name"):
        _expect_accessible(sheet, ".jp-Starcoder-status")
    sheet.page.evaluate("document.querySelector('.jp-Starcoder-status > button:empty').remove()")


def test_the_status_and_a_suggestion_are_accessible(fill_notebook: "Opener", server: "Server") -> None:
    """Neither the line about the model, its details with a request, nor grey text at the cursor has a serious fault."""
    server.answer({"ending": "x = ", "answer": "42 + 1"})
    sheet = fill_notebook(server)
    sheet.type("x = ")
    sheet.expect_ghost("42 + 1")

    _expect_accessible(sheet, ".jp-Starcoder-status")
    _expect_accessible(sheet, ".jp-GhostText")
    sheet.status.get_by_role("button").press("Enter")
    expect(sheet.page.get_by_role("dialog").get_by_role("row")).not_to_have_count(0)
    _expect_accessible(sheet, ".jp-Starcoder-details")
    sheet.press("Escape")


def test_an_explanation_is_accessible(fill_notebook: "Opener", server: "Server") -> None:
    """An explanation with a question about it, and one that failed, have no serious fault."""
    server.answer({"ending": "", "answer": ANSWER})
    sheet = fill_notebook(server, "x = 1")
    sheet.press("Control+Alt+e")
    expect(sheet.explanation).to_have_attribute("data-state", "done")
    sheet.explanation.get_by_role("textbox").fill("Why?")
    sheet.press("Enter")
    expect(sheet.explanation.locator("strong")).to_have_count(2)
    _expect_accessible(sheet, ".jp-Starcoder-explanation")
    server.answer({"ending": "", "answer": ANSWER, "dies_after": 5})
    sheet.cell().locator(".cm-content").click()
    sheet.press("Control+Alt+e")
    expect(sheet.explanation.get_by_role("alert")).to_be_visible()

    _expect_accessible(sheet, ".jp-Starcoder-explanation")


def test_a_fix_with_its_diff_is_accessible(fill_notebook: "Opener", server: "Server") -> None:
    """The buttons at an error, the bar and the diff with its buttons have no serious fault."""
    server.answer({"ending": "", "answer": "y = 1\nx = y"})
    sheet = fill_notebook(server, FAILED)
    _expect_accessible(sheet, ".jp-Starcoder-strip")
    sheet.page.get_by_role("button", name="Fix", exact=True).press("Enter")
    expect(sheet.page.locator(".jp-Starcoder-bar").get_by_role("status")).to_contain_text("1 change.")

    _expect_accessible(sheet, ".jp-Starcoder-proposal")
    _expect_accessible(sheet, ".jp-Starcoder-diff")


def test_an_edit_that_failed_is_accessible(fill_notebook: "Opener", server: "Server") -> None:
    """The bar that says why there is no proposal has no serious fault."""
    server.answer({"ending": "", "answer": "x = 2", "dies_after": 2})
    sheet = fill_notebook(server, "x = 1")
    sheet.press("Control+k")
    sheet.page.keyboard.type("twice")
    sheet.press("Enter")
    expect(sheet.page.locator(".jp-Starcoder-bar").get_by_role("alert")).not_to_be_empty()

    _expect_accessible(sheet, ".jp-Starcoder-proposal")


def test_a_new_cell_in_the_making_is_accessible(fill_notebook: "Opener", server: "Server") -> None:
    """Code that was stopped on its way to a cell, with its buttons, has no serious fault."""
    server.answer({"ending": "", "answer": "\n".join(f"x{n} = {n}" for n in range(99)), "delay_s": 0.02})
    sheet = fill_notebook(server, "# Many numbers")
    sheet.press("Control+Alt+g")
    draft = sheet.page.get_by_role("region", name="New cell")
    expect(draft).to_contain_text("x1 = 1")
    draft.get_by_role("button", name="Stop").press("Enter")
    expect(draft.get_by_role("status")).to_have_text("Stopped")

    _expect_accessible(sheet, ".jp-Starcoder-draft")


def test_the_counts_of_suggestions_are_accessible(open_notebook: "Opener", server: "Server") -> None:
    """What became of suggestions, which stands among the settings, has no serious fault."""
    sheet = open_notebook(server)
    sheet.page.evaluate(OPEN_SETTINGS)
    expect(sheet.page.locator(".jp-Starcoder-tally")).to_contain_text("Shown")

    _expect_accessible(sheet, ".jp-Starcoder-tally")


def test_the_models_are_accessible(open_notebook: "Opener", server: "Server") -> None:
    """The panel of models, with all states of a model and the help for a gated one, has no serious fault."""
    sheet = open_notebook(server)
    listing = server.reply("models")
    listing["models"] = [listing["models"][0] | {"name": f"model {n}"} | stand for n, stand in enumerate(STANDS)]
    sheet.page.route(MODELS, lambda route: route.fulfill(json=listing))
    sheet.page.evaluate(OPEN, "starcoder:open-models")
    panel = sheet.page.get_by_role("region", name="Models")
    expect(panel.get_by_role("alert").filter(has_text="the index was not reached")).to_be_visible()
    expect(panel.get_by_role("progressbar").first).to_be_visible()
    panel.locator("summary:visible").first.click()

    _expect_accessible(sheet, ".jp-Starcoder-models")


def test_the_offer_of_a_first_model_is_accessible(open_notebook: "Opener", server: "Server") -> None:
    """What stands over a notebook while there is no model has no serious fault."""
    sheet = open_notebook(server)
    health = server.reply("health") | {"state": "absent", "answering": "", "message": "there is no model"}
    sheet.page.route(HEALTH, lambda route: route.fulfill(json=health))
    sheet.page.route("**/starcoder/complete*", lambda route: route.abort())
    sheet.type("x")  # that fails, so that the page asks how the model is
    expect(sheet.page.get_by_role("region", name="StarCoder: first model")).to_be_visible()

    _expect_accessible(sheet, ".jp-Starcoder-firstRun")
    _expect_accessible(sheet, ".jp-Starcoder-status")


def test_the_chat_is_accessible(open_notebook: "Opener", server: "Server") -> None:
    """The chat with an answer, with something beside the next question, and with a fault has no serious fault."""
    server.answer({"ending": "", "answer": ANSWER})
    sheet = open_notebook(server, "x = 1")
    sheet.page.evaluate(OPEN, "starcoder:open-chat")
    chat = sheet.page.get_by_role("region", name="StarCoder chat")
    question = chat.get_by_role("textbox", name="Question")
    question.fill("What is x?")
    question.press("Enter")
    expect(chat.get_by_role("group", name="Code 1")).to_be_visible()
    sheet.page.evaluate(OPEN, "starcoder:ask-about-cell")
    expect(chat.get_by_role("button", name="Remove cell 1")).to_be_visible()
    _expect_accessible(sheet, ".jp-Starcoder-chat")
    server.answer({"ending": "", "answer": ANSWER, "dies_after": 5})
    question.fill("Why?")
    question.press("Enter")
    expect(chat.get_by_role("alert").filter(visible=True)).not_to_be_empty()

    _expect_accessible(sheet, ".jp-Starcoder-chat")
