"""The import of a roll in a real browser: what the page asks about a file, and what it sends."""

from collections.abc import Callable
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from openpyxl import Workbook
from playwright.sync_api import Locator, expect

from tests.browser.axe import check_page
from tests.browser.conftest import Visit
from tests.browser.hosting import Meeting, hold_meeting, sit_down
from tests.browser.people import Visitor
from tests.server import Server

Sit = Callable[..., Visitor]
REFUSED = r"status of 400"
PHONE = {"width": 360, "height": 740}
SCHEMES: tuple[str, str] = ("light", "dark")


@pytest.fixture
def server(shared_server: Server) -> Server:
    """One for all: every test has a room and a host of its own."""
    return shared_server


@pytest.fixture
def meeting(server: Server) -> Meeting:
    return hold_meeting(server, "Ada", "Noah")


@pytest.fixture
def sit(visit: Visit, meeting: Meeting) -> Sit:
    """Sit down at the roll."""

    def go(**options: str) -> Visitor:
        return sit_down(visit("/signin", noise=REFUSED, **options), meeting, meeting.at("roll"))

    return go


def pick_file(host: Visitor, raw: bytes) -> None:
    file = {"name": "roll.csv", "mimeType": "text/csv", "buffer": raw}
    host.page.get_by_label(host.word("roll.pickFile")).set_input_files([file])  # type: ignore[list-item]
    host.press("roll.look")


def workbook(*rows: tuple[Any, ...]) -> bytes:
    """Return an Excel workbook with these rows."""
    book, out = Workbook(), BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(out)
    return out.getvalue()


def use_of(host: Visitor, called: str) -> Locator:
    """Return the choice of what a column holds."""
    uses = host.page.get_by_role("group", name=host.word("roll.columns"), exact=True)
    return uses.get_by_role("combobox", name=called, exact=True)


def question(host: Visitor, key: str) -> Locator:
    return host.page.get_by_role("group", name=host.word(key), exact=True)


def take(host: Visitor) -> None:
    """Import what was previewed."""
    host.press("roll.apply")
    dialog = host.page.get_by_role("dialog")
    dialog.get_by_role("button", name=host.word("roll.apply"), exact=True).click()
    expect(dialog).to_have_count(0)


def members(meeting: Meeting) -> dict[str, tuple[str | None, dict[str, str]]]:
    """Return ref and free columns of each member of the roll, by name."""
    rows = meeting.ask("GET", f"/rooms/{meeting.code}/roll")["items"]
    return {row["name"]: (row["ref"], row["columns"]) for row in rows}


@pytest.mark.parametrize("language", ["en", "ko"])
def test_each_column_is_kept_left_out_or_made_a_field(
    sit: Sit, meeting: Meeting, language: str
) -> None:
    host = sit(language=language)
    pick_file(host, "이름,번호,Card,phone,team\nKim,1,A7,010,X\n".encode())

    expect(use_of(host, "이름")).to_have_value("name")
    expect(use_of(host, "번호")).to_have_value("ref")
    expect(use_of(host, "phone")).to_have_value("keep")
    use_of(host, "Card").select_option(label=host.word("roll.use_ref"))
    expect(use_of(host, "번호")).to_have_value("keep")
    use_of(host, "phone").select_option(label=host.word("roll.use_ignore"))
    first = host.page.get_by_role("group").get_by_role("listitem").filter(has_text="Kim")
    expect(first).to_have_text("Kim 번호: 1, A7, team: X")
    expect(host.button("roll.apply")).to_have_count(0)
    host.press("roll.lookAgain")
    kept = host.word("roll.freeColumns", columns="번호, team")
    expect(host.page.get_by_role("status").filter(has_text=kept)).to_be_visible()
    take(host)

    assert members(meeting)["Kim"] == ("A7", {"번호": "1", "team": "X"})


def test_column_of_names_is_asked_for_when_no_header_names_it(sit: Sit, meeting: Meeting) -> None:
    host = sit()
    pick_file(host, b"Who,Nr\nKim,7\nLee,8\n")

    asked = question(host, "roll.whichName")
    expect(host.page.get_by_role("alert").get_by_role("listitem")).to_have_count(0)
    expect(use_of(host, "Who")).to_have_accessible_description(
        host.word("roll.samples", cells="Kim, Lee")
    )
    asked.get_by_role("combobox").select_option("Who")
    expect(use_of(host, "Who")).to_have_value("name")
    host.press("roll.lookAgain")
    expect(asked).to_have_count(0)
    take(host)

    assert members(meeting)["Kim"] == (None, {"Nr": "7"})


def test_columns_that_differ_only_in_case_are_chosen_apart(sit: Sit, meeting: Meeting) -> None:
    host = sit()
    pick_file(host, b"name,Phone,phone\nKim,010,020\n")

    use_of(host, "phone").select_option(label=host.word("roll.use_ref"))
    use_of(host, "Phone").select_option(label=host.word("roll.use_ignore"))
    host.press("roll.lookAgain")
    take(host)

    assert members(meeting)["Kim"] == ("020", {})


