"""The host's desk in a real browser: what hosts do, what they are shown, what asks once."""

import re
from collections.abc import Callable
from typing import Literal

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import check_page
from tests.browser.conftest import SCREEN, Visit
from tests.browser.hosting import Meeting, hold_meeting, sit_down
from tests.browser.people import Visitor
from tests.server import Server

Sit = Callable[..., Visitor]
LOST = r"ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE|WebSocket connection"
REFUSED = r"status of 4(00|09|12)"
NARROW = {"width": 320, "height": 640}


@pytest.fixture
def server(shared_server: Server) -> Server:
    """One for all: every test has a room and a host of its own."""
    return shared_server


@pytest.fixture
def meeting(server: Server) -> Meeting:
    return hold_meeting(server, "Ada", "Noah", "Mina", "Jun")


@pytest.fixture
def sit(visit: Visit, meeting: Meeting) -> Sit:
    """Sit down at a place of the desk."""

    def go(place: str, poll: dict[str, object] | None = None, **options: str) -> Visitor:
        return sit_down(visit("/signin", **options), meeting, meeting.at(place, poll))

    return go


def confirm(visitor: Visitor, key: str) -> None:
    """Answer the question that was asked once."""
    dialog = visitor.page.get_by_role("dialog")
    dialog.get_by_role("button", name=visitor.word(key), exact=True).click()
    expect(dialog).to_have_count(0)


def test_notice_is_gone_when_the_host_moves_on_or_it_holds_no_longer(
    sit: Sit, meeting: Meeting
) -> None:
    poll = meeting.poll()
    host = sit("poll", poll)
    announced = host.page.locator(".desk-said")
    tabs = host.page.get_by_role("navigation", name=host.word("desk.places"))

    host.press("step.open")
    confirm(host, "step.open")
    expect(announced).to_have_text(host.word("step.done_open"))
    for place in ("roll", "door", "people", "settings", "polls"):
        tabs.get_by_role("link", name=host.word(f"desk.{place}"), exact=True).click()
        expect(tabs.locator("[aria-current]")).to_have_text(host.word(f"desk.{place}"))
        expect(announced).to_be_empty()
    host.page.go_back()
    expect(announced).to_be_empty()

    host.page.goto(meeting.server.url + meeting.at("poll", poll))
    host.press("step.pause")
    expect(announced).to_have_text(host.word("step.done_pause"))
    meeting.ask("POST", f"/polls/{poll['id']}/close")
    expect(announced).to_be_empty()

    host.press("step.again")
    expect(announced).to_have_text(host.word("step.done_again"))


def paste_roll(host: Visitor, text: str) -> None:
    host.page.get_by_role("textbox", name=host.word("roll.paste"), exact=True).fill(text)
    host.press("roll.look")


def test_roll_names_each_refused_line_when_a_file_has_faults(sit: Sit, meeting: Meeting) -> None:
    host = sit("roll", noise=REFUSED)

    paste_roll(host, "name,email,ref\nKim,not-an-email,1\n,a@example.org,2\nLee,,3\nPark,,3")

    refused = host.page.get_by_role("alert").get_by_role("listitem")
    expect(refused).to_have_count(3)
    for place, (line, member, text) in enumerate(
        [
            (2, "roll.email", "not-an-email"),
            (3, "roll.name", "a@example.org"),
            (5, "roll.ref", "Park"),
        ]
    ):
        expect(refused.nth(place)).to_contain_text(host.word("roll.line", line=line))
        expect(refused.nth(place)).to_contain_text(host.word(member))
        expect(refused.nth(place)).to_contain_text(text)
    assert len(meeting.ask("GET", f"/rooms/{meeting.code}/roll")["items"]) == 5


