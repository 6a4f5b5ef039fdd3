"""Files that a roll can't be told from for sure: a guess is asked about, a workbook is named."""

import gzip
import io
import zipfile
from typing import Any

import pytest
from openpyxl import Workbook

from tests.http.hall import faults
from tests.http.rooms.house import House, Room
from tests.http.rooms.test_roll_files import rows_of, send

KIM = ("Kim", None, "007", "voter")
GUESSES = [  # what is common Hangul as CP949, and what it is
    ("cp949", "이름,학번\n김하나,1\n"),
    ("euc-jp", "name,ref\n井上,1\n"),
    ("gb18030", "name,ref\n李娜,1\n"),
    ("windows-1251", "name,ref\nЮлия,1\n"),
]


def name_in(text: str) -> str:
    """Return the name in the second line of a table."""
    return text.splitlines()[1].partition(",")[0]


@pytest.mark.parametrize("method", ["POST", "PUT"])
@pytest.mark.parametrize(("encoding", "text"), GUESSES)
def test_guessed_encoding_is_asked_about_before_anything_is_stored(
    house: House, encoding: str, text: str, method: str
) -> None:
    room, raw = house.room(), text.encode(encoding)
    preview = send(house, room, raw, method, "?dry_run=1")
    guess = preview.json() if preview.status_code == 200 else {"encoding": None}

    refused = send(house, room, raw, method)
    before = rows_of(house, room)
    taken = send(house, room, raw, method, f"?encoding={encoding}")

    if guess["encoding"] is None:
        assert faults(refused) == faults(preview) == {"encoding": "not_text"}
    else:
        assert faults(refused) == {"encoding": "guessed"}
        assert refused.json()["file"] == {key: guess[key] for key in refused.json()["file"]}
        assert guess["names"] == [name_in(raw.decode("cp949"))]
    assert before == []
    assert taken.json()["encoding"] == encoding
    assert rows_of(house, room)[0][0] == name_in(text)


@pytest.mark.parametrize(
    ("charset", "encoding", "text"),
    [
        ("EUC-KR", "cp949", "이름,학번\n김하나,1\n"),
        ("shift_jis", "shift_jis", "name,ref\n井上,1\n"),
        ("GBK", "gb18030", "name,ref\n李娜,1\n"),
        ("ISO-8859-1", "windows-1252", "name,ref\nZoë,1\n"),
        ("utf-16le", "utf-16", "name,ref\n김하나,1\n"),
        ('"UTF-8"', "utf-8", "name,ref\n김하나,1\n"),
    ],
)
def test_charset_of_the_content_type_names_the_encoding(
    house: House, charset: str, encoding: str, text: str
) -> None:
    room = house.room()

    taken = post(house, room, text.encode(encoding), charset)

    assert taken.json()["encoding"] == encoding
    assert rows_of(house, room)[0][0] == name_in(text)


@pytest.mark.parametrize(
    ("charset", "query", "code"),
    [
        ("utf-8", "", "not_encoded"),
        ("x-unknown", "", "not_allowed"),
        ("cp949", "?encoding=utf-8", "not_encoded"),
    ],
)
def test_charset_that_is_not_the_files_is_refused(
    house: House, charset: str, query: str, code: str
) -> None:
    refused = post(house, house.room(), "이름\n김하나\n".encode("cp949"), charset, query)

    assert faults(refused) == {"encoding": code}


def post(house: House, room: Room, raw: bytes, charset: str, query: str = "") -> Any:
    """Send a file with a charset."""
    headers = {"Content-Type": f"text/csv; charset={charset}"}
    return house.request("POST", f"{room.path}/roll{query}", room.host, data=raw, headers=headers)


@pytest.mark.parametrize("above", ["\n", "\r\n\r\n", "\n,,\n", " \n", "sep=,\n\n"])
def test_blank_lines_above_the_header_are_skipped(house: House, above: str) -> None:
    room = house.room()

    sent = send(house, room, f"{above}name,ref\nKim,007\nLee,007\n")
    taken = send(house, room, f"{above}name,ref\nKim,007\n")

    line = above.replace("\r\n", "\n").count("\n") + 3
    assert faults(sent) == {f"line.{line}.ref": "duplicate"}
    assert taken.json()["added"] == 1
    assert rows_of(house, room) == [KIM]


def test_no_two_letters_of_another_encoding_are_stored_as_korean(house: House) -> None:
    room = house.room()
    pairs = [bytes((high, low)) for high in range(0xB0, 0xC2, 2) for low in range(0xA1, 0xFF, 31)]

    answers = [send(house, room, b"name\n" + pair + b"\n") for pair in pairs]

    assert {answer.status_code for answer in answers} == {400}
    assert rows_of(house, room) == []


