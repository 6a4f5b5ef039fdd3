"""What moves while a page is drawn, and what doesn't fit it, on every page for every audience."""

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import Visit
from tests.browser.hosting import KEY, hold_meeting
from tests.browser.layout import View, find_faults, watch_layout
from tests.server import Server

ACCEPTED = 0.05
PLACES = ("polls", "new", "roll", "codes", "door", "people", "settings")
ENTER = """([key, token]) =>
    token === null ? localStorage.removeItem(key) : localStorage.setItem(key, token)"""

Address = tuple[str, str | None]


@pytest.fixture
def server(shared_server: Server) -> Server:
    return shared_server


def choose_views() -> tuple[list[View], list[View]]:
    """Return two lists of views, for every other page each.

    Each has every width, and the narrowest in both sizes of text; together they have every pair of
    width, text and language.
    """
    plain = [(320, 100), (320, 200), (360, 100), (768, 200), (1280, 100), (1920, 200)]
    other = [(320, 200), (320, 100), (360, 200), (768, 100), (1280, 200), (1920, 100)]
    languages = ("ko", "en")
    return (
        [View(*size, languages[at % 2]) for at, size in enumerate(plain)],
        [View(*size, languages[at % 2]) for at, size in enumerate(other)],
    )


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

    match audience:
        case "stranger":
            paths = ["/", "/signin", "/reset", "/docs", "/nowhere", *rooms]
            paths += [f"{room}/screen" for room in rooms] + [f"{rooms[0]}/developer"]
            return [(path, None) for path in paths]
        case "voter":
            return [(f"/r/{each.code}", each.voters[0]) for each in (meeting, ended, waiting)]
        case "desk":
            return [(meeting.at(place), meeting.host) for place in PLACES]
        case _:
            draft = meeting.poll(title="Draft")
            paths = ["/account", "/?new", f"{rooms[0]}?desk=off", f"{rooms[2]}?desk=off"]
            paths += [meeting.at("poll", each) for each in (poll, draft)]
            paths.append(meeting.at("edit", draft))
            results = [ended.at(place, closed) for place in ("poll", "minutes")]
            pages: list[Address] = [(path, meeting.host) for path in paths]
            return pages + [(path, ended.host) for path in results]


@pytest.mark.timeout(600)
@pytest.mark.parametrize("audience", ["stranger", "voter", "host", "desk"])
def test_nothing_moves_or_is_cut_on_any_page(visit: Visit, server: Server, audience: str) -> None:
    views = [[(view, open_view(visit, view)) for view in each] for each in choose_views()]
    faults: list[str] = []
    for at, (path, token) in enumerate(list_pages(server, audience)):
        tabs = views[at % len(views)]
        for _, page in tabs:
            page.evaluate(ENTER, [KEY, token])
            page.goto(server.url + path, wait_until="commit")
        for view, page in tabs:
            expect(page.locator("h1").first).to_be_visible()
            page.wait_for_load_state("networkidle")
            faults += [f"{path}, {view}: {fault}" for fault in find_faults(page, ACCEPTED)]
    assert faults == []


def open_view(visit: Visit, view: View) -> Page:
    size = {"width": view.width, "height": 720}
    page = visit("/signin", view.language, noise="40[34]", viewport=size).page
    watch_layout(page, view)
    return page


@pytest.mark.parametrize("page_name", ["", "/developer", "/screen"])
def test_page_says_that_it_loads_until_its_script_comes_and_then_nothing_moves(
    visit: Visit, server: Server, page_name: str
) -> None:
    view = View(320, 100, "en")
    page = open_view(visit, view)
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
