"""Servers and pages for the tests in a real browser."""

import os
import shutil
import time
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import TypeAlias

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.ui.browser import CHROMIUM_ARGS, Pages, take_screenshot
from tests.ui.server import KEPT, START_S, Cell, Server, fake_model, running_server
from tests.ui.sheet import ADDRESSES, IS_THERE, Sheet

GET_CHROMIUM = "no Chromium is found: apt-get install chromium, or name one in the environment variable CHROMIUM"
expect.set_options(timeout=30_000)  # a busy machine is slow, not wrong
FAILED = pytest.StashKey[bool]()
HAS_COME = "mark => window.jupyterapp.shell.currentWidget.content.model.getMetadata('mark') === mark"


@pytest.fixture(scope="session")
def fake_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server whose model is the fake one, shared by all tests."""
    home = tmp_path_factory.mktemp("fake") / "home"
    with running_server(home, *fake_model(home)) as server:
        yield server


@pytest.fixture
def server(fake_server: Server) -> Server:
    """The shared server, without rules and settings of earlier tests."""
    fake_server.forget()
    return fake_server


@pytest.fixture
def mortal_server(tmp_path: Path) -> Iterator[Server]:
    """A server with the fake model that a test may kill."""
    home = tmp_path / "home"
    with running_server(home, *fake_model(home)) as server:
        yield server


@pytest.fixture(scope="session")
def model_server(tmp_path_factory: pytest.TempPathFactory, embedded_model: Path) -> Iterator[Server]:
    """A server with the embedded model, once that is loaded."""
    home = tmp_path_factory.mktemp("model") / "home"
    with running_server(home, JUPYTER_STARCODER_MODELS=str(embedded_model.parent)) as server:
        deadline_s = time.monotonic() + START_S
        while (state := server.state()) != "ready":
            if time.monotonic() > deadline_s:
                pytest.fail(f"the model is still {state}:\n" + (home / "server.log").read_text()[-4000:])
            time.sleep(0.1)
        yield server


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if not path:
        if os.environ.get("CI"):
            pytest.fail(GET_CHROMIUM)
        pytest.skip(GET_CHROMIUM)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, headless=True, args=CHROMIUM_ARGS)
        yield chromium
        chromium.close()


Opener: TypeAlias = "Callable[..., Sheet]"
PageOf: TypeAlias = Callable[["Server"], Page]
Pair: TypeAlias = "Callable[..., tuple[Sheet, Sheet]]"


@pytest.fixture(scope="session")
def contexts(browser: Browser) -> dict[str, BrowserContext]:
    """By server: what its pages share. The front ends are large, and a browser that has them opens a page sooner."""
    return {}


@pytest.fixture
def page_of(browser: Browser, contexts: dict[str, BrowserContext], request: pytest.FixtureRequest) -> Iterator[PageOf]:
    """Opens an empty page for a server; an error thrown in our code fails the test."""
    pages = Pages(browser, contexts)
    yield pages.open
    for page, server in pages.opened:
        take_screenshot(page, request.node.name)
        page.close()
        server.stop_kernels()
    pages.expect_no_error()


@pytest.fixture(params=list(ADDRESSES))
def frontend(request: pytest.FixtureRequest) -> str:
    """JupyterLab, then Notebook 7."""
    return str(request.param)


@pytest.fixture
def open_notebook(page_of: PageOf, frontend: str, request: pytest.FixtureRequest) -> Opener:
    """Opens a notebook of the cells given and puts the cursor at the end of the first one."""

    def open_cells(server: Server, *cells: Cell, mood: str = "ready") -> Sheet:
        sheet = Sheet(page_of(server), server)
        _open(sheet, frontend, request.node.name, *cells, mood=mood)
        return sheet

    return open_cells


@pytest.fixture(scope="session")
def shared_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server on which notebooks are open to several people at once."""
    home = tmp_path_factory.mktemp("shared") / "home"
    history = f"--SQLiteYStore.db_path={home / 'history.db'}"
    with running_server(home, *fake_model(home), history, with_collaboration=True) as server:
        yield server


