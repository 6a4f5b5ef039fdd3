"""A candidate's picture from the host's file to the ballot and the screen, in a real browser."""

from io import BytesIO

from PIL import Image
from playwright.sync_api import Locator, expect

from tests.browser.conftest import Visit
from tests.browser.hosting import hold_meeting, sit_down
from tests.server import Server

DRAWN = "(image) => image.complete && image.naturalWidth === 320"


def photo() -> bytes:
    """Return a photo as large as a phone's."""
    file = BytesIO()
    Image.effect_noise((4_000, 3_000), 60).convert("RGB").save(file, "JPEG", quality=95)
    return file.getvalue()


def expect_drawn(image: Locator) -> None:
    expect(image).to_be_visible()
    image.page.wait_for_function(DRAWN, arg=image.element_handle())
    assert image.get_attribute("loading") == "lazy"


def test_picture_that_a_host_uploads_is_on_ballot_and_screen(visit: Visit, server: Server) -> None:
    meeting = hold_meeting(server, "Ada")
    poll = meeting.poll("Ada Park", "Noah Kim", eligibility="anyone")
    desk = sit_down(visit("/"), meeting, meeting.at("edit", poll))
    file = {"name": "ada.jpg", "mimeType": "image/jpeg", "buffer": photo()}

    desk.page.get_by_label("Picture of candidate 1 (optional)").set_input_files([file])  # type: ignore[list-item]
    expect_drawn(desk.page.get_by_role("img", name="Picture of Ada Park"))
    desk.press("form.save")
    expect(desk.page.get_by_role("button", name=desk.word("form.save"))).to_have_count(0)
    meeting.ask("POST", f"/polls/{poll['id']}/open")

    voter = visit(f"/r/{meeting.code}", phone=True)
    expect_drawn(voter.page.get_by_role("img", name="Picture of Ada Park"))
    screen = visit(f"/r/{meeting.code}/screen")
    expect_drawn(screen.page.get_by_role("img", name="Picture of Ada Park"))
    expect(screen.page.get_by_role("img", name="Picture of Noah Kim")).to_have_count(0)