def test_roll_names_who_would_go_when_a_spreadsheet_replaces_it(sit: Sit, meeting: Meeting) -> None:
    host = sit("roll", language="ko")
    file = {"name": "roll.csv", "mimeType": "text/csv", "buffer": "이름\nAda\n하늘".encode("cp949")}

    host.page.get_by_label(host.word("roll.pickFile")).set_input_files([file])  # type: ignore[list-item]
    host.page.get_by_role("radio", name=host.word("roll.mode_replace")).check()
    host.press("roll.look")

    status = host.page.get_by_role("status")
    removed = status.filter(has_text=host.word("roll.removedNames", names="Noah, Mina, Jun"))
    expect(removed).to_be_visible()
    host.press("roll.areRightYes")
    expect(removed).to_contain_text("CP949")
    host.press("roll.apply")
    confirm(host, "roll.apply")
    expect(host.page.get_by_text("하늘", exact=True)).to_be_visible()
    rows = meeting.ask("GET", f"/rooms/{meeting.code}/roll")["items"]
    assert {row["name"] for row in rows} == {"host", "Ada", "하늘"}


def test_roll_asks_for_the_encoding_and_shows_how_the_file_is_read(
    sit: Sit, meeting: Meeting
) -> None:
    host = sit("roll", noise=REFUSED)
    table = "name;phone\nJosé Núñez;010-7\n".encode("cp1252")
    file = {"name": "roll.csv", "mimeType": "text/csv", "buffer": table}

    host.page.get_by_label(host.word("roll.pickFile")).set_input_files([file])  # type: ignore[list-item]
    host.press("roll.look")
    encoding = host.page.get_by_label(host.word("roll.encoding"))
    encoding.select_option("windows-1252")
    host.press("roll.look")

    status = host.page.get_by_role("status").filter(has_text="WINDOWS-1252")
    expect(status).to_contain_text("José Núñez")
    expect(status).to_contain_text(host.word("roll.freeColumns", columns="phone"))
    host.press("roll.apply")
    confirm(host, "roll.apply")
    expect(host.page.get_by_text("010-7")).to_be_visible()
    rows = meeting.ask("GET", f"/rooms/{meeting.code}/roll")["items"]
    assert {"phone": "010-7"} in [row["columns"] for row in rows]


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_roll_is_saved_as_a_file(sit: Sit, meeting: Meeting, form: str) -> None:
    host = sit("roll")

    with host.page.expect_download() as saving:
        host.press(f"roll.{form}")

    assert saving.value.suggested_filename == f"roll-{meeting.code}.{form}"


def test_check_in_is_one_tap_and_can_be_taken_back(sit: Sit, meeting: Meeting) -> None:
    host = sit("door")
    search = host.page.get_by_role("searchbox")
    row = host.page.get_by_role("button", name=re.compile("^Mina"))
    expect(row).to_be_visible()  # the roll has come

    search.fill("min")
    search.press("Enter")

    expect(host.page.get_by_role("status").filter(has_text="Mina")).to_be_visible()
    expect(row).to_have_attribute("aria-pressed", "true")
    expect(search).to_be_focused()
    expect(search).to_have_value("")
    host.press("door.undo")
    expect(row).to_have_attribute("aria-pressed", "false")


def test_claim_codes_print_as_slips_without_the_page_around_them(
    sit: Sit, meeting: Meeting
) -> None:
    host = sit("codes")
    host.page.get_by_role("radio", name=host.word("slip.whose_all")).check()

    host.page.get_by_role("button", name=host.word("slip.make_other", count=5)).click()
    confirm(host, "slip.makeConfirm")
    host.page.emulate_media(media="print")

    slips = host.page.get_by_role("list", name=host.word("slip.sheet")).get_by_role("listitem")
    expect(slips).to_have_count(5)
    # By the whole name: a code may hold "ADA".
    slip = slips.filter(has=host.page.get_by_text("Ada", exact=True))
    expect(slip).to_contain_text(f"/r/{meeting.code}")
    expect(slips.first.get_by_role("img")).to_be_visible()
    expect(host.page.get_by_role("navigation", name=host.word("desk.places"))).to_be_hidden()
    code = slip.get_by_text(re.compile(r"^\w{5}-\w{5}$")).inner_text()
    claimed = meeting.server.request(
        "POST", f"/rooms/{meeting.code}/claim", json={"code": code.replace("-", "")}
    )
    assert claimed.json()["row"]["name"] == "Ada"


