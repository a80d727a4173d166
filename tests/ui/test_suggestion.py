"""What a person does with a suggestion besides taking it whole, in a real browser with the fake model."""

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from tests.ui.conftest import Opener
    from tests.ui.server import Server

pytestmark = pytest.mark.browser

# Of a suggestion that grows: what moves the text that just came, and the mark behind it.
ANIMATIONS = """() => {
  const [token, mark] = ['streamedToken', 'streamingIndicator'].map(part =>
    document.querySelector(`.jp-GhostText > .jp-GhostText-${part}`)
  );
  return token && mark && [getComputedStyle(token), getComputedStyle(mark, '::after')].map(
    ({ animationName }) => animationName
  );
}"""
ONE_FRONTEND = pytest.mark.parametrize("frontend", ["lab"])


def test_a_suggestion_is_taken_by_words_and_lines_or_sent_away(open_notebook: "Opener", server: "Server") -> None:
    """Each part taken is a step of undoing by itself, the rest stays without a request, and Escape ends it all."""
    server.answer(
        {"ending": "for i in x:", "answer": "\n    if i:\n        print(i)"}, {"ending": "y = ", "answer": "1"}
    )
    sheet = open_notebook(server)
    sheet.type_at_once("for i in x:")
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

    sheet.press("Control+a")
    sheet.type("y = ")
    sheet.expect_ghost("1")
    sheet.press("Escape")
    expect(sheet.ghost).to_have_count(0)
    sheet.press("Home")
    sheet.press("Control+ArrowRight")
    sheet.type("_")
    sheet.expect_source("y_ = ")


@ONE_FRONTEND
def test_a_word_is_taken_out_of_a_stream(open_notebook: "Opener", server: "Server") -> None:
    """What is taken while the suggestion still grows is neither lost nor doubled."""
    server.answer({"ending": "y = df", "answer": ".groupby('a').mean().sort_values()", "delay_s": 0.05})
    sheet = open_notebook(server)
    sheet.type_at_once("y = df")
    expect(sheet.ghost).to_contain_text(".groupby")
    sheet.press("Control+ArrowRight")
    sheet.expect_source("y = df.")
    sheet.expect_ghost("groupby('a').mean().sort_values()")
    sheet.press("Tab")

    sheet.expect_source("y = df.groupby('a').mean().sort_values()")
    assert len(sheet.asked) == 1


@ONE_FRONTEND
def test_a_growing_suggestion_moves_only_for_who_wants_that(fill_notebook: "Opener", server: "Server") -> None:
    """JupyterLab's animations run where motion is wanted, and none of them where it is to be reduced."""
    server.answer({"ending": "terms = ", "answer": " + ".join(map(str, range(20))), "delay_s": 0.3})
    sheet = fill_notebook(server)
    sheet.page.emulate_media(reduced_motion="no-preference")
    sheet.type_at_once("terms = ")  # which no other test of this page has typed: it would be suggested at once
    moving = sheet.page.wait_for_function(ANIMATIONS).json_value()
    sheet.page.emulate_media(reduced_motion="reduce")
    still = sheet.page.wait_for_function(ANIMATIONS).json_value()
    sheet.press("Escape")

    assert moving == ["jp-GhostText-typing", "jp-GhostText-streaming"]
    assert still == ["none", "none"]


@ONE_FRONTEND
def test_one_chooses_among_three_candidates(open_notebook: "Opener", server: "Server") -> None:
    """Each press asks for one more, up to three in all; then they go round, and the one that is shown is taken."""
    server.answer(*({"ending": "x = ", "seed": seed, "answer": text} for seed, text in enumerate(("1", "12", "30"))))
    sheet = open_notebook(server)
    sheet.type_at_once("x = ")
    for text in ("1", "12", "30", "1", "12"):
        sheet.expect_ghost(text)
        sheet.press("Alt+]")
    sheet.expect_ghost("30")
    sheet.press("Alt+[")
    sheet.expect_ghost("12")
    assert [asked.get("variant", 0) for asked in sheet.asked] == [0, 1, 2]
    sheet.press("Tab")

    sheet.expect_source("x = 12")


def test_what_follows_is_there_when_a_suggestion_is_accepted(open_notebook: "Opener", server: "Server") -> None:
    """The next suggestion was asked for ahead, appears at once, and no request was made for it after the key."""
    server.answer({"ending": "x = ", "answer": "42"}, {"ending": "42", "answer": "\ny = 43"})
    sheet = open_notebook(server)
    with sheet.page.expect_response(lambda reply: '"ahead":true' in (reply.request.post_data or "")) as ahead:
        sheet.type_at_once("x = ")
        sheet.expect_ghost("42")
    ahead.value.finished()
    assert [asked["offset"] for asked in sheet.ahead] == [6]
    sheet.press("Tab")
    sheet.expect_ghost("\ny = 43")

    assert len(sheet.asked) == 1


@ONE_FRONTEND
def test_a_suggestion_is_announced_and_counted(open_notebook: "Opener", server: "Server") -> None:
    """Screen readers are told of it and can hear it to its end; what became of it stands among the settings."""
    server.answer(
        {"ending": "for i in x:", "answer": "\n    if i:\n        print(i)"}, {"ending": "y = ", "answer": "1"}
    )
    sheet = open_notebook(server)
    page = sheet.page
    page.evaluate("() => localStorage.removeItem('jupyter-starcoder:tally')")
    told = page.locator(".jp-Starcoder-announcement")
    sheet.type_at_once("for i in x:")
    expect(told).to_have_text("Suggestion of 2 lines: if i:")
    assert told.aria_snapshot() == '- status: "Suggestion of 2 lines: if i:"'
    sheet.press("Alt+Shift+r")
    expect(told).to_have_text("if i: print(i)")
    sheet.press("Control+ArrowRight")
    sheet.press("Escape")
    expect(told).to_be_empty()
    sheet.type("; y = ")
    expect(told).to_have_text("Suggestion: 1")
    sheet.press("Tab")

    page.evaluate("() => window.jupyterapp.commands.execute('settingeditor:open', {query: 'StarCoder: suggestions'})")
    tally = page.locator(".jp-Starcoder-tally")
    for row in ("Shown 2", "Accepted 1 (50 %)", "Accepted in part 1 (50 %)", "Dismissed 0 (0 %)", "Typed past 0 (0 %)"):
        expect(tally.get_by_role("row", name=row, exact=True)).to_be_visible()
    tally.get_by_role("button", name="Count from nought").click()
    expect(tally.get_by_role("row", name="Shown 0", exact=True)).to_be_visible()
