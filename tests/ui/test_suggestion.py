"""What a person does with a suggestion besides taking it whole, in a real browser with the fake model."""

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from tests.ui.conftest import Opener, Server

pytestmark = pytest.mark.browser

ONE_FRONTEND = pytest.mark.parametrize("frontend", ["lab"])


def test_a_suggestion_is_taken_by_words_and_lines(open_notebook: "Opener", server: "Server") -> None:
    """Each part taken is a step of undoing by itself, and the rest stays without a request."""
    server.answer({"ending": "for i in x:", "answer": "\n    if i:\n        print(i)"})
    sheet = open_notebook(server)
    sheet.type("for i in x:")
    expect(sheet.ghost).to_contain_text("print(i)")
    sheet.press("Control+ArrowRight")
    sheet.expect_source("for i in x:\n    if")
    sheet.press("Control+ArrowDown")
    sheet.expect_source("for i in x:\n    if i:")
    expect(sheet.ghost).to_contain_text("print(i)")
    sheet.press("Control+ArrowDown")
    sheet.expect_source("for i in x:\n    if i:\n        print(i)")
    assert len(sheet.asked) == 1
    for before in ("for i in x:\n    if i:", "for i in x:\n    if", "for i in x:"):
        sheet.press("Control+z")
        sheet.expect_source(before)


@ONE_FRONTEND
def test_a_word_is_taken_out_of_a_stream(open_notebook: "Opener", server: "Server") -> None:
    """What is taken while the suggestion still grows is neither lost nor doubled."""
    server.answer({"ending": "y = df", "answer": ".groupby('a').mean().sort_values()", "delay_s": 0.05})
    sheet = open_notebook(server)
    sheet.type("y = df")
    expect(sheet.ghost).to_contain_text(".groupby")
    sheet.press("Control+ArrowRight")
    sheet.expect_source("y = df.")
    sheet.expect_ghost("groupby('a').mean().sort_values()")
    sheet.press("Tab")

    sheet.expect_source("y = df.groupby('a').mean().sort_values()")
    assert len(sheet.asked) == 1


def test_escape_dismisses_and_stays_in_the_cell(open_notebook: "Opener", server: "Server") -> None:
    """Escape sends the suggestion away and leaves the cursor where it was; without one the keys are the editor's."""
    server.answer({"ending": "x = ", "answer": "42 + 1"})
    sheet = open_notebook(server)
    sheet.type("x = ")
    sheet.expect_ghost("42 + 1")
    sheet.press("Escape")
    expect(sheet.ghost).to_have_count(0)
    sheet.press("Home")
    sheet.press("Control+ArrowRight")
    sheet.type("y")

    sheet.expect_source("xy = ")
