"""Suggestions at the cursor, in a real browser with the fake model."""

import json
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from tests.ui.conftest import Opener, PageOf
    from tests.ui.server import Server

pytestmark = pytest.mark.browser

CELLS = "@jupyterlab/notebook-extension:tracker"  # the settings of notebooks


def test_ghost_text_streams_and_tab_takes_it(open_notebook: "Opener", server: "Server") -> None:
    """A suggestion appears piece by piece, Tab puts exactly it into the cell, and its request was read to the end."""
    server.answer({"ending": "x = ", "answer": "42 + 1  # a sum", "delay_s": 0.08})
    sheet = open_notebook(server)
    sheet.type_at_once("x = ")

    expect(sheet.ghost.locator(".jp-GhostText-streamingIndicator")).to_have_count(1)
    assert sheet.source() == "x = "
    sheet.expect_ghost("42 + 1  # a sum")
    sheet.press("Tab")
    sheet.expect_source("x = 42 + 1  # a sum")
    sheet.settle()
    expect(sheet.ghost).to_have_count(0)
    assert len(sheet.asked) == 1
    assert [url for url in sheet.broken_off if "/starcoder/complete" in url] == []


def test_ghost_text_of_several_lines_is_taken_exactly_and_undone_alone(
    open_notebook: "Opener", server: "Server"
) -> None:
    """A suggestion of several lines keeps its lines and indentation, and taking it back leaves what was typed."""
    server.answer({"ending": "for i in x:", "answer": "\n    if i:\n        print(i)"})
    sheet = open_notebook(server)
    sheet.type("for i in x:")
    expect(sheet.ghost).to_contain_text("print(i)")
    sheet.press("Tab")

    sheet.expect_source("for i in x:\n    if i:\n        print(i)")
    sheet.press("Control+z")
    sheet.expect_source("for i in x:")
    sheet.press("Control+Shift+z")
    sheet.expect_source("for i in x:\n    if i:\n        print(i)")


def test_typing_through_a_stream_never_doubles_or_drops(open_notebook: "Opener", server: "Server") -> None:
    """Typing what is being suggested, while it streams, leaves the same text as accepting it at once."""
    server.answer({"ending": "y = df", "answer": ".groupby_abcdefgh_klmnop", "delay_s": 0.06})
    sheet = open_notebook(server)
    sheet.type_at_once("y = df")
    expect(sheet.ghost).to_contain_text(".g")
    for key in ".gro":
        sheet.press(key)
        sheet.page.wait_for_timeout(90)
    sheet.expect_ghost("upby_abcdefgh_klmnop")
    sheet.press("Tab")

    sheet.expect_source("y = df.groupby_abcdefgh_klmnop")
    assert len(sheet.asked) == 1


def test_typing_through_a_whole_suggestion_asks_nothing(open_notebook: "Opener", server: "Server") -> None:
    """Typing through a suggestion, deleting and typing again is answered without a request."""
    server.answer({"ending": "x = ", "answer": "42 + 1"})
    sheet = open_notebook(server)
    sheet.type_at_once("x = ")
    sheet.expect_ghost("42 + 1")
    sheet.type("42")
    sheet.expect_ghost(" + 1")
    sheet.press("Backspace")
    sheet.expect_ghost("2 + 1")
    sheet.settle()

    assert len(sheet.asked) == 1
    sheet.press("Tab")
    sheet.expect_source("x = 42 + 1")


def test_typing_something_else_ends_the_stream(open_notebook: "Opener", server: "Server") -> None:
    """A key that disagrees removes the suggestion, keeps what was typed, and gives Tab back to the editor."""
    server.answer({"ending": "x = ", "answer": "42 + 1 + 2 + 3", "delay_s": 0.1})
    sheet = open_notebook(server)
    sheet.type_at_once("x = ")
    expect(sheet.ghost).to_contain_text("42")
    sheet.type("7")
    sheet.settle()

    expect(sheet.ghost).to_have_count(0)
    assert sheet.source() == "x = 7"
    assert len(sheet.asked) == 2
    expect(sheet.page.locator(".jp-mod-inline-completer-active")).to_have_count(0)


def test_escape_dismisses(open_notebook: "Opener", server: "Server") -> None:
    """Escape removes a suggestion that still streams, for good, and leaves the cell as it was."""
    server.answer({"ending": "x = ", "answer": "42 + 1 + 2 + 3", "delay_s": 0.1})
    sheet = open_notebook(server)
    sheet.type("x = ")
    expect(sheet.ghost).to_contain_text("42")
    sheet.press("Escape")
    expect(sheet.ghost).to_have_count(0)
    sheet.settle(1000)

    expect(sheet.ghost).to_have_count(0)
    assert sheet.source() == "x = "


def test_an_error_is_shown_at_the_cursor(open_notebook: "Opener", server: "Server") -> None:
    """When the engine dies, the cursor shows an error with its message, and the next key works."""
    server.answer({"ending": "x = ", "answer": "42", "dies_after": 0}, {"ending": "x = 4", "answer": "2"})
    sheet = open_notebook(server)
    sheet.type("x = ")

    error = sheet.page.locator(".jp-GhostText-errorIndicator")
    expect(error).to_have_attribute("title", "the fake engine died, as its rule says")
    sheet.type("4")
    sheet.expect_ghost("2")