def excel() -> bytes:
    book, raw = Workbook(), io.BytesIO()
    book.active.append(["name"])
    book.save(raw)
    return raw.getvalue()


def zipped(**files: str) -> bytes:
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return raw.getvalue()


@pytest.mark.parametrize(
    ("raw", "code", "kind"),
    [
        (excel(), "workbook", "Excel"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 500, "workbook", "Excel"),
        (b"\x09\x08\x10\0\0\x06\x05\0", "workbook", "Excel"),
        (
            zipped(mimetype="application/vnd.oasis.opendocument.spreadsheet"),
            "workbook",
            "OpenDocument",
        ),
        (zipped(**{"Index/Document.iwa": ""}), "workbook", "Numbers"),
        (zipped(**{"roll.csv": "name\nKim\n"}), "other_file", "ZIP"),
        (b"%PDF-1.7\n%\xe2\xe3", "other_file", "PDF"),
        (gzip.compress(b"name\nKim\n", mtime=0), "other_file", "GZIP"),
        (b"{\\rtf1 name", "other_file", "RTF"),
        (b"\x89PNG\r\n\x1a\n\0\0", "other_file", "PNG"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "other_file", "JPEG"),
        (b"\xef\xbb\xbf\r\n<html><table><tr><td>name", "other_file", "HTML"),
        (b'<?xml version="1.0"?><Workbook>', "other_file", "XML"),
    ],
)
@pytest.mark.parametrize("query", ["", "?dry_run=1", "?encoding=cp949"])
def test_file_that_is_not_text_is_refused_by_its_format(
    house: House, raw: bytes, code: str, kind: str, query: str
) -> None:
    refused = send(house, house.room(), raw, query=query)

    assert faults(refused) == {"": code}
    assert kind in refused.json()["errors"][0]["detail"]


