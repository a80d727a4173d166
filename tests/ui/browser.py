"""Pages of a real Chromium."""

import os
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize

from tests.ui.server import Server

CHROMIUM_ARGS = [
    "--no-sandbox",  # as root, in containers
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
VIEWPORT: ViewportSize = {"width": 1280, "height": 720}


def context_of(browser: Browser, contexts: dict[str, BrowserContext], server: Server) -> BrowserContext:
    """What all pages of a server share."""
    if server.url not in contexts:
        contexts[server.url] = browser.new_context(viewport=VIEWPORT, reduced_motion="reduce")
        contexts[server.url].set_default_timeout(30_000)
    return contexts[server.url]


@dataclass
class Pages:
    """Pages that are closed together."""

    browser: Browser
    contexts: dict[str, BrowserContext]
    opened: list[tuple[Page, Server]] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def open(self, server: Server) -> Page:
        """An empty page for a server."""
        page = context_of(self.browser, self.contexts, server).new_page()
        page.on("pageerror", lambda error: self.errors.append(f"{error}\n{error.stack}"))
        self.opened.append((page, server))
        return page

    def expect_no_error(self) -> None:
        """Fails where an error was thrown in our code; Notebook 7 throws some of its own on opening."""
        ours = [error for error in self.errors if "jupyter-starcoder" in error]
        self.errors.clear()
        assert not ours


def take_screenshot(page: Page, name: str) -> None:
    """Keeps how a page looks, where somebody wants to see that."""
    if folder := os.environ.get("SCREENSHOTS"):
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=f"{folder}/{name}.png")
