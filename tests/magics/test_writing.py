"""`%%starcoder` with its options, in a kernel of a Jupyter server."""

from typing import TYPE_CHECKING

import pytest

from tests.magics.test_magics import Run, SetRules, own_fake, prompt

if TYPE_CHECKING:
    from pathlib import Path

    from jupyter_server.serverapp import ServerApp


async def test_one_line_is_a_whole_request(run: Run, jp_serverapp: "ServerApp") -> None:
    """IPython's complaint about an empty cell does not come; braces and dollars are not filled in."""
    await run("x = 'private'")
    outcome = await run("%%starcoder print {x} and $x")

    assert (outcome.status, outcome.next_cell) == ("ok", "print(1)")
    assert "print {x} and $x" in prompt(jp_serverapp)


async def test_help_of_the_cell_magic_asks_nobody(run: Run) -> None:
    """Options are listed."""
    outcome = await run("%%starcoder --help")

    assert "--into NAME" in outcome.printed
    assert outcome.next_cell == ""


async def test_run_shows_the_code_and_runs_it(run: Run, set_rules: SetRules, jp_serverapp: "ServerApp") -> None:
    """There is nothing to be put into the next cell; later questions know what ran."""
    set_rules({"answer": "seven = 7\nprint(seven)"})
    outcome = await run("%%starcoder --run print seven")

    assert (outcome.status, outcome.shown, outcome.printed, outcome.next_cell) == (
        "ok",
        ["seven = 7\nprint(seven)"],
        "7\n",
        "",
    )
    assert (await run("print(seven + 1)")).printed == "8\n"
    await run("%starcoder explain")
    assert "seven = 7\nprint(seven)" in prompt(jp_serverapp)


async def test_run_that_fails_stops_with_one_line(run: Run, set_rules: SetRules) -> None:
    """The traceback is that of the code; behind it one line says what can be done."""
    set_rules({"answer": "1 / 0"})
    outcome = await run("%%starcoder --run divide")

    assert outcome.status == "error"
    assert "ZeroDivisionError" in outcome.traceback
    assert "magics" not in outcome.traceback
    assert outcome.complained.strip() == (
        "UsageError: the code above failed with ZeroDivisionError: %starcoder fix proposes a change"
    )


async def test_explain_follows_the_code(run: Run, set_rules: SetRules) -> None:
    """Two outputs: the code, and what it does."""
    set_rules({"answer": "It **prints**.", "ending": "explain"}, {"answer": "print(1)"})
    outcome = await run("%%starcoder --explain print one")

    assert len(outcome.shown) == 2
    assert outcome.next_cell == "print(1)"


async def test_into_names_the_value_in_the_next_cell(run: Run, set_rules: SetRules) -> None:
    """Nothing is bound before the person runs it; a name that exists is said."""
    set_rules({"answer": "x = [3, 1]\nsorted(x)"})
    outcome = await run("%%starcoder --into low sort")

    assert outcome.next_cell == "x = [3, 1]\nlow = sorted(x)"
    assert "NameError" in (await run("low")).traceback
    await run(outcome.next_cell)
    assert (
        "low exists (list) and is overwritten once this code is run"
        in (await run("%%starcoder --into low sort")).printed
    )


async def test_into_with_run_binds_the_value(run: Run, set_rules: SetRules) -> None:
    """And says what it overwrites."""
    set_rules({"answer": "sorted([3, 1])"})
    await run("low = 0")
    outcome = await run("%%starcoder --run --into low sort")

    assert "low exists (int) and is overwritten" in outcome.printed
    assert (await run("print(low)")).printed == "[1, 3]\n"


async def test_into_of_code_without_a_value_is_said(run: Run, set_rules: SetRules) -> None:
    """With --run nothing runs."""
    set_rules({"answer": "for x in []:\n    pass"})

    assert "low is not bound to anything" in (await run("%%starcoder --into low loop")).printed
    outcome = await run("%%starcoder --run --into low loop")
    assert "low could be bound to: the code above was not run" in outcome.complained
    assert outcome.next_cell == "for x in []:\n    pass"


async def test_code_that_was_cut_off_is_never_run(run: Run, set_rules: SetRules) -> None:
    """It is in the next cell, to be completed."""
    set_rules({"answer": "done = 1\n" + "".join(f"x{n} = {n}\n" for n in range(400))})
    outcome = await run("%%starcoder --run count")

    assert outcome.status == "error"
    assert "the code was cut off after 384 tokens" in outcome.complained
    assert outcome.next_cell.startswith("done = 1\n")
    assert "NameError" in (await run("done")).traceback
    assert "complete it before you run it" in (await run("%%starcoder count")).printed


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ("%%starcoder --run again", "failed with UsageError"),
        ("import asyncio\nawait asyncio.sleep(0)", "awaits something, which only a cell of its own can"),
        ("  ", "the model has nothing to say"),
    ],
)
async def test_code_that_cannot_be_run_is_one_readable_line(
    run: Run, set_rules: SetRules, answer: str, says: str
) -> None:
    """A request within a request ends as well."""
    set_rules({"answer": answer})
    outcome = await run("%%starcoder --run go")

    assert outcome.status == "error"
    assert says in outcome.complained
    assert "Traceback" not in outcome.complained + outcome.traceback


async def test_another_model_is_loaded_in_the_session(run: Run, rules: "Path", jp_serverapp: "ServerApp") -> None:
    """The server goes on with its own, and a line says so."""
    await run(own_fake(rules))
    await run("%%starcoder print one")
    outcome = await run("%%starcoder --model other print one")

    assert outcome.printed == "loading other into this session, beside fake (the server's model)\n"
    assert outcome.next_cell == "print(1)"
    assert (await run("%starcoder status")).printed == "fake is ready on CPU (the server's model)\n"


async def test_model_that_is_missing_is_one_readable_line(run: Run) -> None:
    """Nothing is fetched unasked."""
    outcome = await run("%%starcoder --model nobody-has-it print one")

    assert outcome.status == "error"
    assert "nobody-has-it" in outcome.complained
    assert len(outcome.complained.strip().splitlines()) == 1
    assert outcome.traceback == ""
