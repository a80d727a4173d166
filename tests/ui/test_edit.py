"""Edits of a cell by an instruction in words, in a real browser; the answers are the test's own."""

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

import pytest
from playwright.sync_api import Locator, Route, expect

if TYPE_CHECKING:
    from tests.ui.conftest import Opener, Server, Sheet

pytestmark = pytest.mark.browser
CELL = "a = 1\nb = 2\n\nc = 3  # 😀\nd = 4"
EDITED = "a = 10\nb = 2\n\nc = 3  # 😀\nd = 40\ne = 5"
TIMINGS = dict.fromkeys(
    (
        "context_ms",
        "late_sources",
        "queue_ms",
        "prompt_tokens",
        "reused_tokens",
        "first_token_ms",
        "new_tokens",
        "tokens_per_s",
    ),
    0,
)
Answer: TypeAlias = Callable[[Route], None]
ONLY_IN_LAB = pytest.mark.parametrize("frontend", ["lab"])


def _lines(*events: dict[str, object]) -> str:
    return "".join(json.dumps(event) + "\n" for event in events)


def _whole(text: str, finish: str = "stop") -> Answer:
    """An answer that goes well."""
    done: dict[str, object] = {"type": "done", "finish": finish, "model": "fake", "timings": TIMINGS}
    return lambda route: route.fulfill(body=_lines({"type": "text", "text": text}, done))


def _never(_: Route) -> None:
    """An answer that does not come."""


def _answer(sheet: "Sheet", answer: Answer, endpoint: str = "edit") -> list[dict[str, object]]:
    """Answers from now on; gives the requests as they come."""
    asked: list[dict[str, object]] = []

    def handle(route: Route) -> None:
        asked.append(json.loads(route.request.post_data or "null"))
        answer(route)

    sheet.page.unroute(f"**/starcoder/{endpoint}*")
    sheet.page.route(f"**/starcoder/{endpoint}*", handle)
    return asked


def _bar(sheet: "Sheet") -> Locator:
    return sheet.page.get_by_role("group", name="Edit of the cell")


def _diff(sheet: "Sheet") -> Locator:
    return sheet.page.locator(".jp-Starcoder-diff")


def _ask(sheet: "Sheet", instruction: str = "ten times") -> None:
    sheet.press("Control+k")
    expect(_bar(sheet).get_by_role("textbox")).to_be_focused()
    sheet.page.keyboard.type(instruction)
    sheet.press("Enter")


def _expect_closed(sheet: "Sheet", text: str) -> None:
    expect(_bar(sheet)).to_have_count(0)
    expect(_diff(sheet)).to_have_count(0)
    expect(sheet.cell().locator(".cm-content")).to_be_focused()
    sheet.expect_source(text)


def test_an_edit_is_shown_and_accepted_with_enter_and_undone_in_one_step(
    open_notebook: "Opener", server: "Server"
) -> None:
    """The cell keeps its text until Enter accepts all, and one Ctrl+Z takes all of it back."""
    sheet = open_notebook(server, CELL)
    asked = _answer(sheet, _whole(EDITED))
    _ask(sheet)

    expect(_bar(sheet).get_by_role("status")).to_contain_text("2 changes.")
    expect(_diff(sheet).locator(".cm-deletedChunk del").first).to_have_text("a = 1")
    assert (asked[0]["instruction"], asked[0]["cell"], "start" in asked[0]) == ("ten times", 0, False)
    assert sheet.source() == CELL
    sheet.press("Enter")
    _expect_closed(sheet, EDITED)
    sheet.press("Control+z")
    sheet.expect_source(CELL)
    sheet.press("Control+Shift+z")
    sheet.expect_source(EDITED)


def test_escape_leaves_the_cell_as_it_was(open_notebook: "Opener", server: "Server") -> None:
    """Escape, also after a change was accepted by itself, leaves every byte of the cell, and nothing to undo."""
    sheet = open_notebook(server, CELL)
    _answer(sheet, _whole(EDITED))
    _ask(sheet)
    _diff(sheet).get_by_role("button", name="Accept this change").first.press("Enter")
    expect(_bar(sheet).get_by_role("status")).to_contain_text("1 change.")
    sheet.press("Escape")

    _expect_closed(sheet, CELL)
    sheet.press("Control+z")
    sheet.settle(200)
    assert sheet.source() == CELL


