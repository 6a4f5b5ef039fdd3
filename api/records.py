"""Closed polls' records, proofs and recounts as bytes, which are made once, however often they are
asked for.

A record holds what the close decided; nothing is counted again for it. It never changes, but for
the names in a named one, which stand at its end and are kept by themselves.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from io import BytesIO
from typing import Any

from api.ballot_order import BallotOrder
from api.byte_cache import ByteCache
from api.jsons import dumps, encode_line
from api.latest_names import LatestNames
from api.proofs import Proof, Proofs
from api.slices import Piece, Rests, cut, hash_in_slices
from voting.closing import count_poll
from voting.methods import Rule, Turnout
from voting.model.ballots import Ballot
from voting.model.polls import Poll
from voting.model.records import RecordName
from voting.people import find_poll_and_room
from voting.record import (
    OutcomeDocument,
    RecordBallot,
    ballot_document,
    outcome_document,
    record_head,
)
from voting.record_v1 import head_v1
from voting.recording import recorded_ballots, recorded_of, recorded_result
from voting.refusals import NoProof
from voting.rest import rested
from voting.store import Step, Store


class Recount(OutcomeDocument):
    """What a closed poll's ballots give by a rule.

    `comparison` is true where the poll was decided by another one, so that this decides nothing.
    """

    poll: int
    rule: Rule
    comparison: bool


class Records:
    """Records, proofs and recounts of closed polls. `poll` is one whose close is on the disk."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._cache, self._names, self._hashes = ByteCache(), ByteCache(), ByteCache()
        """Apart, so that the record and the names of one huge poll don't displace each other."""
        self._order = BallotOrder(store)
        self._proofs = Proofs(store, self._order)
        self._latest_names = LatestNames(store)
        self._forgotten = Counter[int]()
        """How often names of a poll's record have gone."""
        store.subscribe(self._forget_names, RecordName, past=False)

    def record(self, poll: Poll, person: str) -> bytes:
        """Return a poll's record up to its names, made in a person's turn.

        Raises `NotFound` if its room is deleted meanwhile.
        """
        pieces = _record_pieces(self._store, poll, self._order, person)
        return self._cache.join((poll.id, "record"), pieces, person)

    def names(self, poll: Poll, person: str, *, named: bool) -> tuple[bytes, str]:
        """Return the end of a poll's record, from its names on, and its hash, "" without names.
        Both are made in a person's turn.

        named: with the names, which only members may see and only named polls have
        """
        recorded = recorded_of(poll) is not None
        if not named:
            return b'null,"salts":null}\n' if recorded else b"null}\n", ""
        if not recorded:
            latest = self._latest_names.of(poll, person) + b"}\n"
            return latest, hash_in_slices(latest)
        key = self._names_key(poll.id)
        names = self._names.join(key, _name_pieces(self._store, poll), person)
        held = self._hashes.get(key, lambda: hash_in_slices(names).encode(), person)
        return names, held.decode()

    def prove(self, poll: Poll, receipt: str, person: str) -> Proof:
        """Return the proof that a poll's record has the ballot with a receipt, made in a person's
        turn.

        Raises `NotFound` for an unknown receipt, `NoProof` for a record of version 1.
        """
        recorded = recorded_of(poll)
        if recorded is None:
            raise NoProof
        return self._proofs.prove(poll, recorded, receipt, person)

    def ballot(self, poll: Poll, receipt: str, person: str) -> Ballot | None:
        """Return a closed poll's ballot by its receipt, found in a person's turn."""
        ids = self._order.of(poll, person)
        place = self._order.find(ids, receipt)
        return None if place is None else self._store.get(Ballot, ids[place])

    def own_ballot(self, poll: Poll, person: str) -> Ballot | None:
        """Return somebody's ballot in a named poll whose key is gone, found in their turn by what
        else says whose it is: the record, or the ballot itself where there is no such record.
        """
        for name in self._store.group(RecordName, (poll.id, person), "voter"):
            return self.ballot(poll, name.receipt, person)
        if recorded_of(poll) is not None or poll.secrecy == "secret":
            return None
        ballots = rested(self._store.iter_ballots(poll.id), Rests())
        return next((each for each in ballots if each.person == person), None)

    def recount(self, poll: Poll, rule: Rule, person: str) -> bytes:
        """Return what a ranked poll's ballots give by a rule, counted in slices in a person's turn.

        Raises `NotFound` if its room is deleted meanwhile.
        """

        def count() -> bytes:
            rest = Rests(lambda: self._cache.making)
            ballots = rested(self._store.iter_ballots(poll.id), rest)
            outcome = count_poll(poll, ballots, turnout_of(poll), rule, rest=rest)
            find_poll_and_room(self._store, poll.id)  # else its ballots may be going
            document: Recount = {
                "poll": poll.id,
                "rule": rule,
                "comparison": rule != (poll.rule or "irv"),
                **outcome_document(outcome),
            }
            return encode_line(document)

        return self._cache.get((poll.id, rule), count, person)

    def etag(self, poll: Poll, kind: str, names_hash: str = "") -> str:
        """Return the ETag of something about a poll that changes with the names alone."""
        held = f"-{names_hash}" if names_hash else ""
        return f"{self._store.epoch}-{poll.id}-{ended(poll)['digest']}-{kind}{held}"

    def _names_key(self, poll_id: int) -> tuple[int, str, int]:
        return poll_id, "names", self._forgotten[poll_id]

    def _forget_names(self, steps: Sequence[Step]) -> None:
        for before, _ in steps:
            if isinstance(before, RecordName):
                self._names.forget(self._names_key(before.poll))
                self._forgotten[before.poll] += 1


