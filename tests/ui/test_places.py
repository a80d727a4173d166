"""Servers behind an address of their own, and pages with several notebooks."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Locator, expect

from tests.ui.server import Server, fake_model, running_server

if TYPE_CHECKING:
    from tests.ui.conftest import Opener
    from tests.ui.sheet import Sheet

pytestmark = pytest.mark.browser
TEXTS = """() => Object.fromEntries([...window.jupyterapp.shell.widgets('main')]
  .filter(panel => panel.content?.widgets)
  .map(panel => [panel.context.path, panel.content.widgets.map(cell => cell.model.sharedModel.getSource())]))"""
OPEN = "command => window.jupyterapp.commands.execute(command)"
OPEN_BESIDE = """async path => {
  const panel = await window.jupyterapp.commands.execute('docmanager:open', {
    path, options: { mode: 'split-right' }
  });
  await panel.context.ready;
}"""


@pytest.fixture(scope="module")
def ada_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server as JupyterHub would start it for one of its users."""
    home = tmp_path_factory.mktemp("ada") / "home"
    with running_server(home, *fake_model(home), base_url="/user/ada") as server:
        yield server


def test_everything_is_asked_behind_the_servers_own_address(open_notebook: "Opener", ada_server: Server) -> None:
    """All that we have works below /user/ada, and nothing is asked for outside of it."""
    ada_server.answer({"ending": "x = ", "answer": "42 + 1"}, {"ending": "", "answer": "**Here.**"})
    sheet = open_notebook(ada_server)
    asked: list[str] = []
    sheet.page.on("request", lambda request: asked.append(request.url))
    sheet.type("x = ")
    sheet.expect_ghost("42 + 1")
    sheet.press("Tab")
    sheet.expect_source("x = 42 + 1")
    sheet.press("Control+Alt+e")
    expect(sheet.explanation.locator("strong")).to_have_text("Here.")
    sheet.press("Escape")
    ada_server.answer({"ending": "", "answer": "x = 43"})
    sheet.cell().locator(".cm-content").click()
    sheet.press("Control+k")
    sheet.page.keyboard.type("add")
    sheet.press("Enter")
    expect(_bar(sheet.page.locator("body")).get_by_role("status")).to_contain_text("1 change.")
    sheet.press("Enter")
    sheet.expect_source("x = 43")
    sheet.page.evaluate(OPEN, "starcoder:open-chat")
    chat = sheet.page.get_by_role("region", name="StarCoder chat")
    chat.get_by_role("textbox", name="Question").fill("Why?")
    sheet.press("Enter")
    expect(chat.get_by_role("article", name="Answer")).to_contain_text("x = 43")
    sheet.page.evaluate(OPEN, "starcoder:open-models")
    expect(sheet.page.get_by_role("region", name="Models")).to_contain_text("In use")

    ours = [url for url in asked if "starcoder" in url]
    assert ours
    assert [url for url in ours if not url.startswith(f"{ada_server.url}/")] == []


@pytest.mark.parametrize("frontend", ["lab"])
def test_two_notebooks_side_by_side_have_each_their_own(open_notebook: "Opener", server: Server) -> None:
    """Suggestions and edits of two notebooks go to the one that they were asked in, also when both are under way."""
    server.write("beside.ipynb", "right = 1")
    sheet = open_notebook(server, "left = 1")
    left_path = sheet.page.evaluate("window.jupyterapp.shell.currentWidget.context.path")
    sheet.page.evaluate(OPEN_BESIDE, "beside.ipynb")
    left, right = (sheet.page.locator(".jp-NotebookPanel").nth(index) for index in (0, 1))
    server.answer({"ending": "", "answer": "left = 10", "delay_s": 0.15})
    _into(left)
    sheet.press("Control+k")
    sheet.page.keyboard.type("ten times")
    with sheet.page.expect_response("**/starcoder/edit*"):
        sheet.press("Enter")
    expect(_bar(left)).to_have_attribute("aria-busy", "true")
    server.answer({"ending": "x = ", "answer": "right"}, {"ending": "", "answer": "right = 2"})
    _into(right)
    sheet.type("\nx = ")
    sheet.expect_ghost("right")
    expect(right.locator(".jp-GhostText")).not_to_have_count(0)
    expect(left.locator(".jp-GhostText")).to_have_count(0)
    sheet.press("Tab")
    expect(_bar(left).get_by_role("status")).to_contain_text("1 change.")
    expect(_bar(right)).to_have_count(0)
    assert sheet.page.evaluate(TEXTS) == {left_path: ["left = 1"], "beside.ipynb": ["right = 1\nx = right"]}
    assert [body["notebook"]["path"] for body in sheet.asked] == ["beside.ipynb"]
    sheet.press("Control+k")
    sheet.page.keyboard.type("two")
    sheet.press("Enter")
    expect(_bar(right).get_by_role("status")).to_contain_text("change")
    _bar(left).get_by_role("button", name="Accept all").click()

    _expect_texts(sheet, {left_path: ["left = 10"], "beside.ipynb": ["right = 1\nx = right"]})
    _bar(right).get_by_role("button", name="Accept all").click()
    _expect_texts(sheet, {left_path: ["left = 10"], "beside.ipynb": ["right = 2"]})


def _bar(panel: Locator) -> Locator:
    return panel.get_by_role("group", name="Edit of the cell")


def _into(panel: Locator) -> None:
    panel.locator(".jp-CodeCell .cm-content").first.click()
    panel.page.keyboard.press("Control+End")


def _expect_texts(sheet: "Sheet", texts: dict[str, list[str]]) -> None:
    for _ in range(100):
        if sheet.page.evaluate(TEXTS) == texts:
            break
        sheet.settle(50)
    assert sheet.page.evaluate(TEXTS) == texts
