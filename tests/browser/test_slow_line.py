"""What moves on a first visit over a slow line, where every part of a page comes by itself."""

from contextlib import ExitStack
from io import BytesIO

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from tests.browser.hosting import KEY, Meeting, hold_meeting
from tests.browser.layout import find_faults, watch_layout
from tests.browser.test_invitations import sign_up_administrator
from tests.browser.test_layout import ACCEPTED, Address, list_pages
from tests.server import Server

AT_ONCE = 6
LINE = {"offline": False, "latency": 150, "downloadThroughput": 200_000, "uploadThroughput": 90_000}
"""Milliseconds, and bytes in a second: as browsers' developer tools have 3G."""
PHONE, WALL = {"width": 360, "height": 720}, {"width": 1280, "height": 720}


def hold_with_logo(server: Server) -> Meeting:
    """Hold a meeting in a room with a colour and a logo, of which a poll is open."""
    meeting = hold_meeting(server, "Ada")
    file = BytesIO()
    Image.new("RGB", (900, 300), "navy").save(file, "PNG")
    path = f"/rooms/{meeting.code}"
    headers = {"Content-Type": "image/png"}
    made = server.request(
        "POST", f"{path}/pictures?whole=1", meeting.host, data=file.getvalue(), headers=headers
    )
    meeting.ask("PATCH", path, {"colour": "#7a1fa2", "logo": made.json()["key"]})
    meeting.open_poll("Ada", "Noah", eligibility="anyone")
    return meeting


def list_more(server: Server) -> list[Address]:
    meeting = hold_with_logo(server)
    room = f"/r/{meeting.code}"
    administrator = sign_up_administrator(server)
    paths = [room, f"{room}/screen", f"{room}/embed"]
    return [
        *((path, None) for path in paths),
        ("/admin", administrator),
        (meeting.at("invite"), meeting.host),
    ]


def open_slowly(stack: ExitStack, browser: Browser, server: Server, address: Address) -> Page:
    """Begin to load a page as somebody who never was there."""
    path, token = address
    context = browser.new_context(viewport=WALL if "/screen" in path else PHONE, locale="en-US")
    stack.callback(context.close)
    page = context.new_page()
    if token is not None:
        page.add_init_script(f"localStorage.setItem('{KEY}', '{token}')")
    watch_layout(page, "100")
    line = context.new_cdp_session(page)
    line.send("Network.enable")
    line.send("Network.emulateNetworkConditions", LINE)
    page.goto(server.url + path, wait_until="commit")
    return page


@pytest.mark.parametrize("audience", ["stranger", "voter", "host", "desk", "more"])
def test_nothing_moves_on_any_page_over_a_slow_line(
    browser: Browser, server: Server, audience: str
) -> None:
    addresses = list_more(server) if audience == "more" else list_pages(server, audience)

    faults: list[str] = []
    for at in range(0, len(addresses), AT_ONCE):
        with ExitStack() as stack:
            some = addresses[at : at + AT_ONCE]
            pages = [open_slowly(stack, browser, server, address) for address in some]
            for (path, _), page in zip(some, pages, strict=True):
                expect(page.locator("[aria-busy]")).to_have_count(0)
                page.wait_for_load_state("networkidle")
                faults += [f"{path}: {fault}" for fault in find_faults(page, ACCEPTED)]

    assert not faults, "\n".join(faults)
