"""The roll as files and as JSON: every way that spreadsheets write one, all or nothing."""

import threading
import unicodedata
from typing import Any

import pytest

from api.limits import ROWS_CHANGED
from schemas.rooms import ROLL_ROWS
from tests.http.hall import faults, refusal
from tests.http.rooms.house import House, Room

CSV = {"Content-Type": "text/csv"}
TRIES = 30
KOREAN = "이름,이메일,학번,역할\n김하나,hana@example.org,001,투표자\n이두리,,002,참관인\n"
HANA = ("김하나", "hana@example.org", "001", "voter")
DURI = ("이두리", None, "002", "observer")


def send(house: House, room: Room, file: str | bytes, method: str = "POST", query: str = "") -> Any:
    raw = file.encode() if isinstance(file, str) else file
    return house.request(method, f"{room.path}/roll{query}", room.host, data=raw, headers=CSV)


def rows_of(house: House, room: Room) -> list[tuple[Any, ...]]:
    """Return the roll but for the room's maker."""
    return [
        tuple(row[key] for key in ("name", "email", "ref", "role")) for row in house.roll(room)
    ][1:]


@pytest.mark.parametrize(
    ("raw", "encoding"),
    [
        (KOREAN.encode(), "utf-8"),
        (KOREAN.encode("utf-8-sig"), "utf-8"),
        (KOREAN.encode("cp949"), "cp949"),
        (KOREAN.replace("\n", "\r\n").encode("cp949"), "cp949"),
        (KOREAN.replace("\n", "\r").encode(), "utf-8"),
        (KOREAN.replace(",", "\t").encode(), "utf-8"),
        (KOREAN.replace(",", ", ").encode(), "utf-8"),
        (KOREAN.replace("\n", ",,\n").encode(), "utf-8"),
        (KOREAN.replace("\n", "\n\n,,,\n").encode(), "utf-8"),
        (unicodedata.normalize("NFD", KOREAN).encode(), "utf-8"),
        (KOREAN.replace("이름", "성명").replace("학번", "회원번호").encode(), "utf-8"),
        (KOREAN.replace("투표자", "회원").replace("참관인", "Observer").encode(), "utf-8"),
    ],
)
def test_file_is_read_however_it_was_saved(house: House, raw: bytes, encoding: str) -> None:
    room = house.room()

    query = "?encoding=cp949" if encoding == "cp949" else ""  # it is only guessed
    answer = send(house, room, raw, query=query)

    assert answer.json() == {"added": 2, "changed": 0, "removed": 0, "encoding": encoding}
    assert rows_of(house, room) == [HANA, DURI]


def test_file_keeps_commas_and_quotes_of_quoted_cells_and_joins_their_lines(house: House) -> None:
    room = house.room()

    answer = send(house, room, 'ref,name\n1,"Lee, ""Ann"""\n2,"Two\nlines"\n')

    assert answer.status_code == 200
    assert [row[0] for row in rows_of(house, room)] == ['Lee, "Ann"', "Two lines"]


def test_file_names_every_refused_line_and_changes_nothing(house: House) -> None:
    room = house.room()
    lines = [
        "name,email,ref,role",
        '"Two\nlines",two@example.org,1,voter',  # lines 2 and 3
        "",
        ",no-name@example.org,2,voter",
        "Bad mail,nowhere,3,voter",
        "Bad role,r@example.org,4,king",
        "Too many,t@example.org,5,voter,more",
        "Same ref,s@example.org,1,voter",
        "Same mail,TWO@example.org,6,voter",
    ]

    answer = send(house, room, "\n".join(lines))

    assert faults(answer) == {
        "line.5.name": "required",
        "line.6.email": "format",
        "line.7.role": "not_allowed",
        "line.8": "too_long",
        "line.9.ref": "duplicate",
        "line.10.email": "duplicate",
    }
    assert rows_of(house, room) == []


@pytest.mark.parametrize(
    ("raw", "found"),
    [
        (b"email\na@example.org\n", {"line.1.name": "required"}),
        (b"", {"line.1.name": "required"}),
        (b"name" + b",x" * 21 + b"\n", {"line.1": "too_long"}),
        (b"name\n\xff\xff\xff\n", {"encoding": "not_text"}),
        (b"name\nA\0B\n", {"": "bad_character"}),
        (b'name\n"' + b"x" * 200_000 + b'"\n', {"line.2": "not_csv"}),
    ],
)
def test_file_is_refused_when_it_is_not_a_roll(house: House, raw: bytes, found: Any) -> None:
    assert faults(send(house, house.room(), raw)) == found


