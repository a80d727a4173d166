"""Edits of a cell by an instruction in words, in a real browser with the fake model."""

import json
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import Locator, Route, expect

if TYPE_CHECKING:
    from tests.ui.conftest import Opener
    from tests.ui.server import Cell, Server
    from tests.ui.sheet import Sheet

pytestmark = pytest.mark.browser
CELL = "a = 1\nb = 2\n\nc = 3  # 😀\nd = 4"
EDITED = "a = 10\nb = 2\n\nc = 3  # 😀\nd = 40\ne = 5"
NUMBERS = "".join(f"x{n} = {n}\n" for n in range(200))
EDIT = "Edit this cell in words"
ONLY_IN_LAB = pytest.mark.parametrize("frontend", ["lab"])
SET_SOURCE = "text => window.jupyterapp.shell.currentWidget.content.widgets[0].model.sharedModel.setSource(text)"


def _bar(sheet: "Sheet") -> Locator:
    return sheet.page.get_by_role("group", name="Edit of the cell")


def _status(sheet: "Sheet") -> Locator:
    return _bar(sheet).get_by_role("status")


def _diff(sheet: "Sheet") -> Locator:
    return sheet.page.locator(".jp-Starcoder-diff")


def _ask(sheet: "Sheet", instruction: str = "ten times") -> dict[str, Any]:
    """Asks in the bar; gives what the server was sent."""
    sheet.press("Control+k")
    expect(_bar(sheet).get_by_role("textbox")).to_be_focused()
    sheet.page.keyboard.type(instruction)
    with sheet.page.expect_request("**/starcoder/edit*") as asked:
        sheet.press("Enter")
    return dict(json.loads(asked.value.post_data or "null"))


def _propose(sheet: "Sheet", server: "Server", text: str, changes: str) -> None:
    """Has a new text proposed."""
    server.answer({"answer": text})
    _ask(sheet)
    expect(_status(sheet)).to_contain_text(changes)


def _expect_closed(sheet: "Sheet", text: str) -> None:
    expect(_bar(sheet)).to_have_count(0)
    expect(_diff(sheet)).to_have_count(0)
    expect(sheet.cell().locator(".cm-content")).to_be_focused()
    sheet.expect_source(text)


def test_an_edit_is_shown_and_accepted_with_enter_and_undone_in_one_step(
    fill_notebook: "Opener", server: "Server"
) -> None:
    """The cell keeps its text until Enter accepts all, and one Ctrl+Z takes all of it back."""
    server.answer({"answer": EDITED})
    sheet = fill_notebook(server, CELL)
    asked = _ask(sheet)

    expect(_status(sheet)).to_contain_text("2 changes.")
    expect(_diff(sheet).locator(".cm-deletedChunk del").first).to_have_text("a = 1")
    assert (asked["instruction"], asked["cell"], "start" in asked) == ("ten times", 0, False)
    assert sheet.source() == CELL
    sheet.press("Enter")
    _expect_closed(sheet, EDITED)
    sheet.settle()
    assert sheet.asked == []  # nobody has typed
    sheet.press("Control+z")
    sheet.expect_source(CELL)
    sheet.press("Control+Shift+z")
    sheet.expect_source(EDITED)


@ONLY_IN_LAB
def test_a_new_text_grows_in_the_diff_and_stop_keeps_its_whole_lines(fill_notebook: "Opener", server: "Server") -> None:
    """The text streams into the diff, the cell keeps its own, and Stop in the middle leaves what can be accepted."""
    server.answer({"answer": "a = 10\nb = 2\n" + NUMBERS, "delay_s": 0.01})
    sheet = fill_notebook(server, CELL)
    _ask(sheet)
    expect(_diff(sheet)).to_contain_text("x1 = 1")
    assert "x9 = 9" not in _diff(sheet).inner_text()
    expect(_bar(sheet)).to_have_attribute("aria-busy", "true")
    expect(_diff(sheet).get_by_role("button")).to_have_count(0)
    expect(_diff(sheet)).to_contain_text("x9 = 9")
    assert sheet.source() == CELL
    _bar(sheet).get_by_role("button", name="Stop").press("Enter")
    expect(_status(sheet)).to_contain_text("Stopped: what follows is as it was.")
    expect(_bar(sheet).get_by_role("textbox")).to_be_focused()
    assert sheet.source() == CELL
    sheet.press("Control+Enter")

    expect(_bar(sheet)).to_have_count(0)
    accepted = sheet.source()
    assert accepted.startswith("a = 10\nb = 2\nx0 = 0\n")
    assert accepted.endswith("\n\nc = 3  # 😀\nd = 4")
    assert re.fullmatch(r"(x(\d+) = \2\n)+", accepted[accepted.index("x0") : accepted.index("\nc = 3")])


