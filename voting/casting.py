"""Casting: whether a ballot may be stored, and what a repeated one means.

A voter has one ballot in a poll, whatever they send, however often. The stored ballot is also the
note that the person has voted, so no crash can separate the two.
"""

from collections.abc import Callable, Container
from contextlib import suppress
from datetime import datetime
from typing import NamedTuple

from voting.attendance import find_attendance, is_present
from voting.barring import refuse_barred
from voting.electorate import refuse_outsiders
from voting.faults import Fault, Invalid
from voting.methods import Marks, most_marks
from voting.model.ballots import Ballot
from voting.model.polls import Poll
from voting.model.records import RecordName
from voting.model.rooms import Room
from voting.people import Holder, Standing, find_poll_and_room, see_poll, voter_of
from voting.refusals import (
    AlreadyVoted,
    IdempotencyMismatch,
    NotEligible,
    NotPresent,
    PollNotOpen,
    Stale,
)
from voting.store import Duplicate, Store

SUPERSEDED_KEYS = 64


class Vote(NamedTuple):
    """What a voter sends.

    key: recognises a retry; None if the client sent none
    check: raises `Stale` if the ballot with this receipt, or none, is not the one that the voter
    knew of; None if any may be replaced
    """

    marks: Marks
    key: str | None = None
    check: Callable[[str | None], None] | None = None


class Cast(NamedTuple):
    """A stored ballot. first: the voter's first in this poll; changed: it replaced another."""

    receipt: str
    poll: int
    first: bool
    changed: bool


class NewBallot(NamedTuple):
    """What a ballot gets from the server: its time of arrival, and a random id and receipt."""

    now: datetime
    ballot_id: int
    receipt: str


EligibleVoter = tuple[Poll, Room, Standing, str]
"""Somebody who may vote in a poll. The text identifies the holder of the one ballot."""


class Casting:
    """Casts ballots in one transaction; all are cast at its time. A poll is looked up once, because
    nothing but ballots changes meanwhile; each voter's rights are looked up each time.
    """

    __slots__ = ("_found", "now", "store")

    def __init__(self, store: Store, now: datetime) -> None:
        self.store, self.now = store, now
        self._found: dict[int, tuple[Poll, Room]] = {}

    def look_up(self, poll_id: int) -> tuple[Poll, Room]:
        """Return a poll and its room. Raises `NotFound`."""
        found = self._found.get(poll_id)
        if found is None:
            found = self._found[poll_id] = find_poll_and_room(self.store, poll_id)
        return found


def enter_as_voter(
    casting: Casting, poll_id: int, holder: Holder | None, known: Container[str] = ()
) -> EligibleVoter:
    """Return the sender of a ballot as a voter of the poll. It needs only who they are and which
    rooms' codes they know, not what they send.

    Raises `NotFound` or `NotEligible`.
    """
    store, (poll, room) = casting.store, casting.look_up(poll_id)
    standing = see_poll(store, poll, room, holder, known)
    voter = voter_of(poll, standing)
    refuse_outsiders(store, poll, standing)
    refuse_barred(store, poll, standing)
    return poll, room, standing, voter


def store_ballot(store: Store, eligible: EligibleVoter, vote: Vote, new: NewBallot) -> Cast:
    """Store a voter's ballot. Call it in the transaction that `enter_as_voter` ran in.

    Raises `NotPresent`, `PollNotOpen`, `AlreadyVoted`, `Stale`, `IdempotencyMismatch`, or
    `Invalid` for marks that the poll doesn't allow.
    """
    poll, room, standing, voter = eligible
    check_open(poll, new.now)
    check_presence(store, poll, room, standing, new.now)
    marks = check_marks(poll, vote.marks)
    person = standing.person if poll.secrecy == "named" else None
    pseudonym = store.pseudonym(poll.id, voter)
    ballot = Ballot(new.ballot_id, poll.id, pseudonym, new.receipt, marks, person, vote.key)
    try:
        store.add(ballot)  # nearly all vote once: only for others a ballot is looked up
        if vote.check is not None:
            vote.check(None)
        return Cast(new.receipt, poll.id, first=True, changed=False)
    except Duplicate:
        previous = store.ballot_of(poll.id, pseudonym)
        if previous is None:
            raise
    vote = vote._replace(marks=marks)
    if is_repeat(poll, previous, vote):
        return Cast(previous.receipt, poll.id, first=False, changed=False)
    if vote.check is not None:
        vote.check(previous.receipt)
    store.save(supersede(previous, vote, new.receipt)._replace(person=person))
    return Cast(new.receipt, poll.id, first=False, changed=True)