def test_guessed_encoding_is_asked_about_by_its_first_names(sit: Sit, meeting: Meeting) -> None:
    host = sit(language="ko")
    pick_file(host, "이름,회원 번호\n김하늘,1\n이도윤,2\n".encode("cp949"))

    asked = question(host, "roll.areRight")
    expect(asked).to_contain_text("김하늘, 이도윤")
    expect(host.button("roll.apply")).to_have_count(0)
    with host.page.expect_request("**/roll?*") as sent:
        asked.get_by_role("button", name=host.word("roll.areRightYes")).click()
    assert "encoding=cp949" in sent.value.url
    expect(asked).to_have_count(0)
    with host.page.expect_request("**/roll?*") as sent:
        take(host)

    assert "encoding=cp949" in sent.value.url
    assert members(meeting)["김하늘"][0] == "1"


def test_wrong_guess_is_read_again_in_the_encoding_that_is_chosen(
    sit: Sit, meeting: Meeting
) -> None:
    host = sit()
    raw = "name,ref\n李娜,1\n".encode("gb18030")
    pick_file(host, raw)

    asked = question(host, "roll.areRight")
    expect(asked).to_contain_text(raw.decode("cp949").splitlines()[1].partition(",")[0])
    asked.get_by_role("combobox").focus()
    asked.get_by_role("combobox").select_option("gb18030")
    expect(host.page.get_by_label(host.word("roll.encoding"))).to_be_focused()
    host.press("roll.lookAgain")
    expect(host.page.get_by_role("status").filter(has_text="李娜")).to_be_visible()
    take(host)

    assert members(meeting)["李娜"][0] == "1"


def test_wide_table_is_imported_when_columns_are_left_out(sit: Sit, meeting: Meeting) -> None:
    host = sit()
    extra = [f"c{number}" for number in range(30)]
    pick_file(host, f"name,{','.join(extra)}\nKim{',x' * 30}\n".encode())

    refused = host.page.get_by_role("alert").get_by_role("listitem")
    expect(refused).to_contain_text(host.word("roll.tooManyColumns"))
    for called in extra[3:]:
        use_of(host, called).select_option("ignore")
    host.press("roll.lookAgain")
    take(host)

    assert members(meeting)["Kim"] == (None, dict.fromkeys(extra[:3], "x"))


def test_keyboard_alone_answers_and_a_phone_shows_every_question(
    sit: Sit, meeting: Meeting
) -> None:
    host = sit(viewport=PHONE)
    page, raw = host.page, "Who,phone\n김하늘,010\n".encode("cp949")
    pick_file(host, raw)

    expect(question(host, "roll.whichName")).to_be_visible()
    check_page(page)
    page.get_by_label(host.word("roll.nameColumn")).focus()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_label(host.word("roll.nameColumn"))).to_have_value("Who")
    host.button("roll.lookAgain").press("Enter")
    expect(question(host, "roll.areRight")).to_contain_text("김하늘")
    expect(page.locator(".roll-result")).to_be_focused()
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        check_page(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    expect(question(host, "roll.areRight")).to_have_count(0)
    expect(host.button("roll.apply")).to_be_visible()
    take(host)
    assert members(meeting)["김하늘"] == (None, {"phone": "010"})


@pytest.mark.parametrize("language", ["en", "ko"])
def test_workbook_is_read_as_a_table(sit: Sit, meeting: Meeting, language: str) -> None:
    host = sit(language=language)
    pick_file(
        host, workbook(("이름", "번호", "team"), ("김하늘", 20261234, "A"), ("O'Brien", 7, None))
    )

    expect(use_of(host, "이름")).to_have_value("name")
    expect(use_of(host, "번호")).to_have_value("ref")
    check_page(host.page)
    take(host)

    assert members(meeting)["김하늘"] == ("20261234", {"team": "A"})
    assert members(meeting)["O'Brien"] == ("7", {})


def test_fault_in_a_workbook_is_named_by_its_row(sit: Sit) -> None:
    host = sit()
    pick_file(host, workbook(("name", "email"), (None, None), ("Kim", "nobody")))

    refused = host.page.get_by_role("alert").get_by_role("listitem")
    expect(refused).to_contain_text(host.word("roll.line", line="3"))


def test_workbook_that_unpacks_to_gigabytes_is_refused(sit: Sit, meeting: Meeting) -> None:
    host, out = sit(), BytesIO()
    with ZipFile(BytesIO(workbook(("name",)))) as sound, ZipFile(out, "w", ZIP_DEFLATED) as bomb:
        for name in sound.namelist():
            sheet = name == "xl/worksheets/sheet1.xml"
            bomb.writestr(name, bytes(1 << 28) if sheet else sound.read(name))
    before = members(meeting)

    pick_file(host, out.getvalue())

    expect(host.page.get_by_text(host.word("roll.workbook_large"))).to_be_visible()
    assert members(meeting) == before
