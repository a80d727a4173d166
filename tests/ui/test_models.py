"""The panel of models and the first run, in a real browser with models that are only pretended to be fetched."""

import re
import shutil
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Locator, expect

from tests.ui.conftest import fake_model, running_server

if TYPE_CHECKING:
    from tests.ui.conftest import Opener, Server, Sheet

pytestmark = pytest.mark.browser
OPEN_MODELS = "() => window.jupyterapp.commands.execute('starcoder:open-models')"
SIZE = 94_000_000
FIREWALL = "the index was not reached: behind a firewall set a proxy (HTTPS_PROXY) and try again"
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
    """The same, with nothing on its way and the fake model served, before and after."""
    _restore(stocked_server)
    yield stocked_server
    _restore(stocked_server)


def _restore(server: "Server") -> None:
    for name, state in server.models().items():
        if state in ON_ITS_WAY:
            server.change("cancel", name)
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


def test_a_model_is_got_used_tested_and_deleted(open_notebook: "Opener", stock: "Server") -> None:
    """The whole life of a model by the buttons of its row, each step shown in words."""
    stock.answer({"ending": "", "answer": "x = 1\n"})
    stock.pretend({"name": "small", "download_bytes": SIZE, "bytes_per_s": SIZE // 40})
    sheet = open_notebook(stock, "x = 1")
    panel = _panel(sheet)
    expect(panel).to_contain_text("This machine: CPU Pretended processor · 4 cores")
    row = _row(panel, "small")
    expect(row).to_contain_text("apache-2.0 · fp32 · 94 MB to download · needs 524 MB of memory · fits here")
    _click(row, "Get")
    expect(row.locator(".jp-Starcoder-progressWords")).to_have_text(MOVING)
    bar = row.get_by_role("progressbar", name="Progress of Small")
    expect(bar).to_have_attribute("aria-valuenow", re.compile(r"^\d+$"))
    expect(bar).to_have_attribute("aria-valuetext", MOVING)
    stock.pretend({"name": "small", "download_bytes": SIZE, "bytes_per_s": 50 * SIZE})
    expect(row.get_by_role("status").first).to_have_text("Here")
    expect(bar).to_be_hidden()

    _click(row, "Use")
    expect(row.get_by_role("status").first).to_have_text("In use")
    expect(sheet.status).to_contain_text("small")
    _click(row, "Test")
    expect(row).to_contain_text(re.compile(r"[\d.]+ tokens/s on CPU, the first after \d+ ms"))

    _click(row, "Delete")
    dialog = sheet.page.locator(".jp-Dialog")
    expect(dialog).to_contain_text("It answers here now")
    dialog.get_by_role("button", name="Delete").click()
    expect(row.get_by_role("status").first).to_have_text("Not here")


@in_lab
def test_a_download_is_paused_resumed_and_cancelled(open_notebook: "Opener", stock: "Server") -> None:
    """What came is kept by a pause and gone after a cancel; the keyboard stays in the row."""
    stock.pretend({"name": "small", "download_bytes": SIZE, "bytes_per_s": SIZE // 20})
    row = _row(_panel(open_notebook(stock, "x = 1")), "small")
    words = row.locator(".jp-Starcoder-progressWords")
    _click(row, "Get")
    expect(words).to_have_text(MOVING)
    stock.pretend({"name": "small", "download_bytes": SIZE, "bytes_per_s": 0})
    row.get_by_role("button", name="Pause:").focus()
    row.page.keyboard.press("Enter")
    expect(row.get_by_role("status").first).to_have_text("Paused")
    expect(row.get_by_role("button", name="Resume:")).to_be_focused()
    kept = words.inner_text()
    assert re.fullmatch(r"\d+ of 94 MB", kept)
    assert kept != "0 of 94 MB"

    row.page.keyboard.press("Enter")
    expect(row.get_by_role("status").first).to_have_text("Downloading")
    expect(words).to_contain_text(kept)
    _click(row, "Cancel")
    expect(row.get_by_role("status").first).to_have_text("Not here")
    _click(row, "Get")
    expect(words).to_contain_text("0 of 94 MB")


@in_lab
def test_two_pages_see_one_download(open_notebook: "Opener", stock: "Server") -> None:
    """What one person began another sees and pauses; a page that does not show the models does not ask for them."""
    stock.pretend({"name": "small", "download_bytes": SIZE, "bytes_per_s": SIZE // 200})
    first, second = open_notebook(stock, "x = 1"), open_notebook(stock, "x = 1")
    asked: list[str] = []
    second.page.on("request", lambda request: asked.append(request.url))
    one, two = _row(_panel(first), "small"), _row(_panel(second), "small")
    _click(one, "Get")
    expect(two.locator(".jp-Starcoder-progressWords")).to_have_text(MOVING)
    _click(two, "Pause")
    expect(one.get_by_role("status").first).to_have_text("Paused")
    _click(one, "Resume")
    expect(two.get_by_role("status").first).to_have_text("Downloading", timeout=15_000)

    second.page.get_by_role("tab", name="StarCoder models").locator(".lm-TabBar-tabCloseIcon").click()
    expect(second.page.get_by_role("region", name="Models")).to_have_count(0)
    second.settle(300)
    asked.clear()
    second.settle(2500)
    assert [url for url in asked if url.split("?")[0].endswith("starcoder/models")] == []


@in_lab
def test_a_failure_and_a_gate_are_told_in_the_row(open_notebook: "Opener", stock: "Server") -> None:
    """What to do stands where it went wrong; a gated model says beforehand what it wants."""
    stock.pretend(
        {"name": "small", "download_bytes": SIZE, "fails": FIREWALL},
        {"name": "gated", "is_gated": True, "memory_bytes": 100 << 30},
    )
    panel = _panel(open_notebook(stock, "x = 1"))
    gated, row = _row(panel, "gated"), _row(panel, "small")
    expect(gated).to_contain_text("too large for this machine")
    gated.get_by_text("Its licence has to be accepted first").click()
    expect(gated).to_contain_text("put a token into HF_TOKEN")
    expect(gated.get_by_role("link", name="Open its page")).to_have_attribute("href", re.compile("some/gated$"))

    _click(row, "Get")
    expect(row.get_by_role("alert")).to_have_text(FIREWALL)
    stock.pretend({"name": "small", "download_bytes": SIZE, "bytes_per_s": 50 * SIZE})
    _click(row, "Try again")
    expect(row.get_by_role("status").first).to_have_text("Here")
    expect(row.get_by_role("alert")).to_have_count(0)


@in_lab
def test_a_server_that_is_gone_is_told_over_the_list(open_notebook: "Opener", mortal_server: "Server") -> None:
    """What was known stays, and says that it may be out of date."""
    sheet = open_notebook(mortal_server, "x = 1")
    panel = _panel(sheet)
    expect(_row(panel, "fake")).to_contain_text("In use")
    mortal_server.process.kill()
    mortal_server.process.wait()
    sheet.dismiss_dialogs()
    _click(_row(panel, "fake"), "Test")

    expect(_row(panel, "fake").get_by_role("alert")).to_contain_text("does not answer")
    expect(panel.locator("> [role=alert]")).to_contain_text("The Jupyter server does not answer")


def test_first_run_gets_the_model_by_one_click(open_notebook: "Opener", stock: "Server") -> None:
    """Without a model a notebook says so; one button fetches and serves it, and then the card is gone."""
    _without_model(stock, bytes_per_s=SIZE // 40)
    stock.answer({"ending": "x = ", "answer": "42"})
    sheet = open_notebook(stock, "", mood="problem")
    card = _card(sheet)
    expect(card).to_contain_text("StarCoder has no model yet")
    card.get_by_role("button", name="Get the model (94 MB)").click()
    expect(card.locator(".jp-Starcoder-progressWords")).to_have_text(MOVING)
    card.get_by_role("button", name="All models…").click()
    expect(_row(sheet.page.get_by_role("region", name="Models"), "fake")).to_contain_text("Downloading")
    stock.pretend({"name": "fake", "download_bytes": SIZE, "bytes_per_s": 50 * SIZE})

    expect(card).to_have_count(0)
    expect(sheet.status).to_have_attribute("data-mood", "ready")


@in_lab
def test_first_run_that_fails_says_what_to_set(open_notebook: "Opener", stock: "Server") -> None:
    """Behind a firewall the reason and the remedy stand in the card, and one click tries again."""
    _without_model(stock, fails=FIREWALL)
    card = _card(open_notebook(stock, "", mood="problem"))
    card.get_by_role("button", name="Get the model").click()
    expect(card.get_by_role("alert")).to_have_text(FIREWALL)
    stock.pretend({"name": "fake", "download_bytes": SIZE, "bytes_per_s": 50 * SIZE})
    card.get_by_role("button", name="Try again").click()

    expect(card).to_have_count(0)


@in_notebook
def test_first_run_that_is_dismissed_is_not_offered_again(open_notebook: "Opener", stock: "Server") -> None:
    """Also not by the next page; the keyboard is where it was needed."""
    _without_model(stock)
    sheet = open_notebook(stock, "", mood="problem")
    _card(sheet).get_by_role("button", name="Dismiss").click()
    expect(_card(sheet)).to_have_count(0)
    sheet.settle(500)
    sheet.page.reload()
    expect(sheet.status).to_have_attribute("data-mood", "problem")
    sheet.settle(500)

    expect(_card(sheet)).to_have_count(0)