def test_json_rows_are_refused_by_their_places(house: House) -> None:
    room = house.room()
    rows = [{"name": f"N{n}", "ref": str(n)} for n in range(120)]
    rows[3] = {"name": ""}
    rows[70] = {"name": "X", "ref": "69", "height": 3}  # type: ignore[dict-item]
    rows[110] = {"name": "Y", "ref": "0"}

    answer = house.request("POST", f"{room.path}/roll", room.host, json={"rows": rows})

    assert faults(answer) == {
        "rows.3.name": "empty",
        "rows.70.height": "unknown_field",
        "rows.110.ref": "duplicate",
    }
    assert rows_of(house, room) == []


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ({}, {"rows": "required"}),
        ({"rows": 5}, {"rows": "wrong_type"}),
        ({"rows": None}, {"rows": "wrong_type"}),
        ({"rows": [], "more": 1}, {"more": "unknown_field"}),
        ({"rows": [5, {}]}, {"rows.0": "wrong_type", "rows.1.name": "required"}),
        ({"rows": [{"name": "A", "ref": " "}]}, {"rows.0.ref": "empty"}),
        (5, {"rows": "wrong_type"}),
    ],
)
def test_json_is_refused_when_it_is_not_a_roll(house: House, body: Any, found: Any) -> None:
    room = house.room()

    assert faults(house.request("PUT", f"{room.path}/roll", room.host, json=body)) == found


def test_roll_is_refused_when_it_is_neither_json_nor_csv(house: House) -> None:
    room = house.room()

    answer = house.request(
        "POST", f"{room.path}/roll", room.host, data=b"x", headers={"Content-Type": "text/plain"}
    )

    assert refusal(answer) == (415, "unsupported_media_type")


def test_merge_knows_rows_again_by_ref_email_or_name(house: House) -> None:
    room = house.room()
    send(house, room, "name,email,ref\nAnn,ann@example.org,1\nBob,bob@example.org,\nCid,,\n")
    before = house.roll(room)

    answer = send(house, room, "name,email,ref\nAnne,,1\nBob,BOB@example.org,2\nCid,,\nDan,,\n")

    assert answer.json() == {"added": 1, "changed": 2, "removed": 0, "encoding": "utf-8"}
    after = house.roll(room)
    assert [row["id"] for row in after][:4] == [row["id"] for row in before]
    assert rows_of(house, room)[:2] == [
        ("Anne", "ann@example.org", "1", "voter"),
        ("Bob", "BOB@example.org", "2", "voter"),
    ]


def test_merge_keeps_roles_when_the_file_has_none(house: House) -> None:
    room = house.room()
    send(house, room, "name,ref,role\nAnn,1,observer\n")

    send(house, room, "name,ref\nAnne,1\n")

    assert rows_of(house, room) == [("Anne", None, "1", "observer")]


def test_merge_refuses_a_row_that_fits_two(house: House) -> None:
    room = house.room()
    send(house, room, "name,email,ref\nAnn,ann@example.org,1\nBob,bob@example.org,2\n")

    assert faults(send(house, room, "name,email,ref\nX,ann@example.org,2\n")) == {
        "line.2": "two_rows"
    }
    assert faults(send(house, room, "name,email,ref\nX,ann@example.org,\nY,,1\n")) == {
        "line.3": "duplicate"
    }


def test_namesakes_without_ref_are_two_people(house: House) -> None:
    room = house.room()

    first = send(house, room, "name\nKim\nKim\n").json()
    again = send(house, room, "name\nKim\nKim\n").json()

    assert (first["added"], again["added"], again["changed"]) == (2, 0, 0)


def test_replacing_removes_others_but_never_the_caller(house: House) -> None:
    room = house.room()
    send(house, room, "name,ref\nAnn,1\nBob,2\n")
    kept = house.roll(room)[1]["id"]

    answer = send(house, room, "name,ref\nAnn,1\nCid,3\n", "PUT")

    assert answer.json() == {"added": 1, "changed": 0, "removed": 1, "encoding": "utf-8"}
    assert [row["name"] for row in house.roll(room)][1:] == ["Ann", "Cid"]
    assert house.roll(room)[1]["id"] == kept
    assert house.roll(room)[0]["role"] == "host"


