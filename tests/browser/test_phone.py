"""The voter's phone: coming in, voting by every method, the receipt, the chat, the keyboard."""

import re
from functools import partial
from typing import Any

import pytest
from playwright.sync_api import Page, Route, WebSocketRoute, expect

from tests.browser.axe import check_page
from tests.browser.conftest import Visit
from tests.browser.people import Visitor
from tests.browser.rooms import Hall, make_hall
from tests.server import Server

SINCE = "2026-11-20T09:00:00Z"
PUT_AWAY = """() => {
    Object.defineProperty(document, "visibilityState", {value: "hidden"});
    document.dispatchEvent(new Event("visibilitychange"));
}"""
ADA, NOAH, HANEUL, DOYUN = "Ada Park", "Noah Kim", "김하늘", "이도윤"


@pytest.fixture
def hall(server: Server) -> Hall:
    return make_hall(server)


def press_keys(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def tab_to(page: Page, name: str) -> None:
    """Go on with Tab until the focus is at the control of that name, and can be seen."""
    for _ in range(60):
        page.keyboard.press("Tab")
        found = page.evaluate(
            """() => {
                const at = document.activeElement;
                const label = at.labels?.[0]?.innerText ?? at.getAttribute("aria-label");
                return label ?? at.innerText;
            }"""
        )
        if name in (found or ""):
            return
    raise AssertionError(f"no Tab leads to {name}")


@pytest.mark.parametrize("language", ["en", "ko"])
def test_guest_votes_by_every_method_when_polls_open_one_after_the_other(
    visit: Visit, hall: Hall, language: str
) -> None:
    one = hall.open_poll()["id"]
    phone = visit(hall.path, language, phone=True)
    phone.choose(ADA)
    check_page(phone.page)
    phone.enter_as_guest("손님")
    expect(phone.page.get_by_role("radio", name=ADA)).to_be_checked()
    phone.press("poll.vote")
    phone.expect_status("poll.recorded")
    check_page(phone.page)
    hall.move(one, "close")

    some = hall.open_poll("Board", method="approval", max_choices=2)["id"]
    for name in (ADA, DOYUN, HANEUL):
        phone.page.get_by_role("checkbox", name=name).click()
    too_many = phone.word("poll.tooMany", max=2)
    expect(phone.page.get_by_role("alert").filter(has_text=too_many)).to_be_visible()
    check_page(phone.page)
    phone.press("poll.vote")
    phone.expect_status("poll.recorded")
    hall.move(some, "close")

    stars = hall.open_poll("Plans", method="score", score_max=5)["id"]
    scale = phone.page.get_by_role("group", name=NOAH)
    scale.get_by_text("★").nth(3).click()
    phone.page.get_by_role("group", name=ADA).get_by_text("0", exact=True).first.click()
    check_page(phone.page)
    phone.press("poll.vote")
    phone.expect_status("poll.recorded")
    hall.move(stars, "close")

    ranked = hall.open_poll("Order", method="ranked")["id"]
    phone.page.locator("button.choice", has_text=HANEUL).click()
    phone.page.locator("button.choice", has_text=ADA).click()
    phone.page.get_by_role("button", name=phone.word("poll.rankUp", name=ADA)).click()
    check_page(phone.page)
    phone.press("poll.vote")
    phone.expect_status("poll.recorded")
    hall.move(ranked, "close")
    phone.page.locator("summary:visible", has_text=phone.word("poll.check")).first.click()
    check_page(phone.page)

    assert hall.counted(one) == {ADA: 1}
    assert hall.counted(some) == {ADA: 1, DOYUN: 1}
    assert hall.counted(stars) == {NOAH: 4}
    assert hall.counted(ranked) == {ADA: 1}


def test_ballot_is_ranked_and_cast_when_there_is_a_keyboard_alone(visit: Visit, hall: Hall) -> None:
    poll = hall.open_poll(method="ranked", secrecy="named")["id"]
    voter = visit(hall.path)
    voter.enter_as_guest("Keys")
    page = voter.page

    following = page.locator("[data-add]").first  # the next one that can be added
    tab_to(page, HANEUL)
    press_keys(page, "Enter")
    expect(following).to_be_focused()
    tab_to(page, DOYUN)
    press_keys(page, "Enter")
    expect(following).to_be_focused()
    press_keys(page, "Enter")
    third = page.get_by_role("status").filter(has_text=voter.word("poll.ranked", name=ADA, place=3))
    expect(third).to_be_attached()  # and the focus is where the page has put it
    page.locator("[data-handle]").nth(2).focus()
    press_keys(page, "ArrowUp", "ArrowUp", "ArrowUp", "ArrowDown")
    place = voter.word("poll.ranked", name=ADA, place=2)
    expect(page.get_by_role("status").filter(has_text=place)).to_be_attached()
    tab_to(page, voter.word("poll.vote"))
    press_keys(page, "Enter")

    voter.expect_status("poll.recorded")
    hall.move(poll, "close")
    record = hall.ask("GET", f"/polls/{poll}/record")
    names = {each["id"]: each["name"] for each in record["candidates"]}
    assert [names[each] for each in record["ballots"][0]["choices"]] == [HANEUL, ADA, DOYUN]


def test_points_are_given_and_taken_back_when_there_is_a_keyboard_alone(
    visit: Visit, hall: Hall
) -> None:
    poll = hall.open_poll(method="score")["id"]
    voter = visit(hall.path)
    voter.enter_as_guest("Keys")
    page = voter.page
    first = page.get_by_role("group", name=ADA).get_by_role("radio")

    tab_to(page, "0")
    press_keys(page, "Space", "ArrowRight", "ArrowRight", "ArrowRight")
    expect(first.nth(3)).to_be_checked()
    page.get_by_role("group", name=NOAH).get_by_role("radio").nth(5).check(force=True)
    page.get_by_role("button", name=voter.word("poll.unscoreOf", name=NOAH)).press("Enter")
    tab_to(page, voter.word("poll.vote"))
    press_keys(page, "Enter")

    voter.expect_status("poll.recorded")
    assert hall.counted(poll) == {ADA: 3}


def test_rank_moves_when_it_is_dragged(visit: Visit, hall: Hall) -> None:
    poll = hall.open_poll(method="ranked")["id"]
    voter = visit(hall.path)
    voter.enter_as_guest("Mouse")
    page = voter.page
    for name in (ADA, NOAH, HANEUL):
        page.locator("button.choice", has_text=name).click()

    from_box = page.locator("[data-handle]").nth(2).bounding_box()
    to_box = page.locator("[data-handle]").nth(0).bounding_box()
    assert from_box is not None
    assert to_box is not None
    page.mouse.move(from_box["x"] + 10, from_box["y"] + 10)
    page.mouse.down()
    page.mouse.move(to_box["x"] + 10, to_box["y"] + 2, steps=5)
    page.mouse.up()

    expect(page.locator(".ranks .choice-name")).to_have_text([HANEUL, ADA, NOAH])
    voter.press("poll.vote")
    voter.expect_status("poll.recorded")
    assert hall.counted(poll) == {HANEUL: 1}


def test_blank_ballot_is_cast_only_after_it_was_asked_for_once_more(
    visit: Visit, hall: Hall
) -> None:
    poll = hall.open_poll(method="score")["id"]
    phone = visit(hall.path, phone=True)
    phone.enter_as_guest("Blank")

    phone.press("poll.vote")
    expect(phone.page.get_by_text(phone.word("poll.first.score"))).to_be_visible()
    phone.press("poll.blank")
    check_page(phone.page)
    phone.press("app.cancel")
    assert hall.server.results(poll)["ballots"] == 0
    phone.press("poll.blank")
    phone.press("poll.blankSend")

    phone.expect_status("poll.recorded")
    assert hall.server.results(poll)["blank"] == 1


def test_receipt_is_found_in_the_record_when_the_poll_has_closed(visit: Visit, hall: Hall) -> None:
    poll = hall.open_poll()["id"]
    phone = visit(hall.path, "ko", phone=True, noise="404")
    phone.enter_as_guest("손님")
    phone.choose(NOAH)
    phone.press("poll.vote")
    receipt = phone.page.locator(".receipt code")
    expect(receipt).to_have_text(re.compile("^[0-9a-f]{32}$"))

    hall.move(poll, "close")
    phone.page.get_by_text(phone.word("poll.check")).click()
    phone.press("poll.checkNow")

    found = phone.word("poll.proof.holds_other", count=1)
    for check in (phone.page.locator(".own-check"), phone.page.locator(".poll form [role=status]")):
        expect(check).to_contain_text(found)
        expect(check).to_contain_text(NOAH)
    phone.fill("poll.receipt", "0" * 32)
    phone.press("poll.checkNow")
    expect(phone.page.get_by_text(phone.word("poll.notFound_other", count=1))).to_be_visible()


def test_row_of_the_roll_is_taken_by_its_code_when_the_tablet_is_lent(
    visit: Visit, hall: Hall
) -> None:
    code = hall.claim_code("박서연")
    poll = hall.open_poll(eligibility="roll")["id"]
    tablet = visit(hall.path, "ko", noise="404|403")
    tablet.choose(ADA)
    tablet.press("poll.enterToVote")
    tablet.take_way("auth.byCode")
    check_page(tablet.page)

    tablet.fill("auth.rollCode", "0000000000")
    tablet.press("auth.rollCodeGo")
    expect(tablet.page.get_by_text(tablet.word("auth.wrongRollCode"))).to_be_visible()
    tablet.fill("auth.rollCode", f"{code[:5].lower()}-{code[5:]}")
    tablet.press("auth.rollCodeGo")

    tablet.expect_me("박서연")
    tablet.press("poll.vote")
    tablet.expect_status("poll.recorded")
    assert hall.counted(poll) == {ADA: 1}
    tablet.press("auth.leaveSeat")
    expect(tablet.button("poll.enterToVote")).to_be_visible()
    expect(tablet.page.locator(".receipt")).to_have_count(0)


def test_guest_is_asked_for_another_name_when_it_is_taken(visit: Visit, hall: Hall) -> None:
    hall.guest("Ada")
    phone = visit(hall.path, phone=True, noise="409")
    phone.page.get_by_role("link", name=phone.word("auth.enter"), exact=True).click()
    phone.take_way("auth.asGuest")

    phone.fill("auth.nickname", "ada")
    phone.press("auth.guestGo")

    expect(phone.page.get_by_text(phone.word("auth.nicknameTaken"))).to_be_visible()
    expect(phone.page.get_by_label(phone.word("auth.nickname"))).to_be_focused()
    phone.fill("auth.nickname", "Ada L")
    phone.press("auth.guestGo")
    phone.expect_me("Ada L")


def test_new_poll_takes_neither_place_nor_focus_when_another_is_in_use(
    visit: Visit, hall: Hall
) -> None:
    hall.open_poll("First")
    phone = visit(hall.path, phone=True)
    phone.enter_as_guest("Busy")
    phone.choose(NOAH)
    before = phone.page.get_by_role("radio", name=NOAH).bounding_box()

    hall.open_poll("Second")

    news = phone.word("room.newPoll", title="Second")
    expect(phone.page.get_by_text(news)).to_be_visible()
    opened = phone.word("room.opened", title="Second")
    expect(phone.page.get_by_role("status").filter(has_text=opened)).to_be_attached()
    mark = phone.page.get_by_role("radio", name=NOAH).first
    assert mark.bounding_box() == before
    expect(mark).to_be_focused()
    check_page(phone.page)
    phone.press("room.show")
    expect(phone.page.get_by_role("heading", name="Second")).to_be_focused()
    expect(phone.page.get_by_text(news)).to_have_count(0)


def test_marks_stay_when_the_poll_is_paused_and_are_shown_unsent_when_it_closes(
    visit: Visit, hall: Hall
) -> None:
    poll = hall.open_poll()["id"]
    phone = visit(hall.path, "ko", phone=True)
    phone.enter_as_guest("손님")
    phone.choose(ADA)

    hall.move(poll, "pause")
    phone.expect_status("poll.pausedChoosing")
    expect(phone.button("poll.vote")).to_have_attribute("aria-disabled", "true")
    check_page(phone.page)
    hall.move(poll, "open")
    expect(phone.button("poll.vote")).not_to_have_attribute("aria-disabled", "true")
    expect(phone.page.get_by_role("radio", name=ADA)).to_be_checked()
    hall.move(poll, "close")

    phone.expect_status("poll.unsent")
    assert hall.server.results(poll)["ballots"] == 0


def test_people_talk_and_see_each_other_when_they_came_in(visit: Visit, hall: Hall) -> None:
    def talker(name: str) -> Visitor:
        phone = visit(hall.path, "ko", phone=True)
        phone.enter_as_guest(name)
        return phone

    one, two = talker("하늘"), talker("도윤")
    two.show("chat")
    box = two.page.get_by_label(two.word("chat.text"))
    box.fill("안녕하세")
    # A syllable that is still being composed takes the Enter for itself.
    box.dispatch_event("keydown", {"key": "Enter", "keyCode": 229, "bubbles": True})
    box.press_sequentially("요")
    box.press("Enter")

    expect(box).to_have_value("")
    chat = one.page.get_by_role("tab", name=one.word("room.chat"))
    expect(chat).to_contain_text("1")
    one.show("chat")
    log = one.page.get_by_role("log")
    expect(log).to_contain_text("안녕하세요")
    expect(log).to_contain_text(one.word("chat.came", names="도윤"))
    expect(log).to_contain_text(one.word("chat.onlineNow", online=2))
    check_page(one.page)
    one.show("people")
    here = one.page.get_by_role("listitem")
    expect(here.filter(has_text="하늘")).to_contain_text(one.word("people.you"))
    expect(here.filter(has_text="도윤")).not_to_contain_text(one.word("people.you"))
    check_page(one.page)
    two.page.evaluate(PUT_AWAY)
    expect(here.filter(has_text="도윤")).to_contain_text(one.word("people.away"))


def test_people_of_a_full_hall_are_shown_a_page_at_a_time(visit: Visit, hall: Hall) -> None:
    counts = hall.ask("GET", f"/rooms/{hall.code}/presence")

    def page_of(ids: range, following: str | None) -> dict[str, Any]:
        status = {"role": "guest", "status": "online", "connections": 1, "since": SINCE}
        people = [{"id": f"g{each}", "name": "Kim", **status} for each in ids]
        return {**counts, "online": 202, "people": people, "next": following}

    def hide_names(socket: WebSocketRoute) -> None:
        beyond = socket.connect_to_server()
        named = re.compile(r'"people":\[[^\]]*\]')
        beyond.on_message(lambda text: socket.send(named.sub('"people":null', str(text))))

    phone = visit("/", phone=True)
    phone.page.route_web_socket("**/socket.io/**", hide_names)
    pages = {
        "limit=200": page_of(range(1000, 1200), "g1199"),
        "cursor=g1199": page_of(range(2), None),
    }
    for query, page in pages.items():
        phone.page.route(re.compile(f"/presence.*{query}$"), partial(Route.fulfill, json=page))
    phone.page.goto(hall.server.url + hall.path)
    phone.enter_as_guest("Ada")

    phone.show("people")
    here = phone.page.get_by_role("tabpanel").get_by_role("listitem")
    expect(here).to_have_count(200)
    phone.press("people.more")
    expect(here).to_have_count(202)
    expect(phone.button("people.more")).to_have_count(0)
    expect(here.nth(0)).to_contain_text("Kim 0")


def test_text_is_kept_when_it_is_too_long_or_nobody_is_there_to_hear(
    visit: Visit, hall: Hall
) -> None:
    phone = visit(hall.path, phone=True, noise="ERR_|WebSocket")
    phone.enter_as_guest("Ada")
    phone.show("chat")
    box = phone.page.get_by_label(phone.word("chat.text"))

    box.fill("x" * 2003)
    box.press("Enter")
    too_long = phone.word("chat.tooLong", max="2,000", count="3")
    expect(phone.page.get_by_text(too_long)).to_be_visible()
    hall.server.kill()
    expect(phone.page.get_by_text(phone.word("link.lost"))).to_be_visible()
    box.fill("hello")
    box.press("Enter")

    expect(phone.page.get_by_text(phone.word("fault.noAnswer"))).to_be_visible()
    expect(box).to_have_value("hello")


def test_one_is_no_more_present_when_one_has_left_and_again_when_one_comes_back(
    visit: Visit, server: Server
) -> None:
    hall = make_hall(server)
    poll = hall.open_poll(eligibility="accounts", require_presence=True)["id"]
    phone = visit(hall.path, phone=True)
    phone.page.get_by_role("link", name=phone.word("auth.enter"), exact=True).click()
    phone.sign_up("ann")
    expect(phone.page.get_by_text(phone.word("room.present_one", count=1))).to_be_visible()

    phone.press("room.leave")
    check_page(phone.page)
    phone.page.get_by_role("dialog").get_by_role("button", name=phone.word("room.leave")).click()
    expect(phone.page.get_by_role("heading", name=phone.word("room.left"))).to_be_visible()
    phone.page.reload()
    presence = server.request("GET", f"/rooms/{hall.code}/presence").json()
    assert presence["present"] == 0
    check_page(phone.page)
    phone.press("room.back")

    phone.choose(ADA)
    phone.press("poll.vote")
    phone.expect_status("poll.recorded")
    assert hall.counted(poll) == {ADA: 1}


def test_page_says_why_when_the_room_is_deleted_or_hidden(visit: Visit, server: Server) -> None:
    hall = make_hall(server)
    phone = visit(hall.path, "ko", phone=True)
    expect(phone.page.get_by_text(phone.word("room.noPoll"))).to_be_visible()

    server.request("DELETE", f"/rooms/{hall.code}", hall.host)
    expect(phone.page.get_by_role("heading", name=phone.word("refused.deleted"))).to_be_visible()
    check_page(phone.page)

    stranger = visit("/r/ZZZZZZ", phone=True)
    expect(stranger.page.get_by_role("heading", name=stranger.word("refused.gone"))).to_be_visible()
    check_page(stranger.page)


def test_very_long_name_takes_two_lines_of_the_phones_head(visit: Visit, hall: Hall) -> None:
    name = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
    code = hall.claim_code(name)
    phone = visit(f"{hall.path}#claim={code}", phone=True)
    phone.page.get_by_role("button", name=name).click()
    phone.expect_me(name)

    head = phone.page.get_by_role("banner").bounding_box()

    assert head is not None
    assert head["height"] <= 56
    check_page(phone.page)


def test_developer_sees_the_own_request_and_five_samples(visit: Visit, hall: Hall) -> None:
    poll = hall.open_poll()["id"]
    voter = visit(hall.path)
    voter.enter_as_guest("Dev")
    voter.choose(ADA)
    voter.press("poll.vote")
    voter.expect_status("poll.recorded")

    voter.page.get_by_role("link", name=voter.word("room.developer")).click()
    asked = voter.page.get_by_role("region", name=f"PUT /polls/{poll}/ballot")
    expect(asked.first).to_contain_text("Idempotency-Key")
    voter.press("developer.checkStart")

    expect(voter.page.locator('.samples [data-arrived="true"]')).to_have_count(5)
    expect(voter.page.get_by_text(voter.word("developer.verdict.good"))).to_be_visible()
    check_page(voter.page)


def test_connection_check_waits_until_the_socket_is_connected(visit: Visit, hall: Hall) -> None:
    voter = visit(hall.path)
    voter.enter_as_guest("Dev")
    held: list[WebSocketRoute] = []

    def hold(route: WebSocketRoute) -> None:
        held.append(route)
        if len(held) == 1:
            route.connect_to_server()

    voter.page.route_web_socket(re.compile("socket.io"), hold)
    voter.page.reload()
    voter.page.get_by_role("link", name=voter.word("room.developer")).click()

    voter.press("developer.checkStart")
    expect(voter.page.get_by_role("button", name=voter.word("developer.checking"))).to_be_visible()
    held[1].connect_to_server()

    expect(voter.page.locator('.samples [data-arrived="true"]')).to_have_count(5)


@pytest.mark.parametrize("path", ["/", "/signin"])
def test_page_has_no_fault_that_axe_finds(visit: Visit, path: str) -> None:
    visitor = visit(path, "ko", phone=True)

    expect(visitor.page.get_by_role("heading", level=1)).to_be_visible()
    check_page(visitor.page)
