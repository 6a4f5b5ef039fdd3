"""The app where it is installed: a reload without a connection, an upgrade, a ballot that waits."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.browser.rooms import Hall, make_hall
from tests.server import Server

READY = """async () => {
    await navigator.serviceWorker.ready;
    const cache = await caches.open('rollcall-shell-1');
    const keys = await cache.keys();
    return keys.some(({url}) => new URL(url).pathname === '/');
}"""
LOST = "ERR_|Failed to (fetch|load)|WebSocket"


@pytest.fixture
def hall(server: Server) -> Hall:
    return make_hall(server)


def wait_until_installed(page: Page) -> None:
    page.wait_for_function(READY)


def test_page_that_is_reloaded_without_a_connection_shows_itself_and_says_so(
    visit: Visit, hall: Hall
) -> None:
    hall.open_poll()
    phone = visit(hall.path, phone=True, noise=LOST, service_workers="allow")
    phone.enter_as_guest("Ada")
    wait_until_installed(phone.page)

    phone.page.context.set_offline(True)
    phone.page.reload()

    expect(phone.page.get_by_text(phone.word("room.offline"))).to_be_visible()
    phone.page.context.set_offline(False)
    phone.expect_me("Ada")
    expect(phone.page.get_by_role("radio", name="Ada Park")).to_be_visible()


def test_ballot_cast_without_a_connection_waits_and_is_counted_once(
    visit: Visit, hall: Hall
) -> None:
    poll = hall.open_poll()["id"]
    phone = visit(hall.path, phone=True, noise=LOST)
    phone.enter_as_guest("Ada")
    phone.choose("Ada Park")

    phone.page.context.set_offline(True)
    phone.press("poll.vote")
    phone.expect_status("poll.waiting")
    phone.page.context.set_offline(False)

    phone.expect_status("poll.recorded")
    assert hall.counted(poll) == {"Ada Park": 1}


def test_page_is_the_servers_newest_also_where_an_older_one_is_kept(
    visit: Visit, hall: Hall
) -> None:
    phone = visit(hall.path, phone=True, noise=LOST, service_workers="allow")
    wait_until_installed(phone.page)
    phone.page.evaluate("""async () => {
        const cache = await caches.open('rollcall-shell-1');
        const old = '<!doctype html><title>old</title><div id="root">An older page</div>';
        await cache.put('/', new Response(old, {headers: {'Content-Type': 'text/html'}}));
    }""")

    phone.page.reload()

    expect(phone.page.get_by_role("heading", level=1, name="Spring assembly")).to_be_visible()
    phone.page.wait_for_function("""async () => {
        const cache = await caches.open('rollcall-shell-1');
        return !(await (await cache.match('/')).text()).includes('An older page');
    }""")


@pytest.mark.parametrize("size", [(320, 568), (375, 667)])
@pytest.mark.parametrize(
    ("language", "method"),
    [("en", "plurality"), ("ko", "plurality"), ("en", "score"), ("de", "score")],
)
def test_first_choice_is_in_sight_on_a_small_phone(
    visit: Visit, hall: Hall, language: str, method: str, size: tuple[int, int]
) -> None:
    hall.open_poll("Who shall chair the club next year?", method=method)
    width, height = size
    viewport = {"width": width, "height": height}
    phone = visit(hall.path, language, phone=True, viewport=viewport)

    choice = phone.page.locator(".ballot label").first
    expect(choice).to_be_visible()

    in_sight = """label => {
        const {top, bottom, left} = label.getBoundingClientRect();
        const seen = [top + 4, bottom - 4].map((y) => document.elementFromPoint(left + 20, y));
        return scrollY === 0 && seen.every((each) => label.contains(each));
    }"""
    assert choice.evaluate(in_sight)


def test_polls_come_one_at_a_time_on_a_phone_and_say_how_many_are_left(
    visit: Visit, hall: Hall
) -> None:
    for title in ("First", "Second", "Third"):
        hall.open_poll(title)
    phone = visit(hall.path, phone=True)
    phone.enter_as_guest("Ada")
    expect(phone.page.get_by_role("tab", name="Vote 3")).to_be_visible()
    expect(phone.page.locator("section.poll")).to_have_count(1)
    first = phone.page.locator("section.poll h2").inner_text()

    phone.choose("Ada Park")
    phone.press("poll.vote")
    phone.expect_status("poll.recorded")
    expect(phone.page.get_by_text("2 left")).to_be_visible()
    expect(phone.page.get_by_role("tab", name="Vote 2")).to_be_visible()
    phone.page.get_by_role("button", name="Next: ").click()

    heading = phone.page.locator("section.poll h2")
    expect(heading).to_be_focused()
    assert heading.inner_text() != first
    phone.press("room.previousPoll")
    phone.expect_status("poll.recorded")