@ONLY_IN_LAB
def test_changes_are_decided_one_by_one_from_the_keyboard(open_notebook: "Opener", server: "Server") -> None:
    """One change is accepted, the next rejected; with the last decision the cell gets what was accepted."""
    sheet = open_notebook(server, CELL)
    _answer(sheet, _whole(EDITED))
    _ask(sheet)
    expect(_bar(sheet).get_by_role("status")).to_contain_text("2 changes.")
    _diff(sheet).get_by_role("button", name="Accept this change").first.focus()
    sheet.press("Enter")
    expect(_diff(sheet).get_by_role("button", name="Accept this change")).to_be_focused()
    assert sheet.source() == CELL
    sheet.press("Tab")
    expect(_diff(sheet).get_by_role("button", name="Reject this change")).to_be_focused()
    sheet.press("Enter")

    _expect_closed(sheet, CELL.replace("a = 1", "a = 10"))


@ONLY_IN_LAB
def test_another_instruction_is_asked_from_the_same_original(open_notebook: "Opener", server: "Server") -> None:
    """A new instruction with a proposal open asks about the cell as it was."""
    sheet = open_notebook(server, CELL)
    _answer(sheet, _whole(EDITED))
    _ask(sheet)
    expect(_bar(sheet).get_by_role("status")).to_contain_text("2 changes.")
    asked = _answer(sheet, _whole(CELL + "\nz = 26"))
    _ask(sheet, "add z")
    expect(_bar(sheet).get_by_role("status")).to_contain_text("1 change.")
    notebook = asked[0]["notebook"]

    assert isinstance(notebook, dict)
    assert notebook["cells"][0]["source"] == CELL
    sheet.press("Control+Enter")
    _expect_closed(sheet, CELL + "\nz = 26")


@ONLY_IN_LAB
def test_a_selection_is_named_in_code_points(open_notebook: "Opener", server: "Server") -> None:
    """Only what is selected may change, and an emoji before it counts as one."""
    sheet = open_notebook(server, CELL)
    asked = _answer(sheet, _whole(CELL))
    sheet.press("Shift+Home")
    _ask(sheet)

    expect(_bar(sheet).get_by_role("status")).to_have_text("The model would leave the cell as it is.")
    assert (asked[0]["start"], asked[0]["end"]) == (len(CELL) - len("d = 4"), len(CELL))


def test_running_and_saving_with_an_open_proposal_take_the_cell_as_it_was(
    open_notebook: "Opener", server: "Server"
) -> None:
    """A proposal that is not accepted is neither run nor saved, and survives both."""
    sheet = open_notebook(server, "print('old')")
    _answer(sheet, _whole("print('new')"))
    _ask(sheet)
    expect(_bar(sheet).get_by_role("status")).to_contain_text("runs and is saved as it was")
    sheet.page.evaluate("window.jupyterapp.commands.execute('notebook:run-cell')")
    expect(sheet.cell().locator(".jp-OutputArea-output")).to_have_text("old\n")
    sheet.page.evaluate("window.jupyterapp.commands.execute('docmanager:save')")
    path = sheet.page.evaluate("window.jupyterapp.shell.currentWidget.context.path")
    saved = server.home / "root" / path
    deadline = 100
    while '"old' not in saved.read_text() and deadline:
        deadline -= 1
        sheet.settle(50)

    assert '"old' in saved.read_text()
    assert "new" not in saved.read_text()
    expect(_bar(sheet).get_by_role("status")).to_contain_text("1 change.")


@ONLY_IN_LAB
def test_a_change_of_another_line_meanwhile_is_kept(open_notebook: "Opener", server: "Server") -> None:
    """What somebody else changes elsewhere in the cell stands beside what is accepted."""
    sheet = open_notebook(server, CELL)
    _answer(sheet, _whole(CELL.replace("a = 1", "a = 10")))
    _ask(sheet)
    expect(_bar(sheet).get_by_role("status")).to_contain_text("1 change.")
    now = CELL + "\nz = 26"
    sheet.page.evaluate(
        "text => window.jupyterapp.shell.currentWidget.content.widgets[0].model.sharedModel.setSource(text)", now
    )
    expect(_diff(sheet)).to_contain_text("z = 26")
    sheet.press("Enter")

    _expect_closed(sheet, now.replace("a = 1", "a = 10"))


