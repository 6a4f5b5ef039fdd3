"""What may happen once happens once, however many ask at the same moment."""

from functools import partial
from itertools import cycle

import pytest

from tests.at_once import at_once
from tests.http.hall import refusal
from tests.http.rooms.house import House, soon, until

TIMES = 8


def test_claim_code_is_taken_once(house: House) -> None:
    room, people = house.room(), [house.newcomer() for _ in range(TIMES)]
    (row,) = house.enrol(room, {"name": "Ann"})
    body = {"code": house.code_of(room, row["id"])}

    answers = at_once(
        partial(house.request, "POST", f"{room.path}/claim", token, json=body) for token in people
    )

    assert sorted(answer.status_code for answer in answers) == [200] + [404] * (TIMES - 1)


def test_nickname_is_given_once(house: House) -> None:
    room = house.room()
    body = {"nickname": "Ann"}

    answers = at_once(
        partial(house.request, "POST", f"{room.path}/guests", json=body) for _ in range(TIMES)
    )

    assert sorted(answer.status_code for answer in answers) == [201] + [409] * (TIMES - 1)


def test_version_is_changed_once(house: House) -> None:
    room = house.room()
    for path in (room.path, f"/polls/{house.draft(room)['id']}"):
        match = {"If-Match": house.request("GET", path, room.host).headers["ETag"]}
        field = "name" if path == room.path else "title"

        answers = at_once(
            partial(house.request, "PATCH", path, room.host, json={field: f"{n}"}, headers=match)
            for n in range(TIMES)
        )

        assert sorted(answer.status_code for answer in answers) == [200] + [412] * (TIMES - 1)


def test_row_is_added_once_when_files_come_together(house: House) -> None:
    room = house.room()
    rows = {"rows": [{"name": f"N{n}", "ref": f"{n}"} for n in range(100)]}

    answers = at_once(
        partial(house.request, "POST", f"{room.path}/roll", room.host, json=rows) for _ in range(4)
    )

    assert sorted(answer.json()["added"] for answer in answers) == [0, 0, 0, 100]
    assert len(house.roll(room)) == 101


def test_row_without_a_number_is_added_once_when_files_come_together(house: House) -> None:
    room, rows = house.room(), {"rows": [{"name": f"N{n}"} for n in range(400)]}

    answers = at_once(
        partial(house.request, "POST", f"{room.path}/roll", room.host, json=rows) for _ in range(6)
    )

    assert sorted(answer.json()["added"] for answer in answers) == [0] * 5 + [400]
    assert sum(row["name"].startswith("N") for row in house.roll(room)) == 400


def test_row_has_one_ballot_when_its_devices_vote_together(house: House) -> None:
    room = house.room()
    tablet = house.tablet(room)
    poll = house.poll(room, eligibility="roll", allow_change=False)

    answers = at_once(partial(house.vote, tablet, poll, n % 3) for n in range(TIMES))

    assert sorted(answer.status_code for answer in answers) == [201] + [409] * (TIMES - 1)
    assert house.results(poll["id"])["ballots"] == 1


def test_ballots_are_before_the_close_and_counted_or_refused(house: House) -> None:
    room, people = house.room(), [house.newcomer() for _ in range(30)]
    poll = house.poll(room)
    casts = [partial(house.vote, token, poll, 0) for token in people]
    close = partial(house.move, room, poll["id"], "close")

    answers = at_once([*casts[:15], close, *casts[15:]])

    taken = sum(answer.status_code == 201 for answer in answers)
    refused = [answer.json()["code"] for answer in answers if answer.status_code == 409]
    assert taken + len(refused) == len(people)
    assert set(refused) <= {"poll_not_open"}
    record = house.request("GET", f"/polls/{poll['id']}/record").json()
    assert len(record["ballots"]) == house.results(poll["id"])["ballots"] == taken


@pytest.mark.parametrize("secrecy", ["secret", "named"])
@pytest.mark.parametrize("by", ["host", "clock"])
def test_last_receipt_of_every_voter_is_in_the_record_however_the_poll_closes(
    house: House, by: str, secrecy: str
) -> None:
    """Everybody votes again and again until they are refused."""
    room, people = house.room(), [house.newcomer() for _ in range(TIMES)]
    poll = house.poll(room, secrecy=secrecy, closes_at=soon(2) if by == "clock" else soon(3_600))

    def vote_until_refused(token: str) -> str:
        receipt = ""
        for place in cycle(range(3)):
            answer = house.vote(token, poll, place)
            if answer.status_code not in (200, 201):
                break
            receipt = answer.json()["receipt"]
        assert refusal(answer) == (409, "poll_not_open")
        return receipt

    def close() -> str:
        until(lambda: house.results(poll["id"])["ballots"] == len(people))
        return "" if by == "clock" else str(house.move(room, poll["id"], "close").json()["state"])

    receipts = at_once([*(partial(vote_until_refused, token) for token in people), close])[:-1]

    path = f"/polls/{poll['id']}/record"
    record = until(lambda: (response := house.request("GET", path)).status_code == 200 and response)
    assert sorted(each["receipt"] for each in record.json()["ballots"]) == sorted(receipts)
