"""A real browser: people at pages of their own, and what no page may do whatever the test."""

import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.browser.people import Visitor
from tests.server import Server

LAN = "hall.test"
"""This machine by a name that browsers trust as little as an address in the hall's network."""
ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-proxy-server",
    f"--host-resolver-rules=MAP {LAN} 127.0.0.1",
)
LOCALES = {"en": "en-US", "ko": "ko-KR", "de": "de-DE"}
SCREEN = {"width": 1280, "height": 720}
PHONE = {"width": 390, "height": 844}
WITHIN_MS = 15_000

Visit = Callable[..., Visitor]


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    expect.set_options(timeout=WITHIN_MS)
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium, args=list(ARGUMENTS))
        yield running
        running.close()


@pytest.fixture
def visit(browser: Browser, server: Server) -> Iterator[Visit]:
    """Open an address as somebody new; `noise` are the console errors that the test provokes.

    Nobody's page may log another error or ask another host for anything.
    """
    seen: list[tuple[BrowserContext, str, list[str]]] = []

    def go(
        path: str,
        language: str = "en",
        phone: bool = False,
        noise: str = r"(?!)",
        **context_options: Any,
    ) -> Visitor:
        # a test can hold up a page's requests only where no worker stands between
        context_options.setdefault("service_workers", "block")
        context = browser.new_context(
            locale=LOCALES[language],
            viewport=context_options.pop("viewport", PHONE if phone else SCREEN),
            is_mobile=phone,
            has_touch=phone,
            **context_options,
        )
        page = context.new_page()
        seen.append((context, noise, watch(page, server)))
        visitor = Visitor(page, language)
        answer = page.goto(server.url + path)
        assert answer is not None
        visitor.headers = answer.headers
        return visitor

    yield go
    for context, _, _ in seen:
        context.close()
    for _, noise, faults in seen:
        assert [fault for fault in faults if not re.search(noise, fault)] == []


def watch(page: Page, server: Server) -> list[str]:
    """Return a list that takes down what a page does wrong."""
    host, faults = urlsplit(server.url).netloc, list[str]()

    def check_host(url: str) -> None:
        address = urlsplit(url)
        if address.scheme not in ("data", "blob") and address.netloc != host:
            faults.append(f"asked {url}")

    page.on("request", lambda request: check_host(request.url))
    page.on("websocket", lambda socket: check_host(socket.url))
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on(
        "console",
        lambda message: faults.append(message.text) if message.type == "error" else None,
    )
    return faults
