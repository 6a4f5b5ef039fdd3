"""Makes the pictures of the documents again: `make screenshots`, with Chromium.

`SHOTS` is all there is to extend: a name, an address, who looks at it with what, and what to
wait for. Each is taken of the same assembly, seeded anew.
"""

import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Literal

from PIL import Image, ImageDraw
from playwright.sync_api import Browser, Page, sync_playwright

from tests.assembly import Assembly, bring_online, hold_polls, make_house, seat_assembly
from tests.conftest import CHROMIUM
from tests.http.rooms.house import House
from tests.server import ROOT

IMAGES = ROOT / "docs" / "images"
WALL, PHONE, LAPTOP = (1280, 720), (390, 844), (1100, 760)
SETTLED_MS = 1200
"""How long bars move, and a little."""


@dataclass(frozen=True)
class Shot:
    """A picture `name`.png. `shown` is the poll that the host shows, None for none.

    `who` looks at it: nobody signed in, the host, a voter who has not voted, or an administrator;
    `act` is what they do first.
    """

    name: str
    path: str
    wait_for: str
    size: tuple[int, int] = WALL
    scheme: Literal["light", "dark"] = "dark"
    language: Literal["ko", "en"] = "ko"
    shown: str | None = "live"
    who: Literal["nobody", "host", "voter", "administrator"] = "nobody"
    act: Callable[[Page], None] = lambda _page: None


def back_to_the_first_round(page: Page) -> None:
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    page.locator("[data-idle=true]").wait_for()


def vote(page: Page) -> None:
    poll = page.locator(".poll").first
    poll.get_by_role("radio").first.check()
    poll.locator("[type=submit]").click()
    poll.locator(".receipt").scroll_into_view_if_needed()


def close_shown(page: Page) -> None:
    """Close the poll that the host shows, and wait until its verdict fills the wall."""
    page.evaluate(CLOSE)
    page.locator(".told").wait_for()


CLOSE = """async () => {
    const headers = {Authorization: `Bearer ${localStorage.getItem("rollcall.token")}`};
    const code = location.pathname.split("/")[2];
    const room = await (await fetch(`/rooms/${code}`, {headers})).json();
    await fetch(`/polls/${room.current_poll}/close`, {method: "POST", headers});
}"""


def check_connection(page: Page) -> None:
    page.locator("button.primary").first.click()
    page.locator("[data-arrived=true]").nth(4).wait_for()


def start_room(page: Page) -> None:
    """Begin a room by a name alone."""
    page.locator("button.secondary").click()
    page.locator("[name=host]").fill("Grace Han")
    page.locator("button.primary", has_text="Start").click()
    page.locator(".desk-tabs").wait_for()


