"""Rolls as spreadsheets save them: a broken file is refused, every other one is read."""

import io
from typing import Any

import pytest
from openpyxl import load_workbook

from api.tables import XLSX
from tests.http.hall import faults
from tests.http.rooms.house import House
from tests.http.rooms.test_roll_files import rows_of, send

KIM = ("Kim", None, "007", "voter")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('name,ref\nAnn,1\n"Bob,2\nCid,3\nDan,4\n', 3),
        ('name,ref\n"Kim" Jr,7\nLee,8\n', 2),
        ('name,ref\n"Two\nlines","3\nBob,2\n', 3),
        ('name,ref\n"Two\nlines",3\n"Ann"x,4\n', 4),
        ('"name,ref\nAnn,1\n', 1),
        ('sep=;\nname;ref\nAnn;1\n"Bob;2\n', 4),
        ('name,ref\r\nAnn,1\r\n"Bob,2\r\nCid,3\r\n', 3),
        ('name,ref\n"A ""B"" C",1\n "Bob,2\n', 3),
    ],
)
def test_file_is_refused_where_a_quoted_cell_begins_that_is_broken(
    house: House, text: str, line: int
) -> None:
    room = house.room()

    assert faults(send(house, room, text)) == {f"line.{line}": "not_csv"}
    assert rows_of(house, room) == []


@pytest.mark.parametrize(
    "raw",
    [
        "name\tref\nKim\t007\n".encode("utf-16"),
        b"name;ref\nKim;007\n",
        b"sep=;\nname;ref\nKim;007\n",
        b'"sep=,"\r\nname,ref\r\nKim,007\r\n',
        b'name,ref\nKim,="007"\n',
        b'name,ref\nKim,"=""007"""\n',
        b"name,ref\nKim,'007\n",
        "\ufeff\ufeffname,ref\nKim,007\n".encode(),
        "\u200bname\u200b,\u2060ref\nKim\u200b,\ufeff007\n".encode(),
        b"Name , REF\n Kim , 007 \n",
        '"name";"ref"\n"Kim";"007"\n'.encode("utf-8-sig"),
    ],
)
def test_file_is_read_as_spreadsheets_write_it(house: House, raw: bytes) -> None:
    room = house.room()

    assert send(house, room, raw).status_code == 200
    assert rows_of(house, room) == [KIM]


@pytest.mark.parametrize("name", ["'t Hooft", 'Kim "JK" Lee', "O'Brien", "=Kim"])
def test_name_with_quotes_is_kept(house: House, name: str) -> None:
    room = house.room()

    send(house, room, f"name\n{name}\n")

    assert rows_of(house, room)[0][0] == name


def test_file_in_another_encoding_is_asked_about_and_then_read(house: House) -> None:
    room = house.room()
    raw = "name,ref\nJosé Núñez,7\nÇiğdem,8\n".encode("cp1254", "replace")

    refused = send(house, room, raw, query="?dry_run=1")
    wrong = send(house, room, raw, query="?encoding=latin-9")
    preview = send(house, room, raw, query="?dry_run=1&encoding=windows-1252").json()
    send(house, room, raw, query="?encoding=windows-1252")

    assert faults(refused) == {"encoding": "not_text"}
    assert faults(wrong) == {"encoding": "not_allowed"}
    assert (preview["encoding"], preview["guessed"]) == ("windows-1252", False)
    assert preview["names"][0] == "José Núñez" == rows_of(house, room)[0][0]


def test_preview_marks_korean_as_a_guess_and_shows_the_first_names(house: House) -> None:
    names = [f"김하늘{letter}" for letter in "가나다라마바사"]
    raw = "\n".join(["이름", *names]).encode("cp949")

    preview = send(house, house.room(), raw, query="?dry_run=1").json()

    assert (preview["encoding"], preview["guessed"]) == ("cp949", True)
    assert preview["names"] == names[:5]


def test_unknown_columns_are_kept_with_their_members(house: House) -> None:
    room = house.room()
    text = "이름,phone,Member no,번호,학번,,phone\nAnn,010-1,A7,1,001,x,2\nBob,,,2,002,,\n"

    preview = send(house, room, text, query="?dry_run=1").json()
    send(house, room, text)
    send(house, room, "name,ref,phone\nAnn,001,010-9\n")

    _, ann, bob = house.roll(room)
    kept = {"phone": "010-9", "Member no": "A7", "번호": "1", "#6": "x", "phone #7": "2"}
    assert (ann["ref"], ann["columns"]) == ("001", kept)
    assert (bob["ref"], bob["columns"]) == ("002", {"번호": "2"})
    sought = house.request("GET", f"{room.path}/roll?q=010-9", room.host).json()["items"]
    assert [row["name"] for row in sought] == ["Ann"]
    assert [each["field"] for each in preview["columns"]] == [
        *("name", None, None, None, "ref", None, None)
    ]


@pytest.mark.parametrize(
    "header",
    [
        *("이름,회원 번호", "이 름,회 원 번 호", "성  명,회원번호", "성명,학 번", "이름,학생번호"),
        *("FullName,Member  Number", "Full\u00a0Name,membernumber", "N ame,student number"),
    ],
)
def test_header_is_known_however_it_is_spaced(house: House, header: str) -> None:
    room = house.room()

    send(house, room, f"{header}\nKim,007\n")

    assert rows_of(house, room) == [KIM]


