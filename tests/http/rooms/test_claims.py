"""Rows of the roll: claimed by accounts and devices, checked in, changed, removed."""

import csv
import io
from typing import Any

import pytest

from tests.http.hall import faults, refusal
from tests.http.rooms.house import House, Room, until


def rights(house: House, room: Room, token: str) -> int:
    """Return 200 to who may see names in the room, 403 to others."""
    return int(house.request("GET", f"{room.path}/messages", token).status_code)


def test_claim_binds_the_row_to_an_account_once(house: House) -> None:
    room, ann, bob = house.room(), house.newcomer(), house.newcomer()
    (row,) = house.enrol(room, {"name": "Ann"})
    body = {"code": house.code_of(room, row["id"])}

    before = rights(house, room, ann)
    first = house.request("POST", f"{room.path}/claim", ann, json=body)
    again = house.request("POST", f"{room.path}/claim", bob, json=body)

    assert before == 403
    assert first.json() == {"row": {**row, "claimed": True}}
    assert refusal(again) == (404, "not_found")
    assert (rights(house, room, ann), rights(house, room, bob)) == (200, 403)


@pytest.mark.parametrize(
    "typed",
    [str.lower, lambda c: f" {c[:5]}-{c[5:]} ", lambda c: c.replace("0", "O").replace("1", "l")],
)
def test_claim_takes_a_code_however_it_is_typed(house: House, typed: Any) -> None:
    room = house.room()
    (row,) = house.enrol(room, {"name": "Ann"})
    code = typed(house.code_of(room, row["id"]))

    assert house.request("POST", f"{room.path}/claim", json={"code": code}).status_code == 200


def test_preview_of_a_claim_shows_the_row_and_leaves_the_code_good(house: House) -> None:
    room = house.room(visibility="members", colour="#0b6b4f")
    (row,) = house.enrol(room, {"name": "Ann"})
    body = {"code": house.code_of(room, row["id"])}
    preview = f"{room.path}/claim?dry_run=1"

    shown = house.request("POST", preview, json=body)
    wrong = house.request("POST", preview, json={"code": "0" * 10})
    claimed = house.request("POST", f"{room.path}/claim", json=body)
    after = house.request("POST", preview, json=body)

    look = {"room_name": "Club", "room_logo": None, "room_colour": "#0b6b4f"}
    assert shown.json() == {"row": row, **look}
    assert refusal(wrong) == refusal(after) == (404, "not_found")
    assert claimed.json()["row"] == {**row, "claimed": True}


def test_claim_is_refused_in_another_room(house: House) -> None:
    room, other = house.room(), house.room()
    (row,) = house.enrol(room, {"name": "Ann"})
    body = {"code": house.code_of(room, row["id"])}

    assert refusal(house.request("POST", f"{other.path}/claim", json=body))[0] == 404
    assert refusal(house.request("POST", "/rooms/ZZZZZZ/claim", json=body))[0] == 404
    assert faults(house.request("POST", f"{room.path}/claim", json={})) == {"code": "required"}


def test_claim_is_refused_when_the_account_has_another_row(house: House) -> None:
    room = house.room()
    ann = house.member(room)
    (row,) = house.enrol(room, {"name": "Also Ann"})

    answer = house.request(
        "POST", f"{room.path}/claim", ann, json={"code": house.code_of(room, row["id"])}
    )

    assert refusal(answer) == (409, "wrong_state")


def test_claim_lets_one_into_a_room_they_could_not_see(house: House) -> None:
    room, ann = house.room(visibility="members"), house.newcomer()
    (row,) = house.enrol(room, {"name": "Ann"})

    before = house.request("GET", room.path, ann).status_code
    house.claim(room, row["id"], ann)

    assert (before, house.request("GET", room.path, ann).status_code) == (404, 200)


def test_device_gets_a_room_token_good_in_that_room_alone(house: House) -> None:
    room, other = house.room(visibility="members"), house.room(visibility="members")
    (row,) = house.enrol(room, {"name": "Ann"})

    claimed = house.claim(room, row["id"])

    token = claimed["token"]
    seen = house.request("GET", "/auth/token", params={"token": token}).json()
    assert claimed.keys() == {"row", "token", "expires_at"}
    assert seen["user"] == {"person": f"r{row['id']}"}
    assert house.request("GET", room.path, token).status_code == 200
    assert house.request("GET", other.path, token).status_code == 404
    assert house.request("POST", "/rooms", token, json={"name": "x"}).status_code == 403


def test_new_code_ends_the_old_one_and_the_rows_sessions(house: House) -> None:
    room = house.room()
    (row,) = house.enrol(room, {"name": "Ann"})
    tablet = house.claim(room, row["id"])["token"]
    old = house.code_of(room, row["id"])

    ended = house.request("GET", room.path, tablet)
    house.code_of(room, row["id"])
    refused = house.request("POST", f"{room.path}/claim", json={"code": old})

    assert refusal(ended) == (401, "token_invalid")
    assert refusal(refused) == (404, "not_found")


