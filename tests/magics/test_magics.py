"""The magics in a kernel of a Jupyter server, and in plain IPython."""

import json
import os
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

import pytest

from jupyter_starcoder.app import StarcoderApp
from jupyter_starcoder.engine.fake import FakeEngine
from jupyter_starcoder.engine.rules import text_of
from tests.magics.conftest import OWN_MODEL

if TYPE_CHECKING:
    from jupyter_server.serverapp import ServerApp
    from tornado.httpclient import HTTPResponse

    from tests.conftest import RunInKernel

    Fetch = Callable[..., Awaitable[HTTPResponse]]


class Outcome(Protocol):
    """What running one cell gave; see conftest.py."""

    status: str
    printed: str
    complained: str
    markdown: str
    plain: str
    shown: list[str]
    draws: int
    next_cell: str
    traceback: str


Run = Callable[[str], Awaitable[Outcome]]
SetRules = Callable[..., None]
Ipython = Callable[[str], subprocess.CompletedProcess[str]]


def altered_info(changes: str) -> str:
    """Code that changes what the server has written down about itself."""
    return (
        "import json, os, pathlib\n"
        "from jupyter_core.paths import jupyter_runtime_dir\n"
        f"info = pathlib.Path(jupyter_runtime_dir()) / 'jpserver-{os.getpid()}.json'\n"
        f"info.write_text(json.dumps(json.loads(info.read_text()) | {changes}))\n"
    )


def own_fake(rules: Path) -> str:
    """Code that lets the session's own model be the fake one."""
    return (
        "from traitlets.config import Config\n"
        f"get_ipython().config.merge(Config(StarcoderConfig=Config(fake_rules={str(rules)!r})))"
    )


def prompt(server: "ServerApp") -> str:
    """What the server's model was asked last."""
    return text_of(served(server).requests[-1].prompt_ids).decode()


def served(server: "ServerApp") -> FakeEngine:
    """The server's model."""
    (app,) = server.extension_manager.extension_apps["jupyter_starcoder"]
    return cast("FakeEngine", cast("StarcoderApp", app).service.serving.current().engine)


async def test_generate_puts_the_code_into_the_next_cell(run: Run, jp_serverapp: "ServerApp") -> None:
    """A request in words becomes the next cell; the model knows what was executed before."""
    await run("rainfall = [1, 2, 3]")

    outcome = await run("%%starcoder\nprint the number one")

    assert outcome.status == "ok"
    assert outcome.next_cell == "print(1)"
    assert "rainfall = [1, 2, 3]" in prompt(jp_serverapp)
    assert "print the number one" in prompt(jp_serverapp)
    assert "%load_ext" not in prompt(jp_serverapp)


async def test_generate_shows_the_code_while_it_comes(run: Run, set_rules: SetRules) -> None:
    """One output grows; it stays when the engine dies on the way."""
    set_rules({"answer": "print(1)  # and so on", "delay_s": 0.02})
    outcome = await run("%%starcoder\nprint the number one")

    assert outcome.shown == ["print(1)  # and so on"]
    assert outcome.draws > 2
    assert outcome.markdown == "```python\nprint(1)  # and so on\n```"

    set_rules({"answer": "print(1)", "dies_after": 3})
    assert "died" in (await run("%%starcoder\nprint the number one")).complained


async def test_generate_without_a_server_asks_a_model_of_its_own(run: Run, rules: Path) -> None:
    """As where something runs a notebook from the command line: one line says so, once."""
    await run("import os; del os.environ['JPY_PARENT_PID']\n" + own_fake(rules))

    outcome = await run("%%starcoder\nprint the number one")

    assert outcome.printed == OWN_MODEL
    assert (outcome.next_cell, outcome.shown) == ("print(1)", ["print(1)"])
    assert (await run("%%starcoder\nprint the number one")).printed == ""


async def test_server_that_is_not_there_is_done_without(run: Run, rules: Path) -> None:
    """The file of a server that was killed may have the number of whoever started this kernel."""
    await run(altered_info("{'port': 1}") + own_fake(rules))

    outcome = await run("%%starcoder\nprint the number one")

    assert "this session loads a model of its own, since the Jupyter server does not answer" in outcome.printed
    assert outcome.next_cell == "print(1)"
    assert "of its own" not in (await run("%%starcoder\nprint the number one")).printed


async def test_explain_draws_the_answer_while_it_comes(
    run: Run, set_rules: SetRules, jp_serverapp: "ServerApp"
) -> None:
    """The last executed cell is explained in Markdown that grows."""
    set_rules({"answer": "It **adds** what is there, number by number.", "delay_s": 0.01})
    await run("total = sum(range(10))")
    await run("%starcoder help")

    outcome = await run("%starcoder explain")

    assert outcome.markdown == "It **adds** what is there, number by number."
    assert outcome.draws > 2
    assert "total = sum(range(10))" in prompt(jp_serverapp)


async def test_status_names_the_servers_model(run: Run) -> None:
    """Inside Jupyter nothing is loaded twice."""
    await run("%%starcoder\nanything")

    outcome = await run("%starcoder status")

    assert outcome.printed == "fake is ready on CPU (the server's model)\n"


