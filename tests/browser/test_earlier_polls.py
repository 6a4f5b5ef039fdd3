"""A room of many polls: the page is given the last of them, and shows earlier ones on demand."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.axe import check_page
from tests.browser.conftest import Visit
from tests.browser.hosting import Meeting, hold_meeting, sit_down
from tests.server import Server
from voting.recent_polls import ENDED_SENT

EARLIER = 2


@pytest.fixture
def server(shared_server: Server) -> Server:
    """One for all, of which every test reads the same."""
    return shared_server


@pytest.fixture(scope="module")
def meeting(shared_server: Server) -> Meeting:
    """A meeting whose first poll Ada won, and the others nobody."""
    meeting = hold_meeting(shared_server, "Ada", "Noah")
    for number in range(EARLIER + ENDED_SENT):
        poll = meeting.open_poll(title=f"Question {number}")
        if number == 0:
            meeting.cast(poll, 0, 0)
        meeting.ask("POST", f"/polls/{poll['id']}/close")
    return meeting


@pytest.mark.parametrize("language", ["en", "ko"])
def test_voter_shows_earlier_polls_by_keyboard(
    visit: Visit, meeting: Meeting, language: str
) -> None:
    phone = visit(f"/r/{meeting.code}", language, phone=True)
    phone.page.get_by_text(phone.word("room.earlier"), exact=True).click()
    first = phone.page.get_by_role("region", name="Question 0", exact=True)
    button = phone.button("room.showEarlier")
    expect(first).to_have_count(0)

    button.focus()
    phone.page.keyboard.press("Enter")

    expect(first).to_contain_text("Ada")
    expect(first).to_contain_text("100.0%")  # its results, too
    expect(button).to_have_count(0)
    shown = phone.word("room.earlierShown_other", count=EARLIER)
    expect(phone.page.get_by_text(shown)).to_be_attached()
    titles = phone.page.get_by_role("heading", name=re.compile("^Question"))
    assert titles.all_inner_texts() == [
        f"Question {number}" for number in reversed(range(EARLIER + ENDED_SENT))
    ]
    check_page(phone.page)


def test_host_finds_every_poll_in_the_list_by_its_address_and_in_the_log(
    visit: Visit, meeting: Meeting
) -> None:
    host = sit_down(visit("/signin"), meeting, meeting.at("polls"))
    lines = host.page.locator(".poll-line-title")
    expect(lines).to_have_count(ENDED_SENT)

    host.press("room.showEarlier")

    expect(lines).to_have_count(EARLIER + ENDED_SENT)
    expect(host.button("room.showEarlier")).to_have_count(0)
    check_page(host.page)

    polls = meeting.ask("GET", f"/rooms/{meeting.code}/polls?limit=1")["items"]
    host.page.goto(f"{meeting.server.url}{meeting.at('minutes', polls[0])}")
    expect(host.page.get_by_role("article")).to_contain_text("Question 0")
    host.page.goto(f"{meeting.server.url}/r/{meeting.code}/log")
    entries = host.page.locator(".log-entry")
    expect(entries.filter(has_text="Question 0")).to_have_count(2)
