"""What results tell whom, and when: by policy, state and asker."""

import csv
import io
from functools import partial
from typing import Any

import pytest

from tests.at_once import at_once
from tests.http.hall import PASSWORD, faults, refusal
from tests.http.rooms.house import STATES, House
from voting.leaves import digest
from voting.verify.records import check_record, read_record

TALLY = ("blank", "tally", "threshold")
ENDED = ("winners", "tied", "digest")
HALF = {"num": 1, "den": 2, "of": "valid", "rule": "more_than"}


def check_alone(record: dict[str, Any]) -> bool:
    """Check a record without a server."""
    return all(agrees is not False for agrees, _ in check_record(read_record(record), None, None))


def shows(policy: str, state: str, *, host: bool) -> bool:
    """Return whether the contract lets the tally be seen."""
    if state in ("draft", "void"):
        return False
    if state in ("open", "paused"):
        return policy == "live"
    return policy in ("live", "closed") or host


@pytest.mark.parametrize("state", STATES[1:])
@pytest.mark.parametrize("policy", ["live", "closed", "host"])
def test_results_are_shown_by_policy_and_state(house: House, policy: str, state: str) -> None:
    room = house.room()
    poll = house.poll(room, results=policy, threshold=HALF)
    voter = house.member(room)
    poll["eligibility"] = "accounts"
    house.vote(voter, poll, 1)
    for step in {"paused": ["pause"], "closed": ["close"], "void": ["void"]}.get(state, []):
        house.move(room, poll["id"], step)
    path = f"/polls/{poll['id']}"

    for token in (None, voter, room.host, house.administrator):
        shown = shows(policy, state, host=token in (room.host, house.administrator))
        document = house.request("GET", f"{path}/results", token).json()
        assert (document["state"], document["ballots"]) == (state, 1)
        assert all((document[key] is not None) == shown for key in TALLY)
        assert all((document[key] is not None) == (shown and state == "closed") for key in ENDED)
        assert document["rounds"] is None
        table = house.request("GET", f"{path}/results.csv", token)
        record = house.request("GET", f"{path}/record", token)
        assert table.status_code == (200 if shown else 403)
        assert record.status_code == (200 if shown and state == "closed" else 403)
        for answer in (table, record):
            if answer.status_code == 403:
                assert refusal(answer) == (403, "results_hidden")


def test_results_are_shown_to_all_when_published(house: House) -> None:
    room = house.room()
    poll = house.poll(room, results="host")
    house.vote(house.newcomer(), poll, 0)
    house.move(room, poll["id"], "close")
    before = house.request("GET", f"/polls/{poll['id']}/results")

    house.move(room, poll["id"], "publish")

    after = house.request("GET", f"/polls/{poll['id']}/results")
    assert before.json()["winners"] is None
    assert after.json()["winners"] == [poll["candidates"][0]["id"]]
    assert after.json()["version"] > before.json()["version"]
    assert house.request("GET", f"/polls/{poll['id']}/record").status_code == 200


def test_results_etag_differs_by_what_the_asker_may_see(house: House) -> None:
    room = house.room()
    poll = house.poll(room, "closed", results="host")
    path = f"/polls/{poll['id']}/results"

    host, stranger = house.request("GET", path, room.host), house.request("GET", path)

    assert host.headers["ETag"] != stranger.headers["ETag"]
    match = {"If-None-Match": host.headers["ETag"]}
    assert house.request("GET", path, room.host, headers=match).status_code == 304
    assert house.request("GET", path, headers=match).status_code == 200


def test_old_frontends_count_zero_while_hidden(tmp_path: Any) -> None:
    own = House(tmp_path, people=4)
    own.start()
    try:
        voter = own.newcomer()
        own.cast(voter, [1])
        shown = own.request("GET", "/candidates").json()[0]["voteCount"]
        change = {"results": "closed"}
        own.request("PATCH", "/polls/1", own.administrator, json=change)
        hidden = own.request("GET", "/candidates").json()[0]["voteCount"]
        own.request("POST", "/polls/1/close", own.administrator)
        closed = own.request("GET", "/candidates").json()[0]["voteCount"]
        own.request("POST", "/polls/1/void", own.administrator, json={"reason": "x"})
        void = own.request("GET", "/candidates").json()[0]["voteCount"]
    finally:
        own.kill()

    assert (shown, hidden, closed, void) == (1, 0, 1, 0)


def test_results_come_as_a_table_without_formulas(house: House) -> None:
    room = house.room()
    poll = house.poll(room, candidates=[{"name": "=1+1"}, {"name": "둘, 셋"}])
    house.vote(house.newcomer(), poll, 1)

    answer = house.request("GET", f"/polls/{poll['id']}/results.csv")

    assert answer.headers["Content-Type"].startswith("text/csv")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    ids = [str(candidate["id"]) for candidate in poll["candidates"]]
    assert rows == [
        [
            *["candidate", "name", "votes", "share", "answer", "passed", "verdict"],
            "quorum_required",
            "quorum_met",
        ],
        [ids[0], "'=1+1", "0", "0.0", "", "yes", "", "", ""],
        [ids[1], "둘, 셋", "1", "1.0", "", "yes", "", "", ""],
    ]


