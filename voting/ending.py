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
from typing import Any

from db import Store
from schemas.ballots import Ballot
from schemas.polls import Poll
from schemas.refusals import NotFound, Refusal
from schemas.rooms import Room
from voting.attendance import count_present
from voting.casting import find_ballot
from voting.methods import Outcome, Rules, Turnout, count
from voting.people import find_room, holder_of, standing_in
from voting.polls import find_poll, may_move, open_poll
from voting.record import record_document
from voting.rooms import count_eligible

ENDED = ("closed", "void")


def close_poll(store: Store, poll_id: int, now: datetime) -> Poll:
    """Close a poll and count it, once; return when its ballots are sealed and on disk.

    Raises `NotFound` or `WrongState`.
    """

    def close(poll: Poll, ballots: list[Ballot]) -> Poll:
        planned = poll.closes_at
        closed_at = planned if planned is not None and planned <= now else now
        closed = replace(poll, state="closed", closed_at=closed_at)
        room = store.find(Room, "code", poll.room)
        if room is None:
            raise NotFound
        present = count_present(store, room, closed_at)
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

    return _end(store, poll_id, "closed", close)


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

    return _end(store, poll_id, "void", void)


def finish_endings(store: Store, now: datetime) -> None:
    """Finish what a crash in the middle of an ending left: at the start, before serving, too.

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
    for poll_id in store.keyed_polls():
        found = store.get(Poll, poll_id)
        if found is None or (found.state in ENDED and found.secrecy == "secret"):
            store.forget_poll_key(poll_id)


def close_due(store: Store, poll: Poll, now: datetime) -> Poll:
    """Return a poll, closed if its time has come although the schedule hasn't got to it yet."""
    due = poll.closes_at is not None and poll.closes_at <= now
    return close_poll(store, poll.id, now) if due and poll.state in ("open", "paused") else poll


def keep_schedule(store: Store, now: datetime) -> None:
    """Open and close every poll whose time has come; one that can't be stays as it is.

    An ending that a full disk broke off, say, is finished too.
    """
    for poll in store.each(Poll):
        try:
            if poll.state == "draft" and poll.opens_at is not None and poll.opens_at <= now:
                open_poll(store, poll.id, now)
            else:
                close_due(store, poll, now)
        except Refusal:
            continue
    finish_endings(store, now)


def count_poll(
    poll: Poll, ballots: list[Ballot], turnout: Turnout, rule: str | None = None
) -> Outcome:
    """Return what a poll's ballots decide. Raises ValueError for a rule of another method."""
    rules = Rules.of(poll.method, poll.seats, poll.score_max, poll.threshold)
    ids = [candidate.id for candidate in poll.candidates]
    return count(rules, ids, (ballot.marks for ballot in ballots), turnout, rule)


def make_record(
    poll: Poll,
    ballots: list[Ballot],
    outcome: Outcome,
    turnout: Turnout,
) -> dict[str, Any]:
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
            poll = store.save(ended(poll, ballots))
    if poll.secrecy == "secret" and poll_id in store.keyed_polls():
        store.forget_poll_key(poll_id)  # also where another is at it: nobody is answered before
    return poll


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
