"""Closing a poll: its moment, its count, and its outcome.

A close is exact. Casting and closing are transactions, and two transactions never interleave, so a
ballot comes before the close and is counted, or it is refused.

The transaction that closes a poll fixes all that its moment decides: no ballot can come from there
on, and who is present is counted. A small poll is counted in that transaction, too. Everything that
takes as long as there are ballots is done after it for a larger poll, while others are served: the
ballots are sealed, names are kept, ballots are counted, and the record's leaves are hashed. Until a
second transaction stores the outcome, the poll is `closing`: it is still open or paused to
everybody, with its `closed_at`. After a crash, `voting.ending.finish_endings` counts it again from
the beginning, with the same outcome.
"""

from collections.abc import Callable, Iterable
from dataclasses import asdict, replace
from datetime import datetime
from typing import NamedTuple

from voting.acts import log_close
from voting.electorate import count_present_for
from voting.log import OPERATOR
from voting.methods import Outcome, Rules, Turnout, count
from voting.model.ballots import Ballot
from voting.model.polls import Poll, Quorum
from voting.people import find_poll, find_room
from voting.polls import may_move
from voting.quorums import count_eligible
from voting.record import ResultDocument, result_document
from voting.recording import BallotHashes, hash_ballots, keep_names, record_close
from voting.rest import Rest, no_rest
from voting.sealing import free, lose_key, seal_ballots
from voting.store import Store
from voting.verdicts import apply_verdict, decide_verdict

SMALL = 100
"""How many ballots, or ranked ballots times candidates, are counted in the close's transaction."""


class Counted(NamedTuple):
    """What was counted of a poll's ballots."""

    turnout: Turnout
    result: ResultDocument
    hashes: BallotHashes


def begin_close(store: Store, poll_id: int, now: datetime, actor: str) -> Poll:
    """Close a poll to ballots; return it as it is from then on: closed, if it is small, or closing
    until `finish_close`. A closed or closing poll stays as it is.

    actor: who closes it, for the room's log

    Raises `NotFound` or `WrongState`.
    """
    with store.transaction():
        poll = find_poll(store, poll_id)
        if not may_move(poll, "closed"):
            return poll
        poll = replace(_at_its_close(store, poll, now), closed_by=actor)
        if _is_small(store, poll):
            return _store_outcome(store, poll, _count(store, poll, no_rest), now)
        return store.save(poll)


def finish_close(
    store: Store, poll_id: int, clock: Callable[[], datetime], rest: Rest = no_rest
) -> Poll:
    """Count a poll whose close has begun; return it once its outcome is on disk and a secret poll's
    key is gone from the files. Any other poll stays as it is. Call it outside a transaction.

    rest: called often, so that others can be served meanwhile

    Raises `NotFound`.
    """
    poll = find_poll(store, poll_id)
    if poll.closing:
        counted = _count(store, poll, rest)
        with store.transaction():
            poll = find_poll(store, poll_id)
            if poll.closing:  # else it has been voided, or counted by somebody else
                poll = _store_outcome(store, poll, counted, clock())
    lose_key(store, poll, rest)
    return poll


def count_poll(
    poll: Poll,
    ballots: Iterable[Ballot],
    turnout: Turnout,
    rule: str | None = None,
    *,
    rest: Rest = no_rest,
) -> Outcome:
    """Return what a poll's ballots decide, by its own rule or by another one for comparison.

    Raises ValueError for a rule of another method.
    """
    rules = Rules(poll.method, poll.seats, poll.score_max, poll.threshold)
    ids = [candidate.id for candidate in poll.candidates]
    marks = (ballot.marks for ballot in ballots)
    return count(rules, ids, marks, turnout, rule or poll.rule, rest=rest)


def _at_its_close(store: Store, poll: Poll, now: datetime) -> Poll:
    """Return a poll with what the moment of its close decides: its time and its quorum.

    It closes at `closes_at` if that has passed: the schedule may come to it a little later.
    """
    planned = poll.closes_at
    closed_at = planned if planned is not None and planned <= now else now
    present = count_present_for(store, poll, find_room(store, poll.room), closed_at, now)
    quorum = _quorum_at_close(poll.quorum, present, store.size(Ballot, poll.id, "poll"))
    return replace(poll, closed_at=closed_at, quorum=quorum)


def _quorum_at_close(quorum: Quorum, present: int, ballots: int) -> Quorum:
    """Return the quorum with its base, which is never less than anything that shows who was there:
    people who leave before the close can't turn a decision around.
    """
    base = max(quorum.present_at_open or 0, present, ballots)
    met = None if quorum.required is None else base >= quorum.required
    return replace(quorum, present_at_close=present, present=base, met=met)


def _is_small(store: Store, poll: Poll) -> bool:
    each = len(poll.candidates) if poll.method == "ranked" else 1
    return store.size(Ballot, poll.id, "poll") * each <= SMALL


def _count(store: Store, poll: Poll, rest: Rest) -> Counted:
    """Do everything at a poll's close that takes as long as there are ballots."""
    ballots = seal_ballots(store, poll, rest)
    names = keep_names(store, poll, ballots, rest)
    turnout = Turnout(poll.quorum.present, count_eligible(store, poll))
    counted = count_poll(poll, ballots, turnout, rest=rest)
    verdict = decide_verdict(poll.method, counted, poll.quorum_rule, poll.quorum.met)
    result = result_document(apply_verdict(counted, verdict), verdict)
    hashes = hash_ballots(poll, ballots, names, result, rest)
    ballots.free(rest)
    free(names, rest)
    return Counted(turnout, result, hashes)


def _store_outcome(store: Store, poll: Poll, counted: Counted, now: datetime) -> Poll:
    """Store and log the outcome of a closing poll, in a transaction; return it closed."""
    turnout, result, hashes = counted
    recorded, digest = record_close(store, poll, turnout, hashes)
    outcome = {**result, "digest": digest, **asdict(turnout), "recorded": recorded}
    closed = replace(poll, state="closed", closed_by=None, outcome=outcome)
    if poll.secrecy == "secret":
        closed = replace(closed, key_fingerprint=None)
    closed = store.save(closed)
    log_close(store, closed, now, poll.closed_by or OPERATOR)
    return closed