def drag_draft(page: Page) -> None:
    """Make drafts, and hold the first one between the others."""
    page.evaluate(DRAFT, ["회비를 정합니다", "임원을 선출합니다", "다음 총회 날짜를 정합니다"])
    page.reload()
    page.locator(".agenda li").nth(2).wait_for()
    handle = page.locator(".agenda-handle").first.bounding_box()
    assert handle is not None
    x, y = handle["x"] + handle["width"] / 2, handle["y"] + handle["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, y + 1.2 * handle["height"], steps=5)


DRAFT = """async (titles) => {
    const headers = {
        Authorization: `Bearer ${localStorage.getItem("rollcall.token")}`,
        "Content-Type": "application/json",
    };
    const path = `/rooms/${location.pathname.split("/")[2]}/polls`;
    for (const title of titles) {
        const body = JSON.stringify({title, method: "motion", eligibility: "roll"});
        await fetch(path, {method: "POST", headers, body});
    }
}"""

ROOM, SCREEN, DESK = "/r/{room}", "/r/{room}/screen", "/r/{room}?desk="
SHOTS = (
    Shot("screen-waiting", SCREEN, ".qr path", shown=None),
    Shot("screen", SCREEN, ".bar-row"),
    Shot("screen-light", SCREEN, ".bar-row", scheme="light", language="en"),
    Shot("screen-many", SCREEN, ".bar-row", shown="many", scheme="light"),
    Shot("screen-hidden", SCREEN, ".hidden-count", shown="secret"),
    Shot("screen-told", SCREEN, ".hidden-count", shown="secret", who="host", act=close_shown),
    Shot("screen-rounds", SCREEN, ".bar-row", shown="ranked", act=back_to_the_first_round),
    Shot("screen-closed", SCREEN, ".verdict", shown="motion", scheme="light"),
    Shot("home", "/", "form", size=PHONE, scheme="light", language="en"),
    Shot("phone", ROOM, ".poll", size=PHONE, scheme="light", who="voter"),
    Shot("phone-recorded", ROOM, ".poll", size=PHONE, who="voter", act=vote),
    Shot("phone-results", ROOM, ".tally-row", PHONE, "light", "en", "motion", "voter"),
    Shot("phone-log", ROOM + "/log", ".log-entry", size=PHONE, scheme="light", who="voter"),
    Shot("meeting", ROOM + "/meetings?id={meeting}", ".sheet", LAPTOP, "light", "en", who="host"),
    Shot("developer", ROOM + "/developer", ".samples", LAPTOP, act=check_connection),
    Shot("admin", "/admin", ".figures", LAPTOP, "light", "en", who="administrator"),
    Shot("desk", DESK + "polls", ".desk-tabs", size=LAPTOP, scheme="light", who="host"),
    Shot("desk-new", DESK + "new", ".desk form", size=LAPTOP, scheme="dark", who="host"),
    Shot("desk-roll", DESK + "roll", ".desk-tabs", LAPTOP, "light", "en", who="host"),
    Shot("desk-door", DESK + "door", ".desk-tabs", size=PHONE, scheme="light", who="host"),
    Shot("desk-minutes", DESK + "minutes&id={motion}", ".desk", LAPTOP, "light", who="host"),
    Shot("desk-guest", "/", "form", LAPTOP, "light", "en", act=start_room),
    Shot("desk-agenda", DESK + "polls", ".desk-tabs", LAPTOP, "light", who="host", act=drag_draft),
    Shot("embed", "/r/{room}/embed?poll={live}", ".rows li", (640, 560), "light"),
)
PICTURED_SHOTS = (
    Shot("phone-pictures", ROOM, ".candidate-picture", PHONE, "light", "ko", "pictured", "voter"),
    Shot("screen-pictures", SCREEN, ".bar-picture", shown="pictured"),
)
"""Taken after the others: with another poll that is open, these would show two."""
COLOURED_SHOTS = (
    Shot("phone-coloured", ROOM, ".poll", PHONE, "light", "en", "motion", "voter"),
    Shot("screen-coloured", SCREEN, ".bar-picture", language="en", shown="pictured"),
)
"""Taken last, in the room's colour and with its logo."""


def main(wanted: list[str]) -> None:
    """Seed an assembly and take the pictures, or only those named."""
    with tempfile.TemporaryDirectory() as folder:
        house = make_house(Path(folder))
        try:
            assembly = seat_assembly(house)
            clients = bring_online(house, assembly)
            hold_polls(house, assembly)
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(
                    executable_path=CHROMIUM, args=["--no-sandbox"]
                )
                for shots, prepare in GROUPS:
                    prepare(house, assembly)
                    for shot in shots:
                        if not wanted or shot.name in wanted:
                            take(shot, browser, house, assembly)
                browser.close()
            for client in clients:
                client.close()
        finally:
            house.kill()


def hold_pictured(house: House, assembly: Assembly) -> None:
    """Put a poll in place of the one that goes on, whose candidates have pictures."""
    room = assembly.room
    house.move(room, assembly.polls["live"]["id"], "close")
    for ended in ("secret", "many"):
        house.move(room, assembly.polls[ended]["id"], "close")
    people = {
        "김하늘": "행사를 늘리고 예산을 공개하겠습니다.",
        "이서준": "새 회원이 편한 동아리를 만들겠습니다.",
        "Ada Park": "More evenings, and a smaller fee.",
    }
    candidates = [
        {"name": name, "description": words, "picture": upload(house, assembly, portrait(hue))}
        for (name, words), hue in zip(
            people.items(), ("#b5543b", "#2f6f9f", "#4f7f3f"), strict=True
        )
    ]
    poll = house.poll(room, title="부회장을 선출합니다", candidates=candidates, eligibility="roll")
    for voter, place in zip(assembly.voters, [0] * 9 + [1] * 6 + [2] * 4, strict=False):
        house.vote(voter, poll, place)
    assembly.polls["pictured"] = poll


def set_look(house: House, assembly: Assembly) -> None:
    """Give the room a colour and a logo."""
    image = Image.new("RGB", (320, 320), "#ffffff")
    draw = ImageDraw.Draw(image)
    draw.ellipse((20, 20, 300, 300), fill="#0f766e")
    draw.polygon(((90, 165), (140, 220), (235, 100), (140, 175)), fill="#ffffff")
    look = {"colour": "#0f766e", "logo": upload(house, assembly, image)}
    house.request("PATCH", assembly.room.path, assembly.room.host, json=look)


GROUPS: tuple[tuple[tuple[Shot, ...], Callable[[House, Assembly], None]], ...] = (
    (SHOTS, lambda _house, _assembly: None),
    (PICTURED_SHOTS, hold_pictured),
    (COLOURED_SHOTS, set_look),
)


def portrait(colour: str) -> Image.Image:
    """Return a portrait that is drawn here: nobody's photo."""
    image = Image.new("RGB", (400, 400), colour)
    draw = ImageDraw.Draw(image)
    draw.ellipse((130, 70, 270, 220), fill="#f2d9c2")
    draw.ellipse((60, 240, 340, 520), fill="#f4f4f0")
    return image


def upload(house: House, assembly: Assembly, image: Image.Image) -> str:
    """Return the key of a picture of the room."""
    file = BytesIO()
    image.save(file, "JPEG", quality=90)
    path, kind = f"{assembly.room.path}/pictures", {"Content-Type": "image/jpeg"}
    answer = house.request("POST", path, assembly.room.host, data=file.getvalue(), headers=kind)
    return str(answer.json()["key"])


def take(shot: Shot, browser: Browser, house: House, assembly: Assembly) -> None:
    """Open the page as who looks at it, wait until it stands still, and save the picture."""
    room = assembly.room
    shown = assembly.polls[shot.shown]["id"] if shot.shown else None
    house.request("PATCH", room.path, room.host, json={"current_poll": shown})
    page = browser.new_page(
        viewport={"width": shot.size[0], "height": shot.size[1]},
        color_scheme=shot.scheme,
        locale={"ko": "ko-KR", "en": "en-US"}[shot.language],
        timezone_id="Asia/Seoul",
    )
    token = {
        "nobody": None,
        "host": room.host,
        "voter": assembly.voters[-1],
        "administrator": house.administrator,
    }[shot.who]
    if token is not None:
        page.add_init_script(f"localStorage.setItem('rollcall.token', '{token}')")
    names = {key: poll["id"] for key, poll in assembly.polls.items()}
    names["meeting"] = house.request("GET", room.path, room.host).json()["meeting"]
    page.goto(house.url + shot.path.format(room=room.code, **names))
    page.locator(shot.wait_for).first.wait_for()
    shot.act(page)
    page.wait_for_timeout(SETTLED_MS)
    page.screenshot(path=IMAGES / f"{shot.name}.png")
    page.close()


if __name__ == "__main__":
    main(sys.argv[1:])