def _record_pieces(store: Store, poll: Poll, order: BallotOrder, person: str) -> Iterator[bytes]:
    """Yield a closed poll's record, up to its names, in pieces that are quickly made."""
    recorded = recorded_of(poll)
    head = head_v1(poll, turnout_of(poll)) if recorded is None else record_head(poll, recorded)
    yield f'{dumps(head)[:-1]},"ballots":['.encode()
    lead = ""
    found = (store.get(Ballot, each) for each in order.of(poll, person))
    ballots = (each for each in found if each is not None)  # a room's are removed before its polls
    listed: Iterable[RecordBallot] = recorded_ballots(store, poll, ballots)
    if recorded is None:
        listed = (ballot_document(poll.method, each.receipt, each.marks) for each in ballots)
    for document in listed:
        yield f"{lead}{dumps(document)}".encode()
        lead = ","
    find_poll_and_room(store, poll.id)
    yield f'],"result":{dumps(recorded_result(poll))}'.encode()
    if recorded is not None:
        yield f',"salt":{dumps(recorded["salt"])}'.encode()
    yield f',"digest":{dumps(ended(poll)["digest"])},"names":'.encode()


def _name_pieces(store: Store, poll: Poll) -> Iterator[Piece]:
    """Yield the end of a named poll's record of version 2."""
    salts, lead = BytesIO(), ""
    yield b"{"
    for kept in store.iter_names(poll.id):
        piece = b""
        if kept.name is not None:
            receipt = dumps(kept.receipt)
            salts.write(f"{lead}{receipt}:{dumps(kept.salt)}".encode())
            piece = f"{lead}{receipt}:{dumps(kept.name)}".encode()
            lead = ","
        yield piece
    yield b'},"salts":{'
    yield from cut(salts.getvalue())
    yield b"}}\n"


def ended(poll: Poll) -> dict[str, Any]:
    """Return what a closed poll's close decided."""
    return poll.outcome or {}


def turnout_of(poll: Poll) -> Turnout:
    """Return how many were present and eligible at a poll's close."""
    return Turnout(ended(poll)["present"], ended(poll)["eligible"])
