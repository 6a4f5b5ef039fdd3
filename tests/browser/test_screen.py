"""The hall's screen, in a real browser, while a room votes."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.at_once import at_once
from tests.browser.axe import check_page
from tests.browser.conftest import Visit
from tests.browser.layout import STILL
from tests.browser.people import Visitor
from tests.http.rooms.house import House, Room, soon

ANN, BEN, CAT = "Ada Park", "김하늘", "Noah Kim"
NAMES = (ANN, BEN, CAT)
LOST = r"ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE|WebSocket connection"
WALLS = ((1280, 720), (1024, 768), (3840, 2160), (844, 390), (1080, 1920))
WHOLE = """() => {
    const inside = (part, whole, slack = 1) =>
        part.left >= whole.left - slack && part.right <= whole.right + slack &&
        part.top >= whole.top - slack && part.bottom <= whole.bottom + slack;
    const wall = new DOMRect(0, 0, innerWidth, innerHeight);
    const seen = ".bar-row, .bar-name > span, .bar-numbers span, .rail p, .rail .qr, h1, .hint";
    const place = (each) => each.getBoundingClientRect();
    return [...document.querySelectorAll(seen)].every((each) => {
        const row = each.closest(".bar-row");
        return inside(place(each), wall) && (!row || inside(place(each), place(row), 3));
    });
}"""
LEGIBLE = """() => {
    const least = 0.035 * Math.min(innerHeight, innerWidth * 9 / 16);
    const names = [...document.querySelectorAll(".bar-name > span")];
    const sizes = names.map((name) => parseFloat(getComputedStyle(name).fontSize));
    const isPhone = innerWidth < 1000;
    // Long names are written smaller before there are few of them on a page.
    const some = names.some((name) => name.textContent.length > 40) ? 0.7 : 1;
    return sizes.length > 0 && new Set(sizes.map((size) => size.toFixed(2))).size === 1 &&
        (isPhone || sizes[0] >= some * least);
}"""
SMALLEST = """(selector) => {
    const size = parseFloat(getComputedStyle(document.querySelector(selector)).fontSize);
    return size / Math.min(innerHeight, innerWidth * 9 / 16);
}"""
HEIGHT = """(selector) =>
    document.querySelector(selector).getBoundingClientRect().height / innerHeight"""
SAID = """() => {
    window.announced = [];
    const note = () => {
        const text = document.querySelector(".unseen[role=status]").textContent;
        if (text && text !== window.announced.at(-1)) window.announced.push(text);
    };
    new MutationObserver(note).observe(document.body, {childList: true, subtree: true});
}"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A house for all of these tests: each has a room of its own."""
    house = House(tmp_path_factory.mktemp("house"), people=400)
    house.start()
    yield house
    house.kill()


def begin(server: House, **fields: Any) -> tuple[Room, dict[str, Any]]:
    """Open a poll in a new room."""
    room = server.room()
    fields = {"candidates": [{"name": name} for name in NAMES], **fields}
    return room, server.poll(room, **fields)


def look(visit: Visit, room: Room, *rest: Any, **options: Any) -> Visitor:
    screen = visit(f"/r/{room.code}/screen", *rest, **options)
    expect(screen.page.get_by_role("heading", level=1)).to_be_visible()
    return screen


def row(page: Page, name: str) -> Any:
    return page.get_by_role("listitem").filter(has_text=name)


@pytest.mark.parametrize("language", ["en", "ko"])
def test_bars_equal_the_results_over_http_when_many_vote_at_once(
    visit: Visit, server: House, language: str
) -> None:
    room, poll = begin(server)
    screen = look(visit, room, language)

    places = [0] * 14 + [1] * 7 + [2] * 3
    votes = [partial(server.vote, server.newcomer(), poll, place) for place in places]
    at_once(votes)

    results = server.results(poll["id"])
    assert results["ballots"] == len(places)
    for each in results["tally"]:
        screen.expect_bar(each["name"], each["votes"], each["share"])


def test_winner_and_digest_are_shown_when_the_poll_is_closed(visit: Visit, server: House) -> None:
    room, poll = begin(server)
    screen = look(visit, room)
    server.vote(server.newcomer(), poll, 1)

    server.move(room, poll["id"], "close")

    expect(row(screen.page, BEN)).to_contain_text(screen.word("results.winner"))
    expect(row(screen.page, ANN)).not_to_contain_text(screen.word("results.winner"))
    digest = server.results(poll["id"])["digest"]
    fours = " ".join(re.findall("....", digest[:16]))
    expect(screen.page.get_by_text(fours)).to_be_visible()
    expect(screen.page.get_by_text(f"/polls/{poll['id']}/record")).to_be_visible()