async def test_help_lists_what_there_is(run: Run) -> None:
    """A bare `%starcoder` helps too."""
    assert "%%starcoder" in (await run("%starcoder help")).printed
    assert "explain" in (await run("%starcoder")).printed


@pytest.mark.parametrize(
    ("cell", "says"),
    [
        ("%starcoder dance", "%starcoder dance is not known"),
        ("%starcoder explain", "there is nothing to explain yet: run a cell first"),
        ("%%starcoder\n ", "the request is empty"),
    ],
)
async def test_mistakes_are_one_readable_line(run: Run, cell: str, says: str) -> None:
    """A person reads what to do, and none of our traceback."""
    outcome = await run(cell)

    assert outcome.status == "error"
    assert says in outcome.complained
    assert len(outcome.complained.strip().splitlines()) == 1
    assert "Traceback" not in outcome.complained + outcome.traceback


async def test_answer_that_fails_on_the_way_is_one_readable_line(run: Run, set_rules: SetRules) -> None:
    """An engine that dies costs one answer: the kernel and the next answer are well."""
    set_rules({"answer": "print(1)", "dies_after": 3})
    outcome = await run("%%starcoder\nprint one")
    assert "died" in outcome.complained
    assert "Traceback" not in outcome.complained + outcome.traceback

    set_rules({"answer": "print(2)"})
    assert (await run("%%starcoder\nprint two")).next_cell == "print(2)"


async def test_server_that_refuses_is_done_without(run: Run, rules: Path) -> None:
    """A kernel without a token for its server loads a model of its own and says why."""
    await run(altered_info("{'token': 'wrong'}") + own_fake(rules))

    outcome = await run("%starcoder status")

    assert "refuses (403" in outcome.printed
    assert "this session's own model" in outcome.printed
    assert (await run("%%starcoder\nprint one")).next_cell == "print(1)"


def test_generate_in_plain_ipython_prints_the_code(ipython: Ipython) -> None:
    """Without a server the session loads the model itself, and without a notebook it prints."""
    done = ipython(
        "get_ipython().run_line_magic('load_ext', 'jupyter_starcoder')\n"
        "get_ipython().run_cell_magic('starcoder', '', 'print one')"
    )

    assert done.stdout == OWN_MODEL + "print(1)\n"
    assert done.stderr == ""


def test_explain_in_plain_ipython_prints_markdown(ipython: Ipython, set_rules: SetRules) -> None:
    """A terminal reads Markdown as it is written."""
    set_rules({"answer": "It **sums**."})
    done = ipython(
        "shell = get_ipython()\n"
        "shell.run_cell('total = 1 + 1', store_history=True)\n"
        "shell.run_line_magic('load_ext', 'jupyter_starcoder')\n"
        "shell.run_line_magic('starcoder', 'explain')\n"
        "shell.run_line_magic('starcoder', 'status')"
    )

    assert done.stdout == OWN_MODEL + "It **sums**.\nfake is ready on CPU (this session's own model)\n"


def test_missing_model_in_plain_ipython_says_what_to_do(ipython: Ipython) -> None:
    """Nothing is fetched unasked."""
    done = ipython(
        "from traitlets.config import Config\n"
        "shell = get_ipython()\n"
        "own = Config(fake_rules='', models_dir='nowhere')\n"
        "shell.config.merge(Config(StarcoderConfig=own))\n"
        "shell.run_line_magic('load_ext', 'jupyter_starcoder')\n"
        "shell.run_cell('%%starcoder\\nprint one')"
    )

    assert "jupyter starcoder models get" in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr


def test_load_ext_is_cheap() -> None:
    """Loading the extension imports neither the tokenizer nor the engine."""
    code = (
        "import sys, jupyter_starcoder.magics.magics\n"
        "heavy = {'numpy', 'tokenizers', 'onnxruntime', 'tornado', 'jupyter_server', 'jupyter_starcoder.copilot'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout == "[]\n"


async def test_generate_gives_the_model_the_live_frames(
    jp_serverapp: "ServerApp", http_server: object, jp_fetch: "Fetch", run_in_kernel: "RunInKernel"
) -> None:
    """What the kernel held when a cell was typed stands above the request, though the cell that asks is running."""
    session = await jp_serverapp.session_manager.create_session(
        path="work.ipynb", name="work.ipynb", type="notebook", kernel_name="python3"
    )
    frame = "import pandas as pd; trips = pd.DataFrame({'dock': [1], 'minutes': [2.5]})\n%load_ext jupyter_starcoder"
    await run_in_kernel(jp_serverapp, session["kernel"]["id"], frame)
    typed = {"notebook": {"cells": [{"kind": "code", "source": "x = "}], "path": "work.ipynb"}, "cell": 0, "offset": 4}
    await run_in_kernel(jp_serverapp, session["kernel"]["id"], "%%starcoder\nprint the number one")  # loads the model
    while "'dock' (int64)" not in prompt(jp_serverapp):  # a probe on a busy machine may miss a keystroke's deadline
        await jp_fetch("starcoder", "complete", method="POST", body=json.dumps(typed))

    await run_in_kernel(jp_serverapp, session["kernel"]["id"], "%%starcoder\nplot the minutes of each dock")

    given = prompt(jp_serverapp)
    assert given.index("'dock' (int64)") < given.rindex("plot the minutes of each dock")
