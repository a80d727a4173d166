"""`%starcoder` and its commands, in a kernel of a Jupyter server."""

import asyncio
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from jupyter_starcoder.errors import NotPermitted
from jupyter_starcoder.magics.errands import Chat
from jupyter_starcoder.magics.own import OwnRespondent
from jupyter_starcoder.values.notebook import Notebook
from jupyter_starcoder.values.settings import Settings
from tests.magics.test_magics import Run, SetRules, own_fake, prompt, served

if TYPE_CHECKING:
    from jupyter_server.serverapp import ServerApp

    from tests.magics.conftest import Session

REASON = "--StarcoderConfig.locked_reason=Exams are on."


async def test_complete_puts_code_and_its_continuation_into_the_next_cell(run: Run, set_rules: SetRules) -> None:
    """What was given is the beginning."""
    set_rules({"answer": "(1)"})
    outcome = await run("%starcoder complete print")

    assert (outcome.next_cell, outcome.shown) == ("print(1)", ["print(1)"])


async def test_edit_puts_the_new_text_of_the_last_cell_into_the_next(
    run: Run, set_rules: SetRules, jp_serverapp: "ServerApp"
) -> None:
    """A diff is shown."""
    await run("x = 1\ny = 1")
    set_rules({"answer": "x = 2\ny = 1"})
    outcome = await run("%starcoder edit let x be two")

    assert outcome.next_cell == "x = 2\ny = 1"
    assert outcome.plain.startswith("--- as it was\n+++ as proposed\n")
    assert "-x = 1\n+x = 2\n y = 1" in outcome.plain
    assert outcome.markdown.startswith("```diff\n")
    assert "let x be two" in prompt(jp_serverapp)


async def test_edit_that_changes_nothing_is_said(run: Run, set_rules: SetRules) -> None:
    """The next cell stays empty."""
    await run("x = 1")
    set_rules({"answer": "x = 1"})
    outcome = await run("%starcoder edit let it be")

    assert "would change nothing: say it in other words" in outcome.complained
    assert outcome.next_cell == ""


@pytest.mark.parametrize("answer", ["1 / 0", " "])
async def test_fix_without_a_proposal_says_what_takes_words(run: Run, set_rules: SetRules, answer: str) -> None:
    """It takes none itself."""
    await run("1 / 0")
    set_rules({"answer": answer})
    outcome = await run("%starcoder fix")

    assert "run the cell again, and tell %starcoder edit what it should do" in outcome.complained
    assert outcome.next_cell == ""


@pytest.mark.parametrize(
    ("command", "says"),
    [("complete", "%%starcoder writes code for a request in words"), ("explain", "%starcoder chat takes a question")],
)
async def test_command_without_an_answer_names_one_that_takes_words(
    run: Run, set_rules: SetRules, command: str, says: str
) -> None:
    """Neither can be said in other words."""
    await run("x = 1")
    set_rules({"answer": " "})

    assert f"the model has nothing to say: {says}" in (await run(f"%starcoder {command}")).complained


async def test_fix_is_about_the_last_real_error(run: Run, set_rules: SetRules, jp_serverapp: "ServerApp") -> None:
    """Neither cells that went well since, nor our own errors, come between."""
    set_rules({"answer": "prices = {'a': 1}\nprices['a']"})
    await run("prices = {'a': 1}\nprices['b']")
    await run("fine = 1")
    assert (await run("%starcoder dance")).status == "error"
    outcome = await run("%starcoder fix")

    assert outcome.next_cell == "prices = {'a': 1}\nprices['a']"
    assert outcome.printed == "about KeyError: 'b'\n"
    assert "KeyError" in prompt(jp_serverapp)
    assert "prices['b']" in prompt(jp_serverapp)


async def test_fix_knows_what_failed_before_it_was_loaded(
    run: Run, set_rules: SetRules, jp_serverapp: "ServerApp"
) -> None:
    """That is when a person thinks of it."""
    await run("%unload_ext jupyter_starcoder")
    await run("def price(of):\n    return prices[of]")
    await run("%matplotlib --list\nprice('b')")
    await run("%load_ext jupyter_starcoder")
    set_rules({"answer": "1"})
    outcome = await run("%starcoder fix")

    assert (outcome.printed, outcome.next_cell) == ("about NameError: name 'prices' is not defined\n", "1")
    assert "%matplotlib --list\nprice('b')" in prompt(jp_serverapp)


