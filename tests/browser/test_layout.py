"""Of every page, for everybody: what moves while it is drawn, what doesn't fit, what axe finds."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from tests.browser.axe import find_violations
from tests.browser.conftest import LOCALES, Visit, watch
from tests.browser.hosting import KEY, Meeting, hold_meeting
from tests.browser.layout import find_faults, watch_layout
from tests.browser.test_pictures import photo
from tests.server import Server

ACCEPTED = 0.05
NOISE = "40[34]"
PLACES = ("polls", "new", "roll", "codes", "door", "invite", "people", "settings")
WIDTHS = {"ko": (320, 360, 1280), "en": (320, 768, 1920)}
AXE_AT = {"ko": 320, "en": 1920}
"""The width at which axe looks, once for each language: on a phone and at a desk."""
TEXTS = ({"ko": 100, "en": 200}, {"ko": 200, "en": 100})
"""The size of the text in percent, for every other page each."""
ENTER = """([key, token, text]) => {
    localStorage.setItem("text", text);
    if (token === null) localStorage.removeItem(key);
    else localStorage.setItem(key, token);
}"""

Address = tuple[str, str | None]


@pytest.fixture
def server(shared_server: Server) -> Server:
    return shared_server


@dataclass
class Tab:
    """A page of a browser, with what it logs and how somebody looks at it."""

    page: Page
    log: list[str]
    view: str
    asks_axe: bool

    def find_faults(self) -> list[str]:
        """Return what moved, doesn't fit or was logged, once the page is drawn."""
        expect(self.page.locator("h1").first).to_be_visible()
        self.page.wait_for_load_state("networkidle")
        errors = [line for line in self.log if not re.search(NOISE, line)]
        self.log.clear()
        if self.asks_axe:
            errors += find_violations(self.page)
        return [f"{self.view}: {fault}" for fault in find_faults(self.page, ACCEPTED) + errors]


@pytest.fixture(scope="module")
def tabs(browser: Browser, shared_server: Server) -> Iterator[dict[str, list[Tab]]]:
    """Tabs of every width by language, for all pages: a browser's first pages cost the most."""
    contexts = {language: browser.new_context(locale=LOCALES[language]) for language in WIDTHS}
    yield {
        language: [open_tab(context, shared_server, width, language) for width in WIDTHS[language]]
        for language, context in contexts.items()
    }
    for context in contexts.values():
        context.close()


def open_tab(context: BrowserContext, server: Server, width: int, language: str) -> Tab:
    if context.pages:
        # In a window of its own: a tab behind another is drawn about once a second.
        with context.expect_page() as opened:
            context.pages[0].evaluate("void open('about:blank', '', 'popup,noopener')")
        page = opened.value
    else:
        page = context.new_page()
    page.set_viewport_size({"width": width, "height": 720})
    page.goto(server.url + "/healthz")
    watch_layout(page, "localStorage.getItem('text')")
    return Tab(page, watch(page, server), f"{width} px, {language}", width == AXE_AT[language])


