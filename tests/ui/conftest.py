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
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Locator, Page, Request, expect, sync_playwright

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
}
ADDRESSES = {
    "lab": "/lab/workspaces/{workspace}/tree/{name}?token={token}",
    "notebook": "/notebooks/{name}?token={token}",
}
START_S = 60.0
# JupyterLab keeps the room of a suggestion that went away for a while, with its text in it, unseen.
NO_SPACER = ":not(.jp-GhostText-lineSpacer):not(.jp-GhostText-letterSpacer)"
PROVIDER = "jupyter-starcoder:inline"
Rule: TypeAlias = dict[str, object]
Cell: TypeAlias = str | dict[str, object]


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

    def write(self, name: str, *cells: Cell) -> None:
        """Writes a notebook; a cell given as text is one of code."""
        blank = {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": []}
        full = [
            {**blank, "id": f"cell-{index}", **({"source": cell} if isinstance(cell, str) else cell)}
            for index, cell in enumerate(cells)
        ]
        kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
        notebook = {"cells": full, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
        (self.home / "root" / name).write_text(json.dumps(notebook))

    def set(self, plugin: str, **values: object) -> None:
        """Changes a plugin's settings on the disk, for pages that are opened from now on."""
        body = json.dumps({"raw": json.dumps(values)}).encode()
        request = urllib.request.Request(
            f"{self.url}/lab/api/settings/{plugin}?token={self.token}", data=body, method="PUT"
        )
        urllib.request.urlopen(request, timeout=10).read()

    def state(self) -> str:
        """State of the served model."""
        with urllib.request.urlopen(f"{self.url}/starcoder/health?token={self.token}", timeout=10) as reply:
            return str(json.load(reply)["state"])


@contextmanager
def running_server(home: Path, *options: str, **environment: str) -> Iterator[Server]:
    """A server in a process of its own, which ends with the block."""
    (home / "root").mkdir(parents=True)
    (home / "config" / "labconfig").mkdir(parents=True)
    (home / "config" / "labconfig" / "default_setting_overrides.json").write_text(json.dumps(OVERRIDES))
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
    command += ["--LabApp.expose_app_in_browser=True", "--JupyterNotebookApp.expose_app_in_browser=True", *options]
    with (home / "server.log").open("wb") as log:
        process = subprocess.Popen(command, env=env, stdout=log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
    server = Server(f"http://127.0.0.1:{port}", token, home, process)
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


@pytest.fixture(scope="session")
def fake_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server whose model is the fake one, shared by all tests."""
    home = tmp_path_factory.mktemp("fake") / "home"
    with running_server(home, f"--StarcoderConfig.fake_rules={home / 'rules.json'}") as server:
        yield server


@pytest.fixture
def server(fake_server: Server) -> Server:
    """The shared server, without rules and settings of earlier tests."""
    fake_server.answer()
    shutil.rmtree(fake_server.home / "settings", ignore_errors=True)
    return fake_server


@pytest.fixture
def mortal_server(tmp_path: Path) -> Iterator[Server]:
    """A server with the fake model that a test may kill."""
    home = tmp_path / "home"
    with running_server(home, f"--StarcoderConfig.fake_rules={home / 'rules.json'}") as server:
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


@pytest.fixture
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A browser page of its own; an error thrown in our code fails the test."""
    context = browser.new_context(viewport={"width": 1280, "height": 720}, reduced_motion="reduce")
    context.set_default_timeout(30_000)
    page = context.new_page()
    # Notebook 7 throws errors of its own on opening: only ours count.
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(f"{error}\n{error.stack}"))
    yield page
    if folder := os.environ.get("SCREENSHOTS"):
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=f"{folder}/{request.node.name}.png")
    context.close()
    assert not [error for error in errors if "jupyter-starcoder" in error]


@dataclass
class Sheet:
    """An open document in one of the front ends."""

    page: Page
    frontend: str
    server: Server
    asked: list[dict[str, object]] = field(default_factory=list)  # bodies of requests for completions

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

    def expect_ghost(self, text: str) -> None:
        """Waits until the suggestion is whole and exactly this text."""
        expect(self.ghost).to_have_text(text)
        expect(self.ghost.locator(".jp-GhostText-streamingIndicator")).to_have_count(0)

    def settle(self, ms: float = 600) -> None:
        """Gives a request that should not come the time to come."""
        self.page.wait_for_timeout(ms)


Opener: TypeAlias = Callable[..., Sheet]


@pytest.fixture(params=list(ADDRESSES))
def frontend(request: pytest.FixtureRequest) -> str:
    """JupyterLab, then Notebook 7."""
    return str(request.param)


@pytest.fixture
def open_notebook(page: Page, frontend: str, request: pytest.FixtureRequest) -> Opener:
    """Opens a notebook of the cells given and puts the cursor at the end of the first one."""

    def open_cells(server: Server, *cells: Cell) -> Sheet:
        stem = "".join(letter if letter.isalnum() else "-" for letter in request.node.name).strip("-")
        name = f"{stem}.ipynb"
        server.write(name, *(cells or ("",)))
        sheet = Sheet(page, frontend, server)
        page.on("request", lambda asked: _note(asked, sheet))
        page.goto(server.url + ADDRESSES[frontend].format(name=name, token=server.token, workspace=stem))
        expect(sheet.status).to_have_attribute("data-mood", "ready")
        sheet.cell().locator(".cm-content").click()
        page.keyboard.press("Control+End")
        return sheet

    return open_cells


def _note(request: Request, sheet: Sheet) -> None:
    if urlsplit(request.url).path.endswith("/starcoder/complete"):
        sheet.asked.append(json.loads(request.post_data or "null"))