async def test_fix_of_code_that_the_model_wrote(run: Run, set_rules: SetRules, jp_serverapp: "ServerApp") -> None:
    """It failed like any other."""
    set_rules({"answer": "one / 0"})
    await run("one = 1")
    await run("%%starcoder --run divide")
    set_rules({"answer": "one / 1"})

    assert (await run("%starcoder fix")).next_cell == "one / 1"
    assert "ZeroDivisionError" in prompt(jp_serverapp)


async def test_chat_remembers_what_was_said(run: Run, set_rules: SetRules, jp_serverapp: "ServerApp") -> None:
    """Until it is told to forget."""
    set_rules({"answer": "A list of **prices**."})
    outcome = await run("%starcoder chat what is {prices}?")
    assert outcome.markdown == "A list of **prices**."
    assert "what is {prices}?" in prompt(jp_serverapp)
    await run("%starcoder chat And why?")
    assert "A list of **prices**." in prompt(jp_serverapp)
    assert "And why?" in prompt(jp_serverapp)

    await run("%starcoder chat --new Who are you?")
    assert "A list of **prices**." not in prompt(jp_serverapp)


async def test_explain_of_a_name_is_about_what_defined_it(run: Run, jp_serverapp: "ServerApp") -> None:
    """Also many cells later."""
    await run("def area(r):\n    return 3 * r * r\nunrelated = 1")
    await run("x = 1")
    await run("%starcoder explain area")

    assert prompt(jp_serverapp).rindex("return 3 * r * r") > 0
    assert "area of nothing" not in prompt(jp_serverapp)
    assert "nothing is defined in no cell" in (await run("%starcoder explain nothing")).complained


async def test_answer_of_a_model_cannot_run_in_the_page(run: Run, set_rules: SetRules) -> None:
    """What an executed cell shows is trusted, so it is made harmless before; the plain text has it all."""
    hostile = "<script>alert(1)</script> ![x](https://example.com/x.png) `<img src=x onerror=alert(1)>`"
    set_rules({"answer": hostile})
    for cell in ("%starcoder chat hello", "%starcoder explain"):
        await run("x = 1")
        outcome = await run(cell)
        tags = outcome.markdown.replace("<code>", "").replace("</code>", "")
        assert not set(tags) & set("<>[]`")
        assert outcome.plain == hostile


ENDLESS = {"answer": " + ".join(map(str, range(1000))), "delay_s": 0.05}  # without a repetition, which would end it


async def test_interrupt_is_one_readable_line(run: "Session", set_rules: SetRules, jp_serverapp: "ServerApp") -> None:
    """The model stops, and the kernel and the next answer are well."""
    await run("%%starcoder count")
    set_rules(ENDLESS)
    running = asyncio.create_task(run("%%starcoder count"))
    await until(jp_serverapp, busy=True)
    await run.interrupt()
    outcome = await running

    assert (outcome.complained, outcome.traceback, outcome.next_cell) == ("UsageError: stopped\n", "", "")
    await until(jp_serverapp, busy=False)
    set_rules({"answer": "x = 1"})
    assert (await run("%%starcoder count")).next_cell == "x = 1"


async def test_interrupt_while_an_answer_is_drawn_stops_the_model(
    run: Run, set_rules: SetRules, jp_serverapp: "ServerApp"
) -> None:
    """Though the error that is kept for the debugger still knows the answer."""
    await run("%%starcoder count")
    set_rules(ENDLESS)
    draws = "import jupyter_starcoder.magics.screen as screen; drawn = screen.display"
    await run(f"{draws}\ndef stop(*_, **more):\n    raise KeyboardInterrupt\nscreen.display = stop")
    try:
        assert (await run("%starcoder chat count")).complained == "UsageError: stopped\n"
        await until(jp_serverapp, busy=False)
    finally:
        await run("screen.display = drawn")


async def test_interrupt_of_this_sessions_own_model_stops_it(run: "Session", set_rules: SetRules, rules: Path) -> None:
    """It answers again afterwards."""
    await run("import os; del os.environ['JPY_PARENT_PID']\n" + own_fake(rules))
    await run("%%starcoder count")
    await run(
        "import asyncio\n"
        "own = get_ipython().magics_manager.registry['StarcoderMagics']._asked.respondent()\n"
        "async def idle():\n"
        "    while own.status().is_busy:\n"
        "        await asyncio.sleep(0.02)\n"
    )
    set_rules(ENDLESS)
    running = asyncio.create_task(run("%%starcoder count"))
    await asyncio.sleep(1)  # whenever it comes, it stops it
    await run.interrupt()

    assert (await running).complained == "UsageError: stopped\n"
    assert (await run("await asyncio.wait_for(idle(), 10)")).traceback == ""
    set_rules({"answer": "x = 1"})
    assert (await run("%%starcoder count")).next_cell == "x = 1"


