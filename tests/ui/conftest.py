"""A real Jupyter server, on loopback only, and a real Chromium."""

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPResponse
from pathlib import Path
from typing import Any, TypeAlias, cast
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Request, ViewportSize, expect, sync_playwright

GET_CHROMIUM = "no Chromium is found: apt-get install chromium, or name one in the environment variable CHROMIUM"
CHROMIUM_ARGS = [
    "--no-sandbox",  # as root, in containers
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
OVERRIDES = {
    "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False},
    "@jupyterlab/docmanager-extension:plugin": {"autosave": False},
    # How fast a test types says nothing: the pause is the one that is set.
    "jupyter-starcoder:inline": {"adaptivePause": False},
}
expect.set_options(timeout=30_000)  # a busy machine is slow, not wrong
ADDRESSES = {
    "lab": "/lab/workspaces/{workspace}/tree/{name}?token={token}",
    "notebook": "/notebooks/{name}?token={token}",
}
# Where jupyter-collaboration is installed, only the tests that name it want it.
WITHOUT_COLLABORATION = {
    "disabledExtensions": {"@jupyter/collaboration-extension": True, "@jupyter/docprovider-extension": True}
}
FAILED = pytest.StashKey[bool]()
KEPT = "kept-"  # begins the name of a notebook whose page stays open
VIEWPORT: ViewportSize = {"width": 1280, "height": 720}
START_S = 60.0
# JupyterLab keeps the room of a suggestion that went away for a while, with its text in it, unseen.
NO_SPACER = ":not(.jp-GhostText-lineSpacer):not(.jp-GhostText-letterSpacer)"
CHANGE_SETTING = """async ([plugin, key, value]) => {
  const app = window.jupyterapp;
  const services = [...(app.pluginRegistry ?? app)._services.keys()];
  const token = services.find(service => service.name === '@jupyterlab/coreutils:ISettingRegistry');
  await (await app.resolveRequiredService(token)).set(plugin, key, value);
}"""
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
Rule: TypeAlias = dict[str, object]
Cell: TypeAlias = str | dict[str, object]


def notebook_of(*cells: Cell) -> dict[str, object]:
    """A notebook's file; a cell given as text is one of code."""
    blank: dict[str, object] = {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": []}
    full = [
        {**blank, "id": f"cell-{index}", **({"source": cell} if isinstance(cell, str) else cell)}
        for index, cell in enumerate(cells)
    ]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return {"cells": full, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}


@dataclass
class Server:
    """A Jupyter server with JupyterLab and Notebook 7, and with the fake model where it has rules."""

    url: str
    token: str
    home: Path
    process: "subprocess.Popen[bytes]"

    def answer(self, *rules: Rule) -> None:
        """Sets what the fake model answers from now on; the first rule that matches holds."""
        (self.home / "rules.json").write_text(json.dumps(rules))

    def forget(self) -> None:
        """Takes rules and settings away."""
        self.answer()
        shutil.rmtree(self.home / "settings", ignore_errors=True)

    def write(self, name: str, *cells: Cell) -> None:
        """Writes a notebook; a cell given as text is one of code."""
        (self.home / "root" / name).write_text(json.dumps(notebook_of(*cells)))

    def set(self, plugin: str, **values: object) -> None:
        """Changes a plugin's settings on the disk, for pages that are opened from now on."""
        body = json.dumps({"raw": json.dumps(values)}).encode()
        self._ask("PUT", f"lab/api/settings/{plugin}", body).close()

    def state(self) -> str:
        """State of the served model."""
        return str(self.reply("health")["state"])

    def reply(self, route: str) -> dict[str, Any]:
        """What one of our routes answers."""
        with self._ask("GET", f"starcoder/{route}") as reply:
            body: dict[str, Any] = json.load(reply)
        return body

    def pretend(self, *models: Rule) -> None:
        """Says which models can be pretended to be fetched, and how; the server may read it at any time."""
        fresh = self.home / "models.new"
        fresh.write_text(json.dumps(models))
        fresh.replace(self.home / "models.json")

    def models(self) -> dict[str, str]:
        """How each model stands."""
        with self._ask("GET", "starcoder/models") as reply:
            return {model["name"]: model["state"] for model in json.load(reply)["models"]}

    def change(self, verb: str, model: str, **more: object) -> None:
        """Does something to a model, as a page of somebody else would."""
        self._ask("POST", f"starcoder/models/{verb}", json.dumps({"model": model, **more}).encode()).close()

    def stop_kernels(self) -> None:
        """Ends every kernel but those of pages that stay, unless the server is gone with them."""
        if self.process.poll() is None:
            with self._ask("GET", "api/sessions") as reply:
                sessions = json.load(reply)
            for session in sessions:
                if not session["path"].startswith(KEPT):
                    self._ask("DELETE", f"api/sessions/{session['id']}").close()

    def _ask(self, method: str, path: str, body: bytes | None = None) -> HTTPResponse:
        request = urllib.request.Request(f"{self.url}/{path}?token={self.token}", data=body, method=method)
        return cast("HTTPResponse", urllib.request.urlopen(request, timeout=20))


@contextmanager
def running_server(
    home: Path, *options: str, base_url: str = "", with_collaboration: bool = False, **environment: str
) -> Iterator[Server]:
    """A server in a process of its own, which ends with the block."""
    (home / "root").mkdir(parents=True)
    for_pages = home / "config" / "labconfig"
    for_pages.mkdir(parents=True)
    (for_pages / "default_setting_overrides.json").write_text(json.dumps(OVERRIDES))
    if not with_collaboration:
        (for_pages / "page_config.json").write_text(json.dumps(WITHOUT_COLLABORATION))
    (home / "rules.json").write_text("[]")
    token, port = secrets.token_hex(8), _free_port()
    folders = {
        "HOME": home,
        "JUPYTER_CONFIG_DIR": home / "config",
        "JUPYTER_DATA_DIR": home / "data",
        "JUPYTER_RUNTIME_DIR": home / "runtime",
        "JUPYTERLAB_WORKSPACES_DIR": home / "workspaces",
        "JUPYTERLAB_SETTINGS_DIR": home / "settings",
        "IPYTHONDIR": home / "ipython",
    }
    env = {name: value for name, value in os.environ.items() if not name.startswith(("JUPYTER", "JPY"))}
    env |= {name: str(folder) for name, folder in folders.items()} | environment
    command = [sys.executable, "-m", "jupyter_server", "--no-browser", "--allow-root", "--ip=127.0.0.1"]
    command += [f"--port={port}", "--ServerApp.port_retries=0", f"--ServerApp.root_dir={home / 'root'}"]
    command += [f"--IdentityProvider.token={token}", "--LabApp.extension_manager=readonly"]
    command += ["--LabApp.expose_app_in_browser=True", "--JupyterNotebookApp.expose_app_in_browser=True"]
    command += [f"--ServerApp.base_url={base_url}/", *options]
    with (home / "server.log").open("wb") as log:
        process = subprocess.Popen(command, env=env, stdout=log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
    server = Server(f"http://127.0.0.1:{port}{base_url}", token, home, process)
    try:
        _wait_until_it_answers(server)
        yield server
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_until_it_answers(server: Server) -> None:
    deadline_s = time.monotonic() + START_S
    while True:
        try:
            urllib.request.urlopen(f"{server.url}/api/status?token={server.token}", timeout=2).read()
        except OSError:
            if server.process.poll() is not None or time.monotonic() > deadline_s:
                pytest.fail("the server did not start:\n" + (server.home / "server.log").read_text()[-4000:])
            time.sleep(0.1)
        else:
            return


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def fake_model(home: Path) -> tuple[str, ...]:
    """Options of a server that answers by rules; what they say need not be code whose names exist."""
    return f"--StarcoderConfig.fake_rules={home / 'rules.json'}", "--StarcoderConfig.unknown_names=allow"


@pytest.fixture(scope="session")
def fake_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server whose model is the fake one, shared by all tests."""
    home = tmp_path_factory.mktemp("fake") / "home"
    with running_server(home, *fake_model(home)) as server:
        yield server


@pytest.fixture
def server(fake_server: Server) -> Server:
    """The shared server, without rules and settings of earlier tests."""
    fake_server.forget()
    return fake_server


@pytest.fixture
def mortal_server(tmp_path: Path) -> Iterator[Server]:
    """A server with the fake model that a test may kill."""
    home = tmp_path / "home"
    with running_server(home, *fake_model(home)) as server:
        yield server


@pytest.fixture(scope="session")
def model_server(tmp_path_factory: pytest.TempPathFactory, embedded_model: Path) -> Iterator[Server]:
    """A server with the embedded model, once that is loaded."""
    home = tmp_path_factory.mktemp("model") / "home"
    with running_server(home, JUPYTER_STARCODER_MODELS=str(embedded_model.parent)) as server:
        deadline_s = time.monotonic() + START_S
        while (state := server.state()) != "ready":
            if time.monotonic() > deadline_s:
                pytest.fail(f"the model is still {state}:\n" + (home / "server.log").read_text()[-4000:])
            time.sleep(0.1)
        yield server


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if not path:
        if os.environ.get("CI"):
            pytest.fail(GET_CHROMIUM)
        pytest.skip(GET_CHROMIUM)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, headless=True, args=CHROMIUM_ARGS)
        yield chromium
        chromium.close()


Opener: TypeAlias = "Callable[..., Sheet]"
PageOf: TypeAlias = Callable[["Server"], Page]


@pytest.fixture(scope="session")
def contexts(browser: Browser) -> dict[str, BrowserContext]:
    """By server: what its pages share. The front ends are large, and a browser that has them opens a page sooner."""
    return {}


def context_of(browser: Browser, contexts: dict[str, BrowserContext], server: Server) -> BrowserContext:
    """What all pages of a server share."""
    if server.url not in contexts:
        contexts[server.url] = browser.new_context(viewport=VIEWPORT, reduced_motion="reduce")
        contexts[server.url].set_default_timeout(30_000)
    return contexts[server.url]


@dataclass
class Pages:
    """Pages that are closed together."""

    browser: Browser
    contexts: dict[str, BrowserContext]
    opened: list[tuple[Page, Server]] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def open(self, server: Server) -> Page:
        """An empty page for a server."""
        page = context_of(self.browser, self.contexts, server).new_page()
        page.on("pageerror", lambda error: self.errors.append(f"{error}\n{error.stack}"))
        self.opened.append((page, server))
        return page

    def expect_no_error(self) -> None:
        """Fails where an error was thrown in our code; Notebook 7 throws some of its own on opening."""
        ours = [error for error in self.errors if "jupyter-starcoder" in error]
        self.errors.clear()
        assert not ours


def take_screenshot(page: Page, name: str) -> None:
    """Keeps how a page looks, where somebody wants to see that."""
    if folder := os.environ.get("SCREENSHOTS"):
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=f"{folder}/{name}.png")


@pytest.fixture
def page_of(browser: Browser, contexts: dict[str, BrowserContext], request: pytest.FixtureRequest) -> Iterator[PageOf]:
    """Opens an empty page for a server; an error thrown in our code fails the test."""
    pages = Pages(browser, contexts)
    yield pages.open
    for page, server in pages.opened:
        take_screenshot(page, request.node.name)
        page.close()
        server.stop_kernels()
    pages.expect_no_error()


@dataclass
class Sheet:
    """An open document in one of the front ends."""

    page: Page
    server: Server
    asked: list[dict[str, Any]] = field(default_factory=list)  # bodies of requests for completions
    ahead: list[dict[str, Any]] = field(default_factory=list)  # of those for what would follow one
    loaded: list[dict[str, Any]] = field(default_factory=list)  # bodies of requests for models
    broken_off: list[str] = field(default_factory=list)  # addresses of requests that the page ended

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

    def dismiss_dialogs(self) -> None:
        """Closes what the front end itself puts before the notebook when its server is gone."""
        dialog = self.page.locator(".jp-Dialog")
        self.settle(1000)
        while dialog.count():
            dialog.last.locator("button").last.click()
            self.settle(300)

    def set(self, key: str, value: object, plugin: str = PLUGIN) -> None:
        """Changes one setting, of ours where nothing else is said, in the open page, as the settings editor would."""
        self.page.evaluate(CHANGE_SETTING, [plugin, key, value])

    def settle(self, ms: float = 600) -> None:
        """Gives a request that should not come the time to come."""
        self.page.wait_for_timeout(ms)

    def fill(self, *cells: Cell) -> None:
        """Puts other cells in the place of all, as if the notebook had been opened with them."""
        self.press("Escape")  # a menu, if a test left one open
        self.page.evaluate(FILL, notebook_of(*cells))
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


@pytest.fixture(params=list(ADDRESSES))
def frontend(request: pytest.FixtureRequest) -> str:
    """JupyterLab, then Notebook 7."""
    return str(request.param)


@pytest.fixture
def open_notebook(page_of: PageOf, frontend: str, request: pytest.FixtureRequest) -> Opener:
    """Opens a notebook of the cells given and puts the cursor at the end of the first one."""

    def open_cells(server: Server, *cells: Cell, mood: str = "ready") -> Sheet:
        sheet = Sheet(page_of(server), server)
        _open(sheet, frontend, request.node.name, *cells, mood=mood)
        return sheet

    return open_cells


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Notes which tests failed, for what is done after them."""
    report = yield
    if report.failed:
        item.stash[FAILED] = True
    return report


@pytest.fixture(scope="session")
def kept_pages(browser: Browser, contexts: dict[str, BrowserContext]) -> Pages:
    """Pages that stay open until the last test."""
    return Pages(browser, contexts)


@pytest.fixture(scope="session")
def kept_sheets() -> dict[tuple[str, str], Sheet]:
    """By server and front end: the notebooks in those pages."""
    return {}


@pytest.fixture
def fill_notebook(
    kept_pages: Pages, kept_sheets: dict[tuple[str, str], Sheet], frontend: str, request: pytest.FixtureRequest
) -> Iterator[Opener]:
    """Does what `open_notebook` does in a page that all tests share: for what ends with its cells."""
    used: list[Sheet] = []

    def fill_cells(server: Server, *cells: Cell) -> Sheet:
        sheet = kept_sheets.get((server.url, frontend))
        if sheet:
            sheet.page.bring_to_front()
            sheet.fill(*(cells or ("",)))
            sheet.begin()
        else:
            sheet = kept_sheets[server.url, frontend] = Sheet(kept_pages.open(server), server)
            _open(sheet, frontend, f"{KEPT}{frontend}", *cells)
        used.append(sheet)
        return sheet

    yield fill_cells
    for sheet in used:
        take_screenshot(sheet.page, request.node.name)
        if request.node.stash.get(FAILED, False):
            # Whatever it left there, the next test must not stumble over it.
            kept_sheets.pop((sheet.server.url, frontend), None)
            sheet.page.close()
    kept_pages.expect_no_error()


def _open(sheet: Sheet, frontend: str, name: str, *cells: Cell, mood: str = "ready") -> None:
    stem = "".join(letter if letter.isalnum() else "-" for letter in name).strip("-")
    page, server = sheet.page, sheet.server
    server.write(f"{stem}.ipynb", *(cells or ("",)))
    note_requests(sheet)
    page.goto(server.url + ADDRESSES[frontend].format(name=f"{stem}.ipynb", token=server.token, workspace=stem))
    expect(sheet.status).to_have_attribute("data-mood", mood)
    sheet.begin()


def note_requests(sheet: Sheet) -> None:
    """Keeps what the page asks for from now on."""
    sheet.page.on("request", lambda asked: _note(asked, sheet))
    sheet.page.on("requestfailed", lambda failed: sheet.broken_off.append(failed.url))


def _note(request: Request, sheet: Sheet) -> None:
    path = urlsplit(request.url).path
    if path.endswith("/starcoder/complete"):
        body = json.loads(request.post_data or "null")
        (sheet.ahead if body and body.get("ahead") else sheet.asked).append(body)
    elif path.endswith("/starcoder/models/load"):
        sheet.loaded.append(json.loads(request.post_data or "null"))
