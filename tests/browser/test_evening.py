"""The whole evening in real browsers: a host at a desk, five phones, and the hall's screen."""

import re

from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.people import Visitor
from tests.server import Server

NAMES = ("Ada", "Noah", "Mina", "Jun", "하늘")


def test_evening_ends_with_the_same_results_on_every_screen(visit: Visit, server: Server) -> None:
    host = visit("/signin")
    host.sign_up("host")
    code = make_room(host)
    import_roll(host)
    codes = print_codes(host)
    phones = [come_in(visit, code, name, codes[name]) for name in NAMES]
    screen = visit(f"/r/{code}/screen{screen_token(host)}")

    poll = make_and_open_poll(host)
    for phone, choice in zip(phones, ("Ada", "Ada", "Noah", "Noah", "Mina"), strict=True):
        phone.choose(choice)
        phone.press("poll.vote")
        phone.expect_status("poll.recorded")
    phones[4].change_vote("Noah")
    expect(host.page.get_by_role("region", name=host.word("turnout.notYet"))).to_contain_text(
        "host"
    )
    close_poll(host)

    votes = {"Ada": 2, "Noah": 3, "Mina": 0}
    for page in (host, screen, *phones):
        for name, count in votes.items():
            page.expect_bar(name, count, count / 5)
    token = host.page.evaluate("localStorage.getItem('rollcall.token')")
    results = server.request("GET", f"/polls/{poll}/results", token).json()
    assert {row["name"]: row["votes"] for row in results["tally"]} == votes


def make_room(host: Visitor) -> str:
    """Make a room from the start page; return its code."""
    host.page.get_by_role("link", name=host.word("home.makeRoom")).click()
    host.fill("setting.name", "Book club")
    host.page.get_by_role("radio", name=host.word("setting.visibility_members")).check()
    host.page.get_by_role("radio", name=host.word("setting.quorum_kind_count")).check()
    host.fill("setting.quorum_count", "3")
    host.press("setting.make")
    host.page.wait_for_url(re.compile(r"/r/\w{6}"))
    found = re.search(r"/r/(\w{6})", host.page.url)
    assert found
    return found[1]


def import_roll(host: Visitor) -> None:
    """Paste a list of names, look at it, and take it."""
    host.page.get_by_role("link", name=host.word("desk.roll"), exact=True).click()
    host.page.get_by_role("textbox", name=host.word("roll.paste"), exact=True).fill(
        "\n".join(NAMES)
    )
    host.press("roll.look")
    counts = host.page.get_by_role("status").filter(has_text=host.word("roll.toAdd_other", count=5))
    expect(counts).to_be_visible()
    host.press("roll.apply")
    host.page.get_by_role("dialog").get_by_role("button", name=host.word("roll.apply")).click()
    expect(host.page.get_by_text(host.word("roll.voters_other", count=5))).to_be_visible()


def print_codes(host: Visitor) -> dict[str, str]:
    """Make claim codes; return each person's from the sheet."""
    host.page.get_by_role("link", name=host.word("roll.codes")).click()
    host.page.get_by_role("button", name=host.word("slip.make_other", count=5)).click()
    host.page.get_by_role("dialog").get_by_role(
        "button", name=host.word("slip.makeConfirm")
    ).click()
    slips = host.page.get_by_role("list", name=host.word("slip.sheet")).get_by_role("listitem")
    expect(slips).to_have_count(5)
    sheet = [slip.inner_text() for slip in slips.all()]
    return {
        name: re.findall(r"\b\w{5}-\w{5}\b", slip)[0]
        for name in NAMES
        for slip in sheet
        if slip.startswith(name)
    }


def screen_token(host: Visitor) -> str:
    """Make a link for the hall's computer; return what stands behind its #."""
    host.page.get_by_role("link", name=host.word("desk.settings"), exact=True).click()
    host.press("setting.screenMake")
    address = host.page.get_by_text(re.compile("#token=")).inner_text()
    return address[address.index("#") :]


def come_in(visit: Visit, code: str, name: str, slip: str) -> Visitor:
    """Come by phone with a code from the sheet, in one's own language."""
    phone = visit("/signin", "ko" if name == "하늘" else "en", phone=True, noise="404")
    phone.page.goto(phone.page.url.replace("/signin", f"/r/{code}"))
    phone.page.get_by_role("link", name=phone.word("auth.byCode"), exact=True).click()
    phone.fill("auth.rollCode", slip)
    phone.press("auth.rollCodeGo")
    expect(phone.page.get_by_role("heading", level=1, name="Book club")).to_be_visible()
    return phone


def make_and_open_poll(host: Visitor) -> int:
    """Make a poll with names and live results, and open it; return its id."""
    host.page.get_by_role("link", name=host.word("desk.polls"), exact=True).click()
    host.page.get_by_role("link", name=host.word("desk.newPoll")).click()
    host.fill("form.title", "Chair")
    host.press("form.pasteList")
    host.fill("form.pasteLabel", "1. Ada\n2. Noah\n3. Mina")
    host.press("form.pasteAdd")
    host.page.locator(".poll-form-rules summary").click()
    host.page.get_by_role("radio", name=host.word("form.secrecy_named"), exact=False).check()
    host.press("form.make")
    host.press("step.open")
    dialog = host.page.get_by_role("dialog")
    expect(dialog).to_contain_text(host.word("step.quorumBegins", required=3, online=6))
    dialog.get_by_role("button", name=host.word("step.open")).click()
    expect(host.button("step.pause")).to_be_visible()
    found = re.search(r"id=(\d+)", host.page.url)
    assert found
    return int(found[1])


def close_poll(host: Visitor) -> None:
    """Close it; it asks once."""
    host.press("step.close")
    dialog = host.page.get_by_role("dialog")
    expect(dialog).to_contain_text(host.word("step.closeBody_other", count=5))
    dialog.get_by_role("button", name=host.word("step.close")).click()
    expect(host.page.get_by_role("link", name=host.word("step.minutes"))).to_be_visible()