def test_settings_keep_what_was_typed_when_another_host_was_quicker(
    sit: Sit, meeting: Meeting
) -> None:
    host = sit("settings", noise=REFUSED)
    host.fill("setting.name", "Reading club")
    meeting.ask("PATCH", f"/rooms/{meeting.code}", {"hold_minutes": 45, "name": "Their club"})

    host.press("form.save")

    expect(host.page.get_by_text(host.word("form.changedMeanwhile"))).to_be_visible()
    clash = host.word("form.clashes", members=host.word("setting.name"))
    expect(host.page.get_by_text(clash)).to_be_visible()
    expect(host.page.get_by_label(host.word("setting.name"), exact=True)).to_have_value(
        "Reading club"
    )
    expect(host.page.get_by_label(host.word("setting.hold_minutes"))).to_have_value("45")
    host.press("form.save")
    host.expect_status("form.saved")
    room = meeting.ask("GET", f"/rooms/{meeting.code}")
    assert (room["name"], room["hold_minutes"]) == ("Reading club", 45)


def test_poll_being_made_survives_a_dead_server_and_a_reload(sit: Sit, meeting: Meeting) -> None:
    host = sit("new", noise=LOST)
    host.fill("form.title", "Budget")
    host.press("form.yesNo")

    meeting.server.kill()
    host.press("form.make")
    expect(
        host.page.get_by_role("alert").filter(has_text=host.word("fault.noAnswer"))
    ).to_be_visible()
    meeting.server.start()
    host.page.reload()
    expect(host.page.get_by_label(host.word("form.title"), exact=True)).to_have_value("Budget")
    host.press("form.make")

    expect(host.page.get_by_role("heading", name="Budget")).to_be_visible()
    [poll] = meeting.ask("GET", f"/rooms/{meeting.code}/polls")["items"]
    assert [each["name"] for each in poll["candidates"]] == ["For", "Against", "Abstain"]
    assert (poll["eligibility"], poll["secrecy"], poll["results"]) == ("roll", "secret", "closed")


def test_faults_stand_at_their_fields_when_a_poll_is_refused(sit: Sit) -> None:
    host = sit("new", noise=REFUSED)
    host.page.get_by_label(host.word("form.candidateName", number=1), exact=True).fill("Ada")
    host.page.get_by_label(host.word("form.candidateName", number=2), exact=True).fill("ada ")

    host.press("form.make")

    title = host.page.get_by_label(host.word("form.title"), exact=True)
    expect(title).to_be_focused()
    expect(title).to_have_attribute("aria-invalid", "true")
    title.fill("Chair")
    host.press("form.make")
    expect(
        host.page.get_by_label(host.word("form.candidateName", number=2), exact=True)
    ).to_be_focused()


