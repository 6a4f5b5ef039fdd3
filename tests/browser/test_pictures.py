"""A candidate's picture from the host's file to the ballot and the screen, in a real browser."""

from io import BytesIO

import pytest
from PIL import Image
from playwright.sync_api import Locator, expect

from tests.browser.conftest import Visit
from tests.browser.hosting import hold_meeting, sit_down
from tests.browser.rooms import make_hall
from tests.server import Server

DRAWN = "(image) => image.complete && image.naturalWidth === 320"
IN_SIGHT = """([choice, name]) => {
    const {top, bottom, left} = choice.getBoundingClientRect();
    const mark = document.elementFromPoint(left + 4, (top + bottom) / 2);
    const text = name.getBoundingClientRect();
    const end = document.elementFromPoint(text.left + 2, text.bottom - 2);
    return scrollY === 0 && choice.closest('.choice').contains(mark) && name.contains(end);
}"""
"""Whether the first choice and what is written of it can be seen without scrolling."""
MARKS = {
    "plurality": "input[type=radio]",
    "approval": "input[type=checkbox]",
    "ranked": "[data-add]",
}


def photo(size: tuple[int, int] = (4_000, 3_000)) -> bytes:
    """Return a photo, as large as a phone's if not told."""
    file = BytesIO()
    Image.effect_noise(size, 60).convert("RGB").save(file, "JPEG", quality=95)
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

    desk.page.get_by_text(desk.word("form.candidateMore", number=1)).click()
    desk.page.get_by_label("Picture of candidate 1").set_input_files([file])  # type: ignore[list-item]
    expect_drawn(desk.page.get_by_role("img", name="Picture of Ada Park"))
    desk.press("form.save")
    expect(desk.page.get_by_role("button", name=desk.word("form.save"))).to_have_count(0)
    meeting.ask("POST", f"/polls/{poll['id']}/open")

    voter = visit(f"/r/{meeting.code}", phone=True)
    expect_drawn(voter.page.get_by_role("img", name="Picture of Ada Park"))
    screen = visit(f"/r/{meeting.code}/screen")
    expect_drawn(screen.page.get_by_role("img", name="Picture of Ada Park"))
    expect(screen.page.get_by_role("img", name="Picture of Noah Kim")).to_have_count(0)


@pytest.mark.parametrize("language", ["en", "ko"])
def test_first_choice_with_a_picture_is_in_sight_on_a_small_phone(
    visit: Visit, server: Server, language: str
) -> None:
    hall = make_hall(server)
    path = f"/rooms/{hall.code}/pictures"
    headers = {"Content-Type": "image/jpeg"}
    uploaded = hall.server.request("POST", path, hall.host, data=photo((400, 500)), headers=headers)
    known = {
        "name": "Ada Park",
        "description": "Treasurer since 2024. I want more evenings and a smaller fee.",
        "picture": uploaded.json()["key"],
    }
    phone = visit(hall.path, language, phone=True, viewport={"width": 320, "height": 568})
    phone.enter_as_guest("Noah")
    for method, mark in MARKS.items():
        candidates = [known, {"name": "Noah Kim"}]
        title = "Who shall chair the club next year?"
        poll = hall.open_poll(title, method=method, candidates=candidates)
        phone.page.goto(hall.server.url + hall.path)

        card = phone.page.locator("section.poll").first
        choice = card.locator(mark).first
        expect(card.locator(".candidate-picture").first).to_be_visible()
        shown = [choice.element_handle(), card.locator(".candidate-name .hint").element_handle()]
        assert phone.page.evaluate(IN_SIGHT, shown), method
        hall.move(poll["id"], "close")
