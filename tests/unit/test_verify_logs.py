"""A room's log is verified: every change of it is found, and files are held against each other."""

from copy import deepcopy

import pytest

from tests.records import public_record, whole_log
from tests.unit.lobby import CANDIDATES, NOW, cast_ballot, fresh
from tests.unit.records import NAMES, Verify, make_record, seal
from tests.unit.test_verify_mutations import Json, changes, found, make_proof
from voting.casting import Vote
from voting.chain import NO_HASH, hash_entry, start_of
from voting.ending import close_poll, void_poll
from voting.log import append
from voting.model.polls import Poll
from voting.model.rooms import Room, Row
from voting.polls import open_poll
from voting.record_v1 import digest_v1
from voting.store import Store

HOST = "r1"


@pytest.fixture
def meeting(store: Store) -> tuple[Json, list[Json]]:
    """A room's log, and the records of its two polls: one named, one secret."""
    with store.transaction():
        room = store.add(Room(0, "K7M2QX", "Club", "public"))
        rows = [
            store.add(Row(0, room.code, name, role="host" if not n else "voter"))
            for n, name in enumerate(NAMES)
        ]
        drafts = [
            store.add(Poll(0, room.code, "?", CANDIDATES, eligibility="roll", secrecy=secrecy))
            for secrecy in ("named", "secret")
        ]
    for draft in drafts:
        store.prepare_poll_keys([draft.id])
        poll = open_poll(store, draft.id, NOW, HOST)
        for n, row in enumerate(rows[:4]):
            choice = poll.candidates[n % 2].id
            cast_ballot(store, poll.id, row, Vote((choice,)), fresh())
        close_poll(store, poll.id, NOW, HOST)
    return log_of(store), [public_record(store, draft.id) for draft in drafts]


@pytest.fixture
def grown(meeting: tuple[Json, list[Json]], store: Store) -> tuple[Json, Json]:
    """The log as somebody kept it, and as it is now, one entry longer."""
    kept, _ = meeting
    append(store, kept["room"], "poll_paused", HOST, {"poll": 9}, NOW)
    return kept, log_of(store)


def log_of(store: Store, room: str = "K7M2QX") -> Json:
    return whole_log(store, room)


def test_log_and_records_agree_when_nothing_was_changed(
    verify: Verify, meeting: tuple[Json, list[Json]]
) -> None:
    log, records = meeting

    code, printed, wrong = verify(log, *records, make_proof(records[0], 3))

    assert (code, wrong) == (0, []), printed
    assert "not checked: that each act was entered" in printed


def test_every_change_of_a_log_is_found(verify: Verify, meeting: tuple[Json, list[Json]]) -> None:
    log, records = meeting
    missed = [where for where, changed in changes(log) if not found(verify, log, changed, *records)]

    assert missed == []


@pytest.mark.parametrize("kind", ["poll_opened", "poll_closed"])
def test_log_that_was_chained_anew_is_found_beside_the_records(
    verify: Verify, meeting: tuple[Json, list[Json]], kind: str
) -> None:
    log, records = meeting
    missed = []
    for number, entry in enumerate(log["entries"]):
        for where, data in changes(entry["data"]) if entry["kind"] == kind else ():
            changed = deepcopy(log)
            changed["entries"][number]["data"] = data
            if where == "verdict → None":
                continue  # so it is where the results are to be shown later
            if not found(verify, log, chain_anew(changed), *records):
                missed.append((number, where))

    assert missed == []


def chain_anew(log: Json, previous: str | None = None) -> Json:
    """Give changed entries the hashes that they would have."""
    previous = previous or start_of(log["room"])["hash"]
    for entry in log["entries"]:
        entry["previous"] = previous
        previous = entry["hash"] = hash_entry(entry)
    log["head"] = {"n": len(log["entries"]), "hash": previous}
    return log


def test_change_of_a_log_is_found_without_its_records(
    verify: Verify, meeting: tuple[Json, list[Json]]
) -> None:
    log, _ = meeting
    missed = [where for where, changed in changes(log) if not found(verify, log, changed)]

    assert missed == []


def test_log_begun_by_an_earlier_version_names_no_room(
    verify: Verify, meeting: tuple[Json, list[Json]]
) -> None:
    log = chain_anew(meeting[0], NO_HASH)

    code, printed, _ = verify(log)

    assert code == 0
    assert "not checked: of which room this log is" in printed


def test_record_of_a_poll_that_was_voided_later_is_found_beside_the_log(
    verify: Verify, meeting: tuple[Json, list[Json]], store: Store
) -> None:
    _, records = meeting
    void_poll(store, records[0]["poll"], NOW, HOST, "a test")

    code, printed, _ = verify(log_of(store), *records)

    assert code == 1
    assert f"poll {records[0]['poll']}: declared void in 1 entries" in printed


def test_record_is_found_that_another_log_does_not_have(
    verify: Verify, meeting: tuple[Json, list[Json]]
) -> None:
    log, _ = meeting

    code, printed, _ = verify(log, make_record())

    assert code == 1
    assert "poll 7: closed in 0 entries of the log" in printed


# --- files against each other, and against what was kept


