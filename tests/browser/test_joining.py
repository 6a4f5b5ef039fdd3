"""Coming into a room: by the link of a slip, by a code that is typed or pasted, by its ways in."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.axe import check_page
from tests.browser.conftest import Visit
from tests.browser.hosting import hold_meeting, sit_down
from tests.browser.people import Visitor
from tests.browser.rooms import Hall, make_hall
from tests.server import Server

ADA = "Ada Park"
TAPS = """() => {
    window.taps = 0;
    addEventListener("click", (event) => { if (event.isTrusted) window.taps += 1; }, true);
}"""
PAGE = re.compile(rb"/Type\s*/Page[^s]")


@pytest.fixture
def hall(server: Server) -> Hall:
    return make_hall(server)


def scan(visit: Visit, hall: Hall, code: str, **options: str) -> Visitor:
    """Open the link of a slip by phone."""
    return visit(f"{hall.path}#claim={code}", phone=True, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("language", ["en", "ko"])
def test_slip_lets_its_person_vote_with_three_taps(visit: Visit, hall: Hall, language: str) -> None:
    asked: list[str] = []
    code = hall.claim_code("김하늘 (2학년)")
    poll = hall.open_poll(eligibility="roll")["id"]
    phone = scan(visit, hall, code, language=language)
    phone.page.on("request", lambda request: asked.append(request.url))
    join = phone.page.get_by_role(
        "button", name=phone.word("auth.joinAs", name="김하늘 (2학년)").replace("{{name}}", "")
    )
    expect(join).to_be_visible()
    check_page(phone.page)
    assert code not in phone.page.url
    phone.page.evaluate(TAPS)

    join.click()
    phone.choose(ADA)
    phone.press("poll.vote")

    phone.expect_status("poll.recorded")
    assert phone.page.evaluate("window.taps") <= 4  # a radio's label counts twice
    assert hall.counted(poll) == {ADA: 1}
    assert not [url for url in asked if code in url]


def test_slip_of_a_members_room_lets_in_somebody_who_could_not_see_it(
    visit: Visit, server: Server
) -> None:
    hall = make_hall(server, visibility="members")
    phone = scan(visit, hall, hall.claim_code("Ada"))

    expect(phone.page.get_by_text("Spring assembly", exact=False)).to_be_visible()
    phone.page.get_by_role("button", name="Ada").click()

    phone.expect_me("Ada")


def test_page_for_joining_names_a_room_that_strangers_may_see(visit: Visit, hall: Hall) -> None:
    phone = visit(hall.path, phone=True)

    phone.page.get_by_role("link", name=phone.word("auth.enter"), exact=True).click()

    expect(phone.page.get_by_role("heading", name=phone.word("auth.enterRoom"))).to_be_visible()
    expect(phone.page.get_by_text("Spring assembly", exact=False)).to_be_visible()
    phone.page.reload()
    expect(phone.page.get_by_text("Spring assembly", exact=False)).to_be_visible()
    check_page(phone.page)


def test_slip_that_was_used_says_so_and_offers_the_other_ways(
    visit: Visit, server: Server, hall: Hall
) -> None:
    code = hall.claim_code("Ada")
    assert server.request("POST", f"/rooms/{hall.code}/claim", json={"code": code}).ok

    phone = scan(visit, hall, code, noise="404")

    expect(phone.page.get_by_text(phone.word("auth.slipUsed"))).to_be_visible()
    expect(phone.page.get_by_label(phone.word("auth.rollCode"), exact=True)).to_be_visible()
    check_page(phone.page)
    phone.take_way("auth.asGuest")
    phone.fill("auth.nickname", "Mina")
    phone.press("auth.guestGo")
    phone.expect_me("Mina")


def test_phone_that_scans_its_slip_again_is_in_at_once(visit: Visit, hall: Hall) -> None:
    code = hall.claim_code("Ada")
    phone = scan(visit, hall, code, noise="404")
    phone.page.get_by_role("button", name="Ada").click()
    phone.expect_me("Ada")

    phone.page.goto("about:blank")
    phone.page.goto(f"{hall.server.url}{hall.path}#claim={code}")

    phone.expect_me("Ada")


@pytest.mark.parametrize("language", ["en", "ko"])
def test_slip_that_was_used_says_so_to_somebody_else_and_goes_on(
    visit: Visit, server: Server, language: str
) -> None:
    hall = make_hall(server, visibility="members")
    code, own = hall.claim_code("Ada"), hall.claim_code("Mina")
    assert server.request("POST", f"/rooms/{hall.code}/claim", json={"code": code}).ok
    phone = scan(visit, hall, own, language=language, noise="404")
    phone.page.get_by_role("button", name="Mina").click()
    phone.expect_me("Mina")

    phone.page.goto("about:blank")
    phone.page.goto(f"{hall.server.url}{hall.path}#claim={code}")

    expect(phone.page.get_by_text(phone.word("auth.slipUsedHere", name="Mina"))).to_be_visible()
    expect(phone.page.get_by_text("Spring assembly", exact=False)).to_be_visible()
    check_page(phone.page)
    phone.press("auth.goOn")
    expect(phone.page.get_by_role("heading", level=1, name="Spring assembly")).to_be_focused()
    phone.expect_me("Mina")


def test_guest_in_a_poll_of_the_roll_enters_the_code_then_and_there(
    visit: Visit, hall: Hall
) -> None:
    code = hall.claim_code("Ada")
    hall.open_poll(eligibility="roll")
    guest = visit(hall.path, phone=True, noise="404|403")
    guest.enter_as_guest("Mina")
    guest.expect_status("poll.barred.not_eligible_roll")
    check_page(guest.page)

    guest.fill("auth.rollCode", "0000000000")
    guest.press("auth.rollCodeGo")
    expect(guest.page.get_by_text(guest.word("auth.wrongRollCode"))).to_be_visible()
    guest.fill("auth.rollCode", code)
    guest.press("auth.rollCodeGo")

    guest.expect_me("Ada")
    guest.choose(ADA)
    guest.press("poll.vote")
    guest.expect_status("poll.recorded")


def test_door_of_a_members_room_has_no_way_for_guests(visit: Visit, server: Server) -> None:
    hall = make_hall(server, visibility="members")
    phone = visit(hall.path, phone=True, noise="404")

    phone.page.get_by_role("link", name=phone.word("auth.byCode"), exact=True).click()

    expect(phone.page.get_by_label(phone.word("auth.rollCode"), exact=True)).to_be_focused()
    expect(phone.page.get_by_role("button", name=phone.word("auth.asGuest"))).to_have_count(0)


@pytest.mark.parametrize("language", ["en", "ko"])
def test_start_page_takes_a_pasted_link_and_says_what_is_wrong_with_another(
    visit: Visit, hall: Hall, language: str
) -> None:
    somebody = visit("/", language, phone=True)
    somebody.press("home.enter")
    expect(somebody.page.get_by_text(somebody.word("home.wrong.empty"))).to_be_visible()
    somebody.fill("home.entry", "GYQ0E-1PVBN")
    somebody.press("home.enter")
    expect(somebody.page.get_by_text(somebody.word("home.wrong.claim"))).to_be_visible()
    expect(somebody.page.get_by_label(somebody.word("home.entry"), exact=True)).to_be_focused()
    check_page(somebody.page)

    somebody.fill("home.entry", f"http://10.0.0.5:5000/r/{hall.code.lower()} ")
    somebody.press("home.enter")

    expect(somebody.page.get_by_role("heading", level=1, name="Spring assembly")).to_be_visible()


@pytest.mark.parametrize("paper", ["A4", "Letter"])
def test_slips_print_eight_to_a_page(visit: Visit, server: Server, paper: str) -> None:
    names = [f"김하늘 Featherstonehaugh-Montgomery {number}" for number in range(19)]
    meeting = hold_meeting(server)
    meeting.ask("POST", f"/rooms/{meeting.code}/roll", [{"name": name} for name in names])
    host = sit_down(visit("/signin", "ko"), meeting, meeting.at("codes"))
    host.page.get_by_role("button", name=host.word("slip.make_other", count=19)).click()
    host.page.get_by_role("dialog").get_by_role(
        "button", name=host.word("slip.makeConfirm")
    ).click()
    expect(host.page.locator(".slip")).to_have_count(19)

    printed = host.page.pdf(format=paper)

    assert len(PAGE.findall(printed)) == 3
    host.page.emulate_media(media="print")
    widths = host.page.locator(".slip .qr").evaluate_all(
        "codes => codes.map(code => code.getBoundingClientRect().width)"
    )
    assert min(widths) >= 38 / 25.4 * 96  # millimetres, in CSS pixels


def test_desk_and_screen_say_that_phones_cannot_open_a_loopback_address(
    visit: Visit, server: Server
) -> None:
    meeting = hold_meeting(server, visibility="public")

    host = sit_down(visit("/signin"), meeting, meeting.at("invite"))
    screen = visit(f"/r/{meeting.code}/screen")

    for page in (host.page, screen.page):
        expect(page.get_by_text(host.word("screen.loopback"))).to_be_visible()
        check_page(page)
    host.page.get_by_role("button", name=host.word("invite.copyLink")).click()
    expect(host.page.get_by_text(host.word("invite.copied"))).to_be_visible()
