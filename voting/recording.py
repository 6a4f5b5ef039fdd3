"""Recording a close: the names of a named poll's voters, the tree of its record, the digest."""

import secrets
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import Any, NamedTuple

from voting.electorate import electorate_of
from voting.leaves import (
    BEFORE_BALLOTS,
    ballot_leaf,
    head_leaves,
    name_hash,
    result_leaf,
    salt_in_order,
)
from voting.log import head, time_text
from voting.merkle import BLOCK, block_roots, hash_leaf, root_of
from voting.methods import Turnout
from voting.model.ballots import Ballot
from voting.model.polls import Poll
from voting.model.records import RecordName, RecordTree, receipt_key_of
from voting.model.rooms import Room
from voting.people import find_room, name_of
from voting.record import (
    RECORD_VERSION,
    RecordAdmission,
    RecordBallot,
    Recorded,
    RecordElectorate,
    ResultDocument,
    ballot_document,
    record_head,
)
from voting.record_v1 import head_v1
from voting.rest import Rest, in_parts, no_rest, rested
from voting.sealing import Sorted
from voting.store import Store

SALT_BYTES = 16
AT_ONCE = 50
"""How many names one transaction keeps: while it lasts, nobody else is served."""


Names = list[str | None]
"""The `name_hash` of each ballot of a named poll, by receipt; of a secret poll, none."""


class BallotHashes(NamedTuple):
    """The tree of a record without the leaves before the ballots, which its close decides.

    first: the hashes of the other leaves of the first block
    blocks: the roots of the blocks after it
    """

    first: list[bytes]
    blocks: list[bytes]
    salt: str


def hash_ballots(
    poll: Poll, ballots: Sorted, names: Names, result: ResultDocument, rest: Rest
) -> BallotHashes:
    """Return the hashes of a poll's ballots and of its result.

    names: as `keep_names` returned them
    """
    salt = salt_in_order(ballot.receipt for ballot in rested(ballots, rest))
    documents = (
        ballot_document(poll.method, each.receipt, each.marks) for each in rested(ballots, rest)
    )
    if poll.secrecy == "named":
        named = zip(documents, names, strict=True)
        documents = ({**document, "name_hash": name} for document, name in named)
    leaves = (ballot_leaf(poll.id, len(ballots), document) for document in documents)
    hashes = map(hash_leaf, chain(leaves, [result_leaf(result, salt)]))
    first = [*islice(hashes, BLOCK - BEFORE_BALLOTS)]
    return BallotHashes(first, [*block_roots(hashes)], salt)


def record_close(
    store: Store, poll: Poll, turnout: Turnout, hashes: BallotHashes
) -> tuple[Recorded, str]:
    """Keep what the record of a poll needs; return what belongs beside its result, and its digest.

    Call it in the transaction that stores the outcome: the record names the log's last entry.

    poll: with its quorum as the close leaves it
    """
    recorded = _recorded(store, poll, turnout, hashes.salt)
    first = [*map(hash_leaf, head_leaves(record_head(poll, recorded))), *hashes.first]
    blocks = [root_of(first), *hashes.blocks]
    if len(blocks) > 1:
        store.add(RecordTree(0, poll.id, b"".join(blocks).hex()))
    return recorded, root_of(blocks).hex()


def _recorded(store: Store, poll: Poll, turnout: Turnout, salt: str) -> Recorded:
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
        "salt": salt,
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


def keep_names(store: Store, poll: Poll, ballots: Sorted, rest: Rest) -> Names:
    """Keep what the voters of a named poll are called now, each with a salt; of a secret poll,
    nothing. Names that are kept already stay as they are. Return the hashes.

    rest: called between transactions
    """
    hashes: list[str | None] = []
    if poll.secrecy != "named":
        return hashes
    room = find_room(store, poll.room)

    def names() -> Iterator[RecordName]:
        for ballot in rested(ballots, rest):
            name = _name_of(store, room, ballot)
            hashes.append(name.name_hash)
            yield name

    begun = store.size(RecordName, poll.id, "poll") > 0  # before a crash
    filled = not begun and store.add_names(poll.id, names())
    if not filled:
        hashes = [*_keep_in_turns(store, poll, room, ballots, rest)]
    if filled or begun:
        _forget_deleted(store, room, ballots, hashes, rest)
    return hashes


def _keep_in_turns(
    store: Store, poll: Poll, room: Room, ballots: Sorted, rest: Rest
) -> Iterator[str | None]:
    """Keep the names that aren't kept yet, some in each transaction; yield the hashes of all."""
    begun = store.size(RecordName, poll.id, "poll") > 0
    for some in in_parts(ballots, AT_ONCE):
        with store.transaction():
            found = [_kept_name(store, poll, each) if begun else None for each in some]
            kept = [
                store.add(_name_of(store, room, ballot)) if name is None else name
                for ballot, name in zip(some, found, strict=True)
            ]
        yield from (each.name_hash for each in kept)
        rest()