@pytest.fixture(scope="session")
def kept_pair() -> list[Sheet]:
    """The two pages on one notebook, once they are open."""
    return []


@pytest.fixture
def pair(
    kept_pages: Pages, kept_pair: list[Sheet], shared_server: Server, request: pytest.FixtureRequest
) -> Iterator[Pair]:
    """Fills one notebook, open in two pages that all tests share; each has the cursor at the end of the first cell."""

    def fill_pair(*cells: Cell) -> tuple[Sheet, Sheet]:
        shared_server.answer()
        if not kept_pair:
            name = f"{KEPT}{request.node.name}.ipynb"
            shared_server.write(name, "")
            # A workspace of its own for each page: one that was used before opens what was open in it.
            kept_pair.extend(_open_shared(name, f"{request.node.name}-{who}") for who in ("ada", "bob"))
        ada, bob = kept_pair
        bob.forget()
        ada.fill(*cells, mark=request.node.name)
        bob.page.wait_for_function(HAS_COME, arg=request.node.name)
        for sheet in (ada, bob):
            sheet.begin()
            expect(sheet.cell().locator(".cm-content")).to_be_focused()
        return ada, bob

    def _open_shared(name: str, workspace: str) -> Sheet:
        sheet = Sheet(kept_pages.open(shared_server), shared_server)
        sheet.visit("lab", name, workspace)
        sheet.page.wait_for_function(IS_THERE)
        return sheet

    yield fill_pair
    for sheet, who in zip(kept_pair, ("ada", "bob"), strict=False):
        take_screenshot(sheet.page, f"{request.node.name}-{who}")
    if request.node.stash.get(FAILED, False):
        for sheet in kept_pair:
            sheet.page.close()
        kept_pair.clear()
    kept_pages.expect_no_error()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Notes which tests failed, for what is done after them."""
    report = yield
    if report.failed:
        item.stash[FAILED] = True
    return report


@pytest.fixture(scope="session")
def kept_pages(browser: Browser, contexts: dict[str, BrowserContext]) -> Pages:
    """Pages that stay open until the last test."""
    return Pages(browser, contexts)


@pytest.fixture(scope="session")
def kept_sheets() -> dict[tuple[str, str], Sheet]:
    """By server and front end: the notebooks in those pages."""
    return {}


@pytest.fixture
def fill_notebook(
    kept_pages: Pages, kept_sheets: dict[tuple[str, str], Sheet], frontend: str, request: pytest.FixtureRequest
) -> Iterator[Opener]:
    """Does what `open_notebook` does in a page that all tests share: for what ends with its cells."""
    used: list[Sheet] = []

    def fill_cells(server: Server, *cells: Cell) -> Sheet:
        sheet = kept_sheets.get((server.url, frontend))
        if sheet:
            sheet.page.bring_to_front()
            sheet.fill(*(cells or ("",)))
            sheet.begin()
        else:
            sheet = kept_sheets[server.url, frontend] = Sheet(kept_pages.open(server), server)
            _open(sheet, frontend, f"{KEPT}{frontend}", *cells)
        used.append(sheet)
        return sheet

    yield fill_cells
    for sheet in used:
        take_screenshot(sheet.page, request.node.name)
        if request.node.stash.get(FAILED, False):
            # Whatever it left there, the next test must not stumble over it.
            kept_sheets.pop((sheet.server.url, frontend), None)
            sheet.page.close()
    kept_pages.expect_no_error()


def _open(sheet: Sheet, frontend: str, name: str, *cells: Cell, mood: str = "ready") -> None:
    stem = "".join(letter if letter.isalnum() else "-" for letter in name).strip("-")
    sheet.server.write(f"{stem}.ipynb", *(cells or ("",)))
    sheet.visit(frontend, f"{stem}.ipynb", stem, mood)
    sheet.begin()
