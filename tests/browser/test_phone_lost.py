"""A phone whose connection is lost: it says so, keeps what was marked, and votes once."""

import pytest
from playwright.sync_api import Route, expect

from tests.browser.axe import check_page
from tests.browser.conftest import LAN, Visit
from tests.browser.people import Visitor
from tests.browser.rooms import Hall, make_hall
from tests.server import Server

ADA, NOAH = "Ada Park", "Noah Kim"
LOST = r"ERR_|WebSocket"


@pytest.fixture
def hall(server: Server) -> Hall:
    hall = make_hall(server)
    hall.open_poll()
    return hall


def expect_back(phone: Visitor) -> None:
    """Wait until the page has stopped to say that the connection is lost."""
    expect(phone.page.get_by_text(phone.word("link.lost"))).to_have_count(0)


def vote_without_network(phone: Visitor) -> None:
    """Vote, and wait until the page says that the ballot waits."""
    phone.page.context.set_offline(True)
    phone.press("poll.vote")
    phone.expect_status("poll.waiting")


def test_marks_stay_when_the_phone_is_offline_and_reloaded_in_the_middle(
    visit: Visit, hall: Hall
) -> None:
    phone = visit(hall.path, "ko", phone=True, noise=LOST)
    phone.enter_as_guest("손님")
    phone.choose(NOAH)

    hall.server.kill()
    expect(phone.page.get_by_text(phone.word("link.lost"))).to_be_visible()
    check_page(phone.page)
    hall.server.start()
    expect_back(phone)
    phone.page.reload()

    expect(phone.page.get_by_role("radio", name=NOAH)).to_be_checked()
    phone.press("poll.vote")
    phone.expect_status("poll.recorded")
    assert hall.counted(hall.polls[0]["id"]) == {NOAH: 1}


def test_ballot_is_counted_once_when_the_answer_was_lost_and_the_page_reloaded(
    visit: Visit, hall: Hall
) -> None:
    phone = visit(hall.path, phone=True, noise=LOST)
    phone.enter_as_guest("Ada")
    phone.choose(ADA)
    keys: list[str | None] = []

    def lose_answers(route: Route) -> None:
        if route.request.method != "PUT":
            route.continue_()
            return
        keys.append(route.request.header_value("Idempotency-Key"))
        if len(keys) == 1:
            route.fetch()  # the server has it, the phone never learns
        route.abort()

    phone.page.route("**/ballot", lose_answers)
    phone.press("poll.vote")
    phone.expect_status("poll.repeating")
    phone.page.unroute("**/ballot")
    with phone.page.expect_request(lambda request: request.method == "PUT") as again:
        phone.page.reload()

    phone.expect_status("poll.recorded")
    assert hall.server.results(hall.polls[0]["id"])["ballots"] == 1
    assert {*keys, again.value.header_value("Idempotency-Key")} == {keys[0]}


def test_ballot_is_sent_again_after_a_reload_when_another_poll_is_in_sight(
    visit: Visit, hall: Hall
) -> None:
    other = hall.open_poll("Treasurer")
    phone = visit(hall.path, phone=True, noise=LOST)
    phone.enter_as_guest("Ada")
    expect(phone.page.get_by_role("heading", name="Treasurer")).to_be_visible()
    phone.press("room.nextPoll")
    phone.choose(ADA)
    phone.page.route("**/ballot", lambda route: route.abort())
    phone.press("poll.vote")
    phone.expect_status("poll.repeating")
    phone.page.unroute("**/ballot")

    phone.page.reload()

    expect(phone.page.get_by_role("heading", name="Treasurer")).to_be_visible()
    left = phone.word("room.pollOf_one", at=1, all=2, count=1)
    expect(phone.page.get_by_text(left)).to_be_visible()
    assert hall.counted(hall.polls[0]["id"]) == {ADA: 1}
    assert hall.counted(other["id"]) == {}
    phone.press("room.nextPoll")
    phone.expect_status("poll.recorded")


def test_vote_waits_and_is_counted_once_when_the_phone_has_no_network(
    visit: Visit, hall: Hall
) -> None:
    phone = visit(hall.path, phone=True, noise=LOST)
    phone.enter_as_guest("Ada")
    phone.choose(NOAH)

    vote_without_network(phone)
    expect(phone.page.get_by_role("radio", name=NOAH)).to_be_checked()
    phone.page.context.set_offline(False)

    phone.expect_status("poll.recorded")
    assert hall.counted(hall.polls[0]["id"]) == {NOAH: 1}


