"""The receipt of a ballot stays on the voter's device, for that voter alone."""

import json

import pytest
from playwright.sync_api import Route, expect

from tests.browser.axe import check_page
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
    expect(phone.page.locator("form .done")).to_be_visible()

    phone.press("auth.leaveSeat")
    expect(card).to_have_count(0)
    phone.enter_as_guest("Noah")
    expect(phone.page.locator(".poll[data-state=closed]")).to_be_visible()
    expect(card).to_have_count(0)
    assert receipt not in str(phone.page.evaluate("JSON.stringify({...localStorage})"))


@pytest.mark.parametrize("hashes", ["the browser", "the page"])
def test_phone_checks_by_itself_that_its_ballot_is_in_the_record(
    visit: Visit, hall: Hall, hashes: str
) -> None:
    poll = hall.open_poll(results="host")["id"]
    phone = visit(hall.path, phone=True)
    if hashes == "the page":  # as where there is no HTTPS
        phone.page.add_init_script("Object.defineProperty(crypto, 'subtle', {value: undefined})")
        phone.page.reload()
    phone.enter_as_guest("Ada")
    phone.choose(NAMES[0])
    phone.press("poll.vote")
    phone.expect_status("poll.recorded")

    hall.move(poll, "close")

    own = phone.page.locator(".own-check")
    expect(own.locator(".done")).to_have_text(phone.word("poll.proof.holds_one", count=1))
    expect(own).to_contain_text(NAMES[0])
    own.get_by_text(phone.word("poll.proof.what")).click()
    expect(own.get_by_text(phone.word("poll.proof.noDigest"))).to_be_visible()
    expect(own.get_by_text(phone.word("poll.proof.uncheckedPage"))).to_be_visible()
    check_page(phone.page)
    hall.move(poll, "publish")
    expect(own.get_by_text(phone.word("poll.proof.sameDigest"))).to_be_visible()


def test_phone_warns_when_the_proof_of_its_ballot_is_wrong(visit: Visit, hall: Hall) -> None:
    poll = hall.open_poll()["id"]
    phone = visit(hall.path, phone=True)
    phone.enter_as_guest("Ada")
    phone.choose(NAMES[0])
    phone.press("poll.vote")
    phone.expect_status("poll.recorded")

    def change(route: Route) -> None:
        proof = route.fetch().json()
        leaf = json.loads(proof["leaf"])
        leaf["choices"] = []
        proof["leaf"] = json.dumps(leaf, separators=(",", ":"), sort_keys=True)
        route.fulfill(json=proof)

    phone.page.route("**/proof?*", change)
    hall.move(poll, "close")

    own = phone.page.locator(".own-check")
    expect(own.locator(".fault")).to_have_text(phone.word("poll.proof.broken"))
    expect(own.locator(".done")).to_have_count(0)
