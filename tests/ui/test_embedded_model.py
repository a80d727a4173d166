"""The whole road with the embedded model."""

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from tests.ui.conftest import Opener, Server

pytestmark = [pytest.mark.browser, pytest.mark.model]


def test_embedded_model_suggests_and_tab_takes_it(open_notebook: "Opener", model_server: "Server") -> None:
    """The real model's suggestion appears at the cursor, and Tab puts it there."""
    sheet = open_notebook(model_server, "import numpy as np\nimport pandas as pd\n")
    sheet.type("import matplotlib.pyplot as ")
    expect(sheet.ghost).to_contain_text("plt", timeout=60_000)
    expect(sheet.ghost.locator(".jp-GhostText-streamingIndicator")).to_have_count(0, timeout=60_000)
    before = sheet.source()
    sheet.press("Tab")
    sheet.settle(200)

    assert sheet.source().startswith(before + "plt")


def test_embedded_model_explains(open_notebook: "Opener", model_server: "Server") -> None:
    """The real model's explanation is rendered text in whole words."""
    sheet = open_notebook(model_server, "total = sum(x * x for x in range(10))\nprint(total)")
    sheet.press("Control+Alt+e")

    text = sheet.explanation.locator(".jp-RenderedMarkdown")
    expect(text.locator("p, li").first).to_be_visible(timeout=60_000)
    sheet.settle(1500)
    assert len(text.inner_text().split()) > 5
    sheet.explanation.get_by_role("button", name="Close").click()
    expect(sheet.explanation).to_have_count(0)