@pytest.mark.parametrize("late_ms", [0, 400])
def test_keyboard_alone_makes_opens_and_closes_a_poll(
    sit: Sit, meeting: Meeting, late_ms: int
) -> None:
    host = sit("polls")
    page = host.page
    # the answer to a step comes first then, and its button goes when the room is told
    page.add_init_script(f"""{{
        const when = Object.getOwnPropertyDescriptor(WebSocket.prototype, 'onmessage').set;
        Object.defineProperty(WebSocket.prototype, 'onmessage', {{
            set(listener) {{
                when.call(this, (event) => setTimeout(() => listener.call(this, event), {late_ms}));
            }},
        }});
    }}""")
    page.reload()
    expect(page.get_by_role("link", name=host.word("desk.newPoll"))).to_be_visible()

    tab_to(page, host.word("desk.newPoll"))
    page.keyboard.press("Enter")
    for label, typed in (
        (host.word("form.title"), "Treasurer"),
        (host.word("form.candidateName", number=1), "Ada"),
        (host.word("form.candidateName", number=2), "Noah"),
    ):
        tab_to(page, label)
        page.keyboard.type(typed)
    tab_to(page, host.word("form.up", number=2))
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name=host.word("form.up", number=1))).to_be_focused()
    tab_to(page, host.word("form.make"))
    page.keyboard.press("Enter")
    heading = page.get_by_role("heading", name="Treasurer")
    for step, asks in (
        ("step.open", True),
        ("step.pause", False),
        ("step.resume", False),
        ("step.close", True),
    ):
        expect(page.get_by_role("button", name=host.word(step), exact=True)).to_be_visible()
        tab_to(page, host.word(step))
        page.keyboard.press("Enter")
        if asks:
            expect(page.get_by_role("dialog")).to_be_visible()
            tab_to(page, host.word(step))
            page.keyboard.press("Enter")
        expect(page.get_by_role("dialog")).to_have_count(0)
        expect(heading).to_be_focused()

    [poll] = meeting.ask("GET", f"/rooms/{meeting.code}/polls")["items"]
    assert poll["state"] == "closed"
    assert [each["name"] for each in poll["candidates"]] == ["Noah", "Ada"]


def tab_to(page: Page, name: str) -> None:
    """Press Tab until what bears the name has the focus."""
    for _ in range(80):
        page.keyboard.press("Tab")
        named = page.evaluate(
            """() => {
                const it = document.activeElement;
                return it.ariaLabel ?? it.labels?.[0]?.innerText ?? it.innerText ?? "";
            }"""
        )
        if named.strip() == name:
            return
    raise AssertionError(f"no Tab leads to {name}")


def test_run_off_has_those_tied_when_a_poll_ends_level(sit: Sit, meeting: Meeting) -> None:
    poll = meeting.open_poll("Ada", "Noah", "Mina", results="closed")
    meeting.cast(poll, 0, 1)
    meeting.ask("POST", f"/polls/{poll['id']}/close")
    host = sit("poll", poll)

    host.page.get_by_role("button", name=host.word("step.runOff_other", count=2)).click()

    title = host.word("step.runOffName", title="Chair")
    expect(host.page.get_by_role("heading", name=title)).to_be_visible()
    draft = meeting.ask("GET", f"/rooms/{meeting.code}/polls")["items"][-1]
    assert (draft["state"], draft["follows"]) == ("draft", poll["id"])
    assert [each["name"] for each in draft["candidates"]] == ["Ada", "Noah"]


def test_voiding_asks_for_a_reason_and_takes_the_tally_away(sit: Sit, meeting: Meeting) -> None:
    poll = meeting.open_poll(results="live", secrecy="named")
    meeting.cast(poll, 0)
    host = sit("poll", poll, noise=REFUSED)
    host.expect_bar("Ada", 1, 1.0)

    host.press("step.void")
    dialog = host.page.get_by_role("dialog")
    dialog.get_by_role("button", name=host.word("step.void")).click()
    expect(dialog.get_by_role("alert")).not_to_be_empty()
    dialog.get_by_role("textbox").fill("Wrong names")
    confirm(host, "step.void")

    expect(
        host.page.get_by_text(host.word("desk.voidReason", reason="Wrong names"))
    ).to_be_visible()
    expect(host.page.get_by_text(host.word("results.votes_one", count=1))).to_have_count(0)