def test_escape_leaves_the_cell_as_it_was(fill_notebook: "Opener", server: "Server") -> None:
    """Escape, also after a change was accepted by itself, leaves every byte of the cell, and nothing to undo."""
    sheet = fill_notebook(server, CELL)
    _propose(sheet, server, EDITED, "2 changes.")
    _diff(sheet).get_by_role("button", name="Accept this change").first.press("Enter")
    expect(_status(sheet)).to_contain_text("1 change.")
    sheet.press("Escape")

    _expect_closed(sheet, CELL)
    sheet.press("Control+z")
    assert sheet.source() == CELL


@ONLY_IN_LAB
def test_changes_are_decided_one_by_one_from_the_keyboard(fill_notebook: "Opener", server: "Server") -> None:
    """One change is accepted, the next rejected; with the last decision the cell gets what was accepted."""
    sheet = fill_notebook(server, CELL)
    _propose(sheet, server, EDITED, "2 changes.")
    _diff(sheet).get_by_role("button", name="Accept this change").first.focus()
    sheet.press("Enter")
    expect(_diff(sheet).get_by_role("button", name="Accept this change")).to_be_focused()
    assert sheet.source() == CELL
    sheet.press("Tab")
    expect(_diff(sheet).get_by_role("button", name="Reject this change")).to_be_focused()
    sheet.press("Enter")

    _expect_closed(sheet, CELL.replace("a = 1", "a = 10"))


@ONLY_IN_LAB
def test_another_instruction_is_asked_from_the_same_original(fill_notebook: "Opener", server: "Server") -> None:
    """A new instruction with a proposal open asks about the cell as it was."""
    sheet = fill_notebook(server, CELL)
    _propose(sheet, server, EDITED, "2 changes.")
    server.answer({"answer": CELL + "\nz = 26"})
    asked = _ask(sheet, "add z")
    expect(_status(sheet)).to_contain_text("1 change.")

    assert (asked["instruction"], asked["notebook"]["cells"][0]["source"]) == ("add z", CELL)
    sheet.press("Control+Enter")
    _expect_closed(sheet, CELL + "\nz = 26")


@ONLY_IN_LAB
def test_a_selection_is_named_in_code_points(fill_notebook: "Opener", server: "Server") -> None:
    """Only what is selected may change, and an emoji before it counts as one."""
    server.answer({"answer": "d = 4"})
    sheet = fill_notebook(server, CELL)
    sheet.press("Shift+Home")
    asked = _ask(sheet)

    expect(_status(sheet)).to_have_text("The model would leave the cell as it is.")
    assert (asked["start"], asked["end"]) == (len(CELL) - len("d = 4"), len(CELL))


def test_running_and_saving_with_an_open_proposal_take_the_cell_as_it_was(
    fill_notebook: "Opener", server: "Server"
) -> None:
    """A proposal that is not accepted is neither run nor saved, and survives both."""
    sheet = fill_notebook(server, "print('old')")
    _propose(sheet, server, "print('new')", "runs and is saved as it was")
    sheet.await_kernel()
    sheet.page.evaluate("window.jupyterapp.commands.execute('notebook:run-cell')")
    expect(sheet.cell().locator(".jp-OutputArea-output")).to_have_text("old\n")
    path = sheet.page.evaluate("window.jupyterapp.shell.currentWidget.context.path")
    sheet.page.evaluate("window.jupyterapp.commands.execute('docmanager:save')")
    saved = (server.home / "root" / path).read_text()

    assert "old\\n" in saved
    assert "new" not in saved
    expect(_status(sheet)).to_contain_text("1 change.")


@ONLY_IN_LAB
def test_a_change_of_another_line_meanwhile_is_kept(fill_notebook: "Opener", server: "Server") -> None:
    """What somebody else changes elsewhere in the cell stands beside what is accepted."""
    sheet = fill_notebook(server, CELL)
    _propose(sheet, server, CELL.replace("a = 1", "a = 10"), "1 change.")
    now = CELL + "\nz = 26"
    sheet.page.evaluate(SET_SOURCE, now)
    expect(_diff(sheet)).to_contain_text("z = 26")
    sheet.press("Enter")

    _expect_closed(sheet, now.replace("a = 1", "a = 10"))


@ONLY_IN_LAB
def test_a_change_of_the_same_line_meanwhile_is_said(fill_notebook: "Opener", server: "Server") -> None:
    """Where somebody else changed the very line, the proposal goes and the bar says what to do."""
    sheet = fill_notebook(server, CELL)
    _propose(sheet, server, CELL.replace("a = 1", "a = 10"), "1 change.")
    now = CELL.replace("a = 1", "a = 7")
    sheet.page.evaluate(SET_SOURCE, now)

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
        (lambda route: route.fulfill(body='{"type": "text", "text": "a = 10\\n"}\n'), "ended before the answer did"),
    ],
    ids=["server gone", "model missing", "stream broken"],
)
def test_a_failure_is_said_and_can_be_tried_again(
    fill_notebook: "Opener", server: "Server", answer: Callable[[Route], None], message: str
) -> None:
    """A failure leaves the cell as it was and says why; Enter asks again."""
    server.answer({"answer": EDITED})
    sheet = fill_notebook(server, CELL)
    sheet.page.route("**/starcoder/edit*", answer)
    _ask(sheet)
    expect(_bar(sheet).get_by_role("alert")).to_contain_text(message)
    expect(_diff(sheet)).to_have_count(0)
    assert sheet.source() == CELL
    sheet.page.unroute("**/starcoder/edit*")
    sheet.press("Enter")

    expect(_status(sheet)).to_contain_text("2 changes.")
    expect(_bar(sheet).get_by_role("alert")).to_be_empty()