def test_hidden_poll_shows_turnout_and_who_stands_until_it_is_closed(
    visit: Visit, server: House
) -> None:
    room, poll = begin(server, results="closed")
    screen = look(visit, room)
    frames: list[str | bytes] = []

    def note(received: str | bytes) -> None:
        frames.append(received)

    screen.page.on("websocket", lambda socket: socket.on("framereceived", note))
    screen.page.reload()

    server.vote(server.newcomer(), poll, 1)
    server.vote(server.newcomer(), poll, 1)

    expect(screen.page.locator(".hidden-count strong")).to_have_text("2")
    expect(screen.page.get_by_role("listitem")).to_have_text(
        [f"{place}{name}" for place, name in enumerate(NAMES, 1)]
    )
    received = "".join(str(frame) for frame in frames)
    assert '"ballots":2' in received
    assert '"votes"' not in received
    server.move(room, poll["id"], "close")
    screen.expect_bar(BEN, 2, 1.0)


def test_bars_of_a_hidden_poll_rise_in_the_ballot_s_order_before_the_verdict_is_told(
    visit: Visit, server: House
) -> None:
    room, poll = begin(server, results="closed")
    screen = look(visit, room)
    server.vote(server.newcomer(), poll, 2)
    expect(screen.page.locator(".hidden-count strong")).to_have_text("1")

    server.move(room, poll["id"], "close")

    expect(screen.page.locator(".bars[data-rises=true]")).to_be_visible()
    assert screen.page.locator(".bar-place").all_inner_texts() == ["1", "2", "3"]
    assert screen.page.locator(".bar-badge").count() == 0
    expect(screen.page.locator(".told-words")).to_have_text(CAT)
    check_page(screen.page)
    screen.page.keyboard.press("Escape")
    expect(screen.page.locator(".bar-place").first).to_have_text("3")
    expect(screen.page.locator(".verdict")).to_contain_text(CAT)


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize(
    ("names", "seats"),
    [
        (("하늘" * 30, "B"), 1),
        (("A" * 60, "B"), 1),
        (tuple(f"Member {n} " * 4 for n in range(6)), 5),
    ],
    ids=["sixty syllables", "sixty letters", "five winners"],
)
def test_verdict_fills_a_wall_in_letters_of_120_pixels(
    visit: Visit, server: House, names: tuple[str, ...], seats: int, language: str
) -> None:
    candidates = [{"name": name.strip()} for name in names]
    room, poll = begin(server, candidates=candidates, seats=seats, method="approval")
    wall = {"width": 1920, "height": 1080}
    screen = look(visit, room, language, viewport=wall, reduced_motion="reduce")
    chosen = [each["id"] for each in poll["candidates"][:seats]]
    server.cast(server.newcomer(), chosen, poll=poll["id"])
    expect(screen.page.locator(".turnout strong")).to_have_text("1")

    server.move(room, poll["id"], "close")

    words = screen.page.locator(".told-words")
    expect(words).to_contain_text(candidates[0]["name"])
    assert words.evaluate("each => parseFloat(getComputedStyle(each).fontSize)") >= 120
    assert screen.page.locator(".bars[data-rises=true]").count() == 0
    for part in screen.page.locator(".told > *").all():
        box = part.bounding_box()
        assert box is not None
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= wall["height"]
        assert box["x"] + box["width"] <= wall["width"]
    expect(screen.page.locator(".verdict")).to_be_visible()


def test_long_names_of_a_hidden_poll_are_read_on_a_phone(visit: Visit, server: House) -> None:
    names = [{"name": "하늘" * 30}, {"name": "B"}]
    room, _ = begin(server, candidates=names, results="closed")

    screen = look(visit, room, viewport={"width": 320, "height": 568})

    name = screen.page.locator(".bar-name > span").first
    assert name.evaluate("each => parseFloat(getComputedStyle(each).fontSize)") >= 16
    assert screen.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_verdict_fits_a_phone(visit: Visit, server: House) -> None:
    names = [{"name": "하늘" * 30}, {"name": "B"}]
    room, poll = begin(server, candidates=names, method="approval")
    screen = look(visit, room, viewport={"width": 320, "height": 568}, reduced_motion="reduce")
    server.vote(server.newcomer(), poll, 0)
    expect(screen.page.locator(".turnout strong")).to_have_text("1")

    server.move(room, poll["id"], "close")

    screen.page.locator(".told").wait_for()
    assert screen.page.evaluate(
        """[...document.querySelectorAll(".told > *")].every((each) => {
            const {top, bottom, left, right} = each.getBoundingClientRect();
            return top >= 0 && bottom <= innerHeight && left >= 0 && right <= innerWidth;
        })"""
    )