@pytest.mark.parametrize("order", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("name", ["Kim", "가갈", "Ā一"])  # these have NULs on either side
@pytest.mark.parametrize("query", ["", "?encoding=utf-16"])
def test_utf_16_is_known_without_a_mark(
    house: House, order: str, end: str, name: str, query: str
) -> None:
    room = house.room()

    answer = send(house, room, f"name,ref{end}{name},007{end}".encode(order), query=query)

    assert answer.json()["encoding"] == "utf-16"
    assert rows_of(house, room) == [(name, *KIM[1:])]


@pytest.mark.parametrize("declared", [",", ";", "|", "\t", "\\t"])
@pytest.mark.parametrize("line", ["sep={}\n", '"sep={}"\r\n', "SEP={}\n"])
def test_declared_separator_is_taken(house: House, declared: str, line: str) -> None:
    room, cell = house.room(), declared.replace("\\t", "\t")

    send(house, room, line.format(declared) + f"name{cell}ref\nKim{cell}007\n")

    assert rows_of(house, room) == [KIM]


@pytest.mark.parametrize("separator", [",", ";", "|", "\t"])
def test_separator_is_found_in_the_header(house: House, separator: str) -> None:
    room = house.room()

    send(house, room, f'"name"{separator}"ref"\nKim{separator}007\n')

    assert rows_of(house, room) == [KIM]


@pytest.mark.parametrize("line", ["sep=^", "sep=:", "sep=", "sep=a"])
def test_other_separators_are_refused_by_their_line(house: House, line: str) -> None:
    assert faults(send(house, house.room(), f"{line}\nname\nKim\n")) == {"line.1": "separator"}


def test_columns_are_chosen_freed_and_ignored(house: House) -> None:
    room = house.room()
    text = 'Who,번호,phone,phone,"a, b"\nKim,3,010,007,x\n'
    query = "?name_column=Who&ref_column=phone%20%234&ignored_columns=phone,%22a,%20b%22"

    preview = send(house, room, text, query=f"{query}&dry_run=1").json()
    send(house, room, text, query=query)

    kept: Any = house.roll(room)[1]
    assert rows_of(house, room) == [KIM]
    assert kept["columns"] == {"번호": "3"}
    assert [tuple(each.values()) for each in preview["columns"]] == [
        ("Who", "name", False),
        ("번호", None, False),
        ("phone", None, True),
        ("phone #4", "ref", False),
        ("a, b", None, True),
    ]


def test_field_is_left_free_when_no_column_is_chosen_for_it(house: House) -> None:
    room = house.room()

    send(house, room, "name,번호\nKim,3\n", query="?ref_column=")

    assert rows_of(house, room) == [("Kim", None, None, "voter")]
    assert house.roll(room)[1]["columns"] == {"번호": "3"}


@pytest.mark.parametrize(
    ("query", "fault"),
    [
        ("?name_column=Whom", "name_column"),
        ("?name_column=Who&ref_column=Who", "ref_column"),
        ("?name_column=Who&ignored_columns=Who", "ignored_columns"),
        ("?name_column=Who&ignored_columns=Whom", "ignored_columns"),
    ],
)
def test_choice_of_columns_is_refused_when_it_makes_no_sense(
    house: House, query: str, fault: str
) -> None:
    assert faults(send(house, house.room(), "Who\nKim\n", query=query))[fault] == "not_allowed"


@pytest.mark.parametrize("line", ["a%0Ab", "a%0D%0Ab", "a%0Db"])
def test_columns_to_ignore_are_refused_when_they_are_no_line(house: House, line: str) -> None:
    sent = send(house, house.room(), "name,a\nKim,1\n", query=f"?ignored_columns={line}")

    assert faults(sent) == {"ignored_columns": "not_csv"}


def test_refused_file_lists_its_columns_for_the_host_to_choose(house: House) -> None:
    refused = send(house, house.room(), "Who,Nr\nKim,7\n", query="?dry_run=1").json()

    assert [each["called"] for each in refused["file"]["columns"]] == ["Who", "Nr"]
    assert refused["file"]["encoding"] == "utf-8"


@pytest.mark.parametrize("pair", [("Phone", "phone"), ("phone", "\uff30hone"), ("A\u200bb", "ab")])
def test_columns_that_compare_alike_are_chosen_apart(house: House, pair: tuple[str, str]) -> None:
    room = house.room()
    text = f"name,{','.join(pair)}\nKim,a,b\n"
    called = [
        each["called"] for each in send(house, room, text, query="?dry_run=1").json()["columns"]
    ]

    read = [
        send(house, room, text, query=f"?dry_run=1&ref_column={one}&ignored_columns={other}").json()
        for one, other in ((called[1], called[2]), (called[2], called[1]))
    ]

    fields = [[(each["field"], each["ignored"]) for each in file["columns"]] for file in read]
    assert fields == [
        [("name", False), ("ref", False), (None, True)],
        [("name", False), (None, True), ("ref", False)],
    ]


@pytest.mark.parametrize("header", ["phone #4,phone,name,phone", "phone,phone,name,phone #2"])
def test_no_two_columns_are_called_the_same(house: House, header: str) -> None:
    room = house.room()

    send(house, room, f"{header}\na,b,Kim,c\n")

    assert sorted(house.roll(room)[1]["columns"].values()) == ["a", "b", "c"]


@pytest.mark.parametrize("query", ["?dry_run=1", ""])
def test_wide_table_lists_its_columns_to_leave_some_out(house: House, query: str) -> None:
    room, extra = house.room(), [f"c{number}" for number in range(60)]
    text = f"name,{','.join(extra)}\nKim{',x' * 60}\n"

    refused = send(house, room, text, query=query).json()
    query = f"?ignored_columns={','.join(extra[20:])}"
    taken = send(house, room, text, query=query)

    assert [each["called"] for each in refused["file"]["columns"]] == ["name", *extra]
    assert taken.json()["added"] == 1
    assert list(house.roll(room)[1]["columns"]) == extra[:20]


def test_wide_table_whose_encoding_is_guessed_lists_its_columns(house: House) -> None:
    room, extra = house.room(), [f"칸{number}" for number in range(60)]
    raw = f"이름,{','.join(extra)}\n김하나\n".encode("cp949")

    refused = send(house, room, raw, query=f"?ignored_columns={','.join(extra[20:])}")

    assert faults(refused) == {"encoding": "guessed"}
    assert len(refused.json()["file"]["columns"]) == 61


def test_table_of_very_many_columns_is_refused_before_they_are_read(house: House) -> None:
    header = ",".join(f"c{number}" for number in range(100_000))

    refused = send(house, house.room(), f"name,{header}\nKim\n")

    assert faults(refused) == {"line.1": "too_long"}
    assert refused.json()["file"]["columns"] == []


def test_preview_names_the_people_to_be_removed(house: House) -> None:
    room = house.room()
    send(house, room, "name\n" + "".join(f"N{n}\n" for n in range(15)))

    preview = send(house, room, "name\nN0\n", "PUT", "?dry_run=1").json()

    assert preview["removed"] == 14
    assert preview["removed_names"] == [f"N{n}" for n in range(1, 13)]
