"""A motion in a real browser: made at the desk, voted on, and decided on phone, desk and screen."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import check_page
from tests.browser.conftest import Visit
from tests.browser.hosting import Meeting, hold_meeting, sit_down
from tests.browser.people import Visitor
from tests.browser.test_screen import SAID
from tests.server import Server

SEAT = "403 \\(Forbidden\\)"
"""What a browser logs where a seat of the roll asks for what accounts alone have."""

GOLD = """() => {
    const probe = document.createElement("i");
    document.querySelector("main, .screen").append(probe);
    const colours = ["--win", "--win-ink"].map((name) => {
        probe.style.color = getComputedStyle(document.documentElement).getPropertyValue(name);
        return getComputedStyle(probe).color;
    });
    probe.style.color = "var(--win)";
    colours.push(getComputedStyle(probe).color);
    probe.remove();
    const shown = document.querySelectorAll(".verdict strong, .bar rect, .tally-bar rect");
    const paints = [...shown].flatMap((each) => {
        const style = getComputedStyle(each);
        return each instanceof SVGElement ? [style.fill] : [style.color];
    });
    return paints.some((paint) => colours.includes(paint));
}"""
"""Whether a verdict or a bar has the colour of a win."""


def hold_motion(server: Server, votes: tuple[int, ...], **settings: Any) -> tuple[Meeting, Any]:
    meeting = hold_meeting(server, "Ann", "Ben", "Cat", **settings)
    poll = meeting.open_poll(method="motion", title="The budget", results="live")
    meeting.cast(poll, *votes)
    return meeting, poll


def close(meeting: Meeting, poll: Any) -> None:
    meeting.ask("POST", f"/polls/{poll['id']}/close")


def look_everywhere(visit: Visit, meeting: Meeting, poll: Any, language: str) -> list[Visitor]:
    """Open the phone, the desk and the screen."""
    room = f"/r/{meeting.code}"
    phone = sit_down(visit("/", language, phone=True, noise=SEAT), meeting, room, meeting.voters[0])
    desk = sit_down(visit("/", language), meeting, meeting.at("poll", poll))
    screen = visit(f"{room}/screen", language)
    for visitor in (phone, desk, screen):
        told = visitor.page.get_by_text(visitor.word("answer.against")).locator("visible=true")
        expect(told.first).to_be_visible()
    return [phone, desk, screen]


def test_motion_is_made_without_candidates_at_the_desk(visit: Visit, server: Server) -> None:
    meeting = hold_meeting(server, "Ann")
    host = sit_down(visit("/"), meeting, meeting.at("new"))
    host.fill("form.title", "The budget")
    expect(host.page.get_by_text(host.word("form.candidates"), exact=True)).to_be_visible()

    host.press("form.yesNo")

    expect(host.button("preset.motion")).to_be_focused()
    expect(host.page.get_by_text(host.word("form.candidates"), exact=True)).to_have_count(0)
    check_page(host.page)
    host.press("form.make")
    expect(host.page.get_by_role("heading", name="The budget")).to_be_visible()
    (poll,) = meeting.ask("GET", f"/rooms/{meeting.code}/polls")["items"]
    assert [each["answer"] for each in poll["candidates"]] == ["for", "against", "abstain"]
    assert poll["method"] == "motion"


@pytest.mark.parametrize("language", ["en", "ko"])
def test_voter_abstains_by_keyboard(visit: Visit, server: Server, language: str) -> None:
    meeting, _ = hold_motion(server, ())
    voter = sit_down(
        visit("/", language, phone=True, noise=SEAT),
        meeting,
        f"/r/{meeting.code}",
        meeting.voters[0],
    )
    first = voter.page.get_by_role("radio", name=voter.word("answer.for"), exact=True)
    first.focus()

    voter.page.keyboard.press("ArrowDown")
    voter.page.keyboard.press("ArrowDown")
    voter.page.keyboard.press("Enter")

    voter.expect_status("poll.recorded")
    expect(voter.page.get_by_role("button", name=voter.word("poll.blank"))).to_have_count(0)
    row = voter.page.locator(".tally-row").filter(has_text=voter.word("answer.abstain"))
    expect(row).to_contain_text(voter.word("results.votes_other", count=1).replace("votes", "vote"))
    expect(row).not_to_contain_text("%")
    check_page(voter.page)


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize(
    ("votes", "settings", "verdict", "gold"),
    [
        ((0, 0, 1), {}, "carried", True),
        ((0, 1, 2), {}, "rejected", False),
        ((0, 0, 1), {"quorum": {"count": 9}}, "carried", False),
        ((0, 0, 1), {"quorum": {"count": 9}, "quorum_rule": "require"}, "no_quorum", False),
    ],
)
def test_verdict_of_a_motion_is_shown_and_announced_once(
    visit: Visit,
    server: Server,
    language: str,
    votes: tuple[int, ...],
    settings: dict[str, Any],
    verdict: str,
    gold: bool,
) -> None:
    meeting, poll = hold_motion(server, votes, **settings)
    seen = look_everywhere(visit, meeting, poll, language)
    for visitor in seen:
        visitor.page.evaluate(SAID)

    close(meeting, poll)

    for visitor in seen:
        word = visitor.word(f"verdict.{verdict}")
        expect(visitor.page.locator(".verdict strong")).to_have_text(word)
        for never in ("results.winner", "results.tied", "results.failed"):
            badge = visitor.page.get_by_text(visitor.word(never), exact=True)
            expect(badge).to_have_count(0)
        if settings:
            missed = visitor.word("verdict.quorumUnmet", required=9, present=3)
            expect(visitor.page.locator(".verdict")).to_contain_text(missed)
        assert visitor.page.locator(".bar-place").filter(visible=True).count() == 0
        assert shines(visitor.page) is gold
        visitor.page.wait_for_function(f"window.announced.some((text) => text.includes({word!r}))")
        announced = visitor.page.evaluate("window.announced")
        assert sum(text.count(word) for text in announced) == 1
        check_page(visitor.page)


def shines(page: Page) -> bool:
    page.wait_for_timeout(700)  # while bars move, a browser gives the colours between
    return bool(page.evaluate(GOLD))


def test_missed_quorum_takes_the_gold_from_a_winner(visit: Visit, server: Server) -> None:
    found = []
    for quorum in (1, 9):
        meeting = hold_meeting(server, "Ann", "Ben", quorum={"count": quorum})
        poll = meeting.open_poll(results="live")
        meeting.cast(poll, 0, 0)
        close(meeting, poll)
        screen = visit(f"/r/{meeting.code}/screen")
        phone = sit_down(visit("/", noise=SEAT), meeting, f"/r/{meeting.code}", meeting.voters[0])
        for visitor in (screen, phone):
            winner = visitor.page.get_by_text(visitor.word("results.winner"), exact=True)
            expect(winner).to_be_visible()
            found.append(shines(visitor.page))

    assert found == [True, True, False, False]


def test_quorum_is_required_and_asks_for_more_than_half_by_the_settings(
    visit: Visit, server: Server
) -> None:
    meeting = hold_meeting(server, "Ann")
    host = sit_down(visit("/"), meeting, meeting.at("settings"))
    host.page.get_by_role("radio", name=host.word("setting.quorum_kind_share")).check()
    host.page.get_by_label(host.word("setting.quorum_asks"), exact=True).select_option("more_than")
    host.page.get_by_role("radio", name=host.word("setting.quorum_rule_require")).check()

    host.press("form.save")

    host.expect_status("form.saved")
    room = meeting.ask("GET", f"/rooms/{meeting.code}")
    assert room["quorum"] == {"num": 1, "den": 2, "rule": "more_than"}
    assert room["quorum_rule"] == "require"
    check_page(host.page)
