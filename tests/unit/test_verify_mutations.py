"""Every single change of a record, a proof or a log is found, alone or beside the others."""

import json
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest

from tests.records import public_record
from tests.server import ROOT
from tests.unit.lobby import CANDIDATES, NOW, cast_ballot, fresh
from tests.unit.records import BALLOTS, NAMES, Verify, make_record
from voting.casting import Vote
from voting.chain import NO_HASH, hash_entry
from voting.ending import close_poll, void_poll
from voting.log import entry_document, head
from voting.merkle import hash_leaf, path_to
from voting.methods import Method
from voting.model.log import LogEntry
from voting.model.polls import Poll
from voting.model.rooms import Room, Row
from voting.polls import open_poll
from voting.record import record_leaves
from voting.store import Store

Json = dict[str, Any]
HOST = "r1"


def changes(document: Any) -> Iterator[tuple[str, Any]]:
    """Yield each way to change one thing in a document: where, and the document changed so."""
    for path, value in places(document):
        for changed in other_values(value):
            copy = deepcopy(document)
            *way, last = path
            parent = copy
            for step in way:
                parent = parent[step]
            if changed is GONE:
                del parent[last]
            else:
                parent[last] = changed
            yield f"{'.'.join(map(str, path))} → {changed}", copy


GONE = object()


def places(document: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    inner: Any = ()
    if isinstance(document, dict):
        inner = document.items()
    elif isinstance(document, list):
        inner = enumerate(document)
    for step, value in inner:
        yield (*path, step), value
        yield from places(value, (*path, step))


def other_values(value: Any) -> list[Any]:
    match value:
        case bool():
            return [not value, int(value), None, GONE]
        case int():
            return [value + 1, value - 1, str(value), None, GONE]
        case str():
            turned = value[:-1] + ("0" if value[-1:] != "0" else "1")
            return [turned, value + " ", value.upper(), None, GONE] if value else ["x", GONE]
        case None:
            return [0, "x", GONE]
        case list():
            return (
                [value[:-1], [*value, 0], [*value, *value[-1:]], None, GONE]
                if value
                else [[0], GONE]
            )
        case dict():
            return [{**value, "extra": 1}, {}, None, GONE]
    raise TypeError(value)


def found(verify: Verify, original: Json, changed: Json, *beside: Json) -> bool:
    if json.dumps(changed, sort_keys=True) == json.dumps(original, sort_keys=True):
        return True  # nothing was changed: capitals of digits
    return verify(changed, *beside)[0] != 0


@pytest.mark.parametrize("method", BALLOTS)
def test_every_change_of_a_record_is_found(verify: Verify, method: Method) -> None:
    record = make_record(method)
    missed = [where for where, changed in changes(record) if not found(verify, record, changed)]

    assert verify(record)[0] == 0
    assert missed == []


def test_every_change_of_a_secret_record_is_found(verify: Verify) -> None:
    record = make_record(secrecy="secret")
    missed = [where for where, changed in changes(record) if not found(verify, record, changed)]

    assert missed == []


def make_proof(record: Json, place: int) -> Json:
    leaves = [*record_leaves(record)]
    hashes = [hash_leaf(leaf) for leaf in leaves]
    return {
        "leaf": leaves[place].decode(),
        "index": place,
        "size": len(leaves),
        "path": [node.hex() for node in path_to(hashes, place)],
        "root": record["digest"],
    }


@pytest.mark.parametrize("place", range(3, 8))
def test_every_change_of_a_proof_is_found(verify: Verify, place: int) -> None:
    proof = make_proof(make_record(), place)
    leaf = json.loads(proof["leaf"])
    within = [
        (where, {**proof, "leaf": json.dumps(each, ensure_ascii=False, separators=(",", ":"))})
        for where, each in changes(leaf)
    ]
    missed = [
        where for where, changed in [*changes(proof), *within] if not found(verify, proof, changed)
    ]

    assert verify(proof)[0] == 0
    assert missed == []


def test_proofs_that_the_web_app_is_tested_with_hold(verify: Verify) -> None:
    for proof in json.loads((ROOT / "web/src/lib/proof.test.json").read_text("utf-8")):
        assert verify(proof)[0] == 0


def test_proof_of_another_record_is_found_beside_the_record(verify: Verify) -> None:
    record = make_record()
    other = make_record(max_choices=2)

    assert verify(record, make_proof(record, 4))[0] == 0
    assert verify(record, make_proof(other, 4))[::2] == (1, ["proof"])


# --- a room's log


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


def log_of(store: Store, room: str = "K7M2QX") -> Json:
    entries = [{**entry_document(each)} for each in store.group(LogEntry, room)]
    return {"room": room, "entries": entries, "head": head(store, room)}


def test_log_and_records_agree_when_nothing_was_changed(
    verify: Verify, meeting: tuple[Json, list[Json]]
) -> None:
    log, records = meeting

    code, told, wrong = verify(log, *records, make_proof(records[0], 3))

    assert (code, wrong) == (0, []), told
    assert "not checked: that each act was entered" in told


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


def chain_anew(log: Json) -> Json:
    """Give changed entries the hashes that they would have."""
    previous = NO_HASH
    for entry in log["entries"]:
        entry["previous"] = previous
        previous = entry["hash"] = hash_entry(entry)
    log["head"] = {"n": len(log["entries"]), "hash": previous}
    return log


def test_record_of_a_poll_that_was_voided_later_is_found_beside_the_log(
    verify: Verify, meeting: tuple[Json, list[Json]], store: Store
) -> None:
    _, records = meeting
    void_poll(store, records[0]["poll"], NOW, HOST, "a test")

    code, told, _ = verify(log_of(store), *records)

    assert code == 1
    assert f"poll {records[0]['poll']}: declared void in 1 entries" in told


def test_record_is_found_that_another_log_does_not_have(
    verify: Verify, meeting: tuple[Json, list[Json]]
) -> None:
    log, _ = meeting

    code, told, _ = verify(log, make_record())

    assert code == 1
    assert "poll 7: closed in 0 entries of the log" in told
