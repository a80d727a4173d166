"""The magics in a notebook, in a real browser with the fake model."""

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Locator, expect

if TYPE_CHECKING:
    from tests.ui.conftest import Opener
    from tests.ui.server import Server
    from tests.ui.sheet import Sheet

pytestmark = pytest.mark.browser
HOSTILE = """It *sorts*:

<img src="https://example.com/a.png" onerror="window.harmed = 1"><script>window.harmed = 1</script>
![b](https://example.com/b.png) www.example.com [c](javascript:window.harmed=1) <a href="https://example.com">d</a>

```python
sorted('<b>')
```"""


def _output(sheet: "Sheet", index: int) -> Locator:
    return sheet.cell(index).locator(".jp-OutputArea-output")


def test_magics_write_into_the_next_cell_and_explain_harmlessly(
    open_notebook: "Opener", server: "Server", frontend: str
) -> None:
    """A person completes an option, asks in words, runs what came, and has it explained by a model that means ill."""
    sheet = open_notebook(server, "%load_ext jupyter_starcoder\nprices = [3, 1]", "", "")
    sheet.run("Shift+Enter")
    expect(sheet.cell().locator(".jp-InputPrompt")).to_have_text("[1]:")
    sheet.press("Enter")
    sheet.type("%%starcoder --in")
    sheet.press("Tab")
    expect(sheet.page.locator(".jp-Completer:visible .jp-Completer-item")).to_contain_text(["--into"])
    sheet.press("Tab")
    sheet.expect_source("%%starcoder --into", 1)
    sheet.type(" low sort {prices}")
    server.answer({"ending": "", "answer": "sorted(prices)"})
    sheet.press("Shift+Enter")

    expect(_output(sheet, 1).locator(".highlight, pre").first).to_have_text("sorted(prices)")
    sheet.expect_source("low = sorted(prices)", 2)
    outside: list[str] = []
    sheet.page.on("request", lambda asked: outside.append(asked.url) if "example.com" in asked.url else None)
    server.answer({"ending": "", "answer": HOSTILE})
    sheet.cell(2).locator(".cm-content").click()
    sheet.press("Shift+Enter")
    expect(sheet.cell(2).locator(".jp-InputPrompt")).to_have_text("[3]:")
    sheet.press("Enter")
    sheet.type("%starcoder explain")
    sheet.press("Shift+Enter")

    shown = _output(sheet, 3)
    expect(shown.locator("em")).to_have_text("sorts")
    expect(shown.locator("pre")).to_have_text("sorted('<b>')")
    expect(shown.locator("img, script, a, b")).to_have_count(0)
    expect(shown).to_contain_text("![b](https://example.com/b.png)")
    assert sheet.page.evaluate("window.harmed") is None
    assert outside == []


def test_help_and_mistakes_of_the_magics_are_plain_text(
    open_notebook: "Opener", server: "Server", frontend: str
) -> None:
    """One line says what is wrong; the whole of the help fits the page's width."""
    sheet = open_notebook(server, "%load_ext jupyter_starcoder\n%starcoder help", "%starcoder expalin")
    sheet.run("Shift+Enter")
    help_text = _output(sheet, 0).locator("pre")
    expect(help_text).to_contain_text("%starcoder fix")
    assert help_text.evaluate("text => text.scrollWidth <= text.parentElement.clientWidth")
    sheet.cell(1).locator(".cm-content").click()
    sheet.press("Shift+Enter")

    expect(_output(sheet, 1)).to_have_text("UsageError: %starcoder expalin is not known: do you mean explain?")