def test_waiting_ballot_does_not_replace_a_newer_one_of_another_device(
    visit: Visit, server: Server
) -> None:
    hall = make_hall(server)
    poll = hall.open_poll(allow_change=True)
    phone = visit(hall.path, phone=True, noise=rf"{LOST}|412")
    with phone.page.expect_response("**/guests") as made:
        phone.enter_as_guest("Ada")
    phone.choose(ADA)
    vote_without_network(phone)

    ids = {each["name"]: each["id"] for each in poll["candidates"]}
    elsewhere = server.cast(made.value.json()["token"], [ids[NOAH]], poll=poll["id"])
    phone.page.context.set_offline(False)

    assert elsewhere.status_code == 201, elsewhere.text
    expect(phone.page.get_by_text(phone.word("poll.outrun"))).to_be_visible()
    phone.expect_status("poll.already")
    assert hall.counted(poll["id"]) == {NOAH: 1}
    phone.change_vote(ADA)
    assert hall.counted(poll["id"]) == {ADA: 1}


def test_phone_votes_over_plain_http_in_the_halls_own_network(visit: Visit, hall: Hall) -> None:
    phone = visit("/", phone=True, noise=f"asked (http|ws)://{LAN}")
    phone.page.goto(f"http://{LAN}:{hall.server.port}{hall.path}")
    assert phone.page.evaluate("[isSecureContext, typeof crypto.randomUUID]") == [
        False,
        "undefined",
    ]
    phone.enter_as_guest("Ada")
    phone.choose(NOAH)
    phone.press("poll.vote")

    phone.expect_status("poll.recorded")
    expect(phone.button("poll.copy")).to_have_count(0)
    assert hall.counted(hall.polls[0]["id"]) == {NOAH: 1}


def test_ballot_is_recorded_when_the_server_is_killed_as_it_is_sent_and_started_again(
    visit: Visit, hall: Hall
) -> None:
    phone = visit(hall.path, "ko", phone=True, noise=LOST)
    phone.enter_as_guest("손님")
    phone.choose(ADA)

    hall.server.kill()
    phone.press("poll.vote")
    phone.expect_status("poll.repeating")
    hall.server.start()

    phone.expect_status("poll.recorded")
    expect_back(phone)
    assert hall.counted(hall.polls[0]["id"]) == {ADA: 1}


def test_page_says_that_the_session_is_over_when_its_seat_was_given_anew(
    visit: Visit, server: Server
) -> None:
    hall = make_hall(server)
    code = hall.claim_code("Ada")
    phone = visit(hall.path, phone=True, noise="401")
    phone.page.get_by_role("link", name=phone.word("auth.enter"), exact=True).click()
    phone.take_way("auth.byCode")
    phone.fill("auth.rollCode", code)
    phone.press("auth.rollCodeGo")
    phone.expect_me("Ada")

    rows = hall.ask("GET", f"/rooms/{hall.code}/roll")["items"]
    ids = [row["id"] for row in rows if row["name"] == "Ada"]
    hall.ask("POST", f"/rooms/{hall.code}/roll/codes", {"ids": ids})

    phone.expect_status("auth.endedGeneral")
    expect(phone.page.get_by_text(phone.word("room.welcome"))).to_be_visible()
    check_page(phone.page)


def test_phone_without_storage_still_votes(visit: Visit, hall: Hall) -> None:
    phone = visit("/", phone=True)
    phone.page.add_init_script(
        "for (const shelf of ['localStorage', 'sessionStorage'])"
        " Object.defineProperty(window, shelf, {get() { throw new DOMException('no'); }});"
    )
    phone.page.goto(hall.server.url + hall.path)
    phone.enter_as_guest("Ada")

    phone.choose(NOAH)
    phone.press("poll.vote")

    phone.expect_status("poll.recorded")
    assert hall.counted(hall.polls[0]["id"]) == {NOAH: 1}


def test_ballot_that_waits_goes_with_its_voter_and_holds_up_nobody_else(
    visit: Visit, hall: Hall
) -> None:
    poll = hall.polls[0]["id"]
    phone = visit(hall.path, phone=True, noise=LOST)
    phone.enter_as_guest("Ada")
    phone.choose(NOAH)
    vote_without_network(phone)

    phone.press("auth.leaveSeat")  # what says that the connection is lost isn't in the way
    dialog = phone.page.get_by_role("dialog", name=phone.word("auth.leaveUnsent"))
    dialog.get_by_role("button", name=phone.word("auth.leaveSeat"), exact=True).click()
    expect(phone.page.get_by_text(phone.word("poll.waiting"))).to_have_count(0)
    phone.page.context.set_offline(False)
    expect_back(phone)
    phone.enter_as_guest("Noah")
    phone.choose(ADA)
    phone.press("poll.vote")

    phone.expect_status("poll.recorded")
    assert hall.counted(poll) == {ADA: 1}
