"""Languages: their words come when they are needed, and stay for a reload without a connection."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.hosting import hold_meeting, sit_down
from tests.browser.layout import find_faults, watch_layout
from tests.browser.rooms import make_hall
from tests.browser.test_installed import LOST, wait_until_installed
from tests.server import Server


def test_phone_fetches_the_words_of_one_language_until_another_is_chosen(
    visit: Visit, server: Server
) -> None:
    phone = visit(make_hall(server).path, "en", phone=True)
    heading = phone.page.get_by_role("heading", level=1, name="Spring assembly")
    expect(heading).to_be_visible()
    words = phone.page.locator("meta[name=words]").get_attribute("content") or ""
    fetched = "() => performance.getEntriesByType('resource').map(e => new URL(e.name).pathname)"
    korean = next(name for name in words.split() if "/ko-" in name)

    before = {name for name in phone.page.evaluate(fetched) if name in words.split()}
    phone.page.get_by_label(phone.word("app.language")).select_option("ko")
    expect(phone.page.locator("html")).to_have_attribute("lang", "ko")

    assert len(before) == 1
    assert korean in set(phone.page.evaluate(fetched)) - before


@pytest.mark.parametrize("chosen", ["ko", "de"])
def test_page_speaks_the_chosen_language_after_a_reload_without_a_connection(
    visit: Visit, server: Server, chosen: str
) -> None:
    hall = make_hall(server)
    phone = visit(hall.path, "en", phone=True, noise=LOST, service_workers="allow")
    wait_until_installed(phone.page)
    phone.page.get_by_label(phone.word("app.language")).select_option(chosen)
    expect(phone.page.locator("html")).to_have_attribute("lang", chosen)
    phone.page.reload()
    phone.page.wait_for_function(
        """async chosen => {
            const keys = await (await caches.open('rollcall-shell-1')).keys();
            return keys.some(({url}) => url.includes(`/assets/${chosen}-`));
        }""",
        arg=chosen,
    )

    phone.page.context.set_offline(True)
    phone.page.reload()

    phone.language = chosen
    expect(phone.page.get_by_text(phone.word("room.offline"))).to_be_visible()
    expect(phone.page.locator("html")).to_have_attribute("lang", re.compile(chosen))


def test_language_of_one_file_is_on_every_page_and_fits_a_narrow_phone(
    visit: Visit, server: Server
) -> None:
    meeting = hold_meeting(server, "Ada")
    poll = meeting.open_poll("Ada Park", "Noah Kim")
    small = {"width": 320, "height": 720}
    host = sit_down(visit("/", viewport=small), meeting, f"/r/{meeting.code}")
    host.page.get_by_label(host.word("app.language")).select_option("de")
    host.language = "de"
    watch_layout(host.page, "100")

    paths = [meeting.at(place) for place in ("polls", "new", "roll", "codes", "door", "settings")]
    paths += [meeting.at("poll", poll), f"/r/{meeting.code}", f"/r/{meeting.code}/screen"]
    paths += [f"/r/{meeting.code}/{page}" for page in ("log", "meetings", "developer")]
    faults = []
    for path in [*paths, "/account", "/"]:
        host.page.goto(server.url + path)
        expect(host.page.locator("[aria-busy]")).to_have_count(0)
        expect(host.page.locator("html")).to_have_attribute("lang", "de")
        faults += [f"{path}: {fault}" for fault in find_faults(host.page, 0.05)]

    assert not faults, "\n".join(faults)
