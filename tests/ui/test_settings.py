"""Settings and what they change, in a real browser with the fake model."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Locator, expect

from tests.ui.server import fake_model, running_server

if TYPE_CHECKING:
    from tests.ui.conftest import Opener
    from tests.ui.server import Server
    from tests.ui.sheet import Sheet

PLUGIN = "jupyter-starcoder:plugin"

pytestmark = pytest.mark.browser
KEYS = {
    "k": "Edit this cell in words",
    "Alt+e": "Explain this cell",
    "Alt+f": "Fix this cell",
    "Alt+g": "Write code for this text",
}
FIELD = "jp-SettingsEditor-jupyter-starcoder:plugin_{}"


@pytest.fixture(scope="module")
def governed_server(tmp_path_factory: pytest.TempPathFactory) -> "Iterator[Server]":
    """A server whose administrator has locked some settings and switched off some features."""
    home = tmp_path_factory.mktemp("governed") / "home"
    words = {
        "trigger": "manual",
        "completion_tokens": "4",
        "debounce_ms": "70",
        "locked": ("trigger", "completion_tokens"),
        "disabled_features": ("explain", "edit", "fix", "generate", "chat"),
        "locked_reason": "Exams are on.",
    }
    pairs = [
        (name, value) for name, values in words.items() for value in ([values] if isinstance(values, str) else values)
    ]
    with running_server(
        home, *fake_model(home), *(f"--StarcoderConfig.{name}={value}" for name, value in pairs)
    ) as server:
        yield server


def _field(sheet: "Sheet", name: str) -> Locator:
    return sheet.page.locator(f'[id="{FIELD.format(name)}"]')


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


@pytest.mark.parametrize("frontend", ["lab"])
def test_switched_off_asks_nothing(open_notebook: "Opener", server: "Server") -> None:
    """When completion is off, not even the shortcut asks the model."""
    server.set(PLUGIN, enabled=False)
    sheet = open_notebook(server)
    sheet.type("x = ")
    sheet.press("Alt+\\")
    sheet.settle()

    assert sheet.asked == []


@pytest.mark.parametrize("frontend", ["lab"])
def test_settings_hold_at_once(open_notebook: "Opener", server: "Server") -> None:
    """A change of any of them counts from the next key on, without a reload."""
    server.answer({"ending": "x = ", "answer": "123456789"})
    sheet = open_notebook(server)
    for key, value, back in (("trigger", "manual", "automatic"), ("debounceMs", 5000, 0)):
        sheet.set(key, value)
        sheet.type("x = ")
        sheet.settle()
        assert sheet.asked == []
        for _ in "x = ":
            sheet.press("Backspace")
        sheet.set(key, back)
    sheet.set("maxTokens", 4)
    sheet.type("x = ")
    sheet.expect_ghost("1234")
    asked = list(sheet.asked)
    sheet.set("enabled", False)
    sheet.type("1")
    sheet.settle()

    assert {request["max_tokens"] for request in asked} == {4}
    assert sheet.asked == asked


@pytest.mark.parametrize("frontend", ["lab"])
def test_another_model_is_asked_for(open_notebook: "Opener", server: "Server") -> None:
    """A change of the model goes to the server, which says what it thinks of it."""
    sheet = open_notebook(server)
    assert sheet.loaded == []
    sheet.set("model", "no-such-model")

    expect(sheet.page.locator(".jp-Dialog")).to_contain_text("no model is called 'no-such-model'")
    assert sheet.loaded == [{"model": "no-such-model"}]


@pytest.mark.parametrize("frontend", ["lab"])
def test_what_is_locked_holds_whatever_the_users_file_says(open_notebook: "Opener", governed_server: "Server") -> None:
    """Nothing comes by itself, and what is asked for is as long as the administrator says."""
    governed_server.answer({"ending": "x = ", "answer": "123456789"})
    governed_server.set(PLUGIN, trigger="automatic", maxTokens=9, debounceMs=10)
    sheet = open_notebook(governed_server)
    sheet.type("x = ")
    sheet.settle()
    assert sheet.asked == []
    sheet.press("Alt+\\")
    sheet.expect_ghost("1234")

    assert [asked["max_tokens"] for asked in sheet.asked] == [4]


@pytest.mark.parametrize("frontend", ["lab"])
def test_settings_editor_shows_what_is_locked_and_why(open_notebook: "Opener", governed_server: "Server") -> None:
    """Locked values stand there and cannot be changed; defaults of the administrator can."""
    governed_server.set(PLUGIN, trigger="automatic", maxTokens=9)
    sheet = open_notebook(governed_server)
    sheet.page.evaluate("() => jupyterapp.commands.execute('settingeditor:open', { query: 'StarCoder' })")

    expect(_field(sheet, "trigger")).to_be_disabled()
    expect(_field(sheet, "trigger").locator("option:checked")).to_have_text("manual")
    expect(sheet.page.get_by_text("Trigger (locked)")).to_be_visible()
    expect(_field(sheet, "maxTokens")).to_have_value("4")
    expect(_field(sheet, "maxTokens")).not_to_be_editable()
    expect(_field(sheet, "debounceMs")).to_have_value("70")
    expect(_field(sheet, "debounceMs")).to_be_editable()
    expect(sheet.page.get_by_text("Locked by the administrator: Exams are on.").first).to_be_visible()


def test_feature_that_is_off_says_so_at_its_controls(open_notebook: "Opener", governed_server: "Server") -> None:
    """Commands, toolbar and the buttons of a failed cell are disabled; these tell the reason, and keys do."""
    error = {"output_type": "error", "ename": "NameError", "evalue": "name 'y' is not defined", "traceback": []}
    sheet = open_notebook(governed_server, {"source": "x = y", "outputs": [error], "execution_count": 1})
    strip = sheet.page.get_by_role("group", name="Error of the cell")

    for label in ("Explain this cell", "Edit this cell in words"):
        button = sheet.cell().locator(f'.jp-cell-toolbar [title^="{label}"]')
        expect(button).to_have_attribute("title", re.compile("switched off by the administrator. Exams are on."))
        expect(button).to_have_attribute("aria-disabled", "true")
    for label in ("Fix", "Explain this error"):
        expect(strip.get_by_role("button", name=label)).to_be_disabled()
    for key, feature in KEYS.items():
        sheet.press(f"Control+{key}")
        expect(sheet.page.get_by_role("dialog")).to_contain_text(f"{feature}: switched off by the administrator. Exams")
        sheet.press("Escape")
        expect(sheet.cell().locator(".cm-content")).to_be_focused()
    expect(sheet.page.locator(".jp-Starcoder-bar")).to_have_count(0)
    sheet.status.get_by_role("button").click()
    expect(sheet.page.get_by_role("dialog")).to_contain_text("Explanation, Edit, Fix, New cell, Chat (Exams are on.)")


@pytest.mark.parametrize("frontend", ["lab"])
def test_a_page_that_could_not_hear_what_is_locked_hears_it_later(
    open_notebook: "Opener", governed_server: "Server"
) -> None:
    """It asks again once the server is heard of: what is off is so at all controls, and what is locked holds."""
    error = {"output_type": "error", "ename": "NameError", "evalue": "name 'y' is not defined", "traceback": []}
    sheet = open_notebook(governed_server, {"source": "x = y", "outputs": [error], "execution_count": 1})
    sheet.page.route("**/starcoder/settings*", lambda route: route.abort())
    sheet.page.reload()
    fix = sheet.page.get_by_role("group", name="Error of the cell").get_by_role("button", name="Fix")
    explain = sheet.cell().locator('.jp-cell-toolbar [title^="Explain this cell"]')
    sheet.begin()
    expect(fix).to_be_enabled()
    expect(explain).not_to_have_attribute("aria-disabled", "true")
    sheet.page.unroute("**/starcoder/settings*")
    sheet.status.get_by_role("button").click()  # which asks the server how it is

    expect(sheet.page.get_by_role("dialog")).to_contain_text("Explanation, Edit, Fix, New cell, Chat (Exams are on.)")
    sheet.press("Escape")
    expect(fix).to_be_disabled()
    expect(explain).to_have_attribute("aria-disabled", "true")
    sheet.type("; z = ")
    sheet.settle()
    assert sheet.asked == []