def find_ballot(store: Store, poll: Poll, standing: Standing) -> Ballot | None:
    """Return somebody's durable ballot in a poll; None if they have none, or if the poll's key is
    gone: a secret poll has ended, or a backup was restored without it.
    """
    with store.transaction(), suppress(NotEligible, KeyError):
        return _own_ballot(store, poll, standing)
    return None


def has_voted(store: Store, poll: Poll, standing: Standing) -> bool:
    """Return whether somebody has a ballot in a poll, as far as its key or its record shows. It
    takes no longer where there are many ballots.
    """
    with store.transaction(), suppress(NotEligible):
        try:
            return _own_ballot(store, poll, standing) is not None
        except KeyError:
            return store.size(RecordName, (poll.id, str(standing.person)), "voter") > 0
    return False


def _own_ballot(store: Store, poll: Poll, standing: Standing) -> Ballot | None:
    """Raises `KeyError` without the poll's key, or `NotEligible`."""
    return store.ballot_of(poll.id, store.pseudonym(poll.id, voter_of(poll, standing)))


def check_presence(store: Store, poll: Poll, room: Room, standing: Standing, now: datetime) -> None:
    """Raises `NotPresent` if a poll requires presence and somebody isn't present."""
    if poll.require_presence:
        found = [
            find_attendance(store, room, each) for each in (standing.attendee, standing.person)
        ]
        if not any(each is not None and is_present(each, room, now) for each in found):
            raise NotPresent


def check_open(poll: Poll, now: datetime) -> None:
    """Raises `PollNotOpen` if a ballot that arrives `now` can't count."""
    if poll.state != "open":
        raise PollNotOpen(state=poll.state, server_time=now)
    if poll.closing or (poll.closes_at is not None and now >= poll.closes_at):
        raise PollNotOpen(state="closed", server_time=now)


def check_marks(poll: Poll, marks: Marks) -> Marks:
    """Return the marks as they are stored: those of an approval ballot sorted.

    Raises `Invalid` for marks that the poll's method or candidates don't allow.
    """
    known = poll.candidate_ids
    scored = not isinstance(marks, tuple)
    path = "scores" if scored else "choices"
    if scored != (poll.method == "score"):
        raise Invalid(Fault(path, "not_allowed"))
    most = most_marks(poll.method, poll.max_choices, len(known))
    faults = [Fault(path, "too_long", most)] if len(marks) > most else []
    for position, candidate in enumerate(marks):
        field = f"{path}.{candidate if scored else position}"
        if candidate not in known:
            faults.append(Fault(field, "unknown_candidate"))
        elif not isinstance(marks, tuple):
            if marks[candidate] > poll.score_max:
                faults.append(Fault(field, "too_large", poll.score_max))
        elif candidate in marks[:position]:
            faults.append(Fault(field, "duplicate"))
    if faults:
        raise Invalid(*faults)
    return tuple(sorted(marks)) if poll.method == "approval" else marks


def is_repeat(poll: Poll, previous: Ballot, vote: Vote) -> bool:
    """Return whether a vote repeats the stored ballot, so that nothing changes. If not, it replaces
    the ballot.

    With a key, the key decides. Without one, the marks decide in a named poll that allows changes.
    In a secret poll marks are never compared: somebody with the voter's phone could guess them.

    Raises `Stale`, `IdempotencyMismatch` or `AlreadyVoted` if the vote may do neither.
    """
    if vote.key is not None:
        if vote.key == previous.key:
            if vote.marks != previous.marks:
                raise IdempotencyMismatch
            return True
        if vote.key in previous.superseded:
            raise Stale
    if not poll.allow_change:
        raise AlreadyVoted
    return poll.secrecy == "named" and vote.key is None and vote.marks == previous.marks


def supersede(previous: Ballot, vote: Vote, receipt: str) -> Ballot:
    """Return the ballot that replaces `previous`; it keeps that key, to refuse its late retries."""
    keys = (*previous.superseded, *((previous.key,) if previous.key else ()))
    return previous._replace(
        receipt=receipt, marks=vote.marks, key=vote.key, superseded=keys[-SUPERSEDED_KEYS:]
    )
