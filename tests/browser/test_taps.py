"""How many presses and typed characters the ways of docs/tour.md take, counted by doing them."""

import re
from uuid import uuid4

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.counting import Hands
from tests.browser.hosting import hold_meeting
from tests.browser.people import Visitor
from tests.server import ROOT, Server

TOUR = (ROOT / "docs" / "tour.md").read_text()
NAME, PASSWORD = "Kim", "correct-horse"


@pytest.fixture
def server(shared_server: Server) -> Server:
    return shared_server


def told(row: str) -> int:
    """Return how many presses the tour's table tells for a way."""
    (line,) = [each for each in TOUR.splitlines() if each.startswith(f"| {row}")]
    found = re.search(r"(\d+) (taps|clicks)", line.split("|")[3])
    assert found is not None
    return int(found[1])


def vote(phone: Visitor, hands: Hands) -> None:
    hands.press(phone.page.get_by_role("radio", name="Ada"))
    hands.press(phone.button("poll.vote"))
    phone.expect_status("poll.recorded")


def test_slip_takes_what_the_tour_tells(visit: Visit, server: Server) -> None:
    meeting = hold_meeting(server)
    meeting.ask("POST", f"/rooms/{meeting.code}/roll", [{"name": NAME}])
    row = meeting.ask("GET", f"/rooms/{meeting.code}/roll")["items"][-1]["id"]
    made = meeting.ask("POST", f"/rooms/{meeting.code}/roll/codes", {"ids": [row]})["items"]
    meeting.open_poll()
    phone = visit(f"/r/{meeting.code}#claim={made[0]['code']}", phone=True)
    hands = Hands(phone.page)

    hands.press(phone.page.get_by_role("button", name=phone.word("auth.joinAs", name=NAME)))
    vote(phone, hands)

    assert (hands.presses, hands.characters) == (told("slip"), 0)


def test_guest_takes_what_the_tour_tells(visit: Visit, server: Server) -> None:
    meeting = hold_meeting(server)
    meeting.open_poll(eligibility="anyone")
    phone = visit(f"/r/{meeting.code}", phone=True)
    hands = Hands(phone.page)

    hands.press(phone.page.get_by_role("link", name=phone.word("auth.enter"), exact=True))
    hands.type_into(phone.page.get_by_label(phone.word("auth.nickname"), exact=True), NAME)
    hands.press(phone.button("auth.guestGo"))
    vote(phone, hands)

    assert (hands.presses, hands.characters) == (told("guest:"), len(NAME))


def test_account_takes_what_the_tour_tells(visit: Visit, server: Server) -> None:
    meeting = hold_meeting(server)
    meeting.open_poll(eligibility="accounts")
    email = f"{uuid4().hex}@example.org"
    body = {"email": email, "name": NAME, "password": PASSWORD}
    assert server.request("POST", "/auth/signup", json=body).ok
    phone = visit(f"/r/{meeting.code}", phone=True)
    hands = Hands(phone.page)

    hands.press(phone.page.get_by_role("radio", name="Ada"))
    hands.press(phone.button("poll.signInToVote"))
    hands.type_into(phone.page.get_by_label(phone.word("auth.email"), exact=True), email)
    hands.type_into(phone.page.get_by_label(phone.word("auth.password"), exact=True), PASSWORD)
    hands.press(phone.page.locator("form").get_by_role("button", name=phone.word("auth.signIn")))
    hands.press(phone.button("poll.vote"))

    phone.expect_status("poll.recorded")
    assert (hands.presses, hands.characters) == (told("account:"), len(email + PASSWORD))


def open_motion(host: Visitor, hands: Hands) -> None:
    hands.press(host.page.get_by_role("link", name=host.word("preset.motion"), exact=True))
    title = host.page.get_by_label(host.word("form.title"), exact=True)
    expect(title).to_be_focused()
    hands.type_into(title, "The budget")
    hands.press(host.button("form.openNow"))
    host.expect_status("step.done_open")


def test_guest_host_takes_what_the_tour_tells(visit: Visit) -> None:
    host = visit("/")
    hands = Hands(host.page)

    hands.press(host.button("home.startRoom"))
    hands.type_into(host.page.get_by_label(host.word("home.hostName"), exact=True), NAME)
    hands.press(host.button("home.startGo"))
    open_motion(host, hands)

    assert hands.presses == told("host without an account") <= 4


def test_host_with_a_new_account_takes_what_the_tour_tells(visit: Visit) -> None:
    host = visit("/")
    hands, page = Hands(host.page), host.page

    hands.press(page.get_by_role("link", name=host.word("home.makeRoomSignedIn")))
    hands.press(host.button("auth.signUp"))
    email = page.get_by_label(host.word("auth.email"), exact=True)
    expect(email).to_be_focused()
    hands.type_into(email, f"{uuid4().hex}@example.org")
    for text in (NAME, PASSWORD):
        page.keyboard.press("Tab")
        page.keyboard.type(text)
    hands.press(page.locator("form").get_by_role("button", name=host.word("auth.signUp")))
    name = page.get_by_label(host.word("setting.name"), exact=True)
    hands.type_into(name, "Club")
    hands.press(host.button("setting.make"))
    open_motion(host, hands)

    assert hands.presses == told("host with a new account") <= 6
