"""What a keystroke costs the browser with ghost text on and off: script time out of Chromium's performance trace.

`python benchmarks/ghost_typing.py --json ghost_typing.json`. A person types through a suggestion, so that it is drawn
anew at each key; the same keys are typed with suggestions switched off, one leg right after the other. The model is
the fake one: what is measured is the page. Needs Chromium, as the browser tests do.
"""

import argparse
import json
import shutil
import statistics
import sys
import tempfile
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import TypedDict

from playwright.sync_api import Browser, Page, expect, sync_playwright
from report import ROOT, Row, add_options, compared, quartiles, show, surroundings

sys.path.append(str(ROOT))

from tests.ui.browser import CHROMIUM_ARGS
from tests.ui.server import Server, fake_model, running_server
from tests.ui.sheet import ADDRESSES, CHANGE_SETTING, NO_SPACER, PLUGIN

BEGIN = "x = "
TYPED = "frame.groupby('city')['price'].mean().sort"  # of what is suggested, key by key
SUGGESTED = TYPED + "_values(ascending=False)\nx.plot.bar()"
GAP_MS = 80  # of a quick typist, and time enough for what a key sets going
SCRIPT = frozenset({"FunctionCall", "RunMicrotasks", "EvaluateScript", "v8.callFunction"})
TARGET_MS = 4.0


class Event(TypedDict, total=False):
    """One event of a trace; times in microseconds."""

    name: str
    pid: int
    tid: int
    ts: float
    dur: float
    args: dict[str, dict[str, object]]


def script_ms(events: list[Event]) -> list[float]:
    """Script time from each key to the next one, on the thread that takes the keys."""
    keys = [event for event in events if event["name"] == "EventDispatch" and is_key(event)]
    thread = (keys[0]["pid"], keys[0]["tid"])
    starts_us = sorted(event["ts"] for event in keys)
    spans = sorted(
        (event["ts"], event["ts"] + event.get("dur", 0.0))
        for event in events
        if event["name"] in SCRIPT and (event["pid"], event["tid"]) == thread
    )
    bounds_us = [*starts_us, starts_us[-1] + 1000 * GAP_MS]
    return [covered_us(spans, *window) / 1000 for window in pairwise(bounds_us)]


def is_key(event: Event) -> bool:
    """Whether a key went down."""
    return event.get("args", {}).get("data", {}).get("type") == "keydown"


def covered_us(spans: list[tuple[float, float]], begin_us: float, end_us: float) -> float:
    """How much of a window spans cover; they lie in one another, and are counted once."""
    total_us, reached_us = 0.0, begin_us
    for start, stop in spans:
        low, high = max(start, reached_us), min(stop, end_us)
        if high > low:
            total_us += high - low
            reached_us = high
    return total_us


def leg(browser: Browser, page: Page, *, is_on: bool) -> list[float]:
    """Types the text once; gives the script time of each key in ms."""
    page.evaluate(CHANGE_SETTING, [PLUGIN, "enabled", is_on])
    page.locator(".jp-CodeCell .cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.press("Backspace")
    page.keyboard.insert_text(BEGIN)
    if is_on:
        expect(page.locator(f".jp-GhostText{NO_SPACER}")).to_contain_text(TYPED)
    page.wait_for_timeout(1000)
    browser.start_tracing(page=page, categories=["devtools.timeline", "v8.execute"])
    page.keyboard.type(TYPED, delay=GAP_MS)
    page.wait_for_timeout(2 * GAP_MS)
    trace = json.loads(browser.stop_tracing())
    return script_ms([event for event in trace["traceEvents"] if event.get("ph") == "X"])


def legs(server: Server, n: int) -> Iterator[tuple[list[float], list[float]]]:
    """Script times with ghost text on and off, n times each, after a leg to warm up."""
    server.answer({"ending": BEGIN, "answer": SUGGESTED})
    server.write("typing.ipynb", "")
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, headless=True, args=CHROMIUM_ARGS)
        page = browser.new_page()
        page.goto(server.url + ADDRESSES["lab"].format(name="typing.ipynb", token=server.token, workspace="typing"))
        expect(page.locator(".jp-Starcoder-status")).to_have_attribute("data-mood", "ready")
        for index in range(n + 1):
            order = (True, False) if index % 2 else (False, True)
            times = {is_on: leg(browser, page, is_on=is_on) for is_on in order}
            if index:
                yield times[True], times[False]
        browser.close()


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    add_options(parser)
    arguments = parser.parse_args()
    facts = surroundings("fake")
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        with running_server(home, *fake_model(home)) as server:
            pairs = list(legs(server, arguments.n))
    on = [ms for times, _ in pairs for ms in times]
    off = [ms for _, times in pairs for ms in times]
    rows: list[Row] = [compared("script time of a keystroke, ghost text on with off", on, off, is_less_better=True)]
    show(rows, facts, unit="ms", json_file=arguments.json)
    more = [ours - theirs for ours, theirs in zip(on, off, strict=True)]
    low, high = quartiles(more)
    print(f"ghost text costs {statistics.median(more):.2f} ms more ({low:.2f} – {high:.2f}), target {TARGET_MS:.0f} ms")


if __name__ == "__main__":
    main()
