"""The panel of models and the first run, in a real browser with models that are only pretended to be fetched."""

import re
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Locator, expect

from tests.ui.server import fake_model, running_server

if TYPE_CHECKING:
    from playwright.sync_api import Route

    from tests.ui.conftest import Opener
    from tests.ui.server import Server
    from tests.ui.sheet import Sheet

pytestmark = pytest.mark.browser
OPEN_MODELS = "() => window.jupyterapp.commands.execute('starcoder:open-models')"
SIZE = 94_000_000
FIREWALL = "the index was not reached: behind a firewall set a proxy (HTTPS_PROXY) and try again"
DISK = "the disk is full: free space, or delete models that nobody uses"
GATED = "some/gated is gated: accept its licence, then put a token into HF_TOKEN"
TOUR = Path(__file__).parents[2] / "examples" / "tour.ipynb"
MOVING = re.compile(r"^\d+ of 94 MB · [\d.]+ \wB/s · (\d+ s|\d+ min|\d+ h \d+ min) left$")
ON_ITS_WAY = {"waiting", "fetching", "exporting", "paused", "failed"}
in_lab = pytest.mark.parametrize("frontend", ["lab"], indirect=True)
in_notebook = pytest.mark.parametrize("frontend", ["notebook"], indirect=True)


@pytest.fixture(scope="module")
def stocked_server(tmp_path_factory: pytest.TempPathFactory) -> "Iterator[Server]":
    """A server with a fake model, and others that the tests pretend."""
    home = tmp_path_factory.mktemp("stock") / "home"
    with running_server(home, *fake_model(home), f"--StarcoderConfig.fake_models={home / 'models.json'}") as server:
        yield server


@pytest.fixture
def stock(stocked_server: "Server") -> "Iterator[Server]":
    """The same, with nothing fetched or on its way and the fake model served, before and after."""
    _restore(stocked_server)
    yield stocked_server
    _restore(stocked_server)


def _restore(server: "Server") -> None:
    for name, state in server.models().items():
        if state in ON_ITS_WAY:
            server.change("cancel", name)
        elif state == "prepared" and name != "fake":
            server.change("remove", name)
    server.pretend()
    shutil.rmtree(server.home / "settings", ignore_errors=True)
    server.change("load", "fake")
    deadline_s = time.monotonic() + 20
    while server.state() != "ready":
        assert time.monotonic() < deadline_s
        time.sleep(0.05)


def _without_model(server: "Server", **pretended: object) -> None:
    """Takes the model that answers away; it can be got as is pretended."""
    server.pretend({"name": "fake", "download_bytes": SIZE, **pretended})
    server.change("remove", "fake", unload=True)


def _panel(sheet: "Sheet") -> Locator:
    sheet.page.evaluate(OPEN_MODELS)
    panel = sheet.page.get_by_role("region", name="Models")
    expect(panel).to_be_visible()
    return panel


def _row(panel: Locator, name: str) -> Locator:
    return panel.locator(f'[data-model="{name}"]')


def _click(row: Locator, verb: str) -> None:
    row.get_by_role("button", name=f"{verb}:").click()


def _card(sheet: "Sheet") -> Locator:
    return sheet.page.get_by_role("region", name="StarCoder: first model")


def _lock_the_model(route: "Route") -> None:
    reply = route.fetch()
    route.fulfill(response=reply, json={**reply.json(), "locked": ["model"], "reason": "Exams are on."})


def _state(row: Locator) -> Locator:
    return row.locator(".jp-Starcoder-modelState")


