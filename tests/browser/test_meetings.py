"""A meeting in a real browser: its minutes, and leaving it."""

import pytest
from playwright.sync_api import expect

from tests.browser.axe import check_page
from tests.browser.conftest import Visit
from tests.browser.hosting import hold_meeting, sit_down
from tests.server import Server

NOISE = "40[34]"
THRESHOLD = {"num": 2, "den": 3, "of": "valid", "rule": "at_least"}


@pytest.fixture
def server(shared_server: Server) -> Server:
    return shared_server


@pytest.mark.parametrize("language", ["en", "ko"])
def test_minutes_tell_how_each_poll_was_decided_and_the_quorum_set(
    visit: Visit, server: Server, language: str
) -> None:
    meeting = hold_meeting(server, "Ann", "Ben", quorum={"count": 1})
    poll = meeting.open_poll(method="motion", title="The budget", threshold=THRESHOLD)
    meeting.ask("POST", f"/rooms/{meeting.code}/roll", [{"name": "Cat"}])
    late = meeting.ask("GET", f"/rooms/{meeting.code}/roll")["items"][-1]["id"]
    meeting.ask("POST", f"/polls/{poll['id']}/electorate", {"row": late})
    meeting.cast(poll, 0, 0)
    change = {"quorum": {"num": 1, "den": 2, "rule": "more_than"}, "quorum_rule": "require"}
    meeting.ask("PATCH", f"/rooms/{meeting.code}", change)
    meeting.ask("POST", f"/polls/{poll['id']}/close")
    going = meeting.ask("GET", f"/rooms/{meeting.code}")["meeting"]

    path = f"/r/{meeting.code}/meetings?id={going}"
    reader = sit_down(visit("/", language, noise=NOISE), meeting, path, meeting.voters[0])

    sheet = reader.page.get_by_role("article")
    expect(sheet.locator(".sheet-verdict")).to_contain_text(reader.word("verdict.carried"))
    base = reader.word("results.base.decided")
    expect(sheet).to_contain_text(reader.word("results.toCarry.at_least", share="2/3", base=base))
    admitted = "results.admitted_one" if language == "en" else "results.admitted_other"
    expect(sheet).to_contain_text(reader.word(admitted, count=1))
    asked = reader.word("quorum.share.more_than", share="1/2")
    expect(sheet).to_contain_text(reader.word("quorum.set.require", asked=asked))
    number = sheet.get_by_role("cell", name="100.0%")
    assert number.evaluate("(cell) => getComputedStyle(cell).textAlign") == "right"
    check_page(reader.page)


@pytest.mark.parametrize("phone", [False, True], ids=["desk", "phone"])
def test_minutes_show_votes_beside_a_very_long_name(
    visit: Visit, server: Server, phone: bool
) -> None:
    name = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
    meeting = hold_meeting(server, "Ann", name)
    poll = meeting.open_poll(name, "Noah")
    meeting.cast(poll, 0)
    meeting.ask("POST", f"/polls/{poll['id']}/close")
    meeting.open_poll("Ada", "Noah")
    going = meeting.ask("GET", f"/rooms/{meeting.code}")["meeting"]
    path = f"/r/{meeting.code}/meetings?id={going}"

    reader = sit_down(visit("/", phone=phone, noise=NOISE), meeting, path)

    sheet = reader.page.get_by_role("article")
    expect(sheet.get_by_text(reader.word("meeting.stillOpen"))).to_be_visible()
    tally = sheet.get_by_role("group").filter(has_text="Noah").first
    assert tally.evaluate("(box) => box.scrollWidth <= box.clientWidth")
    since = reader.word("meeting.since", time="").strip()
    expect(sheet.locator(".sheet-poll").last).to_contain_text(since)
    check_page(reader.page)


def test_meeting_is_left_only_while_there_is_one(visit: Visit, server: Server) -> None:
    meeting = hold_meeting(server, "Ann")
    path = f"/r/{meeting.code}"
    phone = sit_down(visit("/", phone=True, noise=NOISE), meeting, path, meeting.voters[0])
    expect(phone.page.get_by_text(phone.word("meeting.none"))).to_be_visible()
    expect(phone.button("room.leave")).to_have_count(0)

    begun = meeting.ask("POST", f"/rooms/{meeting.code}/meetings", {})

    expect(phone.button("room.leave")).to_be_visible()
    meeting.ask("POST", f"/rooms/{meeting.code}/meetings/{begun['id']}/end")
    expect(phone.button("room.leave")).to_have_count(0)