def test_column_is_chosen_when_its_header_is_unknown(house: House) -> None:
    room = house.room()
    text = "Who,Member no\nKim,007\n"

    refused = send(house, room, text)
    unknown = send(house, room, text, query="?name_column=Whom")
    send(house, room, text, query="?name_column=who&ref_column=Member%20no")

    assert faults(refused) == {"line.1.name": "required"}
    assert faults(unknown) == {"name_column": "not_allowed", "line.1.name": "required"}
    assert rows_of(house, room) == [KIM]


def test_free_columns_come_and_change_as_json(house: House) -> None:
    room = house.room()
    (row,) = house.enrol(room, {"name": "Ann", "columns": {" phone ": "010"}})

    path = f"{room.path}/roll/{row['id']}"
    changed = house.request("PATCH", path, room.host, json={"columns": {"team": "A"}}).json()

    assert (row["columns"], changed["columns"]) == ({"phone": "010"}, {"team": "A"})


@pytest.mark.parametrize(
    ("columns", "fault"),
    [
        ({f"c{n}": "x" for n in range(21)}, {"rows.0.columns": "too_long"}),
        ({"c" * 41: "x"}, {f"rows.0.columns.{'c' * 41}": "too_long"}),
        ({"c": "x" * 201}, {"rows.0.columns.c": "too_long"}),
        ({"c": "a\u202eb"}, {"rows.0.columns.c": "bad_character"}),
        ({"c": 7}, {"rows.0.columns.c": "wrong_type"}),
    ],
)
def test_free_columns_are_bounded(house: House, columns: Any, fault: dict[str, str]) -> None:
    room = house.room()
    body = [{"name": "Ann", "columns": columns}]

    assert faults(house.request("POST", f"{room.path}/roll", room.host, json=body)) == fault


def test_free_columns_are_bounded_where_rows_merge_and_in_all(house: House) -> None:
    room = house.room()
    half = [{f"{part}{n}": "x" for n in range(11)} for part in "ab"]
    house.enrol(room, {"name": "Ann", "ref": "1", "columns": half[0]})
    body = [{"name": "Ann", "ref": "1", "columns": half[1]}]
    head = ",".join(f"{n:02}{'x' * 38}" for n in range(20))
    wide = f"name,{head}\n" + ("A" + ",y" * 20 + "\n") * 8_000

    merged = house.request("POST", f"{room.path}/roll", room.host, json=body)
    large = send(house, room, wide)

    assert faults(merged) == {"rows.0.columns": "too_long"}
    assert faults(large) == {"columns": "too_long"}


def test_removed_member_comes_back_with_free_columns(house: House) -> None:
    room = house.room()
    (row,) = house.enrol(room, {"name": "Ann", "ref": "1", "columns": {"phone": "010"}})
    house.request("DELETE", f"{room.path}/roll/{row['id']}", room.host)

    (back,) = house.enrol(room, {"name": "Ann", "ref": "1"})

    assert (back["id"], back["columns"]) == (row["id"], {"phone": "010"})


def test_roll_goes_out_as_a_table_and_comes_back_the_same(house: House) -> None:
    room, other = house.room(), house.room()
    send(house, room, "name,email,ref,phone,team\nAnn,a@b,007,+82-10,\nBob,,2,,=A\n")

    table = house.request("GET", f"{room.path}/roll.csv", room.host)
    send(house, other, table.content)

    assert table.headers["Content-Type"].startswith("text/csv")
    roll, again = house.roll(room)[1:], house.roll(other)[2:]
    assert roll[0]["columns"] == {"phone": "+82-10"}
    for each in (*roll, *again):
        del each["id"]
    assert roll == again


def test_tables_go_out_as_spreadsheets(house: House) -> None:
    room = house.room()
    (row,) = house.enrol(room, {"name": "=1+1", "ref": "007", "columns": {"phone": "+82"}})
    house.request("PATCH", f"{room.path}/roll/{row['id']}", room.host, json={"checked_in": True})
    poll = house.poll(room, candidates=[{"name": "-1"}])

    books = [
        house.request("GET", path, room.host)
        for path in (
            f"{room.path}/roll.xlsx",
            f"{room.path}/attendance.xlsx",
            f"/polls/{poll['id']}/results.xlsx",
        )
    ]

    roll, attendance, results = (
        list(load_workbook(io.BytesIO(book.content)).active.iter_rows(values_only=True))
        for book in books
    )
    assert roll[0] == ("name", "email", "ref", "role", "phone", "claimed", "checked_in")
    assert roll[2] == ("=1+1", None, "007", "voter", "+82", 0, 1)
    assert attendance[1][1] == "=1+1"
    assert results[1][1:4] == ("-1", 0, 0)
    assert {book.headers["Content-Type"] for book in books} == {XLSX}


def test_free_columns_are_bounded_in_a_whole_roll(house: House) -> None:
    room = house.room()
    rows = [{"name": f"N{n}", "columns": {f"c{n}-{m}": "x" for m in range(20)}} for n in range(3)]
    (kept, *_) = house.enrol(room, *rows[:2])

    path = f"{room.path}/roll"
    merged = house.request("POST", path, room.host, json=rows)
    changed = house.request(
        "PATCH", f"{path}/{kept['id']}", room.host, json={"columns": rows[2]["columns"]}
    )
    replaced = house.request("PUT", path, room.host, json=rows[1:])

    assert faults(merged) == {"columns": "too_long"}
    assert changed.status_code == replaced.status_code == 200