def test_an_error_in_the_middle_keeps_the_text_so_far(open_notebook: "Opener", server: "Server") -> None:
    """When the engine dies in the middle, what came before stays, with the error."""
    server.answer({"ending": "x = ", "answer": "42 + 1", "delay_s": 0.05, "dies_after": 2})
    sheet = open_notebook(server)
    sheet.type("x = ")

    expect(sheet.page.locator(".jp-GhostText-errorIndicator")).to_have_count(1)
    assert sheet.source() == "x = "


def test_inside_brackets_that_the_editor_closed(open_notebook: "Opener", server: "Server") -> None:
    """Between an opened bracket and the one the editor added, a suggestion fills in without doubling either."""
    server.set(CELLS, codeCellConfig={"autoClosingBrackets": True})
    server.answer({"ending": "print(", "answer": '"hello"'})
    sheet = open_notebook(server)
    sheet.type("print(")
    sheet.expect_ghost('"hello"')
    sheet.press("Tab")

    sheet.expect_source('print("hello")')


def test_an_opening_bracket_typed_through_a_suggestion(open_notebook: "Opener", server: "Server") -> None:
    """A bracket typed out of a suggestion is closed by the editor; the rest of the suggestion goes between, unasked."""
    server.set(CELLS, codeCellConfig={"autoClosingBrackets": True})
    server.answer({"ending": "y = len", "answer": "(values)"})
    sheet = open_notebook(server)
    sheet.type("y = len")
    sheet.expect_ghost("(values)")
    sheet.type("(")
    sheet.expect_ghost("values")
    sheet.press("Tab")

    sheet.expect_source("y = len(values)")


def test_emoji_before_the_cursor(open_notebook: "Opener", server: "Server") -> None:
    """The cursor is counted in code points, and what is accepted goes in at the right place."""
    server.answer({"ending": "🎈 = '🐍'; x = ", "answer": "'é🎉'"})
    sheet = open_notebook(server)
    sheet.page.keyboard.insert_text("🎈 = '🐍'; x =")
    sheet.type(" ")
    sheet.expect_ghost("'é🎉'")
    sheet.press("Tab")

    sheet.expect_source("🎈 = '🐍'; x = 'é🎉'")
    assert sheet.asked[-1]["offset"] == len("🎈 = '🐍'; x = ")


def test_white_space_typed_through_a_suggestion_is_kept(open_notebook: "Opener", server: "Server") -> None:
    """Spaces typed at the start of a line through an invoked suggestion are not lost when it is accepted."""
    server.answer({"ending": "if a:\n", "answer": "    return 1"})
    sheet = open_notebook(server, "if a:\n")
    sheet.press("Alt+\\")
    sheet.expect_ghost("    return 1")
    sheet.type("    ")
    sheet.expect_ghost("return 1")
    sheet.settle(300)
    sheet.press("Tab")

    sheet.expect_source("if a:\n    return 1")


def test_cells_travel_once(open_notebook: "Opener", server: "Server") -> None:
    """Other cells go over the wire in full with the first request, with their outputs, and as names afterwards."""
    server.answer({"ending": "a", "answer": "b"})
    output = {"output_type": "stream", "name": "stdout", "text": "hello\n"}
    sheet = open_notebook(
        server,
        "",
        {"source": "print('hello')", "outputs": [output]},
        {"cell_type": "markdown", "source": "# Title", "outputs": None, "execution_count": None},
    )
    sheet.type("a")
    sheet.expect_ghost("b")
    sheet.type("; a")
    sheet.expect_ghost("b")

    first, last = (asked["notebook"]["cells"] for asked in (sheet.asked[0], sheet.asked[-1]))
    assert first[1]["outputs"] == [{"kind": "stream", "text": "hello\n"}]
    assert first[2]["kind"] == "markdown"
    assert last == [{"kind": "code", "source": "a; a", "outputs": [], "hash": ""}, first[1]["hash"], first[2]["hash"]]
    assert len(json.dumps(sheet.asked[-1])) < 400


def test_a_markdown_cell_gets_no_request(open_notebook: "Opener", server: "Server") -> None:
    """Prose is not completed."""
    server.answer({"ending": "", "answer": "no"})
    sheet = open_notebook(server)
    sheet.press("Escape")
    sheet.press("m")
    sheet.press("Enter")
    sheet.type("Some words")
    sheet.settle()

    assert sheet.asked == []


def test_a_plain_file_is_completed_like_a_cell(page_of: "PageOf", server: "Server") -> None:
    """In JupyterLab's file editor the same suggestions appear."""
    server.answer({"ending": "x = ", "answer": "42"})
    (server.home / "root" / "script.py").write_text("# 🎈\n")
    page = page_of(server)
    page.goto(f"{server.url}/lab/workspaces/file/tree/script.py?token={server.token}")
    page.locator(".jp-FileEditor .cm-content").click()
    page.keyboard.press("Control+End")
    page.keyboard.type("x = ", delay=15)
    expect(page.locator(".jp-GhostText")).to_have_text("42")
    page.keyboard.press("Tab")

    expect(page.locator(".jp-FileEditor .cm-line").last).to_have_text("x = 42")


def test_prose_in_a_file_gets_no_request(page_of: "PageOf", server: "Server") -> None:
    """A Markdown file is not completed."""
    server.answer({"ending": "", "answer": "no"})
    (server.home / "root" / "prose.md").write_text("Some\n")
    page = page_of(server)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{server.url}/lab/workspaces/prose/tree/prose.md?token={server.token}&factory=Editor")
    page.locator(".jp-FileEditor .cm-content").click()
    page.keyboard.type("words ", delay=15)
    page.wait_for_timeout(600)

    assert [url for url in asked if "/starcoder/complete" in url] == []