def test_a_model_is_got_used_tested_and_deleted(open_notebook: "Opener", stock: "Server") -> None:
    """The whole life of a model by the buttons of its row, each step shown in words; the keyboard stays in the row."""
    stock.answer({"ending": "", "answer": "x = 1\n"})
    stock.pretend({"name": "small", "download_bytes": SIZE, "bytes_per_s": SIZE // 40})
    sheet = open_notebook(stock, "x = 1")
    panel = _panel(sheet)
    expect(panel).to_contain_text("This machine: CPU Pretended processor · 4 cores")
    row = _row(panel, "small")
    words, bar = row.locator(".jp-Starcoder-progressWords"), row.get_by_role("progressbar", name="Progress of Small")
    expect(row).to_contain_text("apache-2.0 · fp32 · 94 MB to download · needs 524 MB of memory · fits here")
    row.get_by_role("button", name="Get:").focus()
    sheet.press("Enter")
    expect(words).to_have_text(MOVING)
    expect(bar).to_have_attribute("aria-valuenow", re.compile(r"^\d+$"))
    expect(bar).to_have_attribute("aria-valuetext", MOVING)

    stock.pretend({"name": "small", "download_bytes": SIZE, "bytes_per_s": 0})
    expect(row.get_by_role("button", name="Pause:")).to_be_focused()
    sheet.press("Enter")
    expect(_state(row)).to_have_text("Paused")
    expect(row.get_by_role("button", name="Resume:")).to_be_focused()
    kept = words.inner_text()
    assert re.fullmatch(r"\d+ of 94 MB", kept)
    assert kept != "0 of 94 MB"
    sheet.press("Enter")
    expect(_state(row)).to_have_text("Downloading")
    expect(words).to_contain_text(kept)
    _click(row, "Cancel")
    expect(_state(row)).to_have_text("Not here")
    _click(row, "Get")
    expect(words).to_contain_text("0 of 94 MB")

    stock.pretend({"name": "small", "download_bytes": SIZE, "bytes_per_s": 50 * SIZE})
    expect(_state(row)).to_have_text("Here")
    expect(bar).to_be_hidden()
    _click(row, "Use")
    expect(_state(row)).to_have_text("In use")
    expect(sheet.status).to_contain_text("small")
    _click(row, "Test")
    expect(row).to_contain_text(re.compile(r"[\d.]+ tokens/s on CPU, the first after \d+ ms"))

    _click(row, "Delete")
    dialog = sheet.page.locator(".jp-Dialog")
    expect(dialog).to_contain_text("It answers here now")
    sheet.press("Escape")
    expect(dialog).to_have_count(0)
    assert stock.models()["small"] == "served"
    _click(row, "Delete")
    dialog.get_by_role("button", name="Delete").click()
    expect(_state(row)).to_have_text("Not here")


@in_lab
def test_two_pages_see_one_download(open_notebook: "Opener", stock: "Server") -> None:
    """What one person began another sees and pauses; a page that does not show the models does not ask for them."""
    stock.pretend({"name": "small", "download_bytes": SIZE, "bytes_per_s": SIZE // 200})
    first, second = open_notebook(stock, "x = 1"), open_notebook(stock, "x = 1")
    asked: list[str] = []
    second.page.on("request", lambda request: asked.append(request.url))
    one = _row(_panel(first), "small")
    _click(one, "Get")
    two = _row(_panel(second), "small")
    expect(two.locator(".jp-Starcoder-progressWords")).to_have_text(MOVING)

    second.page.get_by_role("tab", name="StarCoder models").locator(".lm-TabBar-tabCloseIcon").click()
    expect(second.page.get_by_role("region", name="Models")).to_have_count(0)
    second.settle(300)
    asked.clear()
    second.settle(1500)
    assert [url for url in asked if url.split("?")[0].endswith("starcoder/models")] == []
    _click(_row(_panel(second), "small"), "Pause")
    expect(_state(one)).to_have_text("Paused")


@in_lab
def test_what_goes_wrong_is_told_where_it_did(open_notebook: "Opener", stock: "Server") -> None:
    """A gate beforehand, network and disk in the row, a silent server and a lock over the list."""
    gated = {"name": "gated", "is_gated": True, "memory_bytes": 100 << 30}
    stock.pretend({"name": "small", "download_bytes": SIZE, "fails": FIREWALL}, {**gated, "fails": GATED})
    sheet = open_notebook(stock, "x = 1")
    panel = _panel(sheet)
    closed, row = _row(panel, "gated"), _row(panel, "small")
    expect(closed).to_contain_text("too large for this machine")
    closed.get_by_text("Its licence has to be accepted first").click()
    expect(closed).to_contain_text("put a token into HF_TOKEN")
    expect(closed.get_by_role("link", name="Open its page")).to_have_attribute("href", re.compile("some/gated$"))
    _click(closed, "Get")
    sheet.page.get_by_role("dialog").get_by_role("button", name="Get it anyway").click()
    expect(closed.get_by_role("alert")).to_have_text(GATED)

    for why in (FIREWALL, DISK):
        stock.pretend({"name": "small", "download_bytes": SIZE, "fails": why}, gated)
        row.get_by_role("button", name=re.compile("^(Get|Try again):")).click()
        expect(row.get_by_role("alert")).to_have_text(why)
    stock.pretend({"name": "small", "download_bytes": SIZE, "bytes_per_s": 50 * SIZE}, gated)
    _click(row, "Try again")
    expect(_state(row)).to_have_text("Here")
    expect(row.get_by_role("alert")).to_have_count(0)

    sheet.page.route("**/starcoder/**", lambda route: route.abort())
    _click(_row(panel, "fake"), "Test")
    expect(_row(panel, "fake").get_by_role("alert")).to_contain_text("does not answer")
    expect(panel.locator("> [role=alert]")).to_contain_text("The Jupyter server does not answer")
    expect(_state(row)).to_have_text("Here")
    sheet.page.unroute("**/starcoder/**")
    expect(panel.locator("> [role=alert]")).to_be_hidden()

    sheet.page.route("**/starcoder/settings*", _lock_the_model)
    sheet.page.reload()
    expect(sheet.status).to_have_attribute("data-mood", "ready")
    panel = _panel(sheet)
    expect(panel).to_contain_text("The administrator has said which model answers here: Exams are on.")
    for name, verb in (("small", "Use"), ("fake", "Delete")):
        button = _row(panel, name).get_by_role("button", name=f"{verb}:")
        expect(button).to_have_attribute("aria-disabled", "true")
        expect(button).to_have_attribute("title", re.compile("Exams are on."))
    expect(_row(panel, "small").get_by_role("button", name="Delete:")).to_have_attribute("aria-disabled", "false")


@in_lab
def test_a_model_that_is_too_large_is_got_only_once_that_is_confirmed(open_notebook: "Opener", stock: "Server") -> None:
    """By the keyboard, in card, details and panel: the numbers are told, and Enter alone leaves it."""
    _without_model(stock, memory_bytes=107_000_000_000)
    sheet = open_notebook(stock, "x = 1", mood="problem")
    dialog = sheet.page.get_by_role("dialog")
    offer = _card(sheet).get_by_role("button", name="Get the model (94 MB)")
    offer.press("Enter")
    expect(dialog.get_by_role("button", name="Cancel")).to_be_focused()
    sheet.press("Enter")
    expect(offer).to_be_focused()
    sheet.status.get_by_role("button").press("Enter")
    dialog.get_by_role("button", name="Get the model").press("Enter")
    expect(dialog).to_contain_text("is too large for this machine")
    expect(dialog.get_by_role("button", name="Cancel")).to_be_focused()
    sheet.press("Enter")
    expect(dialog).to_have_count(0)
    row = _row(_panel(sheet), "fake")
    get = row.get_by_role("button", name="Get:")
    for key in ("Enter", "Escape"):
        get.press("Enter")
        expect(dialog).to_contain_text("Answers from rules is too large for this machine")
        expect(dialog).to_contain_text(
            "It needs 107 GB of memory to run, and this machine has 8.6 GB: 98 GB too little."
        )
        expect(dialog.get_by_role("button", name="Cancel")).to_be_focused()
        sheet.press(key)
        expect(dialog).to_have_count(0)
        expect(get).to_be_focused()
    assert stock.models()["fake"] == "none"
    get.press("Enter")
    expect(dialog.get_by_role("button", name="Cancel")).to_be_focused()
    sheet.press("Tab")
    expect(dialog.get_by_role("button", name="Get it anyway")).to_be_focused()
    sheet.press("Enter")

    expect(_state(row)).to_have_text("Downloading")
    expect(row.get_by_role("button", name="Pause:")).to_be_focused()


@in_lab
def test_a_model_that_the_disk_cannot_take_is_got_only_once_that_is_confirmed(
    open_notebook: "Opener", stock: "Server"
) -> None:
    """The row says so beforehand, and the dialog by how much."""
    stock.pretend({"name": "small", "download_bytes": SIZE, "free_disk_bytes": 80_000_000})
    sheet = open_notebook(stock, "x = 1")
    row, dialog = _row(_panel(sheet), "small"), sheet.page.get_by_role("dialog")
    expect(row).to_contain_text("no room on the disk: needs 94 MB, 80 MB free")
    expect(row).not_to_contain_text("fits here")
    for button in ("Cancel", "Get it anyway"):
        assert stock.models()["small"] == "none"
        _click(row, "Get")
        expect(dialog).to_contain_text("There is no room on the disk for Small")
        expect(dialog).to_contain_text("Getting it needs 94 MB on the disk, and 80 MB are free: 14 MB too little.")
        dialog.get_by_role("button", name=button).click()
        expect(dialog).to_have_count(0)

    expect(_state(row)).to_have_text("Downloading")


def test_first_run_gets_the_model_and_opens_the_tour(open_notebook: "Opener", stock: "Server", frontend: str) -> None:
    """One button fetches and serves the first model, past a failure that is explained; one more opens the tour."""
    _without_model(stock, fails=FIREWALL)
    sheet = open_notebook(stock, "", mood="problem")
    card = _card(sheet)
    expect(card).to_contain_text("StarCoder has no model yet")
    card.get_by_role("button", name="Get the model (94 MB)").click()
    expect(card.get_by_role("alert")).to_have_text(FIREWALL)
    stock.pretend({"name": "fake", "download_bytes": SIZE, "bytes_per_s": SIZE // 40})
    card.get_by_role("button", name="Try again").click()
    expect(card.locator(".jp-Starcoder-progressWords")).to_have_text(MOVING)
    card.get_by_role("button", name="All models…").click()
    expect(_row(sheet.page.get_by_role("region", name="Models"), "fake")).to_contain_text("Downloading")
    if frontend == "lab":  # there the panel lies over the notebook
        sheet.page.evaluate("() => window.jupyterapp.commands.execute('application:close')")
    stock.pretend({"name": "fake", "download_bytes": SIZE, "bytes_per_s": 50 * SIZE})
    expect(card).to_contain_text("Answers from rules answers now")
    expect(sheet.status).to_have_attribute("data-mood", "ready")

    copy = stock.home / "root" / "starcoder-tour.ipynb"
    copy.unlink(missing_ok=True)
    tour = card.get_by_role("button", name="Open the tour")
    if frontend == "lab":
        tour.click()
        expect(sheet.page.get_by_role("tab", name=copy.name)).to_be_visible()
    else:
        with sheet.page.expect_popup() as opened:
            tour.click()
        assert copy.name in opened.value.url
        opened.value.close()
    assert copy.read_bytes() == TOUR.read_bytes()
    card.first.get_by_role("button", name="Close").click()
    expect(card).to_have_count(0)


@in_notebook
def test_first_run_that_is_dismissed_is_not_offered_again(open_notebook: "Opener", stock: "Server") -> None:
    """Also not by the next page; the keyboard is where it was needed."""
    _without_model(stock)
    sheet = open_notebook(stock, "", mood="problem")
    with sheet.page.expect_response(lambda response: "jupyter-starcoder:models" in response.url):
        _card(sheet).get_by_role("button", name="Dismiss").click()
    expect(_card(sheet)).to_have_count(0)
    sheet.page.reload()
    expect(sheet.status).to_have_attribute("data-mood", "problem")
    sheet.settle(300)

    expect(_card(sheet)).to_have_count(0)
