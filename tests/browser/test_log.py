"""A room's log at pages: in words for members, on the screen, and on a phone that remembers."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from db.__main__ import main
from tests.browser.conftest import Visit
from tests.browser.rooms import Hall, make_hall
from tests.server import Server


@pytest.fixture
def hall(server: Server) -> Hall:
    return make_hall(server)


def head_of(hall: Hall) -> tuple[int, str]:
    head = hall.ask("GET", f"/rooms/{hall.code}/log")["head"]
    return head["n"], f"{head['hash'][:4]} {head['hash'][4:8]}"


def test_member_reads_who_did_what_the_newest_first(visit: Visit, hall: Hall) -> None:
    hall.open_poll("Chair")
    hall.ask("PATCH", f"/rooms/{hall.code}", {"quorum": {"count": 3}})
    phone = visit(hall.path, phone=True)
    phone.enter_as_guest("Ada")

    phone.page.get_by_role("link", name=phone.word("logWatch.link"), exact=True).click()

    entries = phone.page.locator(".log-entry")
    expect(entries.first).to_contain_text("host changed the quorum.")
    expect(entries.first).to_contain_text("Quorum set: at least 3.")
    expect(entries.filter(has_text="host opened “Chair”.")).to_have_count(1)
    expect(entries.last).to_contain_text("host made host a host.")
    hall.ask("POST", f"/rooms/{hall.code}/roll", [{"name": "Secret Kim"}])
    expect(entries.first).to_contain_text("1 added")
    expect(phone.page.locator(".log-list")).not_to_contain_text("Secret Kim")


def test_visitor_does_not_read_the_log(visit: Visit, hall: Hall) -> None:
    hall.claim_code("Kim")

    stranger = visit(f"{hall.path}/log")

    expect(stranger.page.get_by_text("Only members of this room can read its log.")).to_be_visible()
    expect(stranger.page.locator(".log-entry")).to_have_count(0)


def test_screen_shows_the_head_as_it_grows(visit: Visit, hall: Hall) -> None:
    screen = visit(f"{hall.path}/screen")
    shown = screen.page.locator(".log-head")
    for _ in range(2):
        n, short = head_of(hall)
        expect(shown).to_have_text(re.compile(rf"\b{n}\b.*{short}"))
        hall.open_poll()


def test_phone_warns_when_a_backup_took_back_what_it_saw(
    visit: Visit, hall: Hall, tmp_path: Path
) -> None:
    server, backup = hall.server, tmp_path / "backup.json"
    server.request("POST", "/auth/admin", hall.host, json={"code": server.setup_code()})
    phone = visit(hall.path, phone=True, noise=r"Failed to load|WebSocket|ERR_")
    phone.enter_as_guest("Ada")
    expect(phone.page.locator(".log-broken")).to_have_count(0)
    backup.write_bytes(server.request("GET", "/admin/backup", hall.host).content)
    hall.open_poll("Chair")
    expect(phone.page.locator(".poll[data-state=open]")).to_be_visible()

    server.stop()
    assert main(["restore", str(backup), "--data", str(server.data)]) == 0
    server.start()
    phone.page.reload()

    warning = phone.page.locator(".log-broken")
    expect(warning).to_contain_text(phone.word("logWatch.broken"))
    expect(warning).to_contain_text("a backup was restored")
    phone.page.reload()
    expect(warning).to_be_visible()
    phone.press("logWatch.accept")
    expect(warning).to_have_count(0)
    phone.page.reload()
    expect(phone.page.get_by_role("heading", level=1)).to_be_visible()
    expect(warning).to_have_count(0)
