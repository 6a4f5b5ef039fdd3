"""Closed polls' records and recounts as bytes, made once whoever asks how often.

A record holds what the close decided; nothing is counted again for it. It never changes, but for
the names in a named one: those are kept by themselves, until somebody's name there changes.
"""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import fields
from hashlib import sha256
from typing import Any

from gevent.threadpool import ThreadPool

from api.byte_cache import ByteCache
from api.jsons import dumps
from api.slices import join_slices
from voting.ending import count_poll
from voting.methods import Outcome, Rule, Turnout
from voting.model.accounts import Account
from voting.model.ballots import Ballot
from voting.model.polls import Poll
from voting.model.rooms import Guest, Room, Row
from voting.people import find_room, holder_of, standing_in
from voting.record import OutcomeDocument, ballot_document, record_frame, result_document
from voting.store import Step, Store

NO_NAMES = b"null"


class Recount(OutcomeDocument):
    """What a closed poll's ballots give by a rule.

    `comparison` is true where the poll was decided by another one, so that this decides nothing.
    """

    poll: int
    rule: Rule
    comparison: bool


class Records:
    """What is told of closed polls: `poll` is one that is closed on the disk."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._cache = ByteCache()
        self._pool = ThreadPool(1)
        self._voters: dict[int, set[str]] = {}
        """Who voted, by poll, where their names are kept or being gathered."""
        self._renamed = Counter[int]()
        store.subscribe(self._forget_renamed, Account, Guest, Room, Row, past=False)

    def record(self, poll: Poll, person: str) -> bytes:
        """Return a poll's record up to its names, made in a person's turn."""
        return self._join((poll.id, "record"), record_pieces(self._store, poll), person)

    def names(self, poll: Poll, person: str) -> bytes:
        """Return the names of a named poll's voters by receipt, as they are now."""
        return self._join(self._key(poll.id), self._name_pieces(poll), person)

    def recount(self, poll: Poll, rule: Rule, person: str) -> bytes:
        """Return what a ranked poll's ballots give by a rule; it is counted in a thread."""

        def count() -> bytes:
            ballots = self._store.ballots(poll.id)
            outcome = self._pool.apply(count_poll, (poll, ballots, turnout_of(poll), rule))
            document: Recount = {
                "poll": poll.id,
                "rule": rule,
                "comparison": rule != (poll.rule or "irv"),
                **result_document(outcome),
            }
            return f"{dumps(document)}\n".encode()

        return self._cache.get((poll.id, rule), count, person)

    def etag(self, poll: Poll, kind: str, names: bytes = NO_NAMES) -> str:
        """Return the ETag of something about a poll that changes with the names alone."""
        held = "" if names is NO_NAMES else f"-{sha256(names).hexdigest()}"
        return f"{self._store.epoch}-{poll.id}-{ended(poll)['digest']}-{kind}{held}"

    def _join(self, key: Hashable, pieces: Iterable[bytes], person: str) -> bytes:
        cache = self._cache
        return cache.get(key, lambda: join_slices(pieces, lambda: cache.making), person)

    def _key(self, poll_id: int) -> tuple[int, str, int]:
        return poll_id, "names", self._renamed[poll_id]

    def _name_pieces(self, poll: Poll) -> Iterator[bytes]:
        room = find_room(self._store, poll.room)
        for other in [each for each in self._voters if self._key(each) not in self._cache]:
            del self._voters[other]
        voters = self._voters[poll.id] = set()
        lead = b"{"
        for ballot in self._store.iter_ballots(poll.id):
            holder = holder_of(self._store, str(ballot.person))
            voters.add(str(ballot.person))
            if name := standing_in(self._store, room, holder).name:
                yield lead + f"{dumps(ballot.receipt)}:{dumps(name)}".encode()
                lead = b","
            else:
                yield b""
        yield b"{}" if lead == b"{" else b"}"

    def _forget_renamed(self, steps: Sequence[Step]) -> None:
        if not self._voters:
            return
        for before, after in steps:
            if before is not None and _named(before) not in ((), after and _named(after)):
                self._rename(after or before)
            elif isinstance(after, Row) and before is None:
                self._rename(after)

    def _rename(self, changed: Any) -> None:
        """Forget the names of polls where somebody may be called otherwise now."""
        for poll_id in self._voters_of(changed):
            del self._voters[poll_id]
            self._cache.forget(self._key(poll_id))
            self._renamed[poll_id] += 1

    def _voters_of(self, changed: Any) -> list[int]:
        if isinstance(changed, Account):
            return [each for each, people in self._voters.items() if changed.person in people]
        room = changed.code if isinstance(changed, Room) else changed.room
        polls = {each: self._store.get(Poll, each) for each in self._voters}
        return [each for each, poll in polls.items() if poll is None or poll.room == room]


def record_pieces(store: Store, poll: Poll) -> Iterator[bytes]:
    """Yield a closed poll's record, up to its names, in pieces that are quickly made."""
    piles: defaultdict[str, list[Ballot]] = defaultdict(list)  # sorted one by one: it takes long
    for ballot in store.iter_ballots(poll.id):
        piles[ballot.receipt[:2]].append(ballot)
        yield b""
    frame = dumps(record_frame(poll, turnout_of(poll)))
    yield f'{frame[:-1]},"ballots":['.encode()
    lead = ""
    for pile in sorted(piles):
        for ballot in sorted(piles[pile], key=lambda ballot: ballot.receipt):
            document = ballot_document(poll.method, ballot.receipt, ballot.marks)
            yield f"{lead}{dumps(document)}".encode()
            lead = ","
    decided = ended(poll)
    result = {each.name: decided[each.name] for each in fields(Outcome)}
    yield f'],"result":{dumps(result)},"digest":{dumps(decided["digest"])},"names":'.encode()


def ended(poll: Poll) -> dict[str, Any]:
    """Return what a closed poll's close decided."""
    return poll.outcome or {}


def turnout_of(poll: Poll) -> Turnout:
    """Return how many were present and eligible at a poll's close."""
    return Turnout(ended(poll)["present"], ended(poll)["eligible"])


def _named(kept: Any) -> tuple[Any, ...]:
    """Return what somebody's name in a room rests on."""
    match kept:
        case Account():
            return kept.name, kept.email_key
        case Row():
            return kept.name, kept.account, kept.email
        case Guest():
            return (kept.nickname,)
        case Room():
            return (kept.trust_email,)
    return ()
