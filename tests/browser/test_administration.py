"""The administrator's page: how the server is while people vote, its accounts and a backup."""

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.axe import check_page
from tests.browser.conftest import Visit
from tests.browser.people import Visitor
from tests.browser.test_account import sign_in, within
from tests.browser.test_invitations import sign_up_administrator
from tests.server import Server

FITS = "document.documentElement.scrollWidth <= window.innerWidth"


def at_administration(visit: Visit, server: Server, **options: object) -> Visitor:
    token = sign_up_administrator(server)
    ada = visit("/", **options)
    ada.page.evaluate("token => localStorage.setItem('rollcall.token', token)", token)
    ada.page.goto(server.url + "/admin")
    return ada


def figure(somebody: Visitor, key: str) -> Locator:
    """Return where the page has one figure."""
    exact = re.compile(f"^{re.escape(somebody.word(key))}$")
    row = somebody.page.locator(".figures > div").filter(
        has=somebody.page.locator("dt").filter(has_text=exact)
    )
    return row.locator("dd")


@pytest.mark.parametrize("language", ["en", "ko"])
def test_administrator_sees_votes_come_and_why_some_were_refused(
    visit: Visit, server: Server, language: str
) -> None:
    voter = server.sign_up("bob")
    ada = at_administration(visit, server, language=language, phone=True)
    expect(figure(ada, "admin.accepted")).to_have_text("0")
    expect(ada.page.get_by_text(ada.word("admin.writable"))).to_be_visible()

    server.cast(voter, [1])
    server.cast(voter, [99])

    expect(figure(ada, "admin.accepted")).to_have_text("1")
    expect(figure(ada, "admin.refused")).to_have_text("1")
    expect(figure(ada, "admin.write")).to_have_text(re.compile("ms"))
    ada.page.get_by_text(ada.word("admin.reasons")).click()
    expect(ada.page.get_by_text("invalid_request")).to_be_visible()
    check_page(ada.page)
    assert ada.page.evaluate(FITS)


def test_page_says_that_its_figures_are_old_while_the_server_is_away(
    visit: Visit, server: Server
) -> None:
    ada = at_administration(visit, server, noise="ERR_|502|503")
    expect(figure(ada, "admin.accepted")).to_have_text("0")

    server.kill()
    alert = ada.page.get_by_role("alert").filter(has_text=re.compile("As of "))
    expect(alert).to_be_visible()
    server.start()

    expect(alert).to_have_count(0)
    expect(ada.page.get_by_text(ada.word("admin.writable"))).to_be_visible()


def test_backup_and_accounts_are_the_administrators(
    visit: Visit, server: Server, tmp_path: Path
) -> None:
    for number in range(60):
        server.sign_up(f"voter{number}")
    ada = at_administration(visit, server)
    accounts = within(ada, "admin.accounts")
    expect(accounts.page.get_by_role("row")).to_have_count(51)
    accounts.press("admin.more")
    expect(accounts.page.get_by_role("row")).to_have_count(62)
    expect(accounts.button("admin.more")).to_have_count(0)
    with ada.page.expect_download() as saved:
        ada.press("admin.saveBackup")

    saved.value.save_as(tmp_path / "backup.json")
    assert len(json.loads((tmp_path / "backup.json").read_bytes())["users"]) == 61


def test_others_learn_that_the_page_is_not_theirs(visit: Visit, server: Server) -> None:
    bob = sign_in(visit, server, "bob", "/admin")

    expect(bob.page.get_by_text(bob.word("admin.only"))).to_be_visible()
    expect(bob.page.get_by_role("region")).to_have_count(0)
    check_page(bob.page)
