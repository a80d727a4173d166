"""What explain, edit, fix and generate have in common: how they end where something else ends."""

import json
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Locator, Route, expect

if TYPE_CHECKING:
    from tests.ui.conftest import Opener
    from tests.ui.server import Server
    from tests.ui.sheet import Sheet

pytestmark = pytest.mark.browser
ONLY_IN_LAB = pytest.mark.parametrize("frontend", ["lab"])
ERROR = {"output_type": "error", "ename": "ValueError", "evalue": "too few", "traceback": ["ValueError: too few"]}
# It is words to write code for, and it failed: everything can be asked about it.
CELL: dict[str, object] = {"source": "# Many numbers", "outputs": [ERROR], "execution_count": 1}
NUMBERS = "\n".join(f"x{n} = {n}" for n in range(8))
GONE = "The Jupyter server does not answer: check that it is still running."
KEYS = {"explain": "Control+Alt+e", "edit": "Control+k", "fix": "Control+Alt+f", "generate": "Control+Alt+g"}
PLACES = {
    "explain": ("region", "Explanation of the cell"),
    "edit": ("group", "Edit of the cell"),
    "fix": ("group", "Edit of the cell"),
    "generate": ("region", "New cell"),
}
RESTART = "window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()"
CLOSE = "window.jupyterapp.shell.currentWidget.dispose()"
OPEN = """async path => {
  const panel = await window.jupyterapp.commands.execute('docmanager:open', { path });
  await panel.revealed;
  panel.content.activeCellIndex = 0;
  panel.activate();
}"""
MISSING = json.dumps({"code": "model_not_ready", "message": "no model"})
FAILURES: dict[str, Callable[[Route], None]] = {
    "does not answer": lambda route: route.abort(),
    "no model": lambda route: route.fulfill(status=503, body=MISSING),
    "ended before the answer did": lambda route: route.fulfill(body='{"type": "text", "text": "x = 1\\n"}\n'),
}


def _ask(sheet: "Sheet", surface: str) -> Locator:
    """Asks from the keyboard; gives the place of the answer."""
    role, name = PLACES[surface]
    place = sheet.page.get_by_role(role, name=name)  # type: ignore[arg-type]
    sheet.press(KEYS[surface])
    if surface == "edit":
        expect(place.get_by_role("textbox")).to_be_focused()
        sheet.page.keyboard.type("more")
        sheet.press("Enter")
    return place


@ONLY_IN_LAB
@pytest.mark.parametrize("surface", ["explain", "fix", "generate"])
def test_a_failure_is_said_in_place(fill_notebook: "Opener", server: "Server", surface: str) -> None:
    """A server that is gone, a model that is missing and a stream that broke are said, and can be asked again."""
    server.answer({"answer": NUMBERS})
    sheet = fill_notebook(server, CELL)
    for message, answer in FAILURES.items():
        sheet.page.route(f"**/starcoder/{surface}*", answer)
        place = _ask(sheet, surface)
        expect(place.get_by_role("alert")).to_contain_text(message)
        sheet.page.unroute(f"**/starcoder/{surface}*")
    assert sheet.source() == "# Many numbers"
    place = _ask(sheet, surface)

    expect(sheet.page.locator(".jp-Notebook")).to_contain_text("x7 = 7")
    expect(place.get_by_text(message)).to_have_count(0)


def test_letters_in_our_panels_are_no_shortcuts_of_the_notebook(fill_notebook: "Opener", server: "Server") -> None:
    """Pressed on a button, "d d" deletes no cell in any mode; what is meant for the application gets there."""
    server.answer({"ending": "", "answer": NUMBERS})
    sheet = fill_notebook(server, CELL, "y = 1")
    strip = sheet.page.get_by_role("group", name="Error of the cell")
    explanation = _ask(sheet, "explain")
    expect(explanation).to_contain_text("x7 = 7")
    bar = _ask(sheet, "edit")
    expect(bar).to_have_attribute("data-state", "deciding")
    for button in (
        strip.get_by_role("button", name="Explain this error"),
        explanation.get_by_role("button", name="Close"),
        bar.get_by_role("button", name="Discard"),
        sheet.page.get_by_role("button", name="Accept").first,
    ):
        sheet.page.evaluate("window.jupyterapp.shell.currentWidget.content.mode = 'command'")
        button.focus()
        for key in ("d", "d", "x", "b"):
            sheet.press(key)
        expect(button).to_be_focused()
    with sheet.page.expect_request(lambda asked: asked.method == "PUT" and "/api/contents/" in asked.url):
        sheet.press("Control+s")
    bar.get_by_role("textbox").focus()
    sheet.press("Control+Shift+c")
    expect(sheet.page.locator(".lm-CommandPalette-input")).to_be_focused()
    sheet.press("Escape")

    expect(sheet.page.locator(".jp-Notebook .jp-Cell")).to_have_count(2)
    assert [sheet.source(0), sheet.source(1)] == ["# Many numbers", "y = 1"]