def test_turnout_names_who_has_not_voted_yet_and_never_what(sit: Sit, meeting: Meeting) -> None:
    poll = meeting.open_poll(results="closed", secrecy="named")
    host = sit("poll", poll)
    waiting = host.page.get_by_role("list", name=host.word("turnout.notYet"))
    expect(waiting).to_contain_text("Ada")

    meeting.cast(poll, 0)

    expect(waiting).not_to_contain_text("Ada")
    expect(waiting).to_contain_text("Noah")
    counts = host.page.get_by_role("region", name=host.word("turnout.notYet"))
    expect(counts).to_contain_text(host.word("turnout.votedOf", voted=1, eligible=5))
    expect(host.page.get_by_text(host.word("results.votes_one", count=1))).to_have_count(0)


def test_five_more_minutes_reach_the_other_desk(sit: Sit, meeting: Meeting) -> None:
    poll = meeting.open_poll(closes_at="2030-01-01T09:00:00Z")
    host, other = sit("poll", poll), sit("poll", poll)

    host.page.get_by_role("button", name=host.word("step.more_other", count=5)).click()

    expect(other.page.get_by_text(re.compile(r"6:05\sPM"))).to_be_visible()
    assert meeting.ask("GET", f"/polls/{poll['id']}")["closes_at"] == "2030-01-01T09:05:00.000Z"


def test_drafts_come_change_and_go_at_the_other_desk(sit: Sit, meeting: Meeting) -> None:
    other = sit("polls")
    expect(other.page.get_by_text(other.word("desk.noPolls"))).to_be_visible()
    line = other.page.get_by_role("listitem").get_by_role("link", name=re.compile("^Treasurer"))

    poll = meeting.poll(title="Chair")
    meeting.ask("PATCH", f"/polls/{poll['id']}", {"title": "Treasurer"})
    expect(line).to_be_visible()
    meeting.ask("DELETE", f"/polls/{poll['id']}")

    expect(line).to_have_count(0)


def test_results_for_hosts_alone_show_to_all_once_published(
    sit: Sit, visit: Visit, meeting: Meeting
) -> None:
    poll = meeting.open_poll(results="host")
    meeting.cast(poll, 0, 0, 1)
    meeting.ask("POST", f"/polls/{poll['id']}/close")
    host, screen = sit("poll", poll), visit(f"/r/{meeting.code}/screen")
    host.expect_bar("Ada", 2, 2 / 3)
    hidden = screen.page.get_by_text(screen.word("results.hiddenHost"))
    expect(hidden).to_be_visible()

    host.press("step.publish")
    confirm(host, "step.publish")

    expect(hidden).to_have_count(0)
    expect(screen.page.get_by_text("66.7%")).to_be_visible()


def test_minutes_hold_what_was_decided_and_how_to_check_it(sit: Sit, meeting: Meeting) -> None:
    poll = meeting.open_poll("Ada", "Noah", "Mina", method="ranked", results="host", title="Cover")
    for token, order in zip(meeting.voters, ([0, 1], [0], [1, 0], [2, 1]), strict=True):
        ids = [poll["candidates"][place]["id"] for place in order]
        assert meeting.server.cast(token, ids, poll=poll["id"]).ok
    meeting.ask("POST", f"/polls/{poll['id']}/close")
    record = meeting.ask("GET", f"/polls/{poll['id']}/record")

    host = sit("minutes", poll)

    sheet = host.page.get_by_role("article", name=host.word("minutes.title"))
    expect(sheet).to_contain_text(record["digest"])
    expect(sheet).to_contain_text("Cover")
    expect(sheet).to_contain_text(host.word("minutes.ballotsOf", ballots=4, blank=0, eligible=5))
    rounds = host.page.get_by_role("columnheader", name=re.compile("Round"))
    expect(rounds).to_have_count(len(record["result"]["rounds"]))
    host.page.emulate_media(media="print")
    expect(host.page.get_by_role("button", name=host.word("minutes.print"))).to_be_hidden()


