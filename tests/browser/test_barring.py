"""A host sees who is new in a poll that isn't the roll's, and bars somebody at the desk."""

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


@pytest.mark.parametrize("language", LANGUAGES)
def test_host_bars_an_account_that_was_never_here_and_lets_it_in_again(
    visit: Visit, server: Server, language: str
) -> None:
    meeting = hold_meeting(server, visibility="public")
    poll = meeting.open_poll(eligibility="accounts", secrecy="named", allow_change=True)
    stranger = server.sign_up("mallory")
    first, second = ([candidate["id"]] for candidate in poll["candidates"])
    assert server.cast(stranger, first, poll=poll["id"]).ok

    host = visit("/signin", language=language, phone=True)
    host.page.set_viewport_size(NARROW)  # type: ignore[arg-type]
    sit_down(host, meeting, meeting.at("poll", poll))
    row = host.page.get_by_role("listitem").filter(has=host.page.get_by_text("mallory"))
    row = row.filter(has=host.page.get_by_role("group"))
    expect(row).to_contain_text(host.word("participants.unseen"))
    expect(row).to_contain_text(host.word("participants.voted"))
    check_page(host.page)
    assert host.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")

    host.press("participants.bar")
    check_page(host.page)
    confirm(host, "participants.bar")
    expect(row).to_contain_text(host.word("participants.barred"))
    expect(host.button("participants.letIn")).to_be_focused()
    check_page(host.page)
    assert server.cast(stranger, second, poll=poll["id"]).status_code == 403
    assert server.results(poll["id"])["ballots"] == 1

    host.press("participants.letIn")
    confirm(host, "participants.letIn")
    expect(host.button("participants.bar")).to_be_focused()
    assert server.cast(stranger, second, poll=poll["id"]).ok


def test_host_sees_who_came_after_the_opening_where_votes_are_secret(
    visit: Visit, server: Server
) -> None:
    meeting = hold_meeting(server, visibility="public")
    poll = meeting.open_poll(eligibility="anyone", results="live")
    host = sit_down(visit("/signin"), meeting, meeting.at("poll", poll))

    guest = visit(f"/r/{meeting.code}")
    guest.enter_as_guest("Mina")

    people = host.page.get_by_role("region", name=host.word("participants.title"), exact=True)
    expect(people.get_by_role("listitem")).to_have_count(1)
    expect(people.get_by_role("listitem")).to_contain_text(host.word("participants.new"))
    expect(people).to_contain_text(host.word("participants.untold"))
    expect(people).not_to_contain_text(host.word("participants.voted"))


def test_poll_of_the_roll_lists_no_accounts_to_bar(visit: Visit, server: Server) -> None:
    meeting = hold_meeting(server, "Ada")
    poll = meeting.open_poll()

    host = sit_down(visit("/signin"), meeting, meeting.at("poll", poll))

    expect(host.page.get_by_role("heading", name=host.word("desk.results"))).to_be_visible()
    expect(host.page.get_by_text(host.word("participants.title"), exact=True)).to_have_count(0)


@pytest.mark.parametrize("language", LANGUAGES)
def test_guest_in_a_poll_for_accounts_finds_the_way_to_sign_in(
    visit: Visit, server: Server, language: str
) -> None:
    meeting = hold_meeting(server, visibility="public")
    meeting.open_poll(eligibility="accounts")
    guest = visit(f"/r/{meeting.code}", language=language, phone=True)
    guest.enter_as_guest("Mina")
    guest.expect_status("poll.barred.not_eligible_accounts")
    check_page(guest.page)

    guest.page.get_by_role("link", name=guest.word("poll.signInToVote"), exact=True).click()
    guest.sign_up("mina")

    guest.expect_me("mina")
    guest.choose("Ada")
    guest.press("poll.vote")
    guest.expect_status("poll.recorded")


def test_account_takes_the_place_of_its_own_guest_in_a_poll_for_accounts(
    visit: Visit, server: Server
) -> None:
    meeting = hold_meeting(server, visibility="public")
    meeting.open_poll(eligibility="accounts")
    guest = visit(f"/r/{meeting.code}")
    guest.enter_as_guest("Mina")
    # As another tab signs in.
    signed_in = server.sign_up("mina")
    guest.page.evaluate("token => localStorage.setItem('rollcall.token', token)", signed_in)
    guest.page.reload()
    guest.expect_me("Mina")

    guest.page.get_by_role("link", name=guest.word("poll.signInToVote"), exact=True).click()

    guest.expect_me("mina")
    guest.choose("Ada")
    guest.press("poll.vote")
    guest.expect_status("poll.recorded")


@pytest.mark.parametrize("eligibility", ["accounts", "anyone"])
def test_barred_account_is_not_asked_to_sign_in_or_taken_for_an_observer(
    visit: Visit, server: Server, eligibility: str
) -> None:
    meeting = hold_meeting(server, visibility="public")
    meeting.open_poll(eligibility=eligibility)
    token = server.sign_up("mallory")
    account = server.request("GET", "/auth/me", token).json()["id"]
    meeting.ask("PUT", f"/rooms/{meeting.code}/barred/u{account}")

    barred = sit_down(visit("/signin"), meeting, f"/r/{meeting.code}", token)

    barred.expect_status("poll.barred.unknown")
    sign_in = barred.page.get_by_role("link", name=barred.word("poll.signInToVote"), exact=True)
    expect(sign_in).to_have_count(0)
