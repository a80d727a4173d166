"""What says how the model is, in a real browser."""

import json
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Route, expect

if TYPE_CHECKING:
    from tests.ui.conftest import Opener
    from tests.ui.server import Server

pytestmark = pytest.mark.browser


def test_status_names_the_model_and_is_busy_while_it_writes(open_notebook: "Opener", server: "Server") -> None:
    """The status names model and device, and shows that an answer is being made."""
    server.answer({"ending": "x = ", "answer": "1 + 1 + 1", "delay_s": 0.1})
    sheet = open_notebook(server)
    expect(sheet.status).to_contain_text("fake · CPU · ready")
    sheet.type("x = ")

    expect(sheet.status).to_have_attribute("data-mood", "busy")
    sheet.expect_ghost("1 + 1 + 1")
    expect(sheet.status).to_have_attribute("data-mood", "ready")


def test_details_tell_the_last_requests_in_counts_and_times(open_notebook: "Opener", server: "Server") -> None:
    """By the keyboard alone: from the status to its details, and back."""
    server.answer({"ending": "x = ", "answer": "secret_answer"})
    sheet = open_notebook(server)
    item = sheet.status.get_by_role("button")
    details = sheet.page.get_by_role("dialog")
    log = details.get_by_role("region", name="Last requests of this page")

    item.press("Enter")
    expect(details).to_contain_text("fake answers on this machine")
    expect(log).to_have_text("Nothing was asked yet.")
    sheet.press("Escape")
    expect(details).to_have_count(0)
    expect(item).to_be_focused()

    sheet.cell().locator(".cm-content").click()
    sheet.type("x = ")
    sheet.expect_ghost("secret_answer")
    expect(item).to_contain_text("% reused")
    item.press("Enter")
    line = log.get_by_role("row").nth(1)
    expect(line).to_contain_text("Completion")
    expect(line).to_contain_text("answered")
    assert "secret" not in details.inner_text()
    details.get_by_role("button", name="Models…").click()

    expect(sheet.page.locator("#jp-starcoder-models")).to_be_visible()


TIMINGS = {
    "context_ms": 9,
    "late_sources": 0,
    "queue_ms": 98_765.4,
    "prompt_tokens": 12_345,
    "reused_tokens": 12_345,
    "first_token_ms": 987,
    "new_tokens": 12_345,
    "tokens_per_s": 1_234.5,
}
DONE = {"type": "done", "finish": "stop", "model": "m", "left_out_turns": 0, "timings": TIMINGS}


@pytest.mark.parametrize("frontend", ["lab"])
def test_details_show_long_numbers_whole(open_notebook: "Opener", server: "Server") -> None:
    """In a small window and under a large model with a long name, all columns of the log are in view."""
    sheet = open_notebook(server, "x = 1")
    sheet.page.set_viewport_size({"width": 800, "height": 600})
    health = server.reply("health") | {"model": "a-model-with-a-very-long-name-" * 4}
    sheet.page.route("**/starcoder/health*", lambda route: route.fulfill(json=health))
    sheet.page.route("**/starcoder/explain*", lambda route: route.fulfill(body=json.dumps(DONE) + "\n"))
    sheet.press("Control+Alt+e")
    expect(sheet.explanation).to_have_attribute("data-state", "done")
    sheet.status.get_by_role("button").click()
    details = sheet.page.get_by_role("dialog").locator(".jp-Starcoder-details")
    expect(details.get_by_role("cell", name="12345 (100 %)")).to_be_visible()
    expect(details).to_contain_text("a-model-with-a-very-long-name-a-model")

    for part in (details, details.get_by_role("region", name="Last requests of this page")):
        assert part.evaluate("node => node.scrollWidth - node.clientWidth") == 0


HEALTH: dict[str, object] = {
    "version": "1",
    "model": "small",
    "device": "CPU",
    "message": "",
    "answering": "small",
    "is_busy": False,
    "waiting": 0,
    "kernel_context": "none",
    "progress": None,
}
STATES: list[tuple[dict[str, object] | None, str, str, str]] = [
    ({"state": "absent", "message": "get it"}, "problem", "no model", "Get the model"),
    (
        {"state": "loading", "progress": {"step": "loading", "done": 1, "total": 4, "unit": "", "phase": ""}},
        "loading",
        "loading 25 %",
        "",
    ),
    ({"state": "ready"}, "ready", "small · CPU · ready", ""),
    ({"state": "ready", "is_busy": True, "waiting": 3}, "busy", "busy, 3 wait", ""),
    ({"state": "failed", "message": "its process died 2 times in a row"}, "problem", "failed", "Try again"),
    (None, "problem", "no answer", ""),
]


@pytest.mark.parametrize("frontend", ["lab"])
def test_details_tell_every_state_of_the_model(open_notebook: "Opener", server: "Server") -> None:
    """Without a model, loading, ready, answering others, broken, and with the server gone."""
    sheet = open_notebook(server)
    details = sheet.page.get_by_role("dialog")
    loads: list[str] = []
    sheet.page.route("**/starcoder/models/load", lambda route: loads.append(route.request.post_data or ""))
    replies = [STATES[0][0]]

    def answer(route: Route) -> None:
        reply = replies[-1]
        if reply is None:
            route.abort()
        else:
            route.fulfill(json=HEALTH | reply)

    sheet.page.route("**/starcoder/health*", answer)
    for health, mood, says, remedy in STATES:
        replies.append(health)
        sheet.status.get_by_role("button").click()
        expect(sheet.status).to_have_attribute("data-mood", mood)
        expect(sheet.status).to_contain_text(says)
        expect(details).to_contain_text(says)
        sheet.press("Escape")
        expect(details).to_have_count(0)
        if remedy:
            sheet.status.get_by_role("button").click()
            expect(details.get_by_role("button", name=remedy)).to_be_visible()
            sheet.press("Escape")
            expect(details).to_have_count(0)
    assert loads == []
