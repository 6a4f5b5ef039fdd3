"""The receipt of a ballot stays on the voter's device, for that voter alone."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.rooms import NAMES, Hall, make_hall
from tests.server import Server


@pytest.fixture
def hall(server: Server) -> Hall:
    return make_hall(server)


@pytest.mark.parametrize("secrecy", ["secret", "named"])
def test_receipt_stays_over_reloads_and_the_close_until_its_voter_leaves(
    visit: Visit, hall: Hall, secrecy: str
) -> None:
    poll = hall.open_poll(secrecy=secrecy)["id"]
    phone = visit(hall.path, phone=True)
    phone.enter_as_guest("Ada")
    phone.choose(NAMES[0])
    phone.press("poll.vote")
    card = phone.page.locator(".receipt code")
    receipt = card.inner_text()

    for step in ("pause", "close"):
        phone.page.reload()
        expect(card).to_have_text(receipt)
        hall.move(poll, step)
        expect(phone.page.locator(f".poll[data-state={step}d]")).to_be_visible()
    phone.page.reload()
    expect(card).to_have_text(receipt)
    phone.page.locator("summary", has_text=phone.word("poll.check")).click()
    expect(phone.page.get_by_label(phone.word("poll.receipt"))).to_have_value(receipt)
    phone.press("poll.checkNow")
    expect(phone.page.locator(".done")).to_be_visible()

    phone.press("auth.leaveSeat")
    expect(card).to_have_count(0)
    phone.enter_as_guest("Noah")
    expect(phone.page.locator(".poll[data-state=closed]")).to_be_visible()
    expect(card).to_have_count(0)
    assert receipt not in str(phone.page.evaluate("JSON.stringify({...localStorage})"))