def test_log_that_was_chained_anew_is_found_by_a_head_that_was_kept(
    verify: Verify, grown: tuple[Json, Json]
) -> None:
    kept, later = grown
    forged = deepcopy(later)
    forged["entries"][0]["actor"] = "r2"
    screen = f"{kept['head']['n']}:{kept['head']['hash'][:4]} {kept['head']['hash'][4:8]}"
    whole = f"{kept['head']['n']}:{kept['head']['hash']}"

    for noted in (screen, whole):
        assert verify(later, "--head", noted)[0] == 0
        assert verify(chain_anew(forged), "--head", noted)[::2] == (1, ["head"])
    assert verify(chain_anew(forged))[0] == 0, "nothing in the log itself shows it"


@pytest.mark.parametrize("change", ["cut", "chain anew"])
def test_log_that_does_not_continue_one_that_was_kept_is_found(
    verify: Verify, grown: tuple[Json, Json], change: str
) -> None:
    kept, later = grown
    forged = deepcopy(later)
    if change == "cut":
        del forged["entries"][2]
        for n, entry in enumerate(forged["entries"], 1):
            entry["n"] = n
    else:
        forged["entries"][0]["actor"] = "r2"

    assert verify(later, kept)[0] == verify(kept, later)[0] == 0
    assert verify(chain_anew(forged), kept)[::2] == (1, ["logs"])


@pytest.mark.parametrize("text", ["7", "x:" + "a" * 64, "7:abc", "7:" + "g" * 64])
def test_head_of_another_form_is_refused(verify: Verify, text: str) -> None:
    with pytest.raises(SystemExit):
        verify(make_record(), "--head", text)


def test_head_without_a_log_is_reported_as_unchecked(verify: Verify) -> None:
    code, printed, _ = verify(make_record(), "--head", "7:" + "a" * 64)

    assert code == 0
    assert "not checked: head 7:aaaa" in printed


def test_records_and_logs_of_several_rooms_are_checked_room_by_room(
    verify: Verify, meeting: tuple[Json, list[Json]], store: Store
) -> None:
    log, records = meeting
    with store.transaction():
        store.add(Room(0, "AAAAAA", "Choir", "public"))
    append(store, "AAAAAA", "poll_paused", HOST, {"poll": 9}, NOW)
    other = log_of(store, "AAAAAA")
    renamed = chain_anew({**deepcopy(log), "room": "AAAAAA"})

    assert verify(log, other, *records)[0] == 0
    assert verify(other, *records)[::2] == (1, ["poll", "poll"])
    assert verify(renamed, *records)[0] == 1
    assert verify(renamed, other)[::2] == (1, ["logs"])


def test_two_records_of_one_poll_are_found(verify: Verify) -> None:
    record, other = make_record(), make_record(max_choices=2)

    assert verify(record, record)[0] == 0
    assert verify(record, other)[::2] == (1, ["poll"])
    assert verify(record, seal({**other, "room": "AAAAAA"}))[0] == 0, "of another server"


def as_version_1(record: Json) -> Json:
    """Return a record as an earlier version would have made it, with another winner."""
    rules = {key: record["rules"][key] for key in ("seats", "max_choices", "score_max")}
    people = {key: record["bases"][key] for key in ("present", "eligible")}
    made = {
        **{key: record[key] for key in ("poll", "question", "method")},
        "rules": {**rules, "threshold": record["rules"]["threshold"], **people},
        "candidates": [
            {key: each[key] for key in ("id", "name", "description")}
            for each in record["candidates"]
        ],
        "ballots": [
            {k: v for k, v in each.items() if k != "name_hash"} for each in record["ballots"]
        ],
        "result": {k: v for k, v in record["result"].items() if k != "verdict"},
        "names": None,
    }
    return {**made, "digest": digest_v1(made)}


def test_record_of_version_1_in_place_of_one_of_version_2_is_found(
    verify: Verify, meeting: tuple[Json, list[Json]]
) -> None:
    log, records = meeting
    forged = as_version_1(records[0])

    assert verify(forged)[0] == 0
    assert verify(forged, log)[::2] == (1, ["poll"])
    assert verify(forged, records[0])[::2] == (1, ["poll"])
    assert "a record of version 1, and entries about it: 2, 3" in verify(forged, log)[1]


def test_record_of_version_1_agrees_with_a_log_that_has_only_its_publishing(
    verify: Verify, meeting: tuple[Json, list[Json]], store: Store
) -> None:
    record = {**as_version_1(meeting[1][0]), "poll": 77}
    record |= {"digest": digest_v1(record)}
    verdict = meeting[1][0]["result"]["verdict"]

    append(store, "K7M2QX", "results_published", HOST, {"poll": 77, "verdict": verdict}, NOW)
    agreed = verify(log_of(store), record)[0]
    append(store, "K7M2QX", "results_published", HOST, {"poll": 77, "verdict": "void"}, NOW)

    assert (agreed, verify(log_of(store), record)[0]) == (0, 1)


def test_eligible_people_of_a_poll_that_is_not_for_the_roll_are_found(verify: Verify) -> None:
    electorate = {"digest": None, "size": None, "admissions": []}
    record = make_record(eligibility="accounts", threshold=None)
    record |= {"electorate": electorate, "bases": {**record["bases"], "eligible": None}}
    invented = {**record, "bases": {**record["bases"], "eligible": 5}}

    assert verify(seal(record))[2] == [], verify(seal(record))[1]
    assert verify(seal(invented))[::2] == (1, ["eligible"])