@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_dry_run_shows_what_would_change_and_changes_nothing(house: House, method: str) -> None:
    room = house.room()
    send(house, room, "name,ref\nAnn,1\nBob,2\n")
    before = house.roll(room)

    answer = send(house, room, "name,ref\nAnne,1\nCid,3\n", method, "?dry_run=1")

    assert {**answer.json(), "removed": 0} == {
        "added": 1,
        "changed": 1,
        "removed": 0,
        "encoding": "utf-8",
        "guessed": False,
        "names": ["Anne", "Cid"],
        "columns": [{"called": each, "field": each, "ignored": False} for each in ("name", "ref")],
        "removed_names": ["Bob"] if method == "PUT" else [],
    }
    assert answer.json()["removed"] == (method == "PUT")
    assert house.roll(room) == before
    assert "line.2.email" in faults(send(house, room, "name,email\nA,x\n", method, "?dry_run=1"))


def test_replacing_is_refused_when_no_host_would_be_left(house: House) -> None:
    room = house.room()
    body = {"rows": [{"name": "Ann"}]}

    answer = house.request("PUT", f"{room.path}/roll", house.administrator, json=body)

    assert refusal(answer) == (409, "wrong_state")
    assert len(house.roll(room)) == 1


def test_roll_is_refused_when_it_is_larger_than_2_mib(house: House) -> None:
    room = house.room()

    large = send(house, room, b"name\n" + b"x" * (2 << 20))
    chunked = house.request(
        "POST",
        f"{room.path}/roll",
        room.host,
        data=iter([b"name\n", *[b"x" * (1 << 20)] * 2]),
        headers=CSV,
    )
    edge = send(house, room, (b"name\n" + (b" " * 99_999 + b"\n") * 21)[: 2 << 20])

    assert refusal(large) == refusal(chunked) == (413, "payload_too_large")
    assert str(2 << 20) in large.json()["detail"]
    assert edge.status_code == 200


def test_json_of_many_rows_is_taken(house: House) -> None:
    room = house.room()
    rows = [{"name": f"사람 {n}", "ref": f"{n}"} for n in range(3_000)]

    answer = house.request("PUT", f"{room.path}/roll", room.host, json={"rows": rows})

    assert answer.json() == {"added": 3_000, "changed": 0, "removed": 0, "encoding": None}


def test_others_are_answered_while_10000_rows_come(house: House) -> None:
    room = house.room()
    poll = house.poll(house.room())
    voter = house.newcomer()
    file = "name,email,ref\n" + "".join(
        f"사람 {n},many{n}@example.org,2026{n:05}\n" for n in range(10_000)
    )
    answers: list[Any] = []
    importing = threading.Thread(target=lambda: answers.append(send(house, room, file)))
    votes = 0

    importing.start()
    while importing.is_alive():
        assert house.vote(voter, poll, votes % 3).status_code in (200, 201)
        votes += 1
    importing.join()

    assert answers[0].json() == {"added": 10_000, "changed": 0, "removed": 0, "encoding": "utf-8"}
    assert votes > 2  # one may slip in before the import and one wait for all of it
    first = house.request("GET", f"{room.path}/roll?limit=200", room.host).json()
    assert (len(first["items"]), first["next"]) == (200, first["items"][-1]["id"])


def spend_rows(house: House, room: Room) -> list[Any]:
    """Preview rolls until a long one and then a short one is refused; return the answers. What may
    be spent comes back with time: a short one is quicker than that."""
    answers = []
    for rows in (ROLL_ROWS, ROLL_ROWS // 20):
        for _ in range(TRIES):
            answers.append(send(house, room, roll_of(rows), query="?dry_run=1"))
            if answers[-1].status_code != 200:
                break
    return answers


def roll_of(rows: int) -> str:
    return "name\n" + "".join(f"N{number}\n" for number in range(rows))


def test_one_who_sends_too_many_rows_is_refused(house: House) -> None:
    room = house.room()

    previewed = spend_rows(house, room)
    changing = send(house, room, roll_of(ROLL_ROWS), "PUT")

    assert len(previewed) > ROWS_CHANGED[1] // ROLL_ROWS
    for answer in (previewed[-1], changing):
        assert refusal(answer) == (429, "rate_limited")
        assert int(answer.headers["Retry-After"]) > 0
    assert len(house.roll(room)) == 1
    assert send(house, house.room(), roll_of(ROLL_ROWS)).status_code == 200  # another person's


def test_one_who_makes_too_many_codes_is_refused(house: House) -> None:
    room = house.room()
    assert send(house, room, roll_of(ROLL_ROWS)).status_code == 200
    codes = f"{room.path}/roll/codes"
    other = house.request("POST", "/rooms", room.host, json={"name": "Other"}).json()["code"]

    spend_rows(house, Room(other, room.host))
    all_at_once = house.request("POST", codes, room.host, json={})

    assert refusal(all_at_once) == (429, "rate_limited")
    assert house.request("POST", codes, room.host, json={"ids": [1]}).status_code != 429