def test_a_deleted_cell_takes_its_answers_along(fill_notebook: "Opener", server: "Server") -> None:
    """What is written for a cell ends with it, its request too, without a word of failure."""
    server.answer({"answer": NUMBERS, "delay_s": 30})
    sheet = fill_notebook(server, CELL, "y = 2")
    for surface in KEYS:
        sheet.fill(CELL, "y = 2")
        sheet.begin()
        with sheet.page.expect_request(f"**/starcoder/{surface}*"):
            place = _ask(sheet, surface)
        expect(place).to_have_attribute("aria-busy", "true")
        sheet.page.evaluate("window.jupyterapp.commands.execute('notebook:delete-cell')")
        expect(place).to_have_count(0)
        sheet.expect_broken_off(f"starcoder/{surface}")

        assert sheet.source() == "y = 2"
    expect(sheet.page.locator(".jp-Dialog")).to_have_count(0)


@ONLY_IN_LAB
def test_a_closed_notebook_takes_its_answers_along(fill_notebook: "Opener", server: "Server") -> None:
    """What is written in a notebook ends with it, its request too, and nothing that was proposed is in its file."""
    server.write("closed.ipynb", CELL)
    before = (server.home / "root" / "closed.ipynb").read_text()
    sheet = fill_notebook(server, "y = 2")

    def ask_beside(surface: str, delay_s: float) -> Locator:
        server.answer({"answer": NUMBERS, "delay_s": delay_s})
        sheet.page.evaluate(OPEN, "closed.ipynb")
        sheet.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-CodeCell .cm-content").click()
        with sheet.page.expect_request(f"**/starcoder/{surface}*"):
            return _ask(sheet, surface)

    for surface in KEYS:
        place = ask_beside(surface, 30)
        expect(place).to_have_attribute("aria-busy", "true")
        sheet.page.evaluate(CLOSE)
        expect(place).to_have_count(0)
        sheet.expect_broken_off(f"starcoder/{surface}")
    place = ask_beside("edit", 0)
    expect(place).to_have_attribute("data-state", "deciding")
    sheet.page.evaluate(CLOSE)
    expect(place).to_have_count(0)

    expect(sheet.page.locator(".jp-Dialog")).to_have_count(0)
    assert (server.home / "root" / "closed.ipynb").read_text() == before


@ONLY_IN_LAB
def test_a_kernel_that_is_started_again_ends_no_answer(fill_notebook: "Opener", server: "Server") -> None:
    """Answers that are being written come to their end, and can be accepted."""
    server.answer({"answer": NUMBERS, "delay_s": 0.05})
    sheet = fill_notebook(server, CELL)
    places = [_ask(sheet, surface) for surface in ("explain", "edit", "generate")]
    for place in places:
        expect(place).to_have_attribute("aria-busy", "true")
    sheet.page.evaluate(RESTART)

    explanation, bar, _ = places
    expect(explanation).to_have_attribute("data-state", "done")
    expect(sheet.cell(1)).to_have_count(1)
    assert sheet.source(1) == NUMBERS
    expect(bar.get_by_role("status")).to_contain_text("change")
    bar.get_by_role("button", name="Accept all").click()
    sheet.expect_source(NUMBERS)


@ONLY_IN_LAB
def test_a_server_killed_in_the_middle_leaves_the_notebook_usable(
    open_notebook: "Opener", mortal_server: "Server"
) -> None:
    """When the server dies, the panel and the status say so, typing goes on, and what is asked then says so too."""
    mortal_server.answer({"ending": "x = ", "answer": "42"}, {"answer": NUMBERS, "delay_s": 0.1})
    sheet = open_notebook(mortal_server, "x = 1\n")
    place = _ask(sheet, "explain")
    expect(place).to_contain_text("x0")
    mortal_server.process.kill()

    expect(place.get_by_role("alert")).to_contain_text("ended before the answer did")
    expect(sheet.status).to_have_attribute("data-mood", "problem")
    sheet.await_loss()
    sheet.begin()
    sheet.type("x = ")
    expect(sheet.page.locator(".jp-GhostText-errorIndicator")).to_have_count(1)
    sheet.type("5")
    sheet.expect_source("x = 1\nx = 5")
    expect(_ask(sheet, "edit").get_by_role("alert")).to_have_text(GONE)