def test_new_code_lets_another_account_take_the_row(house: House) -> None:
    room, lost, new = house.room(), house.newcomer(), house.newcomer()
    (row,) = house.enrol(room, {"name": "Ann"})
    house.claim(room, row["id"], lost)

    house.claim(room, row["id"], new)

    assert (rights(house, room, lost), rights(house, room, new)) == (403, 200)


def test_row_has_one_ballot_whatever_account_or_device_claims_it(house: House) -> None:
    room, first, second = house.room(), house.newcomer(), house.newcomer()
    (row,) = house.enrol(room, {"name": "Ann"})
    poll = house.poll(room, eligibility="roll")

    tokens = [house.claim(room, row["id"], first) and first]
    statuses = [house.vote(tokens[-1], poll, 0).status_code]
    statuses.append(house.vote(house.claim(room, row["id"])["token"], poll, 1).status_code)
    house.claim(room, row["id"], second)
    statuses.append(house.vote(second, poll, 2).status_code)

    assert statuses == [201, 200, 200]
    assert house.results(poll["id"])["ballots"] == 1
    assert refusal(house.vote(first, poll, 0)) == (403, "not_eligible")


def test_codes_are_made_for_all_or_some_rows(house: House) -> None:
    room = house.room()
    rows = house.enrol(room, {"name": "Ann", "ref": "1"}, {"name": "Bob"})
    path = f"{room.path}/roll/codes"

    every = house.request("POST", path, room.host, json={}).json()["items"]
    twice = house.request("POST", path, room.host, json={"ids": [rows[0]["id"]] * 2}).json()[
        "items"
    ]
    wrong = house.request("POST", path, room.host, json={"ids": [10**9]})

    assert [item["id"] for item in every][1:] == [row["id"] for row in rows]
    assert len({item["code"] for item in every}) == 3
    assert [(item["id"], item["ref"]) for item in twice] == [(rows[0]["id"], "1")]
    assert refusal(wrong) == (404, "not_found")


def test_codes_come_as_a_sheet_to_print(house: House) -> None:
    room = house.room(name="<b>Club</b>")
    (row,) = house.enrol(room, {"name": "<script>Ann"})

    answer = house.request(
        "POST",
        f"{room.path}/roll/codes",
        room.host,
        json={"ids": [row["id"]]},
        headers={"Accept": "text/html"},
    )

    assert answer.headers["Content-Type"].startswith("text/html")
    assert "&lt;script&gt;Ann" in answer.text
    assert "<script>" not in answer.text
    assert "<b>" not in answer.text
    code = answer.text.partition("<code>")[2].partition("</code>")[0]
    assert house.request("POST", f"{room.path}/claim", json={"code": code}).status_code == 200


def test_email_gives_a_row_only_where_the_room_trusts_it(house: House) -> None:
    account = house.account()
    token, row = house.token_of(account), {"name": "Ann", "email": account.email.upper()}
    careful, trusting = house.room(), house.room(trust_email=True)
    house.enrol(careful, row)
    (theirs,) = house.enrol(trusting, row)

    assert (rights(house, careful, token), rights(house, trusting, token)) == (403, 200)
    house.claim(trusting, theirs["id"], house.newcomer())
    assert rights(house, trusting, token) == 403


def test_row_is_changed_and_its_faults_named(house: House) -> None:
    room = house.room()
    ann, bob = house.enrol(room, {"name": "Ann", "ref": "1"}, {"name": "Bob", "email": "b@x.org"})
    path = f"{room.path}/roll/{ann['id']}"

    def patch(**fields: Any) -> Any:
        return house.request("PATCH", path, room.host, json=fields)

    assert patch(name="Anne", ref=None, role="observer").json() == {
        **ann,
        "name": "Anne",
        "ref": None,
        "role": "observer",
    }
    assert faults(patch(email="B@X.ORG")) == {"email": "duplicate"}
    assert faults(patch(name="", role="king", id=3)) == {
        "name": "empty",
        "role": "not_allowed",
        "id": "unknown_field",
    }
    foreign = f"{house.room().path}/roll/{bob['id']}"
    assert house.request("PATCH", foreign, house.administrator, json={}).status_code == 404
    assert house.request("DELETE", foreign, house.administrator).status_code == 404


@pytest.mark.parametrize("typed", ["", "  ", "\u200b"])
def test_code_is_asked_for_when_nothing_is_typed(house: House, typed: str) -> None:
    room, body = house.room(), {"code": typed}

    claimed = house.request("POST", f"{room.path}/claim", json=body)
    administers = house.request("POST", "/auth/admin", house.newcomer(), json=body)
    resets = house.request("POST", "/auth/reset", json={**body, "password": "correct-horse"})

    assert [faults(answer) for answer in (claimed, administers, resets)] == [{"code": "empty"}] * 3


