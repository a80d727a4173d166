"""An open notebook in a real browser."""

import json
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Locator, Page, Request, expect

from tests.ui.server import Cell, Server, notebook_of

ADDRESSES = {
    "lab": "/lab/workspaces/{workspace}/tree/{name}?token={token}",
    "notebook": "/notebooks/{name}?token={token}",
}
# Before the text that is shared has come, a page shows an empty cell of its own.
IS_THERE = "window.jupyterapp.shell.currentWidget?.content?.widgets?.[0]?.model.id === 'cell-0'"
# JupyterLab keeps the room of a suggestion that went away for a while, with its text in it, unseen.
NO_SPACER = ":not(.jp-GhostText-lineSpacer):not(.jp-GhostText-letterSpacer)"
CHANGE_SETTING = """async ([plugin, key, value]) => {
  const app = window.jupyterapp;
  const services = [...(app.pluginRegistry ?? app)._services.keys()];
  const token = services.find(service => service.name === '@jupyterlab/coreutils:ISettingRegistry');
  await (await app.resolveRequiredService(token)).set(plugin, key, value);
}"""
# Before the kernel is there, JupyterLab asks whoever runs a cell which one to take.
KERNEL_IS_IDLE = "window.jupyterapp.shell.currentWidget.sessionContext.session?.kernel?.status === 'idle'"
ASK_FOR_SESSIONS = "window.jupyterapp.serviceManager.sessions.refreshRunning().catch(() => undefined)"
FILL = """notebook => {
  const { content, context } = window.jupyterapp.shell.currentWidget;
  context.model.fromJSON(notebook);
  context.model.sharedModel.clearUndoHistory();
  content.activeCellIndex = 0;
}"""
PALETTE = "apputils:activate-command-palette"
CHOOSE_IN_PALETTE = """([palette, label]) => {
  const { commands } = window.jupyterapp;
  const items = [...document.querySelectorAll('.lm-CommandPalette-item')];
  const item = items.find(({ textContent }) => textContent.includes(label));
  if (item) {
    item.click();
  } else if (commands.hasCommand(palette)) {
    commands.execute(palette);
  }
  return item !== undefined;
}"""
PLUGIN = "jupyter-starcoder:plugin"
PROVIDER = "jupyter-starcoder:inline"


