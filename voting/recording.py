"""Recording a close: the names of a named poll's voters, the tree of its record, the digest.

Everything here runs in the transaction that closes a poll.
"""

import secrets
from collections.abc import Iterator, Sequence

from voting.log import head, time_text
from voting.merkle import block_roots, hash_leaf, root_of
from voting.methods import Turnout
from voting.model.ballots import Ballot
from voting.model.electorates import Admission
from voting.model.polls import Poll
from voting.model.records import RecordName, RecordTree, receipt_key_of
from voting.model.rooms import Room
from voting.people import name_of
from voting.record import (
    RECORD_VERSION,
    RecordAdmission,
    RecordBallot,
    Recorded,
    RecordElectorate,
    ResultDocument,
    ballot_document,
    ballot_leaf,
    head_leaves,
    name_hash,
    record_head,
    result_leaf,
    salt_of,
)
from voting.store import Store

SALT_BYTES = 16


def record_close(
    store: Store,
    poll: Poll,
    ballots: Sequence[Ballot],
    result: ResultDocument,
    recorded: Recorded,
) -> str:
    """Keep what the record of a poll needs; return its digest.

    ballots: the poll's, in any order; they are named already (`keep_names`) in a named poll
    """
    leaves = _leaves(store, poll, ballots, result, recorded)
    blocks = [*block_roots(map(hash_leaf, leaves))]
    if len(blocks) > 1:
        store.add(RecordTree(0, poll.id, b"".join(blocks).hex()))
    return root_of(blocks).hex()


def make_recorded(
    store: Store, poll: Poll, ballots: Sequence[Ballot], turnout: Turnout
) -> Recorded:
    """Return what a close keeps for the record, beside the poll and its result.

    poll: as the close leaves it, with its quorum
    """
    quorum = poll.quorum
    return {
        "version": RECORD_VERSION,
        "log": head(store, poll.room),
        "electorate": _electorate(store, poll),
        "bases": {
            "present_at_open": quorum.present_at_open,
            "present_at_close": quorum.present_at_close,
            "present": turnout.present,
            "eligible": turnout.eligible,
            "required": quorum.required,
        },
        "salt": salt_of(ballot.receipt for ballot in ballots),
    }


def recorded_of(poll: Poll) -> Recorded | None:
    """Return what the close of a poll kept for its record; None for a record of version 1."""
    recorded: Recorded | None = (poll.outcome or {}).get("recorded")
    return recorded


def recorded_result(poll: Poll) -> ResultDocument:
    """Return a closed poll's result as it stands in the record."""
    decided = poll.outcome or {}
    result: ResultDocument = {  # type: ignore[assignment]
        key: decided[key] for key in ResultDocument.__annotations__ if key in decided
    }
    return result


def keep_names(store: Store, room: Room, poll: Poll, ballots: Sequence[Ballot]) -> None:
    """Keep what the voters of a named poll are called now, each with a salt; of a secret poll,
    nothing.
    """
    if poll.secrecy != "named":
        return
    for ballot in ballots:
        name = name_of(store, room, str(ballot.person))
        kept = RecordName(0, poll.id, ballot.receipt, None, None, None, None)
        if name:
            salt = secrets.token_hex(SALT_BYTES)
            kept = RecordName(
                *(0, poll.id, ballot.receipt),
                *(ballot.person, name, salt, name_hash(name, salt)),
            )
        store.add(kept)


def forget_names(store: Store, person: str) -> None:
    """Let the names of a person go from all records, with their salts; call it inside a
    transaction. The hashes stay, and so do the digests; without the salt they tell nothing.
    """
    for kept in store.group(RecordName, person, "person"):
        store.save(RecordName(kept.id, kept.poll, kept.receipt, None, None, None, kept.name_hash))


def recorded_ballot(store: Store, poll: Poll, ballot: Ballot) -> RecordBallot:
    """Return a closed poll's ballot as it stands in the record."""
    document = ballot_document(poll.method, ballot.receipt, ballot.marks)
    if poll.secrecy != "named":
        return document
    kept = store.find(RecordName, "receipt_key", receipt_key_of(poll.id, ballot.receipt))
    return {**document, "name_hash": None if kept is None else kept.name_hash}


def _electorate(store: Store, poll: Poll) -> RecordElectorate:
    fixed = poll.electorate
    if fixed is None:
        return {"digest": None, "size": None, "admissions": []}
    admissions: list[RecordAdmission] = [
        {"row": each.row, "weight": each.weight, "at": time_text(each.admitted_at)}
        for each in store.group(Admission, poll.id, "poll")
    ]
    return {"digest": fixed["digest"], "size": fixed["size"], "admissions": admissions}


def _leaves(
    store: Store,
    poll: Poll,
    ballots: Sequence[Ballot],
    result: ResultDocument,
    recorded: Recorded,
) -> Iterator[bytes]:
    yield from head_leaves(record_head(poll, recorded))
    for ballot in sorted(ballots, key=lambda ballot: ballot.receipt):
        yield ballot_leaf(poll.id, len(ballots), recorded_ballot(store, poll, ballot))
    yield result_leaf(result, recorded["salt"])