def test_screen_that_comes_after_the_close_shows_the_result_as_it_is(
    visit: Visit, server: House
) -> None:
    room, poll = begin(server, results="closed")
    server.vote(server.newcomer(), poll, 1)
    server.move(room, poll["id"], "close")

    screen = look(visit, room)

    screen.expect_bar(BEN, 1, 1.0)
    assert screen.page.locator(".told, [data-rises=true]").count() == 0


def test_rounds_play_one_by_one_when_a_ranked_poll_is_closed(visit: Visit, server: House) -> None:
    screen = close_ranked(visit, server)

    expect(screen.page.get_by_text(screen.word("screen.round", round=1, of=2))).to_be_visible()
    screen.page.keyboard.press(" ")
    expect(screen.button("screen.play")).to_be_visible()
    expect(row(screen.page, ANN)).to_contain_text("2 votes")
    expect(row(screen.page, CAT)).to_contain_text(screen.word("results.eliminated"))
    expect(screen.page.get_by_text(screen.word("results.winner"))).to_have_count(0)

    screen.press("screen.next")

    expect(row(screen.page, BEN)).to_contain_text(screen.word("results.winner"))
    expect(row(screen.page, BEN)).to_contain_text("3 votes")
    expect(row(screen.page, CAT)).to_contain_text(screen.word("screen.outIn", round=1))
    assert screen.page.locator(".bar-gain").count() == 1
    check_page(screen.page)
    screen.page.keyboard.press("ArrowLeft")
    expect(row(screen.page, CAT)).to_contain_text("1 vote")


def test_rounds_stand_still_at_the_result_when_motion_is_not_wanted(
    visit: Visit, server: House
) -> None:
    screen = close_ranked(visit, server, reduced=True)

    expect(row(screen.page, BEN)).to_contain_text(screen.word("results.winner"))


def close_ranked(visit: Visit, server: House, *, reduced: bool = False) -> Visitor:
    """Watch a run-off close: of five ballots, the one for the third goes on to the second."""
    room, poll = begin(server, method="ranked")
    screen = look(visit, room)
    screen.page.emulate_media(reduced_motion="reduce" if reduced else "no-preference")
    for places in ((0, 1), (0, 2), (1, 0), (1, 2), (2, 1)):
        server.vote(server.newcomer(), poll, *places)
    expect(row(screen.page, CAT)).to_contain_text("1 vote")
    server.move(room, poll["id"], "close")
    return screen


def test_screen_keeps_its_last_state_and_comes_back_when_the_server_restarts(
    visit: Visit, server: House
) -> None:
    room, poll = begin(server)
    screen = look(visit, room, noise=LOST)
    screen.page.clock.install()
    screen.page.reload()
    voter = server.newcomer()
    server.vote(voter, poll, 0)
    screen.expect_bar(ANN, 1, 1.0)

    server.kill()
    screen.expect_status("link.lostScreen")
    assert screen.page.evaluate(SMALLEST, ".link-age p") >= 0.035
    screen.page.clock.fast_forward(130_000)
    expect(screen.page.get_by_text(screen.word("screen.minutesOld_other", count=2))).to_be_visible()
    screen.expect_bar(ANN, 1, 1.0)
    server.start()
    server.vote(voter, poll, 1)

    screen.expect_bar(BEN, 1, 1.0)
    lost = screen.page.get_by_text(screen.word("link.lostScreen"))
    expect(lost).to_have_count(0)


@pytest.mark.parametrize("wrong_by", [timedelta(hours=-3), timedelta(hours=3)])
def test_countdown_follows_the_server_when_the_machine_has_another_time(
    visit: Visit, server: House, wrong_by: timedelta
) -> None:
    room, _ = begin(server, closes_at=soon(600))
    screen = look(visit, room)
    screen.page.clock.install(time=datetime.now(UTC) + wrong_by)

    screen.page.reload()

    expect(screen.page.get_by_role("timer")).to_have_text(re.compile(r"^9:[0-5][0-9]$"))


