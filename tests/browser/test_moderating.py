"""A host keeps order in the chat: removes a line, mutes its author, lets them write again."""

import pytest
from playwright.sync_api import expect

from tests.browser.axe import check_page
from tests.browser.conftest import Visit
from tests.browser.hosting import hold_meeting, sit_down
from tests.browser.people import Visitor
from tests.server import Server

LANGUAGES = ["en", "ko"]
NARROW = {"width": 320, "height": 640}


def confirm(host: Visitor, key: str) -> None:
    dialog = host.page.get_by_role("dialog")
    dialog.get_by_role("button", name=host.word(key), exact=True).click()
    expect(dialog).to_have_count(0)


def say(visitor: Visitor, text: str) -> None:
    visitor.page.get_by_label(visitor.word("chat.text"), exact=True).fill(text)
    visitor.page.keyboard.press("Enter")


@pytest.mark.parametrize("language", LANGUAGES)
def test_line_goes_from_every_page_and_its_author_is_muted_and_told(
    visit: Visit, server: Server, language: str
) -> None:
    meeting = hold_meeting(server, visibility="public")
    guest = visit(f"/r/{meeting.code}", language=language, phone=True)
    guest.enter_as_guest("mallory")
    guest.show("chat")
    say(guest, "rubbish")
    host = visit("/signin", language=language, phone=True)
    host.page.set_viewport_size(NARROW)  # type: ignore[arg-type]
    sit_down(host, meeting, f"/r/{meeting.code}?desk=off")
    host.show("chat")
    log = host.page.get_by_role("log")
    expect(log).to_contain_text("rubbish")

    host.press("chat.order")
    host.press("chat.mute")
    check_page(host.page)
    confirm(host, "chat.mute")
    host.press("chat.remove")
    confirm(host, "chat.remove")

    muted = host.page.get_by_role("list", name=host.word("chat.mutedPeople"))
    expect(muted).to_contain_text("mallory")
    for visitor in (host, guest):
        expect(visitor.page.locator(".chat-text")).to_have_count(0)
    guest.expect_status("chat.muted")
    expect(guest.page.get_by_label(guest.word("chat.text"), exact=True)).not_to_be_editable()
    check_page(guest.page)
    check_page(host.page)
    assert host.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")

    muted.get_by_role("button").click()
    expect(muted).to_have_count(0)
    say(guest, "sorry")
    expect(log).to_contain_text("sorry")


@pytest.mark.parametrize("language", LANGUAGES)
def test_guest_who_is_called_host_is_marked_as_a_guest(
    visit: Visit, server: Server, language: str
) -> None:
    meeting = hold_meeting(server, visibility="public")
    guest = visit(f"/r/{meeting.code}", language=language, phone=True)
    guest.enter_as_guest(f"The {guest.word('people.host')}")
    guest.show("chat")
    say(guest, "Vote for me")
    host = sit_down(visit("/signin", language), meeting, f"/r/{meeting.code}?desk=off")
    say(host, "Vote as you like")

    lines = guest.page.locator(".chat-line")

    expect(lines).to_have_count(2)
    for line, role in zip(lines.all(), ("guest", "host"), strict=True):
        expect(line.locator(".badge-plain")).to_have_text(guest.word(f"people.{role}"))
    check_page(guest.page)
