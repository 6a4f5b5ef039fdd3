"""Polls that are begun from a preset, opened at once, duplicated, and followed by the next."""

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.axe import check_page
from tests.browser.conftest import Visit
from tests.browser.hosting import hold_meeting, sit_down
from tests.server import Server


@pytest.mark.parametrize("language", ["en", "ko"])
def test_motion_is_open_after_two_clicks(visit: Visit, server: Server, language: str) -> None:
    meeting = hold_meeting(server, "Ann")
    host = sit_down(visit("/", language), meeting, meeting.at("polls"))

    host.page.get_by_role("link", name=host.word("preset.motion"), exact=True).click()
    expect(host.page.get_by_label(host.word("form.title"), exact=True)).to_be_focused()
    check_page(host.page)
    host.page.keyboard.type("The budget")
    host.press("form.openNow")

    host.expect_status("step.done_open")
    (poll,) = meeting.ask("GET", f"/rooms/{meeting.code}/polls")["items"]
    assert (poll["method"], poll["state"], poll["eligibility"]) == ("motion", "open", "roll")


def test_draft_is_kept_and_the_reason_shown_when_it_cannot_be_opened(
    visit: Visit, server: Server
) -> None:
    meeting = hold_meeting(server, "Ann")
    host = sit_down(visit("/", noise="ERR_FAILED"), meeting, meeting.at("polls"))
    host.page.route("**/polls/*/open", lambda route: route.abort())

    host.page.get_by_role("link", name=host.word("preset.motion"), exact=True).click()
    expect(host.page.get_by_label(host.word("form.title"), exact=True)).to_be_focused()
    host.page.keyboard.type("The budget")
    host.press("form.openNow")

    expect(host.page.get_by_role("heading", name="The budget")).to_be_visible()
    expect(host.button("step.open")).to_be_visible()


def test_rules_are_one_sentence_that_opens_where_a_fault_is_in_them(
    visit: Visit, server: Server
) -> None:
    meeting = hold_meeting(server, "Ann")
    host = sit_down(visit("/", noise="400"), meeting, meeting.at("new"))
    seats = host.page.get_by_label(host.word("form.seats"), exact=True)
    expect(seats).to_be_hidden()
    host.page.locator(".poll-form-rules summary").click()
    seats.fill("0")
    host.page.locator(".poll-form-rules summary").click()
    host.fill("form.title", "Chair")
    for number, name in enumerate(("Ada", "Noah"), 1):
        label = host.word("form.candidateName", number=number)
        host.page.get_by_label(label, exact=True).fill(name)

    host.press("form.openNow")

    expect(seats).to_be_focused()
    check_page(host.page)


def test_closed_poll_leads_to_the_next_draft_and_any_poll_can_be_duplicated(
    visit: Visit, server: Server
) -> None:
    meeting = hold_meeting(server, "Ann")
    first = meeting.open_poll("Ada", "Noah", title="Chair", secrecy="named")
    meeting.ask("POST", f"/polls/{first['id']}/close")
    meeting.poll("Mina", "Jun", title="Treasurer")
    host = sit_down(visit("/"), meeting, meeting.at("poll", first))

    host.page.get_by_role("link", name="Next: Treasurer").click()
    expect(host.page.get_by_role("heading", name="Treasurer")).to_be_visible()
    host.page.goto(server.url + meeting.at("poll", first))
    host.press("step.duplicate")

    title = host.page.get_by_label(host.word("form.title"), exact=True)
    expect(title).to_have_value(host.word("step.duplicateName", title="Chair"))
    polls = meeting.ask("GET", f"/rooms/{meeting.code}/polls")["items"]
    copy = next(poll for poll in polls if poll["title"] == "Chair (copy)")
    assert (copy["follows"], copy["secrecy"], copy["state"]) == (None, "named", "draft")
    assert [each["name"] for each in copy["candidates"]] == ["Ada", "Noah"]


def test_drafts_are_moved_by_drag_keys_and_buttons_at_every_desk(
    visit: Visit, server: Server
) -> None:
    meeting = hold_meeting(server)
    for title in "ABC":
        meeting.poll(title=title, eligibility="anyone")
    host, other = (
        sit_down(visit("/", phone=phone), meeting, meeting.at("polls")) for phone in (False, True)
    )

    def handle(title: str) -> Locator:
        return host.page.locator(".agenda li", has_text=title).locator(".agenda-handle")

    def expect_order(*order: str) -> None:
        for desk in (host, other):
            expect(desk.page.locator(".agenda .poll-line-title")).to_have_text(order)

    expect_order("A", "B", "C")
    check_page(host.page)
    handle("C").focus()
    host.page.keyboard.press("ArrowUp")
    expect_order("A", "C", "B")
    expect(handle("C")).to_be_focused()
    start, end = handle("A").bounding_box(), handle("B").bounding_box()
    assert start is not None
    assert end is not None
    host.page.mouse.move(start["x"] + 5, start["y"] + 20)
    host.page.mouse.down()
    host.page.mouse.move(end["x"] + 5, end["y"] + 40, steps=5)
    host.page.mouse.up()
    expect_order("C", "B", "A")
    other.page.get_by_role("button", name=host.word("desk.draft_up", title="A")).tap()
    expect_order("C", "A", "B")


def test_closed_poll_leads_to_the_first_draft_of_the_agenda(visit: Visit, server: Server) -> None:
    meeting = hold_meeting(server, "Ann")
    poll = meeting.open_poll()
    drafts = [meeting.poll(title=title) for title in "AB"]
    meeting.ask("POST", f"/polls/{poll['id']}/close")
    meeting.ask("POST", f"/polls/{drafts[1]['id']}/move", {"before": drafts[0]["id"]})
    host = sit_down(visit("/"), meeting, meeting.at("poll", poll))

    host.page.get_by_role("link", name=host.word("step.next", title="B")).click()

    expect(host.page.get_by_role("heading", name="B", exact=True)).to_be_visible()