def list_pages(server: Server, audience: str) -> list[Address]:
    """Return path and token of every page for that audience."""
    meeting = hold_meeting(server, "Ada Park", "Noah Kim", "김하늘")
    ended, waiting = hold_meeting(server, "Ada", "이도윤"), hold_meeting(server, "Mina")
    rooms = [f"/r/{each.code}" for each in (meeting, ended, waiting)]
    rules = {"eligibility": "anyone", "description": "word " * 40}
    poll = meeting.open_poll("Ada", "Noah", "Mina", **rules)
    closed = ended.open_poll("Ada", "Noah")
    ended.cast(closed, 0)
    ended.ask("POST", f"/polls/{closed['id']}/close")

    pages: list[Address]
    match audience:
        case "stranger":
            paths = ["/", "/signin", "/reset", "/docs", "/nowhere", *rooms]
            paths += [f"{room}/screen" for room in rooms] + [f"{rooms[0]}/developer"]
            paths += [f"{rooms[0]}/embed", f"{rooms[1]}/embed?poll={closed['id']}"]
            return [(path, None) for path in paths]
        case "voter":
            closing = ended.ask("GET", f"/polls/{closed['id']}")["meeting"]
            rests = ("", "/log", "/meetings", f"/meetings?id={closing}")
            pages = [(f"/r/{each.code}", each.voters[0]) for each in (meeting, waiting)]
            return pages + [(f"/r/{ended.code}{rest}", ended.voters[0]) for rest in rests]
        case "desk":
            return [(meeting.at(place), meeting.host) for place in PLACES]
        case _:
            picture = upload_picture(meeting)
            draft = meeting.poll("Ada", "Noah", title="Draft")
            candidates = [
                {"name": "Ada", "picture": picture, "description": "Chair"},
                {"name": "Noah"},
            ]
            meeting.ask("PATCH", f"/polls/{draft['id']}", {"candidates": candidates})
            paths = ["/account", "/admin", "/?new", f"{rooms[0]}?desk=off", f"{rooms[2]}?desk=off"]
            paths += [meeting.at("poll", each) for each in (poll, draft)]
            paths.append(meeting.at("edit", draft))
            results = [ended.at(place, closed) for place in ("poll", "minutes")]
            pages = [(path, meeting.host) for path in paths]
            return pages + [(path, ended.host) for path in results]


def upload_picture(meeting: Meeting) -> str:
    """Return the key of a candidate's picture."""
    path, kind = f"/rooms/{meeting.code}/pictures", {"Content-Type": "image/jpeg"}
    server, data = meeting.server, photo((400, 500))
    answer = server.request("POST", path, meeting.host, data=data, headers=kind)
    return str(answer.json()["key"])


@pytest.mark.parametrize("audience", ["stranger", "voter", "host", "desk"])
def test_nothing_moves_or_is_cut_on_any_page(
    tabs: dict[str, list[Tab]], server: Server, audience: str
) -> None:
    """Each page has every width, and the narrowest in both sizes of text."""
    faults: list[str] = []
    loading: tuple[str, list[Tab]] = ("", [])
    for at, (path, token) in enumerate(list_pages(server, audience)):
        for language, text in TEXTS[at % 2].items():
            pages = [tab.page for tab in tabs[language]]
            pages[0].evaluate(ENTER, [KEY, token, str(text)])
            for page in pages:
                page.goto(server.url + path, wait_until="commit")
            # While these load, those before them have come to rest.
            faults += check_tabs(*loading)
            loading = f"{path}, text {text} %", tabs[language]
    assert faults + check_tabs(*loading) == []


def check_tabs(shown: str, tabs: list[Tab]) -> list[str]:
    return [f"{shown}, {fault}" for tab in tabs for fault in tab.find_faults()]


@pytest.mark.parametrize("page_name", ["", "/developer", "/screen"])
def test_page_says_that_it_loads_until_its_script_comes_and_then_nothing_moves(
    visit: Visit, server: Server, page_name: str
) -> None:
    page = visit("/signin", noise="404", viewport={"width": 320, "height": 720}).page
    watch_layout(page, "100")
    room = f"/r/{hold_meeting(server).code}{page_name}"
    held: list[Route] | None = []

    def hold(route: Route) -> None:
        if held is None:
            route.continue_()
        else:
            held.append(route)

    page.route("**/assets/*.js", hold)

    page.goto(server.url + room, wait_until="commit")
    expect(page.get_by_text("Rollcall", exact=True)).to_be_visible()
    expect(page.get_by_text("Loading.")).to_be_visible()
    waiting, held = held, None
    for route in waiting:
        route.continue_()

    expect(page.locator("h1").first).to_be_visible()
    expect(page.locator("[aria-busy]")).to_have_count(0)
    page.wait_for_load_state("networkidle")
    assert find_faults(page, ACCEPTED) == []
