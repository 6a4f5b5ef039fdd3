"""A room that is started like another."""

from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.hosting import hold_meeting, sit_down
from tests.server import Server


def test_host_starts_another_room_like_this(visit: Visit, server: Server) -> None:
    meeting = hold_meeting(server)
    meeting.poll(title="Budget", eligibility="accounts")
    host = sit_down(visit("/"), meeting, meeting.at("settings"))

    host.fill("setting.copyName", "Next month")
    host.press("setting.copyGo")

    expect(host.page.get_by_role("heading", name="Next month")).to_be_visible()
    expect(host.page.locator(".agenda .poll-line-title")).to_have_text(["Budget"])
