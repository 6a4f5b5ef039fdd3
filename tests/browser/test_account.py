"""What somebody does with their own account, and an administrator for another's, in the pages."""

import pytest
from playwright.sync_api import expect

from tests.browser.axe import check_page
from tests.browser.conftest import Visit
from tests.browser.people import Visitor
from tests.server import Server

LANGUAGES = ["en", "ko"]


def sign_in(visit: Visit, server: Server, name: str, path: str, **options: object) -> Visitor:
    """Open a page as an account that has just been made."""
    token = server.sign_up(name)
    somebody = visit("/", **options)
    somebody.page.evaluate("token => localStorage.setItem('rollcall.token', token)", token)
    somebody.page.goto(server.url + path)
    return somebody


def within(somebody: Visitor, title: str) -> Visitor:
    """Return somebody at one section of the page."""
    section = somebody.page.get_by_role("region", name=somebody.word(title), exact=True)
    return Visitor(section, somebody.language)  # type: ignore[arg-type]


@pytest.mark.parametrize("language", LANGUAGES)
def test_account_page_is_accessible_on_a_phone(visit: Visit, server: Server, language: str) -> None:
    somebody = sign_in(visit, server, "ada", "/account", language=language, phone=True)

    expect(somebody.page.get_by_text("ada@example.org")).to_be_visible()
    check_page(somebody.page)
    assert somebody.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_name_is_changed_and_shown_at_once(visit: Visit, server: Server) -> None:
    ada = sign_in(visit, server, "ada", "/account")
    name = within(ada, "auth.name")

    name.fill("account.newName", "Ada Park")
    name.press("account.saveName")

    ada.expect_me("Ada Park")
    expect(name.page.get_by_role("status")).to_have_text(ada.word("account.saved"))
    expect(name.button("account.saveName")).to_be_focused()


def test_new_password_signs_other_devices_out_and_keeps_this_one(
    visit: Visit, server: Server
) -> None:
    ada = sign_in(visit, server, "ada", "/account")
    other = server.sign_in("ada@example.org")
    password = within(ada, "auth.password")

    password.fill("account.currentPassword", "correct-horse")
    password.fill("account.newPassword", "battery-staple")
    password.press("account.savePassword")

    expect(password.page.get_by_text(ada.word("account.passwordSaved"))).to_be_visible()
    assert server.request("GET", "/auth/me", other).status_code == 401
    ada.page.reload()
    ada.expect_me("ada")
    assert server.sign_in("ada@example.org", "battery-staple")


def test_email_is_changed_and_shown_at_once(visit: Visit, server: Server) -> None:
    ada = sign_in(visit, server, "ada", "/account")
    email = within(ada, "auth.email")

    email.fill("account.newEmail", "ada@new.example")
    email.fill("account.currentPassword", "correct-horse")
    email.press("account.saveEmail")

    expect(ada.page.get_by_text("ada@new.example")).to_be_visible()
    assert server.sign_in("ada@new.example")


def test_wrong_current_password_is_refused_and_nothing_changes(
    visit: Visit, server: Server
) -> None:
    ada = sign_in(visit, server, "ada", "/account", noise="401")
    password = within(ada, "auth.password")

    password.fill("account.currentPassword", "wrong-horse")
    password.fill("account.newPassword", "battery-staple")
    password.press("account.savePassword")

    field = password.page.get_by_label(ada.word("account.currentPassword"), exact=True)
    expect(field).to_have_accessible_description(ada.word("account.wrongPassword"))
    ada.expect_me("ada")
    assert server.sign_in("ada@example.org")


