"""The API reference as people read it: whole, accessible, small, under the strict policy."""

import pytest
from playwright.sync_api import expect

from api.documents.asyncapi import CLIENT_EVENTS, SENT_EVENTS
from tests.browser.axe import check_page
from tests.browser.conftest import Visit
from tests.conformance import routes


@pytest.mark.parametrize("phone", [False, True], ids=["screen", "phone"])
def test_reference_shows_every_route_and_event_when_opened(visit: Visit, phone: bool) -> None:
    reader = visit("/docs", phone=phone)

    expect(reader.page.locator("article.operation")).to_have_count(len(routes()))
    expect(reader.page.locator("[id^=event-]")).to_have_count(len(CLIENT_EVENTS) + len(SENT_EVENTS))
    expect(reader.page.locator("#put_polls_poll_id_ballot")).to_contain_text("already_voted")
    assert reader.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


@pytest.mark.parametrize("phone", [False, True], ids=["screen", "phone"])
def test_reference_is_accessible_with_every_part_opened(visit: Visit, phone: bool) -> None:
    reader = visit("/docs", phone=phone)
    reader.page.evaluate(
        "document.querySelectorAll('details').forEach((each) => (each.open = true))"
    )

    check_page(reader.page)


def test_every_link_of_the_reference_leads_to_a_part_of_it(visit: Visit) -> None:
    reader = visit("/docs")

    lost = reader.page.evaluate(
        """() => [...document.querySelectorAll("a[href^='#']")]
            .map((each) => each.getAttribute("href").slice(1))
            .filter((id) => !document.getElementById(id))"""
    )

    assert lost == []


def test_reference_shows_the_response_of_a_request_that_is_tried(visit: Visit) -> None:
    reader = visit("/docs")
    reader.page.get_by_text("Try GET /polls/{poll_id}/results", exact=True).click()
    form = reader.page.locator("#get_polls_poll_id_results form")

    form.get_by_label("poll_id").fill("1")
    form.get_by_role("button").press("Enter")

    expect(form.get_by_role("status")).to_contain_text("200 OK")
    expect(form.get_by_role("status")).to_contain_text('"state": "open"')


def test_reference_sends_the_body_and_the_token_of_the_reader(visit: Visit) -> None:
    reader = visit("/docs", noise="401")
    reader.page.get_by_label("Token for the requests that you try").fill("no-token")
    reader.page.get_by_text("Try PATCH /auth/me", exact=True).click()
    form = reader.page.locator("#patch_auth_me form")

    form.get_by_role("button").click()

    expect(form.get_by_role("status")).to_contain_text("401")
    expect(form.get_by_role("status")).to_contain_text("token_invalid")


def test_reference_is_sent_compressed_and_keeps_to_the_strict_policy(visit: Visit) -> None:
    reader = visit("/docs")

    assert reader.headers["content-encoding"] == "gzip"
    assert "default-src 'self'" in reader.headers["content-security-policy"]
    assert "unsafe" not in reader.headers["content-security-policy"]
    size = reader.page.evaluate("performance.getEntriesByType('navigation')[0].transferSize")
    assert size < 64 << 10
