"""Times for readers elsewhere, and in browsers that lack the room's zone."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.hosting import hold_meeting, sit_down
from tests.server import Server

ZONE = "Asia/Seoul"
NAMES = {"en": "Korean Standard Time", "ko": "표준시"}
LACKS = """() => {
    const Real = Intl.DateTimeFormat;
    Intl.DateTimeFormat = class extends Real {
        constructor(language, options) {
            if (options?.timeZone === "Asia/Seoul") throw new RangeError("Invalid time zone");
            super(language, options);
        }
    };
}"""
ALL_PLACES = ("polls", "new", "poll", "edit", "minutes", "roll", "door", "people", "settings")


@pytest.fixture
def server(shared_server: Server) -> Server:
    return shared_server


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("reader", [ZONE, "Asia/Tokyo", "Europe/Berlin", "America/New_York"])
def test_deadline_names_the_zone_where_the_readers_clock_differs(
    visit: Visit, server: Server, reader: str, language: str
) -> None:
    meeting = hold_meeting(server, timezone=ZONE)
    later = (datetime.now(UTC) + timedelta(days=2)).isoformat()
    meeting.open_poll(eligibility="anyone", closes_at=later)

    voter = visit(f"/r/{meeting.code}", language, timezone_id=reader)
    voter.page.locator(".poll details summary").first.click()
    screen = visit(f"/r/{meeting.code}/screen", language, timezone_id=reader)

    differs = reader not in (ZONE, "Asia/Tokyo")
    for deadline in (voter.page.locator(".poll .facts").first, screen.page.locator(".clock")):
        expect(deadline).to_contain_text(str((datetime.now(UTC) + timedelta(days=2)).year))
        assert (NAMES[language] in deadline.inner_text()) == differs


def test_pages_fall_back_to_utc_and_say_so_when_the_browser_lacks_the_zone(
    visit: Visit, server: Server
) -> None:
    meeting = hold_meeting(server, "Ada", timezone=ZONE)
    later = datetime.now(UTC) + timedelta(days=2)
    closed = meeting.open_poll()
    meeting.ask("POST", f"/polls/{closed['id']}/close")
    draft = meeting.poll(title="Draft", closes_at=later.isoformat())
    host = visit("/signin", timezone_id="Europe/Berlin")
    host.page.add_init_script(f"({LACKS})()")
    sit_down(host, meeting, meeting.at("polls"))
    unknown = host.page.get_by_text(host.word("app.zoneUnknown", zone=ZONE))
    crashed = host.page.get_by_text(host.word("app.crashed"))

    for place in ALL_PLACES:
        poll = {"minutes": closed, "edit": draft, "poll": draft}.get(place)
        host.page.goto(server.url + meeting.at(place, poll))
        expect(host.page.get_by_role("heading", level=2).first).to_be_visible()
        expect(crashed).to_have_count(0)
        if place in ("new", "edit"):
            host.page.locator(".poll-form-rules summary").click()
        if place in ("new", "edit", "people", "settings"):
            expect(unknown.first).to_be_visible()
        if place == "edit":
            field = host.page.get_by_label(host.word("form.closes_at"), exact=True)
            expect(field).to_have_value(later.strftime("%Y-%m-%dT%H:%M"))
        if place in ("poll", "minutes"):
            expect(host.page.get_by_text("(UTC)").first).to_be_visible()