@pytest.mark.parametrize("language", LANGUAGES)
def test_administrator_makes_a_code_that_sets_a_new_password(
    visit: Visit, server: Server, language: str
) -> None:
    server.sign_up("bob")
    ada = sign_in(visit, server, "ada", "/account", language=language)
    administrator = within(ada, "account.administrator")
    administrator.fill("account.setupCode", server.setup_code())
    administrator.press("account.becomeAdministrator")
    ada.page.get_by_role("link", name=ada.word("admin.open"), exact=True).click()

    codes = within(ada, "account.resetCodes")
    codes.fill("account.emailOf", "bob@example.org")
    codes.press("account.makeCode")
    code = codes.page.locator("code").inner_text()
    bob = visit("/signin", language=language)
    bob.page.get_by_role("link", name=bob.word("auth.forgotten")).click()
    bob.fill("account.resetCode", code)
    bob.fill("account.newPassword", "battery-staple")
    bob.press("account.savePassword")

    bob.expect_status("account.resetDone")
    expect(bob.page.get_by_text(bob.word("account.resetDone"))).to_be_focused()
    bob.expect_me("bob")
    check_page(bob.page)
    bob.page.get_by_role("link", name=bob.word("app.home")).click()
    bob.expect_me("bob")
    assert server.sign_in("bob@example.org", "battery-staple")


@pytest.mark.parametrize("language", LANGUAGES)
def test_new_administrator_sees_it_and_goes_on_from_there(
    visit: Visit, server: Server, language: str
) -> None:
    ada = sign_in(visit, server, "ada", "/account", language=language)
    administrator = within(ada, "account.administrator")

    administrator.fill("account.setupCode", server.setup_code())
    administrator.page.get_by_label(ada.word("account.setupCode")).press("Enter")

    ada.expect_status("account.nowAdministrator")
    expect(ada.page.get_by_text(ada.word("account.nowAdministrator"))).to_be_focused()
    ada.page.keyboard.press("Tab")
    expect(ada.page.get_by_role("link", name=ada.word("admin.open"), exact=True)).to_be_focused()
    check_page(ada.page)


@pytest.mark.parametrize("language", LANGUAGES)
def test_code_is_asked_for_where_none_was_typed(
    visit: Visit, server: Server, language: str
) -> None:
    ada = sign_in(visit, server, "ada", "/account", language=language, noise="400")
    administrator = within(ada, "account.administrator")

    administrator.press("account.becomeAdministrator")

    field = administrator.page.get_by_label(ada.word("account.setupCode"), exact=True)
    expect(field).to_have_accessible_description(
        f"{ada.word('fault.fix.code')} {ada.word('account.setupCodeHint')}"
    )


def test_deleted_account_is_signed_out(visit: Visit, server: Server) -> None:
    ada = sign_in(visit, server, "ada", "/account")

    ada.press("account.delete")
    ada.page.get_by_role("dialog").get_by_role(
        "button", name=ada.word("account.delete"), exact=True
    ).click()

    expect(ada.page.get_by_role("heading", name=ada.word("auth.signIn"))).to_be_visible()
    body = {"email": "ada@example.org", "password": "correct-horse"}
    assert server.request("POST", "/auth/login", json=body).status_code == 401


@pytest.mark.parametrize("language", LANGUAGES)
def test_wrong_administrators_code_is_shown_at_its_field(
    visit: Visit, server: Server, language: str
) -> None:
    ada = sign_in(visit, server, "ada", "/account", language=language, noise="403")
    administrator = within(ada, "account.administrator")

    administrator.fill("account.setupCode", "wrong")
    administrator.press("account.becomeAdministrator")

    field = administrator.page.get_by_label(ada.word("account.setupCode"), exact=True)
    expect(field).to_have_accessible_description(
        f"{ada.word('account.wrongSetupCode')} {ada.word('account.setupCodeHint')}"
    )


def test_unknown_room_code_stands_in_the_field_to_be_mended(visit: Visit) -> None:
    somebody = visit("/r/K7M2QX")

    field = somebody.page.get_by_label(somebody.word("home.entry"), exact=True)
    expect(field).to_have_value("K7M2QX")
    expect(somebody.page.get_by_text(somebody.word("room.checkCode"))).to_be_visible()


@pytest.mark.parametrize("path", ["/r/NOCODE1", "/r/K7M2QX"], ids=["malformed", "unknown"])
def test_mistyped_room_code_can_be_typed_again(visit: Visit, path: str) -> None:
    somebody = visit(path)

    somebody.fill("home.entry", "lobby")
    somebody.press("home.enter")

    expect(somebody.page.get_by_role("heading", name="Lobby")).to_be_visible()
