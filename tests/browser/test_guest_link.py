"""A host lets guests into a room that only its members can see, by a link; and ends it."""

import pytest
from playwright.sync_api import expect

from tests.browser.axe import check_page
from tests.browser.conftest import Visit
from tests.browser.hosting import hold_meeting, sit_down
from tests.server import Server

LANGUAGES = ["en", "ko"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_guest_comes_in_by_the_link_and_is_out_when_it_ends(
    visit: Visit, server: Server, language: str
) -> None:
    meeting = hold_meeting(server, visibility="members")
    host = visit("/signin", language=language, phone=True)
    sit_down(host, meeting, meeting.at("invite"))
    host.press("invite.guestLinkMake")
    address = host.page.locator("code", has_text="#guest=").inner_text()
    check_page(host.page)
    path = address[address.index("/r/") :]

    guest = visit(path, language=language, phone=True, noise="404")
    check_page(guest.page)
    assert "#" not in guest.page.url
    expect(guest.page.get_by_role("heading", name="Book club")).to_be_visible()
    guest.page.get_by_role("link", name=guest.word("auth.asGuest"), exact=True).click()
    expect(guest.page.get_by_text("Book club")).to_be_visible()
    guest.fill("auth.nickname", "mallory")
    guest.press("auth.guestGo")
    guest.expect_me("mallory")
    expect(guest.page.get_by_role("heading", name="Book club")).to_be_visible()

    host.press("invite.guestLinkEnd")
    dialog = host.page.get_by_role("dialog")
    dialog.get_by_role("button", name=host.word("invite.guestLinkEnd"), exact=True).click()
    expect(dialog).to_have_count(0)
    expect(guest.page.get_by_role("heading", name=guest.word("refused.deleted"))).to_be_visible()
    late = visit(path, language=language, phone=True, noise="404")
    expect(late.page.get_by_text(late.word("auth.guestLinkOver"))).to_be_visible()
    expect(late.page.get_by_role("link", name=late.word("auth.asGuest"))).to_have_count(0)
    check_page(late.page)
    ended = host.page.get_by_role("status").filter(has_text=host.word("invite.guestLinkEnded"))
    expect(ended).to_be_visible()
    host.press("invite.guestLinkMake")
    expect(ended).to_have_count(0)


def test_room_that_takes_no_guests_offers_no_way_in_for_them(visit: Visit, server: Server) -> None:
    meeting = hold_meeting(server, visibility="public")
    host = visit("/signin", phone=True)
    sit_down(host, meeting, meeting.at("settings"))
    host.page.get_by_role("radio", name=host.word("setting.visibility_unlisted")).check()
    host.page.get_by_label(host.word("setting.guests"), exact=True).uncheck()
    host.press("form.save")
    expect(host.page.get_by_role("status").filter(has_text=host.word("form.saved"))).to_be_visible()
    assert meeting.ask("GET", f"/rooms/{meeting.code}")["visibility"] == "unlisted"

    guest = visit(f"/r/{meeting.code}", phone=True)
    guest.page.get_by_role("link", name=guest.word("auth.enter"), exact=True).click()

    expect(guest.page.get_by_role("button", name=guest.word("auth.byEmail"))).to_be_visible()
    expect(guest.page.get_by_role("button", name=guest.word("auth.asGuest"))).to_have_count(0)
