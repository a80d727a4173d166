"""A real kernel beside a real Jupyter server with the fake model, and IPython without a server."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest
from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.manager import KernelManager

# Imported rather than named in `pytest_plugins`: these fixtures (two are autouse) then apply to this folder only.
from pytest_jupyter.jupyter_server import *  # noqa: F403

from jupyter_starcoder.app import StarcoderApp

if TYPE_CHECKING:
    from jupyter_server.serverapp import ServerApp

TIMEOUT_S = 60
OWN_MODEL = "this session loads a model of its own, since there is no Jupyter server to ask\n"
AS_NEW = """
def begin():
    import copy, os, sys
    shell = get_ipython()
    shell.extension_manager.unload_extension("jupyter_starcoder")
    shell.reset(new_session=True)
    first_config = shell.__dict__.setdefault("_first_config", copy.deepcopy(shell.config))
    shell.config = copy.deepcopy(first_config)
    for name in ("last_type", "last_value", "last_traceback"):
        sys.__dict__.pop(name, None)
    os.environ.clear()
    os.environ.update({environment})
begin()
"""


@dataclass
class Outcome:
    """What running one cell gave."""

    status: str = ""
    printed: str = ""
    complained: str = ""
    markdown: str = ""
    plain: str = ""
    shown: list[str] = field(default_factory=list)  # the text of each output that was displayed, as it is last
    draws: int = 0
    next_cell: str = ""
    traceback: str = ""


@dataclass(frozen=True)
class Session:
    """A person at one kernel."""

    execute: Callable[[str], Awaitable[Outcome]]
    complete: Callable[[str], Awaitable[list[str]]]  # what the cell could become with the Tab key at its end
    interrupt: Callable[[], Awaitable[None]]

    async def __call__(self, code: str) -> Outcome:
        """Runs a cell."""
        return await self.execute(code)


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """The file that the fake model answers from."""
    path = tmp_path / "rules.json"
    path.write_text(json.dumps([{"answer": "print(1)"}]))
    return path


@pytest.fixture
def set_rules(rules: Path) -> Callable[..., None]:
    """Changes what the fake model answers."""

    def write(*those: dict[str, object]) -> None:
        rules.write_text(json.dumps(those))

    return write


@pytest.fixture  # type: ignore[no-redef]
def jp_server_config(rules: Path) -> dict[str, dict[str, object]]:
    """The server's configuration; takes the place of pytest-jupyter's own."""
    return {
        "ServerApp": {"jpserver_extensions": {"jupyter_starcoder": True}},
        "StarcoderConfig": {"fake_rules": str(rules)},
    }


@pytest.fixture(scope="session")
def kernel() -> Iterator[KernelManager]:
    """A kernel for all tests. It believes that this process started it, in which each test runs a server."""
    manager = KernelManager(kernel_name="python3")
    manager.start_kernel()
    yield manager
    manager.shutdown_kernel(now=True)


@pytest.fixture
def run(
    jp_serverapp: "ServerApp", http_server: object, jp_asyncio_loop: asyncio.AbstractEventLoop, kernel: KernelManager
) -> Iterator["Session"]:
    """A session that is as new in a kernel of this server, whose model is loaded; calling it runs a cell."""
    (app,) = jp_serverapp.extension_manager.extension_apps["jupyter_starcoder"]
    serving = cast("StarcoderApp", app).service.serving
    client = AsyncKernelClient()
    client.load_connection_file(kernel.connection_file)
    client.start_channels()

    async def execute(code: str) -> Outcome:
        outcome = Outcome()

        def hear(message: dict[str, Any]) -> None:
            note(outcome, message["msg_type"], message["content"])

        reply = await client.execute_interactive(code, output_hook=hear, timeout=TIMEOUT_S, allow_stdin=False)
        outcome.status = reply["content"]["status"]
        for payload in reply["content"].get("payload", ()):
            if payload["source"] == "set_next_input":
                outcome.next_cell = payload["text"]
        return outcome

    async def complete(code: str) -> list[str]:
        reply = await client.complete(code, reply=True, timeout=TIMEOUT_S)
        start, end = reply["content"]["cursor_start"], reply["content"]["cursor_end"]
        return [code[:start] + match + code[end:] for match in reply["content"]["matches"]]

    async def interrupt() -> None:
        kernel.interrupt_kernel()

    async def begin() -> None:
        serving.start()
        while serving.latest.state in {"preparing", "loading"}:
            await asyncio.sleep(0.01)
        await client.wait_for_ready(timeout=TIMEOUT_S)
        environment = dict(os.environ) | {"JPY_PARENT_PID": str(os.getpid())}
        await client.execute_interactive(AS_NEW.format(environment=environment), silent=True, timeout=TIMEOUT_S)
        await execute("%load_ext jupyter_starcoder")

    jp_asyncio_loop.run_until_complete(begin())
    yield Session(execute, complete, interrupt)
    client.stop_channels()


def note(outcome: Outcome, kind: str, content: dict[str, Any]) -> None:
    """Keeps what a kernel's message tells."""
    if kind == "stream":
        if content["name"] == "stdout":
            outcome.printed += content["text"]
        else:
            outcome.complained += content["text"]
    elif kind in {"display_data", "update_display_data"}:
        if kind == "display_data":
            outcome.shown.append("")
        outcome.shown[-1] = content["data"].get("text/plain", "")
        outcome.markdown = content["data"].get("text/markdown", "")
        outcome.plain = content["data"].get("text/plain", "")
        outcome.draws += 1
    elif kind == "error":
        outcome.traceback = "\n".join(content["traceback"])


@pytest.fixture
def ipython(tmp_path: Path, rules: Path) -> Callable[[str], subprocess.CompletedProcess[str]]:
    """Runs code in IPython without a server, configured by a file of the user's."""
    config = tmp_path / "user"
    config.mkdir()
    (config / "jupyter_starcoder_config.json").write_text(json.dumps({"StarcoderConfig": {"fake_rules": str(rules)}}))

    def execute(code: str) -> subprocess.CompletedProcess[str]:
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("JPY", "JUPYTER"))}
        environment |= {"JUPYTER_CONFIG_DIR": str(config), "IPYTHONDIR": str(tmp_path / "ipython"), "NO_COLOR": "1"}
        command = [sys.executable, "-m", "IPython", "--no-banner", "--colors=NoColor", "-c", code]
        return subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=TIMEOUT_S, check=False, cwd=tmp_path
        )

    return execute
