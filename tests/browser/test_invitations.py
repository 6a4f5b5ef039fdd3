"""Who may sign up, as the pages tell it: everybody, those who are invited, or nobody."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.axe import check_page
from tests.browser.conftest import Visit
from tests.browser.people import Visitor
from tests.browser.test_account import within
from tests.server import Server

LANGUAGES = ["en", "ko"]
NARROW = {"width": 320, "height": 640}
FITS = "document.documentElement.scrollWidth <= window.innerWidth"
PASSWORD = "correct-horse"


@pytest.fixture
def server(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Server]:
    running = Server(tmp_path, SIGNUP=request.param).start()
    yield running
    running.kill()


def sign_up_administrator(server: Server) -> str:
    """Make the first account by the code of the first start; return its token."""
    code = server.setup_code()
    body = {"email": "ada@example.org", "name": "Ada", "password": PASSWORD, "invitation": code}
    assert server.request("POST", "/auth/signup", json=body).status_code == 201
    token = server.sign_in("ada@example.org")
    assert server.request("POST", "/auth/admin", token, json={"code": code}).ok
    return token


def at_administration(visit: Visit, server: Server, token: str, **options: object) -> Visitor:
    """Open the administrator's page."""
    somebody = visit("/", **options)
    somebody.page.evaluate("token => localStorage.setItem('rollcall.token', token)", token)
    somebody.page.goto(server.url + "/admin")
    return somebody


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("server", ["closed"], indirect=True)
def test_closed_sign_up_is_not_offered_and_the_page_says_so(
    visit: Visit, server: Server, language: str
) -> None:
    sign_up_administrator(server)
    somebody = visit("/signin", language=language, phone=True)

    expect(somebody.page.get_by_text(somebody.word("auth.signUpClosed"))).to_be_visible()
    expect(somebody.button("auth.signUp")).to_have_count(0)
    somebody.page.set_viewport_size(NARROW)  # type: ignore[arg-type]
    check_page(somebody.page)
    assert somebody.page.evaluate(FITS)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("server", ["closed"], indirect=True)
def test_first_person_signs_up_by_the_setup_code_where_sign_up_is_closed(
    visit: Visit, server: Server, language: str
) -> None:
    ada = visit("/signin", language=language)

    ada.press("auth.signUp")
    ada.fill("auth.email", "ada@example.org")
    ada.fill("auth.name", "Ada")
    ada.fill("auth.password", PASSWORD)
    ada.fill("auth.invitation", server.setup_code())
    ada.press("auth.signUp")

    ada.expect_me("Ada")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("server", ["invite"], indirect=True)
def test_invitation_is_made_used_and_used_up(visit: Visit, server: Server, language: str) -> None:
    ada = at_administration(visit, server, sign_up_administrator(server), language=language)
    invitations = within(ada, "account.invitations")
    invitations.press("account.makeInvitation")
    code = invitations.page.locator("code").inner_text()
    expect(invitations.page.get_by_role("listitem")).to_contain_text(
        invitations.word(f"account.usesLeft_{'one' if language == 'en' else 'other'}", count=1)
    )

    bob = visit("/signin", language=language, phone=True, noise="403")
    bob.press("auth.signUp")
    bob.page.set_viewport_size(NARROW)  # type: ignore[arg-type]
    field = bob.page.get_by_label(bob.word("auth.invitation"), exact=True)
    expect(field).to_be_visible()
    check_page(bob.page)
    assert bob.page.evaluate(FITS)
    bob.fill("auth.invitation", "WRONG")
    bob.fill("auth.email", "bob@example.org")
    bob.fill("auth.name", "Bob")
    bob.fill("auth.password", PASSWORD)
    bob.press("auth.signUp")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_be_focused()
    check_page(bob.page)
    bob.fill("auth.invitation", f" {code} ")
    bob.press("auth.signUp")
    bob.expect_me("Bob")

    ada.page.reload()
    expect(invitations.page.get_by_role("listitem")).to_contain_text(
        invitations.word("account.usedUp")
    )
    expect(invitations.page.locator("code")).to_have_count(0)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("server", ["invite"], indirect=True)
def test_invitation_is_withdrawn_after_a_question(
    visit: Visit, server: Server, language: str
) -> None:
    token = sign_up_administrator(server)
    ada = at_administration(visit, server, token, language=language, phone=True, noise="400")
    invitations, page = within(ada, "account.invitations"), ada.page
    page.set_viewport_size(NARROW)  # type: ignore[arg-type]

    invitations.fill("account.uses", "0")
    invitations.press("account.makeInvitation")
    uses = invitations.page.get_by_label(invitations.word("account.uses"), exact=True)
    expect(uses).to_have_attribute("aria-invalid", "true")
    invitations.fill("account.uses", "20")
    invitations.press("account.makeInvitation")
    expect(invitations.page.locator("code")).to_be_visible()
    check_page(page)
    assert page.evaluate(FITS)
    code = invitations.page.locator("code").inner_text()
    invitations.press("account.endInvitation")
    check_page(page)
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name=invitations.word("account.endInvitation")).click()

    expect(invitations.page.get_by_role("listitem")).to_have_count(0)
    expect(invitations.page.locator("code")).to_have_count(0)
    body = {"email": "b@example.org", "name": "B", "password": PASSWORD, "invitation": code}
    assert server.request("POST", "/auth/signup", json=body).status_code == 403