@ONLY_IN_LAB
def test_stop_before_the_first_line_leaves_nothing_to_decide(fill_notebook: "Opener", server: "Server") -> None:
    """Where nothing new is whole yet, Stop ends the request and leaves the line for another instruction."""
    server.answer({"answer": EDITED, "delay_s": 30})
    sheet = fill_notebook(server, CELL)
    _ask(sheet)
    expect(_bar(sheet)).to_have_attribute("aria-busy", "true")
    _bar(sheet).get_by_role("button", name="Stop").press("Enter")
    expect(_status(sheet)).to_have_text("Stopped")
    expect(_bar(sheet).get_by_role("textbox")).to_be_focused()
    sheet.expect_broken_off("starcoder/edit")
    assert sheet.source() == CELL


@ONLY_IN_LAB
def test_an_answer_of_the_longest_length_is_accepted_only_with_a_warning(
    fill_notebook: "Opener", server: "Server"
) -> None:
    """Where an answer is cut, the bar says so aloud, and the lines that it did not come to stay, none of them half."""
    server.answer({"answer": "a = 10\nb = 2\n" + NUMBERS})
    sheet = fill_notebook(server, CELL)
    _ask(sheet)
    expect(_bar(sheet).get_by_role("alert")).to_contain_text("Not all of it")
    expect(_status(sheet)).to_contain_text("change")
    sheet.press("Enter")

    expect(_bar(sheet)).to_have_count(0)
    accepted = sheet.source()
    assert accepted.endswith("\n\nc = 3  # 😀\nd = 4")
    assert re.fullmatch(r"(x(\d+) = \2\n)+", accepted[accepted.index("x0") : accepted.index("\nc = 3")])


@ONLY_IN_LAB
def test_an_answer_without_a_whole_line_cannot_be_accepted(fill_notebook: "Opener", server: "Server") -> None:
    """One line that never ends proposes nothing, and the bar says why."""
    server.answer({"answer": "a = [" + ", ".join(str(n) for n in range(500))})
    sheet = fill_notebook(server, CELL)
    _ask(sheet)

    expect(_bar(sheet).get_by_role("alert")).to_contain_text("Not all of it")
    expect(_bar(sheet)).to_have_attribute("data-state", "asking")
    expect(_diff(sheet)).to_have_count(0)
    assert sheet.source() == CELL


@ONLY_IN_LAB
def test_edit_is_found_in_toolbar_menu_and_palette(fill_notebook: "Opener", server: "Server") -> None:
    """Each opens the bar over the cell, and one can type at once."""
    sheet = fill_notebook(server, CELL)
    sheet.cell().get_by_role("button", name=EDIT).click()
    sheet.settle(100)  # the button takes the focus as well
    expect(_bar(sheet).get_by_role("textbox")).to_be_focused()
    sheet.press("Escape")
    expect(_bar(sheet)).to_have_count(0)
    sheet.choose(EDIT, sheet.cell().locator(".cm-content"))
    expect(_bar(sheet).get_by_role("textbox")).to_be_focused()
    sheet.press("Escape")
    expect(_bar(sheet)).to_have_count(0)
    sheet.command(EDIT)

    expect(_bar(sheet).get_by_role("textbox")).to_be_focused()


def test_the_key_of_edit_says_why_a_cell_cannot_be_edited(fill_notebook: "Opener", server: "Server") -> None:
    """Where the cell is none of code or is locked there is no bar, but a word."""
    locked: Cell = {"source": CELL, "metadata": {"editable": False}}
    sheet = fill_notebook(server, "", {"cell_type": "markdown", "source": "Words."}, locked)
    dialog = sheet.page.get_by_role("dialog")
    sheet.page.locator(".jp-Notebook .jp-MarkdownCell").click()
    sheet.press("Control+k")
    expect(dialog).to_contain_text("Only a cell of code can be edited in words.")
    sheet.press("Escape")
    expect(dialog).to_have_count(0)
    sheet.cell(1).locator(".jp-InputPrompt").click()
    sheet.press("Control+k")
    expect(dialog).to_contain_text("This cell is locked against changes.")
    sheet.press("Escape")

    expect(dialog).to_have_count(0)
    expect(_bar(sheet)).to_have_count(0)