def test_screen_shows_how_to_join_when_no_poll_is_shown(visit: Visit, server: House) -> None:
    room = server.room(name="한빛 총회", quorum={"count": 2})
    server.request("POST", f"{room.path}/meetings", room.host, json={})
    screen = look(visit, room, "ko")

    expect(screen.page.get_by_role("img", name=screen.word("screen.qr"))).to_be_visible()
    expect(screen.page.get_by_text(f"{room.code[:3]} {room.code[3:]}")).to_be_visible()
    expect(screen.page.get_by_text(f"/r/{room.code}")).to_be_visible()
    expect(screen.page.get_by_text(screen.word("room.quorumUnmet", required=2))).to_be_visible()
    check_page(screen.page)


def test_screen_follows_the_host_when_another_poll_or_none_is_shown(
    visit: Visit, server: House
) -> None:
    room, first = begin(server, title="First")
    server.poll(room, title="Second")
    screen = look(visit, room)
    heading = screen.page.get_by_role("heading", level=1)
    expect(heading).to_have_text("Second")

    for shown, title in ((first["id"], "First"), (None, "Club")):
        server.request("PATCH", room.path, room.host, json={"current_poll": shown})
        expect(heading).to_have_text(title)


@pytest.mark.parametrize(
    ("state", "words"), [("paused", "Paused"), ("void", "The urn fell over"), ("closed", "Closed")]
)
def test_screen_says_how_the_poll_stands_when_it_takes_no_ballots(
    visit: Visit, server: House, state: str, words: str
) -> None:
    room, _ = begin(server, state=state)

    screen = look(visit, room)

    expect(screen.page.get_by_text(words, exact=True)).to_be_visible()
    check_page(screen.page)


def test_threshold_is_shown_as_failed_when_nobody_reached_it(visit: Visit, server: House) -> None:
    threshold = {"num": 2, "den": 3, "of": "valid", "rule": "at_least"}
    room, poll = begin(server, threshold=threshold)
    screen = look(visit, room)
    for place in (0, 1):
        server.vote(server.newcomer(), poll, place)
    expect(screen.page.get_by_text("2/3")).to_be_visible()
    expect(screen.page.get_by_text(screen.word("screen.notPassed"))).to_have_count(0)

    server.move(room, poll["id"], "close")

    expect(row(screen.page, ANN)).to_contain_text(screen.word("screen.notPassed"))
    expect(screen.page.locator(".verdict strong")).to_have_text(screen.word("verdict.none_passed"))


def test_members_room_is_shown_when_the_link_brings_a_screen_token(
    visit: Visit, server: House
) -> None:
    room = server.room(name="Board", visibility="members")
    token = server.request("POST", f"{room.path}/screen-token", room.host).json()["token"]
    screen = look(visit, room, noise="404")
    expect(screen.page.get_by_text("Board")).to_have_count(0)

    screen.page.goto(f"{server.url}/r/{room.code}/screen#token={token}")

    expect(screen.page.get_by_role("heading", level=1)).to_have_text("Board")
    expect(screen.page.get_by_role("img", name=screen.word("screen.qr"))).to_be_visible()
    assert token not in screen.page.url
    server.request("DELETE", f"{room.path}/screen-token", room.host)
    expect(screen.page.get_by_text(screen.word("screen.ended"))).to_be_visible()
    expect(screen.page.get_by_text("Board")).to_have_count(0)


@pytest.mark.parametrize(
    "names",
    [
        ["Yes", "No"],
        [f"후보 {number}" for number in range(1, 36)],
        [f"{n} Extend the reading-room opening hours until midnight during exams" for n in "abcde"],
        [
            (f"{n} " + "한빛마을 주민자치위원회 공동체 돌봄과 기록 사업 " * 3)[:80].strip()
            for n in "abcdefgh"
        ],
        [n + ("한빛마을주민자치위원회공동체돌봄과기록사업" * 3)[:59] for n in "가나다라"],
    ],
    ids=len,
)
def test_nothing_is_cut_when_names_are_many_or_long(
    visit: Visit, server: House, names: list[str]
) -> None:
    title = "Shall article 12 be amended as it was read out, and the budget with it? " * 2
    fields = {"title": title, "candidates": [{"name": name} for name in names]}
    room, poll = begin(server, closes_at=soon(600), **fields)
    server.vote(server.newcomer(), poll, 0)
    screen = look(visit, room)

    for width, height in WALLS:
        screen.page.set_viewport_size({"width": width, "height": height})
        assert walk_pages(screen) == names


