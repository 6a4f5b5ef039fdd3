"""Makes the moving picture of the reveal again: `make reveal`, with Chromium.

A hidden poll of the assembly that `tests/assembly.py` seeds is closed, and what the hall's screen
shows then is taken as the browser draws it.
"""

import tempfile
from base64 import b64decode
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from tests.assembly import Assembly, bring_online, hold_polls, make_house, seat_assembly
from tests.conftest import CHROMIUM
from tests.http.rooms.house import House
from tests.server import ROOT

FILE = ROOT / "docs" / "images" / "reveal.gif"
SIZE = (800, 450)
COLOURS = 64
FRAME_SECONDS = 0.08
STILL_SECONDS = 2.5
"""For how long at most a picture stays; the last one, before it begins again, does."""


class Film:
    """What a page shows, as pictures and the seconds at which each was drawn."""

    def __init__(self, page: Page) -> None:
        self._frames: list[tuple[float, bytes]] = []
        self._chrome = page.context.new_cdp_session(page)
        self._chrome.on("Page.screencastFrame", self._take)
        self._chrome.send("Page.startScreencast", {"format": "png"})

    def _take(self, frame: dict[str, Any]) -> None:
        self._frames.append((frame["metadata"]["timestamp"], b64decode(frame["data"])))
        self._chrome.send("Page.screencastFrameAck", {"sessionId": frame["sessionId"]})

    def end(self) -> list[tuple[float, Image.Image]]:
        """Return pictures, each with the seconds for which it is shown."""
        self._chrome.send("Page.stopScreencast")
        kept = self._frames[:1]
        for frame in self._frames[1:]:
            if frame[0] - kept[-1][0] >= FRAME_SECONDS:
                kept.append(frame)
        kept.append((kept[-1][0] + STILL_SECONDS, b""))
        shown = ((min(after[0] - at, STILL_SECONDS), data) for (at, data), after in pairwise(kept))
        return [(seconds, _shrink(data)) for seconds, data in shown]


def _shrink(data: bytes) -> Image.Image:
    with Image.open(BytesIO(data)) as image:
        return image.convert("RGB").resize(SIZE, Image.Resampling.LANCZOS)


def main() -> None:
    """Seed an assembly, close its hidden poll, and save what the screen shows."""
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
                save(film_reveal(browser, house, assembly))
                browser.close()
            for client in clients:
                client.close()
        finally:
            house.kill()


def film_reveal(browser: Browser, house: House, assembly: Assembly) -> list[Any]:
    """Return what a screen shows when a hidden poll closes: bars, verdict, then both."""
    room, poll = assembly.room, assembly.polls["secret"]["id"]
    house.request("PATCH", room.path, room.host, json={"current_poll": poll})
    page = browser.new_page(
        viewport={"width": 1280, "height": 720},
        color_scheme="dark",
        locale="ko-KR",
        timezone_id="Asia/Seoul",
    )
    page.goto(f"{house.url}/r/{room.code}/screen")
    page.locator(".hidden-count").wait_for()
    page.locator("[data-idle=true]").wait_for()
    film = Film(page)
    page.wait_for_timeout(1_000)
    house.move(room, poll, "close")
    page.locator(".told").wait_for()
    page.locator(".told").wait_for(state="detached")
    page.wait_for_timeout(1_000)
    return film.end()


def save(frames: list[tuple[float, Image.Image]]) -> None:
    """Write the pictures as one GIF file, with one palette for all."""
    sheet = Image.new("RGB", (SIZE[0], SIZE[1] * len(frames)))
    for place, (_, image) in enumerate(frames):
        sheet.paste(image, (0, place * SIZE[1]))
    palette = sheet.quantize(COLOURS, Image.Quantize.MAXCOVERAGE)
    first, *others = [
        image.quantize(palette=palette, dither=Image.Dither.NONE) for _, image in frames
    ]
    durations = [round(seconds * 100) * 10 for seconds, _ in frames]
    first.save(FILE, save_all=True, append_images=others, duration=durations, loop=0, optimize=True)


if __name__ == "__main__":
    main()