def _forget_deleted(store: Store, room: Room, ballots: Sorted, hashes: Names, rest: Rest) -> None:
    """Let the names go of people who were deleted while their names were read and kept."""
    for ballot, found in zip(rested(ballots, rest), hashes, strict=True):
        person = str(ballot.person)
        if found is not None and not name_of(store, room, person):
            forget_names(store, person)


def _kept_name(store: Store, poll: Poll, ballot: Ballot) -> RecordName | None:
    return store.find(RecordName, "receipt_key", receipt_key_of(poll.id, ballot.receipt))


def _name_of(store: Store, room: Room, ballot: Ballot) -> RecordName:
    name = name_of(store, room, str(ballot.person))
    if not name:
        return RecordName(0, ballot.poll, ballot.receipt, None, None, None, None)
    salt = secrets.token_hex(SALT_BYTES)
    kept = ballot.person, name, salt, name_hash(name, salt)
    return RecordName(0, ballot.poll, ballot.receipt, *kept)


def forget_names(store: Store, person: str, rest: Rest = no_rest) -> None:
    """Let the names of a person go from all records, with their salts, each in a transaction of its
    own, or all in the caller's. The hashes stay, and so do the digests; without the salt they
    reveal nothing.

    rest: called after each
    """
    for found in store.group(RecordName, person, "person"):
        with store.transaction():
            kept = store.get(RecordName, found.id)
            if kept is not None and kept.person == person:
                hashed = kept.name_hash
                store.save(RecordName(kept.id, kept.poll, kept.receipt, None, None, None, hashed))
        rest()


def recorded_ballot(store: Store, poll: Poll, ballot: Ballot) -> RecordBallot:
    """Return a closed poll's ballot as it stands in the record."""
    document = ballot_document(poll.method, ballot.receipt, ballot.marks)
    if poll.secrecy != "named":
        return document
    return _with_hash(document, _kept_name(store, poll, ballot))


def recorded_ballots(store: Store, poll: Poll, ballots: Iterable[Ballot]) -> Iterator[RecordBallot]:
    """Yield a closed poll's ballots, which come by receipt, as they stand in the record.

    The names are mostly in the same order: they are read beside the ballots, which takes less than
    looking each up.
    """
    named = poll.secrecy == "named"
    names = store.iter_names(poll.id) if named else iter(())
    name = next(names, None)
    for ballot in ballots:
        document = ballot_document(poll.method, ballot.receipt, ballot.marks)
        if not named:
            yield document
        elif name is not None and name.receipt == ballot.receipt:
            yield _with_hash(document, name)
            name = next(names, None)
        else:
            yield _with_hash(document, _kept_name(store, poll, ballot))


def _with_hash(document: RecordBallot, kept: RecordName | None) -> RecordBallot:
    return {**document, "name_hash": None if kept is None else kept.name_hash}


def _electorate(store: Store, poll: Poll) -> RecordElectorate:
    digest, size, admitted = electorate_of(store, poll)
    admissions: list[RecordAdmission] = [
        {"row": each.row, "weight": each.weight, "at": time_text(each.admitted_at)}
        for each in admitted
    ]
    return {"digest": digest, "size": size, "admissions": admissions}


def whole_record(store: Store, poll: Poll) -> dict[str, Any]:
    """Return a closed poll's record as its members read it, with the names of a named one. It takes
    as long as the poll has ballots.
    """
    recorded, ended = recorded_of(poll), poll.outcome or {}
    ballots = sorted(store.ballots(poll.id), key=lambda each: each.receipt)
    record: dict[str, Any] = {"result": recorded_result(poll), "digest": ended["digest"]}
    if recorded is None:
        head_of = head_v1(poll, Turnout(ended["present"], ended["eligible"]))
        listed = [ballot_document(poll.method, each.receipt, each.marks) for each in ballots]
        return {**head_of, "ballots": listed, **record, "names": None}
    kept = [each for each in store.iter_names(poll.id) if each.name is not None]
    record |= {"salt": recorded["salt"], "names": None, "salts": None}
    if poll.secrecy == "named":
        record["names"] = {each.receipt: each.name for each in kept}
        record["salts"] = {each.receipt: each.salt for each in kept}
    listed = [*recorded_ballots(store, poll, ballots)]
    return {**record_head(poll, recorded), "ballots": listed, **record}