def walk_pages(screen: Visitor) -> list[str]:
    """Turn every page of candidates; each is whole and legible, in names of one size."""
    seen: list[str] = []
    names = screen.page.locator(".bar-name")
    screen.page.evaluate(STILL)
    while True:
        screen.page.wait_for_function(WHOLE)
        screen.page.wait_for_function(LEGIBLE)
        shown = names.all_inner_texts()
        if shown[0] in seen:
            return seen
        seen += shown
        if not screen.page.locator(".bars-pager").count():
            return seen
        screen.page.keyboard.press("PageDown")
        expect(names.first).not_to_have_text(shown[0])


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("count", [2, 8, 17, 30, 60])
def test_names_are_legible_and_of_one_size_however_many_candidates(
    visit: Visit, server: House, count: int, language: str
) -> None:
    name = {"en": "Alexandra Papadopoulou {}", "ko": "남궁하늘 {}"}[language]
    names = [name.format(number) for number in range(1, count)] + ["Jo"]
    room, _ = begin(server, candidates=[{"name": name} for name in names])
    screen = look(visit, room, language)

    for width, height in ((1280, 720), (1920, 1080), (3840, 2160)):
        screen.page.set_viewport_size({"width": width, "height": height})
        assert walk_pages(screen) == names


def test_pages_of_candidates_turn_by_themselves_until_somebody_holds_one(
    visit: Visit, server: House
) -> None:
    names = [f"Candidate {number}" for number in range(1, 41)]
    room, _ = begin(server, candidates=[{"name": name} for name in names])
    screen = look(visit, room)
    expect(row(screen.page, "Candidate 1").first).to_be_visible()
    screen.page.clock.install()
    screen.page.reload()
    expect(screen.page.locator(".bar-name").first).to_have_text("Candidate 1")

    screen.page.clock.run_for(10_000)
    expect(screen.page.locator(".bar-name").first).not_to_have_text("Candidate 1")
    second = screen.page.locator(".bar-name").first.inner_text()
    screen.press("screen.pageHold")
    screen.page.clock.run_for(60_000)
    expect(screen.page.locator(".bar-name").first).to_have_text(second)
    check_page(screen.page)
    screen.press("screen.pageBack")
    expect(screen.page.locator(".bar-name").first).to_have_text("Candidate 1")


@pytest.mark.parametrize("level", [1, 2, 6])
def test_first_page_shows_who_won_or_is_level_when_many_long_names_are_closed(
    visit: Visit, server: House, level: int
) -> None:
    names = [f"Alexandra Papadopoulou-Konstantinou of the reading circle {n}" for n in range(1, 31)]
    room, poll = begin(server, candidates=[{"name": name} for name in names])
    screen = look(visit, room)
    expect(screen.page.locator(".bar-name").first).to_have_text(names[0])
    screen.page.keyboard.press("PageDown")
    screen.press("screen.pageHold")

    for place in [*range(30 - level, 30)] * 4:
        server.vote(server.newcomer(), poll, place)
    server.move(room, poll["id"], "close")

    # The verdict takes room from the rows: a page may hold fewer than are level.
    expect(screen.page.locator(".verdict")).to_be_visible()
    screen.page.wait_for_function(WHOLE)
    places = screen.page.locator(".bar-place").all_inner_texts()
    expected = [*range(31 - level, 31), *range(1, 31 - level)]
    assert places == [str(place) for place in expected[: len(places)]]
    assert len(places) >= 5
    badge = screen.word("results.winner" if level == 1 else "results.tied")
    badges = screen.page.get_by_text(badge, exact=True)
    expect(badges).to_have_count(min(level, len(places)))
    assert level < 6 or screen.page.evaluate(SMALLEST, ".bars-scale") >= 0.035
    assert walk_pages(screen) == [*names[-level:], *names[:-level]]


