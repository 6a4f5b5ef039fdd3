"""Sounds: off until somebody switches them on at a device, and none where its owner wants calm."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.browser.people import Visitor
from tests.browser.rooms import make_hall
from tests.server import Server

COUNT = """
window.notes = 0;
const start = OscillatorNode.prototype.start;
OscillatorNode.prototype.start = function (...when) { window.notes += 1; start.apply(this, when); };
"""
RECEIPT, REVEAL = 2, 4
"""How many notes each sound has."""


def listen(visit: Visit, path: str, **options: str) -> Visitor:
    """Open a page that counts the notes that it plays."""
    visitor = visit("/signin", **options)
    visitor.page.add_init_script(COUNT)
    visitor.page.goto(visitor.page.url.replace("/signin", path))
    return visitor


def wait_for_notes(page: Page, count: int) -> None:
    page.wait_for_function("count => window.notes === count", arg=count)


def cast(phone: Visitor, name: str) -> None:
    phone.enter_as_guest(name)
    phone.choose("Ada Park")
    phone.press("poll.vote")
    phone.expect_status("poll.recorded")


def test_receipt_sounds_once_it_is_switched_on_also_after_a_reload(
    visit: Visit, server: Server
) -> None:
    hall = make_hall(server)
    hall.open_poll()
    phone = listen(visit, hall.path)
    switch = phone.page.get_by_role("switch", name=phone.word("room.sound"))
    expect(switch).not_to_be_checked()

    switch.check()
    wait_for_notes(phone.page, RECEIPT)
    phone.page.reload()
    expect(switch).to_be_checked()
    cast(phone, "Ada")

    wait_for_notes(phone.page, RECEIPT)


def test_receipt_is_silent_where_nobody_has_switched_it_on(visit: Visit, server: Server) -> None:
    hall = make_hall(server)
    hall.open_poll()
    phone = listen(visit, hall.path)

    cast(phone, "Ada")
    phone.page.get_by_role("switch", name=phone.word("room.sound")).check()

    wait_for_notes(phone.page, RECEIPT)  # of the switch alone


def test_device_whose_owner_asks_for_calm_has_no_sound(visit: Visit, server: Server) -> None:
    hall = make_hall(server)
    hall.open_poll()
    phone = listen(visit, hall.path, reduced_motion="reduce")
    phone.page.evaluate("localStorage.setItem('rollcall.sound', 'on')")

    cast(phone, "Ada")

    expect(phone.page.get_by_role("switch", name=phone.word("room.sound"))).to_have_count(0)
    assert phone.page.evaluate("window.notes") == 0


@pytest.mark.parametrize("loud", [True, False])
def test_screen_sounds_when_the_verdict_is_told_if_it_is_switched_on(
    visit: Visit, server: Server, loud: bool
) -> None:
    hall = make_hall(server)
    poll = hall.open_poll()["id"]
    screen = listen(visit, f"{hall.path}/screen")
    expect(screen.page.get_by_text("Ada Park").first).to_be_visible()
    if loud:
        screen.page.mouse.move(100, 100)  # what may be pressed comes into sight
        screen.press("screen.soundOn")
        wait_for_notes(screen.page, REVEAL)
        expect(screen.button("screen.soundOff")).to_be_visible()

    hall.ask("POST", f"/polls/{poll}/close")
    expect(screen.page.locator(".told")).to_be_visible()
    expect(screen.page.locator(".told")).to_have_count(0)

    assert screen.page.evaluate("window.notes") == (2 * REVEAL if loud else 0)
