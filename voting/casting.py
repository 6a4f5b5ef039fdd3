"""Casting: whether a ballot may be kept, and what a repeated one means.

One voter has one ballot a poll, whatever arrives, however often. The ballot itself is what
marks that the person voted, so no crash can separate the two.
"""

from datetime import datetime
from typing import NamedTuple

from voting.attendance import find_attendance, is_present
from voting.barring import refuse_barred
from voting.faults import Fault, Invalid
from voting.methods import Marks
from voting.model.ballots import Ballot
from voting.model.polls import Poll
from voting.model.rooms import Room
from voting.people import Holder, Standing, enter_poll, voter_of
from voting.refusals import (
    AlreadyVoted,
    IdempotencyMismatch,
    NotEligible,
    NotPresent,
    PollNotOpen,
    Stale,
)
from voting.store import Store

SUPERSEDED_KEYS = 64


class Vote(NamedTuple):
    """What a voter sends. `key` tells a retry from a new ballot; None: the client sent none."""

    marks: Marks
    key: str | None = None


class Cast(NamedTuple):
    """A durable ballot: `first` the voter's first here, `changed` it replaced another."""

    receipt: str
    poll: int
    first: bool
    changed: bool


class Fresh(NamedTuple):
    """What is new about a ballot: the time it came, and a random id and receipt for it."""

    now: datetime
    ballot_id: int
    receipt: str


class Voter(NamedTuple):
    """Somebody who may vote in a poll; `who` is what their one ballot is known by."""

    poll: Poll
    room: Room
    standing: Standing
    who: str


def cast_ballot(
    store: Store, poll_id: int, holder: Holder | None, vote: Vote, fresh: Fresh
) -> Cast:
    """Keep a ballot; return once it is on disk.

    Raises `NotFound` or `NotEligible`, or as `keep_ballot`.
    """
    with store.transaction():
        return keep_ballot(store, enter_as_voter(store, poll_id, holder), vote, fresh)


def enter_as_voter(store: Store, poll_id: int, holder: Holder | None) -> Voter:
    """Return somebody as a poll's voter, before a look at what they send.

    Raises `NotFound`, `NotEligible`.
    """
    poll, room, standing = enter_poll(store, poll_id, holder)
    who = voter_of(poll, standing)
    refuse_barred(store, poll, standing)
    return Voter(poll, room, standing, who)


def keep_ballot(store: Store, voter: Voter, vote: Vote, fresh: Fresh) -> Cast:
    """Keep a voter's ballot, in the transaction in which it was found that they may vote.

    Raises `NotPresent`, `PollNotOpen`, `AlreadyVoted`, `Stale`, `IdempotencyMismatch`, or
    `Invalid` for marks that the poll doesn't have.
    """
    poll, room, standing, who = voter
    check_open(poll, fresh.now)
    check_presence(store, poll, room, standing, fresh.now)
    marks = check_marks(poll, vote.marks)
    pseudonym = store.pseudonym(poll.id, who)
    previous = store.find(Ballot, "voter", pseudonym)
    person = standing.person if poll.secrecy == "named" else None
    if previous is None:
        receipt = fresh.receipt
        store.add(Ballot(fresh.ballot_id, poll.id, pseudonym, receipt, marks, person, vote.key))
        return Cast(receipt, poll.id, first=True, changed=False)
    vote = Vote(marks, vote.key)
    if is_repeat(poll, previous, vote):
        return Cast(previous.receipt, poll.id, first=False, changed=False)
    store.save(supersede(previous, vote, fresh.receipt)._replace(person=person))
    return Cast(fresh.receipt, poll.id, first=False, changed=True)


def find_ballot(store: Store, poll: Poll, standing: Standing) -> Ballot | None:
    """Return somebody's durable ballot in a poll; None too once a secret poll has ended."""
    with store.transaction():
        try:
            voter = store.pseudonym(poll.id, voter_of(poll, standing))
            return store.find(Ballot, "voter", voter)
        except NotEligible:
            return None
        except KeyError:  # the end of a secret poll took it, or a backup came without it
            mine = () if poll.secrecy == "secret" else store.ballots(poll.id)
            return next((each for each in mine if each.person == standing.person), None)


def check_presence(store: Store, poll: Poll, room: Room, standing: Standing, now: datetime) -> None:
    """Raises `NotPresent` where a poll asks for presence and somebody isn't."""
    if poll.require_presence:
        found = [find_attendance(store, room, each) for each in (standing.who, standing.person)]
        if not any(each is not None and is_present(each, room, now) for each in found):
            raise NotPresent


def check_open(poll: Poll, now: datetime) -> None:
    """Raises `PollNotOpen` where a ballot that comes `now` can't count."""
    if poll.state != "open":
        raise PollNotOpen(state=poll.state, server_time=now)
    if poll.closes_at is not None and now >= poll.closes_at:
        raise PollNotOpen(state="closed", server_time=now)


def check_marks(poll: Poll, marks: Marks) -> Marks:
    """Return the marks as they are kept: those of an approval ballot in order.

    Raises `Invalid` for marks that the poll's method or candidates don't have.
    """
    known = poll.candidate_ids
    scored = not isinstance(marks, tuple)
    path = "scores" if scored else "choices"
    if scored != (poll.method == "score"):
        raise Invalid(Fault(path, "not_allowed"))
    most = 1 if poll.method == "plurality" else poll.max_choices or len(known)
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
    """Tell whether a vote repeats the ballot that is there: then nothing changes.

    With a key the key decides. Without one the marks do in a named poll, where changes are allowed.
    In a secret poll they are never compared: whoever holds the voter's phone could guess them.

    Raises `Stale`, `IdempotencyMismatch` or `AlreadyVoted`.
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
    """Return the ballot that takes the place of `previous`; late retries of that find its key."""
    keys = (*previous.superseded, *((previous.key,) if previous.key else ()))
    return previous._replace(
        receipt=receipt,
        marks=vote.marks,
        key=vote.key,
        superseded=keys[-SUPERSEDED_KEYS:],
    )