def test_minutes_of_a_poll_without_ballots_name_no_threshold_that_it_has_not(
    sit: Sit, meeting: Meeting
) -> None:
    poll = meeting.open_poll(eligibility="anyone")
    meeting.ask("POST", f"/polls/{poll['id']}/close")

    host = sit("minutes", poll)

    sheet = host.page.get_by_role("article", name=host.word("minutes.title"))
    expect(sheet).to_contain_text(host.word("verdict.noVotes"))
    expect(sheet).not_to_contain_text(host.word("verdict.none_passed"))
    expect(sheet).to_contain_text(host.word("minutes.unbounded", ballots=0, blank=0))


@pytest.mark.parametrize(("rule", "other"), [("irv", "schulze"), ("schulze", "irv")])
def test_ranked_poll_is_compared_with_the_other_rule_when_asked(
    sit: Sit, meeting: Meeting, rule: str, other: str
) -> None:
    poll = meeting.open_poll("Ada", "Noah", "Mina", method="ranked", rule=rule)
    meeting.cast(poll, 0, 0, 1)
    host = sit("poll", poll)
    title = host.word("comparison.title", rule=host.word(f"form.rule_{other}"))
    expect(host.page.get_by_text(title)).to_have_count(0)
    meeting.ask("POST", f"/polls/{poll['id']}/close")

    host.page.get_by_text(title).click()

    decides = host.word("comparison.hint", rule=host.word(f"form.rule_{rule}"))
    expect(host.page.get_by_text(decides)).to_be_visible()
    expect(host.page.get_by_text(host.word("comparison.first", names="Ada"))).to_be_visible()
    check_page(host.page)


def test_turnout_is_not_headed_as_a_list_where_it_has_no_names(sit: Sit, meeting: Meeting) -> None:
    poll = meeting.open_poll("Ada", "Noah", secrecy="secret", results="closed")
    meeting.cast(poll, 0)
    meeting.ask("POST", f"/polls/{poll['id']}/close")

    host = sit("poll", poll)

    turnout = host.page.get_by_role("region", name=host.word("turnout.title"), exact=True)
    expect(turnout).to_contain_text(host.word("turnout.votedOf", voted=1, eligible=5))
    expect(host.page.get_by_text(host.word("turnout.didNot"), exact=True)).to_have_count(0)


def test_room_is_gone_from_its_hosts_when_it_is_deleted(sit: Sit, meeting: Meeting) -> None:
    host = sit("settings")

    host.press("setting.delete")
    confirm(host, "setting.delete")

    expect(host.page.get_by_role("heading", name=host.word("home.rooms"))).to_be_visible()
    expect(host.page.get_by_text(host.word("home.noRooms"))).to_be_visible()


def test_every_place_of_the_desk_is_accessible_and_fits_a_narrow_phone(
    sit: Sit, meeting: Meeting
) -> None:
    tied = meeting.open_poll(results="host")
    meeting.cast(tied, 0, 1)
    meeting.ask("POST", f"/polls/{tied['id']}/close")
    draft = meeting.poll(eligibility="anyone", results="live", threshold=THRESHOLD)
    live = meeting.open_poll(results="live", secrecy="named", closes_at="2030-01-01T09:00:00Z")
    meeting.cast(live, 0)
    host = sit("polls")
    page = host.page
    places = ("polls", "new", "roll", "codes", "door", "people", "settings")
    polls = (("poll", tied), ("poll", draft), ("edit", draft), ("poll", live), ("minutes", tied))
    addresses = [meeting.at(place) for place in places] + [meeting.at(*each) for each in polls]

    for address in [*addresses, "/", "/?new"]:
        page.goto(meeting.server.url + address)
        page.wait_for_load_state("networkidle")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)
            check_page(page)
        page.set_viewport_size(NARROW)
        assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"], address
        page.set_viewport_size(SCREEN)

    page.goto(meeting.server.url + meeting.at("poll", live))
    host.press("step.void")
    check_page(page)


SCHEMES: tuple[Literal["light"], Literal["dark"]] = ("light", "dark")
THRESHOLD = {"num": 2, "den": 3, "of": "cast", "rule": "at_least"}