@ONLY_IN_LAB
def test_a_change_of_the_same_line_meanwhile_is_said(open_notebook: "Opener", server: "Server") -> None:
    """Where somebody else changed the very line, the proposal goes and the bar says what to do."""
    sheet = open_notebook(server, CELL)
    _answer(sheet, _whole(CELL.replace("a = 1", "a = 10")))
    _ask(sheet)
    expect(_bar(sheet).get_by_role("status")).to_contain_text("1 change.")
    now = CELL.replace("a = 1", "a = 7")
    sheet.page.evaluate(
        "text => window.jupyterapp.shell.currentWidget.content.widgets[0].model.sharedModel.setSource(text)", now
    )

    expect(_bar(sheet).get_by_role("alert")).to_contain_text("changed meanwhile")
    expect(_diff(sheet)).to_have_count(0)
    assert sheet.source() == now


@ONLY_IN_LAB
@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (lambda route: route.abort(), "does not answer"),
        (
            lambda route: route.fulfill(
                status=503, body=json.dumps({"code": "model_not_ready", "message": "no model"})
            ),
            "no model",
        ),
        (lambda route: route.fulfill(body=_lines({"type": "text", "text": "a = 10\n"})), "ended before the answer did"),
    ],
    ids=["server gone", "model missing", "stream broken"],
)
def test_a_failure_is_said_and_can_be_tried_again(
    open_notebook: "Opener", server: "Server", answer: Answer, message: str
) -> None:
    """A failure leaves the cell as it was and says why; Enter asks again."""
    sheet = open_notebook(server, CELL)
    _answer(sheet, answer)
    _ask(sheet)
    expect(_bar(sheet).get_by_role("alert")).to_contain_text(message)
    expect(_diff(sheet)).to_have_count(0)
    assert sheet.source() == CELL
    _answer(sheet, _whole(EDITED))
    sheet.press("Enter")

    expect(_bar(sheet).get_by_role("status")).to_contain_text("2 changes.")
    expect(_bar(sheet).get_by_role("alert")).to_be_empty()


@ONLY_IN_LAB
@pytest.mark.parametrize("end", ["cell deleted", "notebook closed", "stopped"])
def test_an_answer_that_nobody_needs_is_broken_off(open_notebook: "Opener", server: "Server", end: str) -> None:
    """Deleting the cell, closing the notebook and Stop end the request, without a word of failure."""
    sheet = open_notebook(server, CELL, "x = 1")
    _answer(sheet, _never)
    _ask(sheet)
    expect(_bar(sheet)).to_have_attribute("aria-busy", "true")
    expect(sheet.status).to_have_attribute("data-mood", "busy")
    if end == "stopped":
        _bar(sheet).get_by_role("button", name="Stop").press("Enter")
        expect(_bar(sheet).get_by_role("status")).to_have_text("Stopped")
        expect(_bar(sheet).get_by_role("textbox")).to_be_focused()
        assert sheet.source() == CELL
    elif end == "cell deleted":
        sheet.page.evaluate("window.jupyterapp.commands.execute('notebook:delete-cell')")
        expect(_bar(sheet)).to_have_count(0)
        assert sheet.source() == "x = 1"
    else:
        sheet.page.evaluate("window.jupyterapp.shell.currentWidget.dispose()")
        expect(_bar(sheet)).to_have_count(0)

    expect(sheet.status).to_have_attribute("data-mood", "ready")
    expect(sheet.page.locator(".jp-Dialog")).to_have_count(0)


@ONLY_IN_LAB
def test_an_answer_that_was_cut_leaves_the_rest_of_the_cell(open_notebook: "Opener", server: "Server") -> None:
    """Where an answer ends at its longest length, the lines that it did not come to stay."""
    sheet = open_notebook(server, CELL)
    _answer(sheet, _whole("a = 10\nb = 2\n", "length"))
    _ask(sheet)
    expect(_bar(sheet).get_by_role("status")).to_contain_text("what follows is as it was")
    sheet.press("Enter")

    _expect_closed(sheet, CELL.replace("a = 1", "a = 10"))


@ONLY_IN_LAB
def test_an_edit_comes_from_the_server(open_notebook: "Opener", server: "Server") -> None:
    """The whole road: the instruction goes to the server, and the model's text comes back as a proposal."""
    server.answer({"ending": "", "answer": EDITED})
    sheet = open_notebook(server, CELL)
    _ask(sheet)

    expect(_bar(sheet).get_by_role("status")).to_contain_text("2 changes.")
    sheet.press("Enter")
    _expect_closed(sheet, EDITED)
