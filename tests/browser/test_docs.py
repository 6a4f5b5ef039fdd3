"""Swagger UI as people read it: from this server's files alone, under the strict policy."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.conformance import routes


@pytest.mark.parametrize("phone", [False, True], ids=["screen", "phone"])
def test_docs_show_every_route_when_they_are_opened(visit: Visit, phone: bool) -> None:
    reader = visit("/docs", phone=phone)

    ballot = reader.page.locator("#operations-polls-put_polls_poll_id_ballot")
    expect(ballot).to_contain_text("Cast a ballot")
    expect(reader.page.locator(".opblock")).to_have_count(len(routes()))
    ballot.get_by_role("button").first.click()
    expect(ballot).to_contain_text("already_voted")
    assert reader.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_docs_send_a_request_and_show_its_answer_when_tried(visit: Visit) -> None:
    reader = visit("/docs")
    health = reader.page.locator("#operations-pages-get_healthz")

    health.get_by_role("button").first.click()
    health.get_by_role("button", name="Try it out").click()
    health.get_by_role("button", name="Execute").click()

    expect(health.locator(".live-responses-table")).to_contain_text('"status": "up"')


def test_docs_keep_to_the_strict_policy_when_they_are_opened(visit: Visit) -> None:
    reader = visit("/docs")

    expect(reader.page.locator(".opblock").first).to_be_visible()
    assert "default-src 'self'" in reader.headers["content-security-policy"]
    assert "unsafe" not in reader.headers["content-security-policy"]