@pytest.mark.parametrize("ended", ["won", "tie"])
def test_verdict_leaves_the_rows_their_room_when_it_is_about_many(
    visit: Visit, server: House, ended: str
) -> None:
    names = [f"Alexandra Papadopoulou {number}" for number in range(1, 61)]
    fields = {"method": "approval", "seats": 30 if ended == "won" else 1}
    room, poll = begin(server, candidates=[{"name": name} for name in names], **fields)
    server.vote(server.newcomer(), poll, *range(30))
    screen = look(visit, room)
    screen.page.evaluate(SAID)

    server.move(room, poll["id"], "close")

    words = screen.page.locator(".verdict strong")
    expect(words).to_contain_text(names[0])
    expect(words).not_to_contain_text(names[29])
    screen.page.wait_for_function("() => window.announced.length")
    assert names[29] in screen.page.evaluate("window.announced.at(-1)")
    screen.page.wait_for_function(WHOLE)
    assert screen.page.evaluate(HEIGHT, ".verdict") < 0.2
    assert screen.page.locator(".bar-name").count() >= 6
    assert screen.page.evaluate(SMALLEST, ".bar-name > span") >= 0.03


def test_round_leaves_the_rows_their_room_when_many_leave_in_it(
    visit: Visit, server: House
) -> None:
    names = [f"Alexandra Papadopoulou {number}" for number in range(1, 31)]
    room, poll = begin(server, method="ranked", candidates=[{"name": name} for name in names])
    for first in (0, 0, 1, 1, 2):
        server.vote(server.newcomer(), poll, first)
    server.move(room, poll["id"], "close")
    screen = look(visit, room)

    expect(screen.page.locator(".verdict")).to_be_visible()
    screen.press("screen.back")

    leave = screen.page.locator(".verdict-pending")
    expect(leave).to_contain_text(names[3])
    expect(leave).not_to_contain_text(names[29])
    assert screen.page.evaluate(HEIGHT, ".verdict-pending") < 0.1


def test_ranked_poll_that_ended_without_ballots_promises_no_rounds(
    visit: Visit, server: House
) -> None:
    room, poll = begin(server, method="ranked")
    screen = look(visit, room)
    promise = screen.page.get_by_text(screen.word("screen.firstPreferences"))
    expect(promise).to_be_visible()

    server.move(room, poll["id"], "close")

    expect(screen.page.locator(".verdict")).to_contain_text(screen.word("verdict.noVotes"))
    expect(promise).to_have_count(0)


def test_screen_says_openings_and_results_alone_when_people_vote(
    visit: Visit, server: House
) -> None:
    room = server.room()
    screen = look(visit, room)
    screen.page.evaluate(SAID)

    poll = server.poll(room, title="T")
    expect(screen.page.get_by_role("heading", level=1)).to_have_text("T")
    for place in (0, 0, 1):
        server.vote(server.newcomer(), poll, place)
    screen.expect_bar("A", 2, 0.6667)
    server.move(room, poll["id"], "close")

    ended = [screen.word("screen.closed", title="T"), screen.word("verdict.elected_one", names="A")]
    expect(screen.page.locator(".unseen[role=status]")).to_contain_text(ended[1])
    announced = screen.page.evaluate("window.announced")
    assert announced == [screen.word("screen.opened", title="T"), f"{' '.join(ended)}."]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_screen_has_no_fault_for_axe_when_its_controls_are_shown(
    visit: Visit, server: House, scheme: str
) -> None:
    room, poll = begin(server, closes_at=soon(50))
    screen = look(visit, room)
    screen.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    server.vote(server.newcomer(), poll, 0)
    screen.expect_bar(ANN, 1, 1.0)
    screen.page.mouse.move(200, 200)
    expect(screen.page.locator(".screen")).to_have_attribute("data-idle", "false")

    check_page(screen.page)


def test_screen_is_dark_or_full_when_somebody_at_it_asks(visit: Visit, server: House) -> None:
    screen = look(visit, server.room())
    wall = screen.page.locator(".screen")
    expect(wall).to_have_attribute("data-theme", "light")

    screen.page.keyboard.press("Tab")
    screen.press("screen.dark")
    screen.page.keyboard.press("f")

    expect(screen.button("screen.leaveFull")).to_be_visible()
    assert screen.page.evaluate("document.fullscreenElement !== null")
    screen.page.reload()
    expect(wall).to_have_attribute("data-theme", "dark")


def test_digest_of_the_log_stands_below_the_qr_code_on_a_phone(visit: Visit, server: House) -> None:
    room, _ = begin(server)
    page = look(visit, room, phone=True, viewport={"width": 375, "height": 667}).page
    code, digest = page.locator(".rail .qr"), page.locator(".log-head")
    expect(digest).to_be_visible()

    code.evaluate("(code) => code.scrollIntoView({block: 'end'})")

    above, below = code.bounding_box(), digest.bounding_box()
    assert above is not None
    assert below is not None
    assert above["y"] + above["height"] <= below["y"]
