"""The tally in a frame of another site, in a real browser: shown where the room allows it."""

from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import quote, unquote

import pytest
from playwright.sync_api import Browser, FrameLocator, Locator, Page, expect

from tests.browser.rooms import Hall, make_hall
from tests.server import Server

CLEAR = "rgba(0, 0, 0, 0)"
GROUNDS = """() => [document.documentElement, document.body, document.querySelector("main")]
    .map((each) => getComputedStyle(each).backgroundColor)"""
BAR = "() => getComputedStyle(document.querySelector('.bar'), '::after').backgroundColor"
COLOUR = "#7a1fa2"
TONES = {"light": "rgb(122, 31, 162)", "dark": "rgb(189, 143, 209)"}
"""The colour as it is readable on each ground."""


class Club(BaseHTTPRequestHandler):
    """A site of another origin, on whose pages is a frame of the address in the query."""

    def do_GET(self) -> None:
        tag = f'<iframe src="{unquote(self.path[2:])}" style="width:600px;height:400px"></iframe>'
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(tag.encode())

    def log_message(self, *_: object) -> None:
        """Print nothing."""


@pytest.fixture(scope="module")
def club() -> Iterator[str]:
    """The origin of a running site."""
    site = ThreadingHTTPServer(("127.0.0.1", 0), Club)
    Thread(target=site.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{site.server_port}"
    site.shutdown()
    site.server_close()


Frame = Callable[[str], tuple[Page, FrameLocator]]


@pytest.fixture
def frame(browser: Browser, server: Server, club: str) -> Iterator[Frame]:
    """Open a page of the club's site with a frame of this server in it."""
    context = browser.new_context(locale="en-US")

    def go(path: str) -> tuple[Page, FrameLocator]:
        page = context.new_page()
        page.goto(f"{club}/?{quote(server.url + path)}")
        return page, page.frame_locator("iframe")

    yield go
    context.close()


def bar(tally: FrameLocator, name: str) -> Locator:
    return tally.get_by_role("listitem").filter(has_text=name)


def vote(hall: Hall, server: Server, name: str, poll: int, candidate: int) -> None:
    assert server.cast(hall.guest(name), [candidate], poll=poll).ok


def test_frame_of_an_allowed_site_shows_each_vote_and_the_verdict(
    frame: Frame, server: Server, club: str
) -> None:
    hall = make_hall(server, embed_origins=[club])
    earlier, poll = hall.open_poll("Earlier"), hall.open_poll("Chair")
    page, tally = frame(f"/r/{hall.code}/embed")
    expect(tally.get_by_role("heading")).to_have_text("Chair")
    first = poll["candidates"][0]

    vote(hall, server, "Voter", poll["id"], first["id"])
    expect(bar(tally, first["name"])).to_contain_text("1 vote · 100.0%")
    assert page.frames[1].evaluate(GROUNDS) == [CLEAR] * 3

    hall.move(poll["id"], "close")
    expect(tally.get_by_text(f"Winner: {first['name']}")).to_be_visible()

    _, other = frame(f"/r/{hall.code}/embed?poll={earlier['id']}&lang=ko")
    expect(other.get_by_role("heading")).to_have_text("Earlier")
    expect(other.get_by_text("투표 진행 중")).to_be_visible()


@pytest.mark.parametrize("allowed", [[], ["http://127.0.0.1:9"]])
def test_frame_of_another_site_stays_empty(
    frame: Frame, server: Server, allowed: list[str]
) -> None:
    hall = make_hall(server, embed_origins=allowed)
    hall.open_poll("Chair")

    page, tally = frame(f"/r/{hall.code}/embed")

    page.wait_for_function("() => window.frames.length === 1")
    expect(tally.get_by_role("heading", name="Chair")).to_have_count(0)
    assert page.frames[1].url.startswith("chrome-error:")


@pytest.mark.parametrize(
    ("query", "text", "bars"),
    [("", "rgb(22, 32, 29)", TONES["light"]), ("?theme=dark", "rgb(255, 255, 255)", TONES["dark"])],
)
def test_frame_has_the_rooms_colour_in_the_tone_of_its_ground(
    frame: Frame, server: Server, club: str, query: str, text: str, bars: str
) -> None:
    hall = make_hall(server, embed_origins=[club], colour=COLOUR)
    poll = hall.open_poll("Chair")

    page, tally = frame(f"/r/{hall.code}/embed{query}")

    expect(tally.get_by_role("heading")).to_have_css("color", text)
    expect(bar(tally, poll["candidates"][0]["name"])).to_be_visible()
    assert page.frames[1].evaluate(BAR) == bars


def test_hidden_tally_is_not_in_the_frame_before_the_close(
    frame: Frame, server: Server, club: str
) -> None:
    hall = make_hall(server, embed_origins=[club])
    poll = hall.open_poll("Chair", results="closed")
    _, tally = frame(f"/r/{hall.code}/embed?poll={poll['id']}")

    vote(hall, server, "Voter", poll["id"], poll["candidates"][0]["id"])

    expect(tally.get_by_text("1 ballot · Results are shown after the close.")).to_be_visible()
    expect(tally.get_by_role("listitem")).to_have_count(0)
