"""The whole road with the embedded model: what it writes is its own affair, that it gets to its place is ours."""

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from tests.ui.conftest import Opener
    from tests.ui.server import Server

pytestmark = [pytest.mark.browser, pytest.mark.model]
ONLY_IN_LAB = pytest.mark.parametrize("frontend", ["lab"])
PATIENCE_MS = 60_000
DECIDABLE = re.compile(r"\d changes?\.|leave the cell as it is")
ERROR = {
    "output_type": "error",
    "ename": "NameError",
    "evalue": "name 'numbres' is not defined",
    "traceback": ["NameError: name 'numbres' is not defined"],
}


def test_embedded_model_suggests_and_tab_takes_it(fill_notebook: "Opener", model_server: "Server") -> None:
    """The real model's suggestion appears at the cursor, and Tab puts it there."""
    sheet = fill_notebook(model_server, "import numpy as np\nimport pandas as pd\n")
    sheet.type("import matplotlib.pyplot as ")
    expect(sheet.ghost).to_contain_text("plt", timeout=PATIENCE_MS)
    expect(sheet.ghost.locator(".jp-GhostText-streamingIndicator")).to_have_count(0, timeout=PATIENCE_MS)
    before = sheet.source()
    sheet.press("Tab")
    expect(sheet.ghost).to_have_count(0)

    assert sheet.source().startswith(before + "plt")


@ONLY_IN_LAB
def test_embedded_model_explains(fill_notebook: "Opener", model_server: "Server") -> None:
    """The real model's explanation is rendered text in whole words."""
    sheet = fill_notebook(model_server, "total = sum(x * x for x in range(10))\nprint(total)")
    sheet.press("Control+Alt+e")
    expect(sheet.explanation).not_to_have_attribute("aria-busy", "true", timeout=PATIENCE_MS)

    expect(sheet.explanation.get_by_role("alert")).to_be_hidden()
    assert len(sheet.explanation.locator(".jp-RenderedMarkdown").inner_text().split()) > 5


@ONLY_IN_LAB
def test_embedded_model_edits(fill_notebook: "Opener", model_server: "Server") -> None:
    """The real model's new text is proposed as a change, and accepted as it was shown."""
    sheet = fill_notebook(model_server, "numbers = [3, 1, 2]\nprint(numbers)")
    sheet.press("Control+k")
    sheet.page.keyboard.type("sort the numbers before printing them")
    sheet.press("Enter")
    bar = sheet.page.get_by_role("group", name="Edit of the cell")
    expect(bar).to_have_attribute("data-state", "deciding", timeout=PATIENCE_MS)
    sheet.press("Control+Enter")

    expect(bar).to_have_count(0)
    assert sheet.source() not in ("", "numbers = [3, 1, 2]\nprint(numbers)")


@ONLY_IN_LAB
def test_embedded_model_fixes(fill_notebook: "Opener", model_server: "Server") -> None:
    """The real model's fix is proposed, or it says that it has none, and Escape leaves the cell as it was."""
    failed: dict[str, object] = {"source": "print(sum(numbres))", "outputs": [ERROR], "execution_count": 1}
    sheet = fill_notebook(model_server, failed, "numbers = [3, 1, 2]")
    sheet.press("Control+Alt+f")
    bar = sheet.page.get_by_role("group", name="Edit of the cell")
    expect(bar.get_by_role("status")).to_have_text(DECIDABLE, timeout=PATIENCE_MS)
    expect(bar.get_by_role("alert")).to_be_empty()
    sheet.press("Escape")

    expect(bar).to_have_count(0)
    assert sheet.source() == "print(sum(numbres))"


@ONLY_IN_LAB
def test_embedded_model_writes_a_cell(fill_notebook: "Opener", model_server: "Server") -> None:
    """The real model's code for a comment stands in a cell below it."""
    sheet = fill_notebook(model_server, "# add the numbers from 1 to 10 and print the sum")
    sheet.press("Control+Alt+g")

    expect(sheet.cell(1).locator(".cm-content")).to_be_focused(timeout=PATIENCE_MS)
    assert sheet.source(1).strip()


@pytest.mark.parametrize("frontend", ["lab"])
def test_embedded_model_chats(open_notebook: "Opener", model_server: "Server") -> None:
    """The real model answers a question and one after it, and what it said is kept."""
    sheet = open_notebook(model_server, "total = sum(x * x for x in range(10))\nprint(total)")
    sheet.press("Control+Alt+a")
    chat = sheet.page.get_by_role("region", name="StarCoder chat")
    exchanges = chat.locator(".jp-Starcoder-exchange")
    for number, question in enumerate(["What does this cell print?", "Say it shorter."]):
        expect(chat.get_by_role("textbox", name="Question")).to_be_focused()
        sheet.type(question)
        sheet.press("Enter")
        expect(exchanges.nth(number)).to_have_attribute("data-state", re.compile("done|cut"), timeout=60_000)

    answers = chat.get_by_role("article", name="Answer")
    expect(answers).to_have_count(2)
    assert all(len(answer.split()) > 2 for answer in answers.all_inner_texts())
