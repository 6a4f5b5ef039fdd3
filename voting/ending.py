"""Ending a poll, by closing or voiding it: an exact barrier, and what makes a secret poll secret.

A ballot is before the close, and counted, or refused: both happen in transactions, which never
interleave. The ballots of a secret poll are sealed in the same step: rewritten under random ids,
in the order of their receipts, without pseudonym or key. Then the poll's key goes, and the files
are rewritten without what the journal still held. A crash in between is finished at the start.
A named poll keeps its key: its voters go on being shown their own ballots.
"""

import secrets
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import datetime
from functools import partial

from voting.attendance import count_present
from voting.casting import find_ballot
from voting.methods import Outcome, Rules, Turnout, count
from voting.model.ballots import Ballot
from voting.model.polls import Poll
from voting.model.rooms import Room
from voting.people import find_room, holder_of, standing_in
from voting.polls import find_poll, may_move
from voting.record import Record, record_document
from voting.refusals import NotFound
from voting.rooms import count_eligible
from voting.store import Store

ENDED = ("closed", "void")


def close_poll(store: Store, poll_id: int, now: datetime, *, finish: bool = True) -> Poll:
    """Close a poll and count it, once; return when its ballots are sealed and on disk.

    finish: when its key is gone from the files too; else that is left to `finish_endings`

    Raises `NotFound` or `WrongState`.
    """

    def close(poll: Poll, ballots: list[Ballot]) -> Poll:
        planned = poll.closes_at
        closed_at = planned if planned is not None and planned <= now else now
        closed = replace(poll, state="closed", closed_at=closed_at)
        room = store.find(Room, "code", poll.room)
        if room is None:
            raise NotFound
        present = count_present(store, room, closed_at, now)
        turnout = Turnout(present, count_eligible(store, poll, room))
        required = poll.quorum.required
        met = None if required is None else present >= required
        closed = replace(closed, quorum=replace(poll.quorum, present_at_close=present, met=met))
        outcome = count_poll(closed, ballots, turnout)
        record = make_record(closed, ballots, outcome, turnout)
        return replace(
            closed,
            outcome={**record["result"], "digest": record["digest"], **asdict(turnout)},
        )

    with store.transaction():
        poll = _end(store, poll_id, "closed", close)
        return _finish(store, poll) if finish else poll


def void_poll(store: Store, poll_id: int, now: datetime, reason: str) -> Poll:
    """Void a poll: its tally is never shown again. Raises `NotFound` or `WrongState`."""

    def void(poll: Poll, _ballots: list[Ballot]) -> Poll:
        room = find_room(store, poll.room)
        eligible = (poll.outcome or {"eligible": count_eligible(store, poll, room)})["eligible"]
        return replace(
            poll,
            state="void",
            reason=reason,
            closed_at=poll.closed_at or now,
            outcome={"eligible": eligible},
        )

    with store.transaction():
        return _finish(store, _end(store, poll_id, "void", void))


def finish_endings(store: Store, now: datetime) -> None:
    """Finish what endings have left to do: those by the clock, and those that a crash broke off.

    A restored backup's open secret polls are closed: their keys may be gone, and their later
    ballots are. So is every poll whose key is gone, or everybody could vote in it again.
    """
    if store.restored:
        for poll in store.each(Poll):
            secret = poll.secrecy == "secret"
            if poll.state in ("open", "paused") and (secret or not has_key(store, poll)):
                if secret and poll.id not in store.keyed_polls():
                    store.make_poll_key(poll)  # so that a crash in its ending is noticed
                close_poll(store, poll.id, now)
        store.accept_restored()
    with store.transaction():  # left, the endings are durable: a key goes after its poll's end
        found = {poll_id: store.get(Poll, poll_id) for poll_id in store.keyed_polls()}
    store.forget_poll_keys([key for key, poll in found.items() if poll is None or _is_over(poll)])


def close_due(store: Store, poll: Poll, now: datetime) -> Poll:
    """Return a poll, closed if its time has come although the schedule hasn't got to it yet."""
    return close_poll(store, poll.id, now) if is_due(poll, now) else poll


def is_due(poll: Poll, now: datetime) -> bool:
    """Tell whether a poll's time has come, and it isn't closed yet."""
    over = poll.closes_at is not None and poll.closes_at <= now
    return over and poll.state in ("open", "paused")


def count_poll(
    poll: Poll, ballots: list[Ballot], turnout: Turnout, rule: str | None = None
) -> Outcome:
    """Return what a poll's ballots decide. Raises ValueError for a rule of another method."""
    rules = Rules(poll.method, poll.seats, poll.score_max, poll.threshold)
    ids = [candidate.id for candidate in poll.candidates]
    return count(rules, ids, (ballot.marks for ballot in ballots), turnout, rule)


def make_record(
    poll: Poll,
    ballots: list[Ballot],
    outcome: Outcome,
    turnout: Turnout,
) -> Record:
    """Return a closed poll's public record, without names."""
    pairs = ((ballot.receipt, ballot.marks) for ballot in ballots)
    return record_document(poll, pairs, outcome, turnout, None)


def _end(
    store: Store, poll_id: int, state: str, ended: Callable[[Poll, list[Ballot]], Poll]
) -> Poll:
    with store.transaction():
        poll = find_poll(store, poll_id)
        if may_move(poll, state):
            ballots = store.ballots(poll_id)
            if poll.secrecy == "secret" and poll.state not in ENDED:
                for ballot in ballots:
                    store.remove(ballot)
                for ballot in sorted(ballots, key=lambda ballot: ballot.receipt):
                    store.add(sealed(ballot))
                poll = replace(poll, key_fingerprint=None)
            poll = store.save(ended(poll, ballots))
    return poll


def _finish(store: Store, poll: Poll) -> Poll:
    """Return a poll that has ended. Its transaction returns once nothing is left to do."""
    if _is_over(poll):
        store.afterwards(partial(store.forget_poll_keys, [poll.id]))
    return poll


def _is_over(poll: Poll) -> bool:
    """Tell whether a poll's key has to go."""
    return poll.state in ENDED and poll.secrecy == "secret"


def has_key(store: Store, poll: Poll) -> bool:
    """Tell whether a named poll's key is there and its own: some voter is found again by it."""
    if poll.id not in store.keyed_polls():
        return False
    ballots, room = store.ballots(poll.id), find_room(store, poll.room)
    voters = (standing_in(store, room, holder_of(store, str(each.person))) for each in ballots)
    return not ballots or any(find_ballot(store, poll, voter) is not None for voter in voters)


def sealed(ballot: Ballot) -> Ballot:
    """Return a ballot that nothing leads to from its voter."""
    return Ballot(secrets.randbits(53), ballot.poll, None, ballot.receipt, ballot.marks)
