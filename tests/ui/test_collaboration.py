"""Two browsers on one notebook, with jupyter-collaboration: both hold one text, and each its own suggestions."""

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from tests.ui.conftest import Pair
    from tests.ui.server import Cell

pytestmark = pytest.mark.browser
CELL = "a = 1  # 😀\nb = 2\nc = 3"
EDITED = "a = 10  # 😀\nb = 20\nc = 3"
ERROR = {"output_type": "error", "ename": "NameError", "evalue": "no y", "traceback": ["NameError: no y"]}
FAILED: "Cell" = {"source": "x = y", "outputs": [ERROR], "execution_count": 1}
WORDS = " ".join(f"word {n}" for n in range(300))
# Every text that the first cell has from now on.
RECORD = """() => {
  const text = window.jupyterapp.shell.currentWidget.content.widgets[0].model.sharedModel;
  window.texts = [];
  text.changed.connect(() => window.texts.push(text.getSource()));
}"""


def test_who_only_reads_is_shown_no_suggestion(pair: "Pair") -> None:
    """What one types comes to the other as it is, without a suggestion of the other's own and without a request."""
    ada, bob = pair("")
    ada.server.answer({"ending": "x = ", "answer": "42 + 1"})
    ada.type("x = ")
    ada.expect_ghost("42 + 1")
    bob.expect_source("x = ")
    bob.settle(1000)

    expect(bob.ghost).to_have_count(0)
    assert bob.asked == []
    assert ada.source() == bob.source() == "x = "


def test_a_suggestion_that_one_takes_comes_once_to_the_other(pair: "Pair") -> None:
    """Tab in one page puts the suggestion into both, exactly once, and one undo takes it back from both."""
    ada, bob = pair("y = 0")
    ada.server.answer({"ending": "\nx = ", "answer": "[\n    1,\n    2,\n]"})
    bob.page.evaluate(RECORD)
    ada.press("Enter")
    ada.type("x = ")
    expect(ada.ghost).to_contain_text("2,")
    assert not any("[" in text for text in bob.page.evaluate("window.texts"))
    ada.press("Tab")
    whole = "y = 0\nx = [\n    1,\n    2,\n]"

    ada.expect_source(whole)
    bob.expect_source(whole)
    bob.settle(500)
    assert (ada.source(), bob.source()) == (whole, whole)
    ada.press("Control+z")
    bob.expect_source("y = 0\nx = ")


def test_both_type_in_one_cell_and_nothing_is_lost(pair: "Pair") -> None:
    """What the other types takes a suggestion away and asks for none; what is taken later stands beside it."""
    ada, bob = pair("top = 0\n\nx = ")
    ada.server.answer({"ending": "\nx = ", "answer": "42 + 1"})
    ada.type("\nx = ")
    ada.expect_ghost("42 + 1")
    ada.server.answer({"ending": "\nx = 4", "answer": "2 + 3"})
    bob.press("Control+Home")
    bob.press("End")
    bob.type("00")
    ada.expect_source("top = 000\n\nx = \nx = ")
    expect(ada.ghost).to_have_count(0)
    asked = len(ada.asked)
    ada.settle(1000)
    assert len(ada.asked) == asked
    ada.type("4")
    ada.expect_ghost("2 + 3")
    ada.press("Tab")

    ada.expect_source("top = 000\n\nx = \nx = 42 + 3")
    bob.expect_source("top = 000\n\nx = \nx = 42 + 3")


def test_a_proposal_comes_to_the_other_once_it_is_accepted_and_whole(pair: "Pair") -> None:
    """Streaming and deciding show nothing to the other; accepting gives the whole text in one change."""
    ada, bob = pair(CELL)
    ada.server.answer({"ending": "", "answer": EDITED, "delay_s": 0.03})
    bob.page.evaluate(RECORD)
    ada.press("Control+k")
    ada.page.keyboard.type("ten times")
    ada.press("Enter")
    bar = ada.page.get_by_role("group", name="Edit of the cell")
    expect(bar.get_by_role("status")).to_contain_text("1 change.")
    bob.settle(300)
    assert bob.page.evaluate("window.texts") == []
    expect(bob.page.get_by_role("group", name="Edit of the cell")).to_have_count(0)
    ada.press("Enter")

    bob.expect_source(EDITED)
    bob.settle(300)
    assert bob.page.evaluate("window.texts") == [EDITED]
    assert ada.source() == EDITED


def test_what_the_other_types_stands_beside_an_accepted_proposal(pair: "Pair") -> None:
    """A line that the other changes while a proposal is open is kept, and an undo leaves it; no emoji is broken."""
    ada, bob = pair(CELL)
    ada.server.answer({"ending": "", "answer": CELL.replace("😀", "😃")})
    ada.press("Control+k")
    ada.page.keyboard.type("smile")
    ada.press("Enter")
    bar = ada.page.get_by_role("group", name="Edit of the cell")
    expect(bar.get_by_role("status")).to_contain_text("1 change.")
    bob.type("3")
    expect(ada.page.locator(".jp-Starcoder-diff")).to_contain_text("c = 33")
    ada.press("Enter")

    bob.expect_source("a = 1  # 😃\nb = 2\nc = 33")
    ada.expect_source("a = 1  # 😃\nb = 2\nc = 33")
    ada.press("Control+z")
    bob.expect_source("a = 1  # 😀\nb = 2\nc = 33")


def test_what_the_other_does_to_the_cell_ends_what_is_written_about_it(pair: "Pair") -> None:
    """A fix of a line that the other changes is refused clearly; a cell that the other deletes ends its explanation."""
    ada, bob = pair(FAILED, "z = 2")
    ada.server.answer({"ending": "", "answer": "x = 1"})
    ada.page.get_by_role("button", name="Fix", exact=True).press("Enter")
    bar = ada.page.locator(".jp-Starcoder-bar")
    expect(bar.get_by_role("status")).to_contain_text("1 change.")
    bob.type("0")
    expect(bar.get_by_role("alert")).to_contain_text("The cell was changed meanwhile")
    ada.page.keyboard.press("Escape")
    expect(bar).to_have_count(0)
    assert ada.source() == bob.source() == "x = y0"

    ada.server.answer({"ending": "", "answer": WORDS, "delay_s": 0.05})
    ada.press("Control+Alt+e")
    expect(ada.explanation).to_contain_text("word 1")
    bob.type("1")
    ada.expect_source("x = y01")
    expect(ada.explanation).to_contain_text("word 9")
    expect(bob.explanation).to_have_count(0)
    bob.page.evaluate("window.jupyterapp.commands.execute('notebook:delete-cell')")
    expect(ada.explanation).to_have_count(0)
    expect(ada.status).to_have_attribute("data-mood", "ready")
    assert ada.source() == bob.source() == "z = 2"
