"""A real Jupyter server, on loopback only."""

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPResponse
from pathlib import Path
from typing import Any, TypeAlias, cast

import pytest

OVERRIDES = {
    "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False},
    "@jupyterlab/docmanager-extension:plugin": {"autosave": False},
    # How fast a test types says nothing: the pause is the one that is set.
    "jupyter-starcoder:inline": {"adaptivePause": False},
}
# Where jupyter-collaboration is installed, only the tests that name it want it.
WITHOUT_COLLABORATION = {
    "disabledExtensions": {"@jupyter/collaboration-extension": True, "@jupyter/docprovider-extension": True}
}
KEPT = "kept-"  # begins the name of a notebook whose page stays open
START_S = 60.0
Rule: TypeAlias = dict[str, object]
Cell: TypeAlias = str | dict[str, object]


def notebook_of(*cells: Cell, mark: str = "") -> dict[str, object]:
    """A notebook's file, with a mark to be known by; a cell given as text is one of code."""
    blank: dict[str, object] = {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": []}
    full = [
        {**blank, "id": f"cell-{index}", **({"source": cell} if isinstance(cell, str) else cell)}
        for index, cell in enumerate(cells)
    ]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return {
        "cells": full,
        "metadata": {"kernelspec": kernel, **({"mark": mark} if mark else {})},
        "nbformat": 4,
        "nbformat_minor": 5,
    }


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
