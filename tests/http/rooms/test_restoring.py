"""Members who were removed from the roll: they come back by an explicit restore, never by name."""

import pytest

from tests.http.hall import refusal
from tests.http.rooms.house import House


def test_removed_member_comes_back_as_the_same_voter_when_a_host_restores_them(
    house: House,
) -> None:
    room = house.room()
    voter = house.tablet(room)
    row = house.roll(room)[-1]
    poll = house.poll(room, eligibility="roll")
    house.vote(voter, poll, 0)
    path = f"{room.path}/roll/{row['id']}"
    house.request("DELETE", path, room.host)

    (listed,) = house.request("GET", f"{room.path}/roll/removed", room.host).json()["items"]
    restored = house.request("POST", f"{path}/restore", room.host)
    again = house.request("POST", f"{path}/restore", room.host)

    assert (listed["id"], listed["name"]) == (row["id"], row["name"])
    assert listed["removed_at"].endswith("Z")
    assert restored.status_code == again.status_code == 200
    assert restored.json() == again.json() == {**row, "claimed": True}
    assert house.request("GET", f"{room.path}/roll/removed", room.host).json()["items"] == []
    changed = house.vote(voter, poll, 1)
    assert (changed.status_code, changed.json()["changed"]) == (200, True)
    results = house.results(poll["id"])
    assert (results["ballots"], results["eligible"]) == (1, 2)
    log = house.request("GET", f"{room.path}/log?limit=200", room.host).json()["items"]
    assert [each["data"]["rows"] for each in log if each["kind"] == "member_restored"] == [
        [[row["id"], row["id"]]]
    ]


def test_new_member_of_the_same_name_is_another_voter(house: House) -> None:
    room = house.room()
    (old,) = house.enrol(room, {"name": "김하늘"})
    phone = house.claim(room, old["id"])["token"]
    house.request("DELETE", f"{room.path}/roll/{old['id']}", room.host)

    (new,) = house.enrol(room, {"name": "김하늘"})
    poll = house.poll(room, eligibility="roll")

    assert new["id"] != old["id"]
    assert new["claimed"] is False
    assert refusal(house.vote(phone, poll, 0)) == (401, "token_invalid")


def test_member_is_not_restored_beside_another_with_their_email(house: House) -> None:
    room = house.room()
    gone, other = house.enrol(
        room, {"name": "가", "email": "one@example.org"}, {"name": "나", "ref": "2"}
    )
    house.request("DELETE", f"{room.path}/roll/{gone['id']}", room.host)
    taken = {"email": "one@example.org"}
    house.request("PATCH", f"{room.path}/roll/{other['id']}", room.host, json=taken)

    answer = house.request("POST", f"{room.path}/roll/{gone['id']}/restore", room.host)

    assert refusal(answer) == (400, "invalid_request")
    assert [each["field"] for each in answer.json()["errors"]] == ["email"]
    assert len(house.roll(room)) == 2


def test_restored_member_has_no_claim_when_their_account_has_another_row(house: House) -> None:
    room, token = house.room(), house.newcomer()
    old, new = house.enrol(room, {"name": "가", "ref": "1"}, {"name": "나", "ref": "2"})
    house.claim(room, old["id"], token)
    house.request("DELETE", f"{room.path}/roll/{old['id']}", room.host)
    house.claim(room, new["id"], token)

    restored = house.request("POST", f"{room.path}/roll/{old['id']}/restore", room.host)

    assert restored.json()["claimed"] is False


@pytest.mark.parametrize("elsewhere", [True, False])
def test_restore_finds_no_row_of_another_room(house: House, elsewhere: bool) -> None:
    room, other = house.room(), house.room()
    (row,) = house.enrol(other, {"name": "가"})
    house.request("DELETE", f"{other.path}/roll/{row['id']}", other.host)
    row_id = row["id"] if elsewhere else 10**9

    answer = house.request("POST", f"{room.path}/roll/{row_id}/restore", room.host)

    assert refusal(answer) == (404, "not_found")