@dataclass
class Sheet:
    """An open document in one of the front ends."""

    page: Page
    server: Server
    asked: list[dict[str, Any]] = field(default_factory=list)  # bodies of requests for completions
    ahead: list[dict[str, Any]] = field(default_factory=list)  # of those for what would follow one
    loaded: list[dict[str, Any]] = field(default_factory=list)  # bodies of requests for models
    broken_off: list[str] = field(default_factory=list)  # addresses of requests that the page ended

    def visit(self, frontend: str, name: str, workspace: str, mood: str = "ready") -> None:
        """Opens a notebook in the page, and keeps from then on what the page asks for."""
        self.page.on("request", self._note)
        self.page.on("requestfailed", lambda failed: self.broken_off.append(failed.url))
        address = ADDRESSES[frontend].format(name=name, token=self.server.token, workspace=workspace)
        self.page.goto(self.server.url + address)
        expect(self.status).to_have_attribute("data-mood", mood)

    def cell(self, index: int = 0) -> Locator:
        """A code cell of the notebook."""
        return self.page.locator(".jp-Notebook .jp-CodeCell").nth(index)

    @property
    def ghost(self) -> Locator:
        """The suggestion, where there is one."""
        return self.page.locator(f'.jp-GhostText[data-provided-by="{PROVIDER}"]{NO_SPACER}')

    @property
    def explanation(self) -> Locator:
        """The panel with the explanation."""
        return self.page.get_by_role("region", name="Explanation of the cell")

    @property
    def status(self) -> Locator:
        """What says how the model is."""
        return self.page.locator(".jp-Starcoder-status")

    def type(self, text: str) -> None:
        """Types with a short pause between keys, as a person would."""
        self.page.keyboard.type(text, delay=15)

    def type_at_once(self, text: str) -> None:
        """Puts a text in by one edit: no rest between two keys, however busy the machine is."""
        self.page.keyboard.insert_text(text)

    def press(self, key: str) -> None:
        """Presses one key."""
        self.page.keyboard.press(key)

    def await_kernel(self) -> None:
        """Waits until there is a kernel that would run a cell."""
        self.page.wait_for_function(KERNEL_IS_IDLE)

    def run(self, key: str = "Control+Enter") -> None:
        """Runs the active cell by a key, once there is a kernel for it."""
        self.await_kernel()
        self.press(key)

    def source(self, index: int = 0) -> str:
        """The text of a cell as the notebook's model holds it."""
        return str(
            self.page.evaluate(
                "index => window.jupyterapp.shell.currentWidget.content.widgets[index].model.sharedModel.getSource()",
                index,
            )
        )

    def expect_source(self, text: str, index: int = 0) -> None:
        """Waits until a cell holds exactly this text."""
        deadline_s = time.monotonic() + 10
        while self.source(index) != text and time.monotonic() < deadline_s:
            self.page.wait_for_timeout(50)
        assert self.source(index) == text

    def expect_broken_off(self, endpoint: str) -> None:
        """Waits until the page has ended a request before its answer did."""
        deadline_s = time.monotonic() + 10
        while not any(endpoint in url for url in self.broken_off) and time.monotonic() < deadline_s:
            self.page.wait_for_timeout(20)
        assert any(endpoint in url for url in self.broken_off)

    def expect_ghost(self, text: str) -> None:
        """Waits until the suggestion is whole and exactly this text."""
        expect(self.ghost).to_have_text(text)
        expect(self.ghost.locator(".jp-GhostText-streamingIndicator")).to_have_count(0)

    def await_loss(self) -> None:
        """Waits until the front end itself has said, once and for all, that its server is gone."""
        # It finds out at its next question, seconds later: its dialog must not come while something is typed.
        self.page.evaluate(ASK_FOR_SESSIONS)
        dialog = self.page.locator(".jp-Dialog", has_text="Server Connection Error")
        dialog.get_by_role("checkbox").check()
        dialog.get_by_role("button", name="Close").click()
        expect(dialog).to_have_count(0)

    def set(self, key: str, value: object, plugin: str = PLUGIN) -> None:
        """Changes one setting, of ours where nothing else is said, in the open page, as the settings editor would."""
        self.page.evaluate(CHANGE_SETTING, [plugin, key, value])

    def settle(self, ms: float = 600) -> None:
        """Gives a request that should not come the time to come."""
        self.page.wait_for_timeout(ms)

    def fill(self, *cells: Cell, mark: str = "") -> None:
        """Puts other cells in the place of all, as if the notebook had been opened with them."""
        self.forget()
        self.page.evaluate(FILL, notebook_of(*cells, mark=mark))

    def forget(self) -> None:
        """Takes away what a test left open, and what was noted in it."""
        self.press("Escape")  # a menu, if a test left one open
        self.page.unroute_all()
        for noted in (self.asked, self.loaded, self.broken_off):
            noted.clear()

    def begin(self) -> None:
        """Puts the cursor at the end of the first cell of code."""
        self.cell().locator(".cm-content").click()
        self.press("Control+End")

    def choose(self, label: str, place: Locator) -> None:
        """Chooses an entry of the context menu of a place."""
        place.click(button="right")
        self.page.get_by_role("menuitem", name=label).click()

    def command(self, label: str) -> None:
        """Chooses a command in the palette."""
        # The list is drawn anew at any time, and goes when the cursor does: found and clicked at once.
        self.page.wait_for_function(CHOOSE_IN_PALETTE, arg=[PALETTE, label], polling=300)

    def _note(self, request: Request) -> None:
        path = urlsplit(request.url).path
        if path.endswith("/starcoder/complete"):
            body = json.loads(request.post_data or "null")
            (self.ahead if body and body.get("ahead") else self.asked).append(body)
        elif path.endswith("/starcoder/models/load"):
            self.loaded.append(json.loads(request.post_data or "null"))