def test_record_can_be_checked_by_anybody(house: House) -> None:
    room = house.room()
    poll = house.poll(room)
    receipt = house.vote(house.newcomer(), poll, 2).json()["receipt"]
    house.vote(house.newcomer(), poll)
    house.move(room, poll["id"], "close")

    record = house.request("GET", f"/polls/{poll['id']}/record").json()

    members = "record_version room meeting poll question method rules candidates log electorate"
    members += " bases ballots result salt digest names salts"
    assert record.keys() == {*members.split()}
    assert digest(record) == record["digest"] == house.results(poll["id"])["digest"]
    assert check_alone(record)
    assert [ballot["receipt"] for ballot in record["ballots"]] == sorted(
        ballot["receipt"] for ballot in record["ballots"]
    )
    assert {"receipt": receipt, "choices": [poll["candidates"][2]["id"]]} in record["ballots"]
    assert record["names"] is None
    assert record["result"]["winners"] == [poll["candidates"][2]["id"]]


def test_named_record_shows_names_to_members_alone(house: House) -> None:
    room = house.room()
    poll = house.poll(room, secrecy="named", eligibility="anyone")
    guest = house.guest(room, "손님")
    receipts = [
        house.vote(token, poll, 0).json()["receipt"] for token in (guest, house.member(room))
    ]
    house.move(room, poll["id"], "close")
    path = f"/polls/{poll['id']}/record"

    stranger, insider = house.request("GET", path), house.request("GET", path, guest)

    assert stranger.json()["names"] is stranger.json()["salts"] is None
    assert insider.json()["names"].keys() == insider.json()["salts"].keys() == set(receipts)
    assert insider.json()["names"][receipts[0]] == "손님"
    assert stranger.json()["digest"] == insider.json()["digest"]
    assert stranger.headers["ETag"] != insider.headers["ETag"]


def test_schulze_recounts_closed_ranked_polls(house: House) -> None:
    room = house.room()
    poll = house.poll(room, method="ranked")
    for places in ((0, 1, 2), (0, 2, 1), (1, 2, 0)):
        house.vote(house.newcomer(), poll, *places)
    path = f"/polls/{poll['id']}/results"

    early = house.request("GET", f"{path}?rule=schulze")
    house.move(room, poll["id"], "close")
    done = house.request("GET", f"{path}?rule=schulze")

    assert refusal(early) == (403, "results_hidden")
    assert done.json()["winners"] == [poll["candidates"][0]["id"]]
    assert done.json()["rule"] == "schulze"
    assert faults(house.request("GET", f"{path}?rule=dice")) == {"rule": "not_allowed"}


@pytest.mark.parametrize("method", ["plurality", "approval", "score"])
@pytest.mark.parametrize("state", ["open", "closed"])
def test_schulze_does_not_count_a_poll_whose_ballots_rank_nobody(
    house: House, method: str, state: str
) -> None:
    poll = house.poll(house.room(), state, method=method)

    answer = house.request("GET", f"/polls/{poll['id']}/results?rule=schulze")

    assert refusal(answer) == (409, "wrong_state")


def test_runoff_shows_its_rounds_when_closed(house: House) -> None:
    room = house.room()
    poll = house.poll(room, method="ranked")
    for places in ((0, 1), (0,), (1, 0), (2, 1), (1,)):
        house.vote(house.newcomer(), poll, *places)
    before = house.results(poll["id"])["rounds"]

    house.move(room, poll["id"], "close")

    results = house.results(poll["id"])
    assert before is None
    assert len(results["rounds"]) >= 2
    assert results["winners"] == [poll["candidates"][1]["id"]]


@pytest.mark.parametrize(
    ("rules", "state", "named"),
    [
        ({"secrecy": "named"}, "open", True),
        ({"secrecy": "named"}, "paused", True),
        ({"secrecy": "named"}, "closed", True),
        ({"secrecy": "secret", "results": "live"}, "open", False),
        ({"secrecy": "secret", "results": "closed"}, "open", True),
        ({"secrecy": "secret", "results": "host"}, "paused", True),
        ({"secrecy": "secret", "results": "closed"}, "closed", False),
        ({"secrecy": "secret", "results": "host"}, "closed", False),
        ({"secrecy": "secret", "results": "closed"}, "void", False),
    ],
)
def test_turnout_names_people_only_where_that_shows_no_ballot(
    house: House, rules: Any, state: str, *, named: bool
) -> None:
    room = house.room()
    voted, silent = house.tablet(room), house.tablet(room)
    house.member(room, "observer")
    poll = house.poll(room, eligibility="roll", **rules)
    house.vote(voted, poll, 0)
    for step in {"paused": ["pause"], "closed": ["close"], "void": ["void"]}.get(state, []):
        house.move(room, poll["id"], step)

    turnout = house.request("GET", f"/polls/{poll['id']}/turnout", room.host).json()

    assert (turnout["voted"], turnout["eligible"]) == (1, 3)
    if named:
        assert sorted(person["voted"] for person in turnout["people"]) == [False, False, True]
    else:
        assert turnout["people"] is None
    assert house.request("GET", f"/polls/{poll['id']}/turnout", silent).status_code == 403


