"""The stage of a journey: a real browser, a real server with a clock that can be moved, and an eye on every page."""

import shutil
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import axe_playwright_python
import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, Response, sync_playwright
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync", "--hide-scrollbars"]  # fmt: skip
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 900}
AXE = "axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']})"
FOUND = "r.violations.map(v => `${v.id} ×${v.nodes.length} ${v.nodes[0].target.join(' ')}`)"
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
WAIT_MILLISECONDS = 15_000


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start the browser of this machine; without one the test skips, and says so."""
    path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if path is None:
        pytest.skip("no chromium on this machine: install Debian's package `chromium` to run the browser journeys")
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@contextmanager
def served(app: Flask, *, port: int) -> Iterator[str]:
    """Serve an app of this process in threads, so that a test can move its clock; yield its address."""
    server: BaseWSGIServer = make_server("127.0.0.1", port, app, threaded=True, request_handler=_Quiet)
    server.daemon_threads = True  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{port}"
    server.shutdown()
    thread.join()
    server.server_close()


class _Quiet(WSGIRequestHandler):
    def log(self, *_: Any) -> None:
        """Say nothing."""


@cache
def axe_source() -> str:
    """Return the script of axe-core."""
    return next(Path(axe_playwright_python.__file__).parent.rglob("axe.min.js")).read_text()


class Watch:
    """Sees every answer and console line of its pages, and looks each page over; `faults` says what was wrong."""

    def __init__(self) -> None:
        self.faults: list[str] = []
        self._looked_at: set[tuple[str, str]] = set()

    def context(self, browser: Browser, *, size: Mapping[str, int] = PHONE, **settings: Any) -> BrowserContext:
        """Open a window of its own in which all is watched."""
        context = browser.new_context(viewport=dict(size), locale="nl-NL", **settings)  # type: ignore[arg-type]
        context.set_default_timeout(WAIT_MILLISECONDS)
        context.on("response", self._note_response)
        context.on("console", lambda said: self._note("console", said.text) if said.type == "error" else None)
        context.on("weberror", lambda error: self._note("script", str(error.error)))
        return context

    def look(self, page: Page, kind: str = "") -> None:
        """Look a page over: no sideways scrolling and no barrier that axe finds; each kind of page once."""
        name = kind or page.title()
        scheme = page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light'")
        place = f"{name} ({scheme}, {(page.viewport_size or PHONE)['width']})"
        if (name, place) in self._looked_at:
            return
        self._looked_at.add((name, place))
        overflow = page.evaluate(OVERFLOW)
        if overflow:
            self._note(place, f"{overflow} px too wide")
        page.evaluate(axe_source())
        for violation in page.evaluate(f"{AXE}.then(r => {FOUND})"):
            self._note(place, violation)

    def _note_response(self, response: Response) -> None:
        if response.status >= 400:
            self._note("answer", f"{response.status} {urlsplit(response.url).path}")

    def _note(self, where: str, what: str) -> None:
        self.faults.append(f"{where}: {what}")


def press(page: Page, name: str) -> None:
    """Press the button with this text and wait for the page that follows."""
    with page.expect_navigation():
        page.get_by_role("button", name=name).first.click()


def go(page: Page, name: str) -> None:
    """Follow the link with this text."""
    with page.expect_navigation():
        page.get_by_role("link", name=name).first.click()


def cells(page: Page, rows: str) -> list[list[str]]:
    """Return the texts of the cells of the rows that a selector finds, spaces made plain."""
    found = page.locator(rows).evaluate_all("rows => rows.map(row => [...row.children].map(cell => cell.textContent))")
    return [[plain(cell) for cell in row] for row in found]


def texts(page: Page, selector: str) -> list[str]:
    """Return the texts that a selector finds, spaces made plain."""
    return [plain(text) for text in page.locator(selector).all_text_contents()]


def plain(text: str) -> str:
    """Return a text with ordinary single spaces."""
    return " ".join(text.split())
