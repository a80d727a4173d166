"""Settings and what they change, in a real browser with the fake model."""

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from tests.ui.conftest import Opener, Server

PLUGIN = "jupyter-starcoder:plugin"

pytestmark = pytest.mark.browser


def test_manual_mode_waits_to_be_asked(open_notebook: "Opener", server: "Server") -> None:
    """With the manual trigger only the shortcut brings a suggestion."""
    server.set(PLUGIN, trigger="manual")
    server.answer({"ending": "x = ", "answer": "42"})
    sheet = open_notebook(server)
    sheet.type("x = ")
    sheet.settle()
    assert sheet.asked == []
    sheet.press("Alt+\\")
    sheet.expect_ghost("42")
    sheet.press("Tab")

    sheet.expect_source("x = 42")
    assert len(sheet.asked) == 1


def test_switched_off_asks_nothing(open_notebook: "Opener", server: "Server") -> None:
    """When completion is off, not even the shortcut asks the model."""
    server.set(PLUGIN, enabled=False)
    sheet = open_notebook(server)
    sheet.type("x = ")
    sheet.press("Alt+\\")
    sheet.settle()

    assert sheet.asked == []


def test_settings_hold_at_once(open_notebook: "Opener", server: "Server") -> None:
    """A change of the settings counts from the next key on, without a reload."""
    server.answer({"ending": "x = ", "answer": "123456789"})
    sheet = open_notebook(server)
    sheet.set("maxTokens", 4)
    sheet.type("x = ")
    sheet.expect_ghost("1234")
    sheet.set("enabled", False)
    sheet.type("1")
    sheet.settle()

    assert [asked["max_tokens"] for asked in sheet.asked] == [4]


def test_another_model_is_asked_for(open_notebook: "Opener", server: "Server") -> None:
    """A change of the model goes to the server, which says what it thinks of it."""
    sheet = open_notebook(server)
    assert sheet.loaded == []
    sheet.set("model", "no-such-model")

    expect(sheet.page.locator(".jp-Dialog")).to_contain_text("no model is called 'no-such-model'")
    assert sheet.loaded == [{"model": "no-such-model"}]
