"""The roll at the desk: searched, filtered and sorted, by keyboard and for screen readers."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import check_page
from tests.browser.conftest import Visit
from tests.browser.hosting import hold_meeting, sit_down
from tests.server import Server

LANGUAGES = ["en", "ko"]
NARROW = {"width": 320, "height": 640}


def expect_names(page: Page, *names: str) -> None:
    shown = page.get_by_role("table").locator("tbody th strong")
    expect(shown).to_have_text(list(names))


@pytest.mark.parametrize("language", LANGUAGES)
def test_roll_is_sorted_by_keyboard_and_filtered(
    visit: Visit, server: Server, language: str
) -> None:
    meeting = hold_meeting(server, "Cho", "Ada", "Ben")
    poll = meeting.open_poll(secrecy="named")
    meeting.cast(poll, 0)
    rows = {
        row["name"]: row["id"] for row in meeting.ask("GET", f"/rooms/{meeting.code}/roll")["items"]
    }
    meeting.ask("PATCH", f"/rooms/{meeting.code}/roll/{rows['Ben']}", {"checked_in": True})
    host = visit("/signin", language=language)
    sit_down(host, meeting, meeting.at("roll"))
    page = host.page
    expect_names(page, "host", "Cho", "Ada", "Ben")
    facts = page.get_by_role("list").filter(has_text=host.word("roll.here", here="1", all="4"))
    expect(facts).to_contain_text(host.word("roll.turnout", title="Chair", voted="1", eligible="4"))
    check_page(page)

    heading = page.get_by_role("columnheader", name=host.word("roll.column_name"))
    heading.get_by_role("button").focus()
    page.keyboard.press("Enter")
    expect(heading).to_have_attribute("aria-sort", "ascending")
    expect_names(page, "Ada", "Ben", "Cho", "host")
    page.keyboard.press("Space")
    expect(heading).to_have_attribute("aria-sort", "descending")
    expect_names(page, "host", "Cho", "Ben", "Ada")
    voted = page.get_by_role("columnheader", name=host.word("roll.column_voted"))
    voted.get_by_role("button").click()
    expect(heading).to_have_attribute("aria-sort", "none")
    expect_names(page, "Cho", "host", "Ada", "Ben")

    page.get_by_label(host.word("roll.column_voted"), exact=True).select_option("no")
    page.get_by_label(host.word("roll.column_role"), exact=True).select_option("voter")
    expect_names(page, "Ada", "Ben")
    page.get_by_label(host.word("roll.column_checked_in"), exact=True).select_option("yes")
    expect_names(page, "Ben")
    page.set_viewport_size(NARROW)  # type: ignore[arg-type]
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    check_page(page)


def test_roll_shows_no_one_who_voted_where_ballots_are_secret(visit: Visit, server: Server) -> None:
    meeting = hold_meeting(server, "Ada", "Ben")
    poll = meeting.open_poll(secrecy="secret", results="live")
    meeting.cast(poll, 0)
    host = visit("/signin")

    sit_down(host, meeting, meeting.at("roll"))

    turnout = host.word("roll.turnout", title="Chair", voted="1", eligible="3")
    expect(host.page.get_by_role("list").filter(has_text=turnout)).to_be_visible()
    expect_names(host.page, "host", "Ada", "Ben")
    voted = host.page.get_by_role("columnheader", name=host.word("roll.column_voted"))
    expect(voted).to_have_count(0)
