"""A room's colour and logo, from the host's settings to phone, screen and what is printed."""

from io import BytesIO

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.axe import check_page
from tests.browser.conftest import Visit
from tests.browser.hosting import hold_meeting, sit_down
from tests.browser.rooms import make_hall
from tests.server import Server

YELLOW = "#ffe600"
"""Nobody could read it on white."""
ACCENT = """() => {
    const page = getComputedStyle(document.querySelector(".screen, body"));
    return page.getPropertyValue("--accent").trim();
}"""


def logo() -> bytes:
    file = BytesIO()
    Image.new("RGB", (900, 300), "navy").save(file, "PNG")
    return file.getvalue()


def expect_logo(page: Page, key: str, count: int = 1) -> None:
    images = page.locator(f"img[src='/pictures/{key}']")
    expect(images).to_have_count(count)
    page.wait_for_function(
        "image => image.complete && image.naturalWidth === 320", arg=images.first.element_handle()
    )


def wait_for_colour(page: Page) -> str:
    expect(page.locator("html")).to_have_attribute("data-coloured", "")
    return str(page.evaluate(ACCENT))


def test_colour_and_logo_that_a_host_sets_are_everywhere(visit: Visit, server: Server) -> None:
    meeting = hold_meeting(server, "Ada")
    poll = meeting.poll("Ada Park", "Noah Kim", eligibility="anyone")
    meeting.ask("POST", f"/polls/{poll['id']}/open")
    desk = sit_down(visit("/"), meeting, meeting.at("settings"))
    desk.page.get_by_label(desk.word("setting.colour"), exact=True).fill(YELLOW)
    file = {"name": "logo.png", "mimeType": "image/png", "buffer": logo()}
    desk.page.get_by_label(desk.word("setting.logo"), exact=True).set_input_files([file])  # type: ignore[list-item]
    expect(desk.page.get_by_role("img", name=desk.word("setting.logo"))).to_be_visible()
    desk.press("form.save")
    expect(desk.page.get_by_text(desk.word("form.saved"))).to_be_visible()
    room = meeting.ask("GET", f"/rooms/{meeting.code}")
    assert room["colour"] == YELLOW

    phone = visit(f"/r/{meeting.code}", phone=True)
    expect_logo(phone.page, room["logo"])
    assert phone.page.locator("h1 img").get_attribute("loading") == "lazy"
    assert wait_for_colour(phone.page) not in ("", YELLOW)
    check_page(phone.page)
    screen = visit(f"/r/{meeting.code}/screen", color_scheme="dark")
    expect_logo(screen.page, room["logo"])
    assert wait_for_colour(screen.page) == YELLOW
    check_page(screen.page)
    desk.page.goto(server.url + meeting.at("invite"))
    expect(desk.page.locator(".poster")).to_be_attached()
    desk.page.emulate_media(media="print")
    expect(desk.page.locator(".poster")).to_be_visible()
    expect_logo(desk.page, room["logo"])


@pytest.mark.parametrize("way", ["slip", "guest link", "join"])
def test_page_for_joining_has_the_rooms_colour_and_logo(
    visit: Visit, server: Server, way: str
) -> None:
    room = make_hall(server, visibility="unlisted" if way == "join" else "members")
    path, headers = f"/rooms/{room.code}/pictures?whole=1", {"Content-Type": "image/png"}
    made = server.request("POST", path, room.host, data=logo(), headers=headers).json()
    room.ask("PATCH", f"/rooms/{room.code}", {"colour": "#7a1fa2", "logo": made["key"]})
    mark = ""
    if way == "slip":
        mark = f"#claim={room.claim_code('Ada')}"
    elif way == "guest link":
        mark = f"#guest={room.ask('POST', f'/rooms/{room.code}/guest-link')['key']}"

    phone = visit(room.path + mark, phone=True, noise="404")
    if way != "slip":
        door = "auth.enter" if way == "join" else "auth.asGuest"
        expect_logo(phone.page, made["key"])
        phone.page.get_by_role("link", name=phone.word(door), exact=True).click()

    expect(phone.page.get_by_role("heading", name=phone.word("auth.enterRoom"))).to_be_visible()
    expect_logo(phone.page, made["key"])
    wait_for_colour(phone.page)
    check_page(phone.page)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_room_without_a_colour_has_the_usual_one_also_after_a_room_with_one(
    visit: Visit, server: Server, scheme: str
) -> None:
    meeting = hold_meeting(server, "Ada")
    meeting.ask("PATCH", f"/rooms/{meeting.code}", {"colour": "#7a1fa2"})
    phone = visit("/r/lobby", phone=True, color_scheme=scheme)
    expect(phone.page.get_by_role("heading", level=1)).to_be_visible()
    usual = phone.page.evaluate(ACCENT)

    phone.page.goto(f"{server.url}/r/{meeting.code}")
    coloured = wait_for_colour(phone.page)
    phone.page.get_by_role("link", name="Rollcall").click()
    phone.page.wait_for_function(f"usual => ({ACCENT})() === usual", arg=usual)

    assert coloured != usual