def test_row_is_present_without_a_device_when_checked_in(house: House) -> None:
    room = house.room()
    (row,) = house.enrol(room, {"name": "Ann"})
    path = f"{room.path}/roll/{row['id']}"

    def present() -> int:
        return int(house.request("GET", f"{room.path}/presence").json()["present"])

    never = house.request("PATCH", path, room.host, json={"checked_in": False})
    nobody = house.request("GET", f"{room.path}/attendance", room.host).json()["items"]
    came = house.request("PATCH", path, room.host, json={"checked_in": True})
    there = present()
    went = house.request("PATCH", path, room.host, json={"checked_in": False})

    assert (never.status_code, nobody) == (200, [])
    assert (came.json()["checked_in"], there) == (True, 1)
    assert (went.json()["checked_in"], present()) == (False, 0)
    (attended,) = house.request("GET", f"{room.path}/attendance", room.host).json()["items"]
    assert attended["name"] == "Ann"


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\uff1d"])
def test_attendance_file_runs_no_formula(house: House, sign: str) -> None:
    room = house.room()
    (row,) = house.enrol(room, {"name": f"{sign}cmd|'/c calc'!A1"})
    house.request("PATCH", f"{room.path}/roll/{row['id']}", room.host, json={"checked_in": True})

    answer = house.request("GET", f"{room.path}/attendance.csv", room.host)

    assert answer.content.startswith(b"\xef\xbb\xbf")
    _, cells = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert cells[1] == f"'{sign}cmd|'/c calc'!A1"


def test_removed_row_votes_no_more_and_its_ballot_counts(house: House) -> None:
    room = house.room()
    voter, account = house.tablet(room), house.member(room)
    poll = house.poll(room, eligibility="roll")
    house.vote(voter, poll, 0)
    row = house.roll(room)[-1]["id"]
    house.vote(account, poll, 1)

    gone = house.request("DELETE", f"{room.path}/roll/{row}", room.host)

    assert gone.status_code == 204
    assert refusal(house.vote(account, poll, 2)) == (403, "not_eligible")
    assert sorted(house.votes(poll["id"]).values()) == [1, 1]
    house.request("DELETE", f"{room.path}/roll/{row - 1}", room.host)
    assert refusal(house.vote(voter, poll, 2)) == (401, "token_invalid")
    house.move(room, poll["id"], "close")
    results = until(lambda: house.results(poll["id"]))
    assert (results["ballots"], results["eligible"], results["turnout"]) == (2, 3, 0.6667)


@pytest.mark.parametrize("known_by", ["ref", "email"])
def test_row_is_the_same_voter_when_it_was_removed_and_comes_back(
    house: House, known_by: str
) -> None:
    room, token = house.room(), house.newcomer()
    fields = {"name": "김하늘", known_by: {"ref": "2026-1", "email": "sky@example.org"}[known_by]}
    (row,) = house.enrol(room, fields)
    house.claim(room, row["id"], token)
    poll = house.poll(room, eligibility="roll")
    assert house.vote(token, poll, 0).status_code == 201

    house.request("DELETE", f"{room.path}/roll/{row['id']}", room.host)
    barred = house.vote(token, poll, 1)
    house.enrol(room, fields)
    again = house.vote(token, poll, 1)

    assert refusal(barred) == (403, "not_eligible")
    assert (again.status_code, again.json()["changed"]) == (200, True)
    assert sum(house.votes(poll["id"]).values()) == 1


def test_row_comes_back_without_the_email_that_another_has_taken(house: House) -> None:
    room = house.room()
    (gone,) = house.enrol(room, {"name": "가", "ref": "1", "email": "shared@example.org"})
    (other,) = house.enrol(room, {"name": "나", "ref": "2"})
    house.request("DELETE", f"{room.path}/roll/{gone['id']}", room.host)
    taken = {"email": "shared@example.org"}
    assert house.request("PATCH", f"{room.path}/roll/{other['id']}", room.host, json=taken).ok

    house.enrol(room, {"name": "가", "ref": "1"})

    rows = {row["id"]: row["email"] for row in house.roll(room)}
    assert rows[gone["id"]] is None
    assert rows[other["id"]] == "shared@example.org"


def test_rows_come_back_when_one_account_had_both_one_after_the_other(house: House) -> None:
    room, account = house.room(), house.newcomer()
    refs = ("a1", "a2")
    ids = []
    for ref in refs:
        (row,) = house.enrol(room, {"name": ref, "ref": ref})
        house.claim(room, row["id"], account)
        house.request("DELETE", f"{room.path}/roll/{row['id']}", room.host)
        ids.append(row["id"])

    rows = house.enrol(room, *({"name": ref, "ref": ref} for ref in refs))

    assert [row["id"] for row in rows] == ids
    assert [row["claimed"] for row in rows] == [True, False]
