"""Members who came late, and members who were removed, at the desk."""

import pytest
from playwright.sync_api import expect

from tests.browser.axe import check_page
from tests.browser.conftest import Visit
from tests.browser.hosting import hold_meeting, sit_down
from tests.server import Server


@pytest.fixture
def server(shared_server: Server) -> Server:
    return shared_server


def test_latecomer_is_admitted_at_the_desk(visit: Visit, server: Server) -> None:
    meeting = hold_meeting(server, "Ada", "Noah")
    poll = meeting.open_poll(results="closed")
    meeting.ask("POST", f"/rooms/{meeting.code}/roll", {"rows": [{"name": "Mina"}]})
    host = sit_down(visit("/signin"), meeting, meeting.at("poll", poll))
    late = host.page.get_by_role("region", name=host.word("late.title"))

    expect(late).to_contain_text("Mina")
    check_page(host.page)
    late.get_by_role("button", name=host.word("late.admit")).click()
    dialog = host.page.get_by_role("dialog")
    dialog.get_by_role("button", name=host.word("late.admit"), exact=True).click()

    expect(late).to_have_count(0)
    expect(host.page.get_by_text(host.word("results.admitted_one", count=1))).to_be_visible()
    expect(
        host.page.get_by_text(host.word("turnout.votedOf", voted=0, eligible=4)).first
    ).to_be_visible()


def test_removed_member_is_marked_among_those_who_have_not_voted(
    visit: Visit, server: Server
) -> None:
    meeting = hold_meeting(server, "Ada", "Noah")
    poll = meeting.open_poll(results="closed")
    ada, _ = (each for each in meeting.ask("GET", f"/rooms/{meeting.code}/roll")["items"][1:])
    meeting.ask("DELETE", f"/rooms/{meeting.code}/roll/{ada['id']}")

    host = sit_down(visit("/signin"), meeting, meeting.at("poll", poll))

    waiting = host.page.get_by_role("list", name=host.word("turnout.notYet")).get_by_role(
        "listitem"
    )
    expect(waiting).to_have_text(["host", "Noah", f"Ada {host.word('turnout.removed')}"])
    check_page(host.page)


def test_removed_member_is_restored_at_the_desk(visit: Visit, server: Server) -> None:
    meeting = hold_meeting(server, "Ada", "Noah")
    host = sit_down(visit("/signin"), meeting, meeting.at("roll"))
    ada = host.page.get_by_role("group", name="Ada")
    ada.get_by_role("button", name=host.word("roll.remove")).click()
    host.page.get_by_role("dialog").get_by_role(
        "button", name=host.word("roll.remove"), exact=True
    ).click()
    host.page.get_by_text(host.word("roll.removedList_one", count=1)).click()
    check_page(host.page)

    host.page.get_by_role("button", name=host.word("roll.restore")).click()
    host.page.get_by_role("dialog").get_by_role(
        "button", name=host.word("roll.restore"), exact=True
    ).click()

    expect(host.page.get_by_text(host.word("roll.removedList_one", count=1))).to_have_count(0)
    expect(ada).to_be_visible()