async def test_defect_of_ours_is_one_readable_line(run: Run) -> None:
    """A person's notebook is no place for a traceback of ours; the line says where to look."""
    await run("import jupyter_starcoder.magics.magics as magics; meant = magics.told")
    await run("def told(*_):\n    raise KeyError('two\\nlines')\nmagics.told = told")
    try:
        outcome = await run("%%starcoder print one")
    finally:
        await run("magics.told = meant")

    assert outcome.complained.startswith("UsageError: KeyError: 'two\\nlines' (")
    assert outcome.complained.endswith("line 2): this is a defect of jupyter-starcoder, please report it\n")
    assert outcome.traceback == ""


async def until(server: "ServerApp", busy: bool) -> None:
    """Waits until the server's model is busy, or is not."""
    async with asyncio.timeout(10):  # an answer that nobody stops takes longer
        while (await served(server).facts()).is_busy != busy:
            await asyncio.sleep(0.02)


@pytest.mark.parametrize(
    ("cell", "says"),
    [
        ("%starcoder edit it", "there is nothing to edit yet: run a cell first"),
        ("%starcoder fix", "nothing has failed in this session"),
        ("%starcoder chat", "%starcoder chat needs a question"),
        ("%starcoder edit --fast it", "the option --fast is not known here"),
        ("%%starcoder --into 1 it", "no name that Python could bind"),
        ("%%starcoder", "the request is empty"),
    ],
)
async def test_mistakes_with_commands_are_one_readable_line(run: Run, cell: str, says: str) -> None:
    """A person reads what to do."""
    outcome = await run(cell)

    assert outcome.status == "error"
    assert says in outcome.complained
    assert len(outcome.complained.strip().splitlines()) == 1
    assert outcome.traceback == ""


async def test_extension_leaves_nothing_behind(run: Run) -> None:
    """It is loaded anew without doubling, taken out wholly, and no setting of the shell names it meanwhile."""
    code = (
        "shell = get_ipython()\n"
        "def ours():\n"
        "    hooks = [f for f in shell.events.callbacks['post_run_cell'] if 'starcoder' in f.__module__]\n"
        "    lines = [f for f in shell.input_transformers_cleanup if 'starcoder' in f.__module__]\n"
        "    found = [m for m in shell.Completer.custom_matchers if 'starcoder' in m.__module__]\n"
        "    named = [c for c in shell.configurables if 'Starcoder' in type(c).__name__]\n"
        "    return len(hooks), len(lines), len(found), len(named)\n"
    )
    await run(code)
    await run("%reload_ext jupyter_starcoder")

    assert (await run("print(ours())")).printed == "(1, 1, 1, 0)\n"
    await run("%unload_ext jupyter_starcoder")
    assert (await run("print(ours())")).printed == "(0, 0, 0, 0)\n"


@pytest.mark.parametrize(
    "jp_argv",
    [["--StarcoderConfig.disabled_features=generate", "--StarcoderConfig.locked_reason=Exams are on."]],
)
async def test_feature_that_is_off_is_one_readable_line_with_the_reason(run: Run) -> None:
    """No model of the session's own is loaded instead, and what is not switched off answers."""
    outcome = await run("%%starcoder\nprint one")

    assert outcome.complained == "UsageError: generate is switched off by the administrator: Exams are on.\n"
    assert outcome.next_cell == ""
    assert (await run("%starcoder chat hello")).plain == "print(1)"


@pytest.mark.parametrize(
    ("jp_argv", "says"),
    [
        (["--StarcoderConfig.locked=model", REASON], "the administrator has locked the model to fake: Exams are on."),
        (
            ["--StarcoderConfig.disabled_features=generate", REASON],
            "generate is switched off by the administrator: Exams are on.",
        ),
    ],
)
async def test_another_model_heeds_what_the_server_was_told_when_it_started(run: Run, rules: Path, says: str) -> None:
    """What no file says holds as well for a model that the session would load itself."""
    await run(own_fake(rules))

    outcome = await run("%%starcoder --model other\nprint one")

    assert outcome.complained == f"UsageError: {says}\n"
    assert outcome.printed == ""
    assert outcome.next_cell == ""


def test_session_without_a_server_heeds_the_administrator_too(tmp_path: Path) -> None:
    """Before any model is loaded."""
    settings = Settings(model="no-such-model", models_dir=tmp_path, disabled_features=("chat",))
    with closing(OwnRespondent(settings)) as respondent, pytest.raises(NotPermitted):
        next(iter(respondent.ask(Notebook(cells=()), Chat(cell=None, turns=()))))