def test_turnout_names_nobody_when_the_tally_was_live_for_a_while(house: House) -> None:
    """The tally of before, the final one, and who voted in between would tell a ballot."""
    room = house.room()
    poll = house.poll(room, secrecy="secret", results="live")
    path = f"/polls/{poll['id']}"

    tightened = house.request("PATCH", path, room.host, json={"results": "closed"})
    house.request("PATCH", path, room.host, json={"results": "host"})
    house.vote(house.member(room), poll, 0)

    assert tightened.status_code == 200
    turnout = house.request("GET", f"{path}/turnout", room.host).json()
    assert (turnout["voted"], turnout["people"]) == (1, None)


def test_turnout_names_no_accounts_that_have_nothing_to_do_with_the_room(house: House) -> None:
    room = house.room()
    poll = house.poll(room, secrecy="named", eligibility="anyone")
    silent, guest, tablet = house.member(room), house.guest(room, "손님"), house.tablet(room)
    account = house.newcomer()
    for token in (guest, tablet, account):
        assert house.vote(token, poll, 0).status_code == 201

    turnout = house.request("GET", f"/polls/{poll['id']}/turnout", room.host).json()

    seen = {
        house.request("GET", "/auth/token", params={"token": token}).json()["user"].get("person")
        or f"u{house.request('GET', '/auth/me', token).json()['id']}": voted
        for token, voted in (
            (room.host, False),
            (silent, False),
            (guest, True),
            (tablet, True),
            (account, True),
        )
    }
    assert {person["id"]: person["voted"] for person in turnout["people"]} == seen
    assert "손님" in {person["name"] for person in turnout["people"]}


def test_record_keeps_the_names_of_the_close_until_a_person_is_deleted(house: House) -> None:
    room = house.room()
    poll = house.poll(room, secrecy="named", eligibility="anyone")
    token, other, tablet = house.newcomer(), house.newcomer(), house.tablet(room)
    receipt = house.vote(token, poll, 0).json()["receipt"]
    for each in (other, tablet):
        house.vote(each, poll, 0)
    house.move(room, poll["id"], "close")
    path = f"/polls/{poll['id']}/record"
    row = house.request("GET", f"{room.path}/roll", room.host).json()["items"][-1]

    seen = [house.request("GET", path, room.host)]
    house.request("PATCH", "/auth/me", token, json={"name": "새 이름"})
    house.request("DELETE", f"{room.path}/roll/{row['id']}", room.host)
    seen.append(house.request("GET", path, room.host))
    house.request("DELETE", "/auth/me", token, json={"password": PASSWORD})
    seen.append(house.request("GET", path, room.host))

    before, renamed, after = (answer.json() for answer in seen)
    assert renamed == before
    assert seen[0].headers["ETag"] == seen[1].headers["ETag"] != seen[2].headers["ETag"]
    assert before["names"].keys() - after["names"].keys() == {receipt}
    assert before["salts"].keys() - after["salts"].keys() == {receipt}
    assert {**after, "names": 0, "salts": 0} == {**before, "names": 0, "salts": 0}
    assert check_alone(before)
    assert check_alone(after)


@pytest.mark.parametrize("rest", ["results", "results.csv", "record", "results?rule=schulze"])
def test_outcome_of_a_closed_poll_is_not_sent_again(house: House, rest: str) -> None:
    poll = house.poll(house.room(), method="ranked")
    house.vote(house.newcomer(), poll, 1, 0)
    house.request("POST", f"/polls/{poll['id']}/close", house.administrator)
    path = f"/polls/{poll['id']}/{rest}"

    first = house.request("GET", path)
    again = house.request("GET", path, headers={"If-None-Match": first.headers["ETag"]})

    assert "Authorization" in first.headers["Vary"]
    assert first.headers["Cache-Control"] == "private, no-cache"
    assert (again.status_code, again.content) == (304, b"")


def test_record_is_read_by_two_hundred_phones_at_once_after_the_close(house: House) -> None:
    room = house.room()
    poll = house.poll(room, method="ranked")
    receipts = {house.vote(house.newcomer(), poll, 2, 0).json()["receipt"] for _ in range(5)}
    house.move(room, poll["id"], "close")
    read = partial(house.request, "GET", f"/polls/{poll['id']}/record")

    answers = at_once([read] * 200)

    assert {answer.status_code for answer in answers} == {200}
    assert len({(answer.headers["ETag"], answer.content) for answer in answers}) == 1
    assert {ballot["receipt"] for ballot in answers[0].json()["ballots"]} == receipts
