"""Languages: their words come when they are needed, and stay for a reload without a connection."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit
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


@pytest.mark.parametrize("chosen", ["ko"])
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
