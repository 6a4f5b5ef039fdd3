"""Casting over HTTP: whose ballot counts, and what a repeated one means."""

import re
from typing import Any
from uuid import uuid4

import pytest

from tests.http.hall import (
    FINAL,
    HIDDEN,
    LOBBY_POLL,
    NAMED,
    OVER,
    ROLL_ONLY,
    Hall,
    faults,
    refusal,
)

FIRST = {"If-None-Match": "*"}
KEY = "1c8f1477-3ec4-4ac9-8e94-08edee4fd8b5"


def receipt(answer: Any, status: int, *, changed: bool) -> str:
    """Return the receipt of a ballot that was kept, and answered as it has to be."""
    assert answer.status_code == status, answer.text
    document = answer.json()
    assert document.keys() == {"receipt", "poll", "changed", "server_time"}
    assert document["changed"] is changed
    assert re.fullmatch(r"[0-9a-f]{32}", document["receipt"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", document["server_time"])
    return str(document["receipt"])


def counted(hall: Hall, poll: int = LOBBY_POLL) -> tuple[int, dict[int, int]]:
    """Return how many ballots a poll has, and the votes by candidate."""
    return hall.results(poll)["ballots"], hall.votes(poll)


def test_ballot_is_counted_when_it_is_the_first(hall: Hall) -> None:
    ballots, votes = counted(hall)

    answer = hall.cast(hall.newcomer(), [4])

    receipt(answer, 201, changed=False)
    assert answer.headers["Cache-Control"] == "no-store"
    assert counted(hall) == (ballots + 1, {**votes, 4: votes.get(4, 0) + 1})


def test_ballot_is_counted_as_blank_when_it_marks_nobody(hall: Hall) -> None:
    before, votes = hall.results(), hall.votes()

    answer = hall.cast(hall.newcomer(), [])

    receipt(answer, 201, changed=False)
    after = hall.results()
    assert (after["ballots"], after["blank"]) == (before["ballots"] + 1, before["blank"] + 1)
    assert hall.votes() == votes


def test_ballot_gives_the_same_receipt_when_it_is_repeated_without_a_key(hall: Hall) -> None:
    voter, choice = hall.newcomer(), hall.candidates(NAMED)[0]
    first = receipt(hall.cast(voter, [choice], poll=NAMED), 201, changed=False)
    before = counted(hall, NAMED)

    again = receipt(hall.cast(voter, [choice], poll=NAMED), 200, changed=False)

    assert again == first
    assert counted(hall, NAMED) == before


def test_ballot_has_a_new_receipt_when_it_is_repeated_without_a_key_in_secret(hall: Hall) -> None:
    voter = hall.newcomer()
    first = receipt(hall.cast(voter, [1]), 201, changed=False)
    before = counted(hall)

    again = receipt(hall.cast(voter, [1]), 200, changed=True)

    assert again != first
    assert counted(hall) == before


def test_ballot_replaces_the_first_when_it_differs(hall: Hall) -> None:
    voter = hall.newcomer()
    first = receipt(hall.cast(voter, [1]), 201, changed=False)
    ballots, votes = counted(hall)

    second = receipt(hall.cast(voter, [2]), 200, changed=True)

    assert second != first
    expected = {**votes, 1: votes[1] - 1, 2: votes.get(2, 0) + 1}
    assert counted(hall) == (ballots, {who: count for who, count in expected.items() if count})


def test_ballot_can_be_made_blank_and_marked_again(hall: Hall) -> None:
    voter = hall.newcomer()
    hall.cast(voter, [1])
    blank, votes = hall.results()["blank"], hall.votes()

    receipt(hall.cast(voter, []), 200, changed=True)
    between = hall.results()["blank"]
    receipt(hall.cast(voter, [1]), 200, changed=True)

    assert (between, hall.results()["blank"]) == (blank + 1, blank)
    assert hall.votes() == votes


def test_keyed_ballot_gives_the_same_receipt_when_it_is_repeated(hall: Hall) -> None:
    voter, key = hall.newcomer(), str(uuid4())
    first = receipt(hall.cast(voter, [1], key), 201, changed=False)
    before = counted(hall)

    spellings = (key, key.upper(), key.replace("-", ""))
    again = {receipt(hall.cast(voter, [1], spelled), 200, changed=False) for spelled in spellings}

    assert again == {first}
    assert counted(hall) == before


def test_keyed_ballot_is_refused_when_its_key_came_with_another(hall: Hall) -> None:
    voter, key = hall.newcomer(), str(uuid4())
    hall.cast(voter, [1], key)
    before = counted(hall)

    answer = hall.cast(voter, [2], key)

    assert refusal(answer) == (422, "idempotency_mismatch")
    assert counted(hall) == before


def test_keyed_ballot_is_a_change_when_its_key_is_new(hall: Hall) -> None:
    voter = hall.newcomer()
    first = receipt(hall.cast(voter, [1], str(uuid4())), 201, changed=False)
    before = counted(hall)

    second = receipt(hall.cast(voter, [1], str(uuid4())), 200, changed=True)

    assert second != first
    assert counted(hall) == before


@pytest.mark.parametrize("later_key", [None, KEY])
def test_keyed_ballot_is_stale_when_a_later_one_counts(hall: Hall, later_key: str | None) -> None:
    voter, key = hall.newcomer(), str(uuid4())
    hall.cast(voter, [1], key)
    later = receipt(hall.cast(voter, [2], later_key), 200, changed=True)
    before = counted(hall)

    for choices in ([1], [3]):
        assert refusal(hall.cast(voter, choices, key)) == (412, "stale")

    assert counted(hall) == before
    assert receipt(hall.cast(voter, [2]), 200, changed=True) != later


def test_ballot_replaces_only_what_its_voter_knew_of(hall: Hall) -> None:
    """As one does that waited on a phone while the voter used another device."""
    voter, queued = hall.newcomer(), str(uuid4())
    unknown = {"If-Match": '"0123"'}
    before = counted(hall)

    assert refusal(hall.cast(voter, [1], headers=unknown)) == (412, "stale")
    assert refusal(hall.cast(voter, [1], headers={"If-Match": "*"})) == (412, "stale")
    assert counted(hall) == before
    first = receipt(hall.cast(voter, [1], queued, headers=FIRST), 201, changed=False)
    assert receipt(hall.cast(voter, [1], queued, headers=FIRST), 200, changed=False) == first
    for headers in (FIRST, unknown, {"If-None-Match": f'"{first}"'}):
        assert refusal(hall.cast(voter, [2], headers=headers)) == (412, "stale")
    known = {"If-Match": f'"{first}"'}
    second = receipt(hall.cast(voter, [2], headers=known), 200, changed=True)
    assert refusal(hall.cast(voter, [3], headers=known)) == (412, "stale")
    assert receipt(hall.cast(voter, [3], headers={"If-Match": "*"}), 200, changed=True) != second


def test_unkeyed_ballot_repeats_a_keyed_one_in_a_named_poll(hall: Hall) -> None:
    (voter, key), (choice, _) = (hall.newcomer(), str(uuid4())), hall.candidates(NAMED)
    first = receipt(hall.cast(voter, [choice], key, NAMED), 201, changed=False)

    assert receipt(hall.cast(voter, [choice], poll=NAMED), 200, changed=False) == first
    assert receipt(hall.cast(voter, [choice], key, NAMED), 200, changed=False) == first


def test_keys_of_two_voters_have_nothing_to_do_with_each_other(hall: Hall) -> None:
    key = str(uuid4())
    ann, bob = hall.newcomers(2)

    first = receipt(hall.cast(ann, [1], key), 201, changed=False)
    second = receipt(hall.cast(bob, [2], key), 201, changed=False)

    assert first != second


@pytest.mark.parametrize("key", ["", "x", "1", KEY[:-1], KEY + "0", "키" * 36])
def test_key_is_refused_when_it_is_not_a_uuid(hall: Hall, key: str) -> None:
    before = counted(hall)
    headers = {"Idempotency-Key": key.encode()}

    answer = hall.request(
        "PUT", "/polls/1/ballot", hall.newcomer(), json={"choices": [1]}, headers=headers
    )

    assert faults(answer) == {"idempotency_key": "format"}
    assert counted(hall) == before


def test_ballot_is_final_when_the_poll_bars_changes(hall: Hall) -> None:
    voter, key = hall.newcomer(), str(uuid4())
    yes, no = hall.candidates(FINAL)
    first = receipt(hall.cast(voter, [yes], key, FINAL), 201, changed=False)
    before = counted(hall, FINAL)

    for choices, sent_key in (([no], None), ([yes], None), ([], None), ([yes], str(uuid4()))):
        answer = hall.cast(voter, choices, sent_key, FINAL)
        assert refusal(answer) == (409, "already_voted")

    assert refusal(hall.cast(voter, [no], key, FINAL)) == (422, "idempotency_mismatch")
    assert receipt(hall.cast(voter, [yes], key, FINAL), 200, changed=False) == first
    assert counted(hall, FINAL) == before


def test_ballot_is_refused_when_the_poll_is_over(hall: Hall) -> None:
    choice = hall.candidates(OVER)[0]

    answer = hall.cast(hall.newcomer(), [choice], poll=OVER)

    assert refusal(answer) == (409, "poll_not_open")
    assert answer.json()["state"] == "closed"
    assert answer.json()["server_time"].endswith("Z")
    assert hall.results(OVER)["ballots"] == 0


def test_ballot_is_refused_when_only_the_roll_may_vote(hall: Hall) -> None:
    choice = hall.candidates(ROLL_ONLY)[0]

    answer = hall.cast(hall.newcomer(), [choice], poll=ROLL_ONLY)

    assert refusal(answer) == (403, "not_eligible")


def test_ballot_is_refused_when_the_candidate_is_another_polls(hall: Hall) -> None:
    answer = hall.cast(hall.newcomer(), hall.candidates(NAMED)[:1])

    assert faults(answer) == {"choices.0": "unknown_candidate"}


@pytest.mark.parametrize("poll", ["0", "999", "9" * 30, "9" * 4_000, "-1", "x", "1.0"])
@pytest.mark.parametrize(
    ("method", "what"), [("PUT", "ballot"), ("GET", "ballot"), ("GET", "results")]
)
def test_poll_is_not_found_when_there_is_none(
    hall: Hall, method: str, what: str, poll: str
) -> None:
    body = {"json": {"choices": [1]}} if method == "PUT" else {}

    answer = hall.request(method, f"/polls/{poll}/{what}", hall.token_of(hall.people[0]), **body)

    assert refusal(answer) == (404, "not_found")


def test_ballot_asks_who_casts_it_when_nobody_is_signed_in(hall: Hall) -> None:
    before = counted(hall)

    answer = hall.request("PUT", "/polls/1/ballot", json={"choices": [1]})

    assert refusal(answer) == (401, "unauthenticated")
    assert counted(hall) == before


def test_own_ballot_shows_only_that_it_is_there_when_secret(hall: Hall) -> None:
    voter = hall.newcomer()
    assert refusal(hall.request("GET", "/polls/1/ballot", voter)) == (404, "not_found")
    hall.cast(voter, [1])

    answer = hall.request("GET", "/polls/1/ballot", voter)

    assert answer.json() == {"poll": 1, "voted": True}
    assert answer.headers["Cache-Control"] == "no-store"


def test_own_ballot_shows_its_marks_when_named(hall: Hall) -> None:
    voter, choice = hall.newcomer(), hall.candidates(NAMED)[1]
    given = receipt(hall.cast(voter, [choice], poll=NAMED), 201, changed=False)

    answer = hall.request("GET", f"/polls/{NAMED}/ballot", voter)

    assert answer.json() == {"poll": NAMED, "voted": True, "choices": [choice], "receipt": given}


def test_own_ballot_asks_whose_when_nobody_is_signed_in(hall: Hall) -> None:
    answer = hall.request("GET", "/polls/1/ballot")

    assert refusal(answer) == (401, "unauthenticated")


def test_ballot_is_kept_while_its_tally_is_hidden(hall: Hall) -> None:
    before = hall.results(HIDDEN)["ballots"]

    answer = hall.cast(hall.newcomer(), hall.candidates(HIDDEN)[:1], poll=HIDDEN)

    receipt(answer, 201, changed=False)
    assert hall.results(HIDDEN)["ballots"] == before + 1
