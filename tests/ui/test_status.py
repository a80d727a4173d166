"""What says how the model is, in a real browser."""

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from tests.ui.conftest import Opener, Server

pytestmark = pytest.mark.browser


def test_status_names_the_model_and_is_busy_while_it_writes(open_notebook: "Opener", server: "Server") -> None:
    """The status names model and device, and shows that an answer is being made."""
    server.answer({"ending": "x = ", "answer": "1 + 1 + 1", "delay_s": 0.1})
    sheet = open_notebook(server)
    expect(sheet.status).to_contain_text("fake · CPU · ready")
    sheet.type("x = ")

    expect(sheet.status).to_have_attribute("data-mood", "busy")
    sheet.expect_ghost("1 + 1 + 1")
    expect(sheet.status).to_have_attribute("data-mood", "ready")


def test_a_click_tells_the_whole_story(open_notebook: "Opener", server: "Server") -> None:
    """A click on the status shows what its few words stand for."""
    sheet = open_notebook(server)
    sheet.status.get_by_role("button").click()

    expect(sheet.page.locator(".jp-Dialog")).to_contain_text("fake answers on this machine")
