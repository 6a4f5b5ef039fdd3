"""Hosts without an account: from the start page to an open poll, and an account that takes over."""

from uuid import uuid4

from playwright.sync_api import expect

from tests.browser.axe import check_page
from tests.browser.conftest import Visit
from tests.browser.counting import Hands
from tests.browser.people import Visitor
from tests.server import Server


def start_room(host: Visitor, name: str) -> Hands:
    """Start a room from the start page; return what that took."""
    hands = Hands(host.page)
    hands.press(host.button("home.startRoom"))
    hands.type_into(host.page.get_by_label(host.word("home.hostName"), exact=True), name)
    hands.press(host.button("home.startGo"))
    expect(
        host.page.get_by_role("heading", name=host.word("desk.polls"), exact=True)
    ).to_be_visible()
    return hands


def test_guest_host_opens_a_motion_that_guests_may_vote_in(visit: Visit, server: Server) -> None:
    host = visit("/", "ko")
    start_room(host, "Kim")
    check_page(host.page)

    host.page.get_by_role("link", name=host.word("preset.motion"), exact=True).click()
    expect(host.page.get_by_label(host.word("form.title"), exact=True)).to_be_focused()
    host.page.keyboard.type("The budget")
    host.press("form.openNow")

    host.expect_status("step.done_open")
    guest = visit(host.page.url.removeprefix(server.url).partition("?")[0], "ko", phone=True)
    guest.enter_as_guest("Ann")
    expect(guest.page.get_by_role("radio")).to_have_count(3)


def test_guest_host_keeps_the_room_by_signing_up(visit: Visit, server: Server) -> None:
    host = visit("/")
    start_room(host, "Kim")

    host.page.get_by_role("link", name=host.word("desk.keepRoom")).click()
    host.press("auth.signUp")
    host.fill("auth.email", f"{uuid4().hex}@example.org")
    host.fill("auth.name", "Kim")
    host.fill("auth.password", "correct-horse")
    host.press("auth.signUp")

    expect(host.page.get_by_role("heading", name=host.word("desk.polls"))).to_be_visible()
    expect(host.page.get_by_role("link", name=host.word("desk.keepRoom"))).to_have_count(0)
    host.page.goto(server.url + "/account")
    host.expect_me("Kim")
    host.page.goto(server.url)
    expect(host.page.get_by_role("link", name=host.word("home.roomOf", name="Kim"))).to_be_visible()


def test_guest_host_who_leaves_is_asked_first_and_finds_the_room_at_the_start(
    visit: Visit, server: Server
) -> None:
    host = visit("/")
    start_room(host, "Kim")

    host.press("auth.leaveSeat")
    host.page.get_by_role("dialog").get_by_role("button", name=host.word("app.cancel")).click()
    host.page.goto(server.url)
    host.page.get_by_role("link", name=host.word("home.roomOf", name="Kim")).click()

    expect(
        host.page.get_by_role("heading", name=host.word("home.roomOf", name="Kim"))
    ).to_be_visible()


def test_start_asks_for_a_name_where_none_was_typed(visit: Visit) -> None:
    host = visit("/", noise="400")
    host.press("home.startRoom")
    host.press("home.startGo")

    field = host.page.get_by_label(host.word("home.hostName"), exact=True)
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_be_focused()
