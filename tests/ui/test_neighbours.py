"""Suggestions beside another provider of them, and where something fails, in a real browser with the fake model."""

import time
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.ui.sheet import NO_SPACER

if TYPE_CHECKING:
    from tests.ui.conftest import Opener
    from tests.ui.server import Server

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("frontend", ["lab"])]

# Another extension's provider, which fails, or answers at once, as the test says.
NEIGHBOUR = """async () => {
  const app = window.jupyterapp;
  const services = [...(app.pluginRegistry ?? app)._services.keys()];
  const find = name => services.find(service => service.name === name);
  const manager = await app.resolveRequiredService(find('@jupyterlab/completer:ICompletionProviderManager'));
  window.neighbour = 'fails';
  manager.registerInlineProvider({
    identifier: 'neighbour',
    name: 'Neighbour',
    fetch: async () => {
      if (window.neighbour === 'fails') throw new Error('it failed');
      return { items: [{ insertText: window.neighbour }] };
    }
  });
  const every = { enabled: true, timeout: 5000, debouncerDelay: 0, autoFillInMiddle: true };
  manager.inline.configure({
    showWidget: 'never', showShortcuts: false, streamingAnimation: 'none', ghostSyntaxHighlighting: false,
    minLines: 0, maxLines: 0, editorResizeDelay: 0, reserveSpaceForLongest: false, suppressIfTabCompleterActive: true,
    providers: {
      neighbour: every,
      'jupyter-starcoder:inline': every,
      '@jupyterlab/inline-completer:history': { ...every, enabled: false, maxSuggestions: 9 }
    }
  });
}"""


def test_another_provider_fails_or_comes_first(open_notebook: "Opener", server: "Server") -> None:
    """Ours is shown where the other one fails before it, and stands beside the other's where that one is quicker."""
    server.answer({"ending": "x = ", "answer": "42"}, {"ending": "y = ", "answer": "43"})
    sheet = open_notebook(server)
    sheet.page.evaluate(NEIGHBOUR)
    sheet.cell().locator(".cm-content").click()
    sheet.type("x = ")
    sheet.expect_ghost("42")
    sheet.press("Tab")
    sheet.expect_source("x = 42")

    sheet.page.evaluate("() => (window.neighbour = 'theirs')")
    sheet.type("; y = ")
    # JupyterLab keeps the name of the first provider on what it draws.
    drawn = sheet.page.locator(f".jp-GhostText{NO_SPACER}")
    expect(drawn).to_have_text("theirs")
    deadline_s = time.monotonic() + 30
    while drawn.inner_text() != "43" and time.monotonic() < deadline_s:  # ours comes behind theirs, after its pause
        sheet.settle(300)
        sheet.press("Alt+]")
    sheet.press("Tab")
    sheet.expect_source("x = 42; y = 43")


def test_what_is_suggested_goes_away_under_it(open_notebook: "Opener", server: "Server") -> None:
    """A cell that is deleted and a notebook that is closed while a suggestion streams end its request."""
    server.answer({"ending": "x = ", "answer": "42 + 1 + 2 + 3 + 4 + 5 + 6 + 7 + 8 + 9", "delay_s": 0.1})
    sheet = open_notebook(server, "", "")
    for end in ("notebook:delete-cell", "application:close"):
        broken_off = len(sheet.broken_off)
        sheet.type("x = ")
        expect(sheet.ghost).to_contain_text("42")
        if end == "application:close":
            sheet.page.evaluate("() => window.jupyterapp.shell.currentWidget.context.save()")
        sheet.page.evaluate("id => void window.jupyterapp.commands.execute(id)", end)
        sheet.settle(600)
        expect(sheet.ghost).to_have_count(0)
        assert len(sheet.broken_off) > broken_off
        if end == "notebook:delete-cell":
            sheet.cell().locator(".cm-content").click()


def test_a_server_that_is_gone_is_told_at_the_cursor(open_notebook: "Opener", server: "Server") -> None:
    """The error stands at the cursor, the editor goes on, and so do suggestions once the server is back."""
    server.answer({"ending": "x = 4", "answer": "2"})
    sheet = open_notebook(server)
    sheet.page.route("**/starcoder/complete*", lambda route: route.abort())
    sheet.type_at_once("x = ")
    expect(sheet.page.locator(".jp-GhostText-errorIndicator")).to_have_count(1)
    sheet.page.unroute_all()
    sheet.type("4")

    sheet.expect_ghost("2")
