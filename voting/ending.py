"""Ending a poll: closing it, which counts it, or voiding it.

A close is exact. Casting and closing are transactions, and two transactions never interleave, so a
ballot comes before the close and is counted, or it is refused.

The transaction that ends a secret poll also seals its ballots: it stores them anew, under random
ids, in the order of their receipts, without pseudonym or key, and the store removes the file that
had them. After it the poll's key is removed. If the server crashes in between, the next start does
the rest (`finish_endings`). A named poll keeps its key, so that its voters can still see their own
ballots.
"""

import secrets
from dataclasses import asdict, replace
from datetime import datetime
from functools import partial

from voting.acts import log_close, log_restore
from voting.casting import find_ballot
from voting.electorate import count_present_for
from voting.log import CLOCK, OPERATOR, append
from voting.methods import Outcome, Rules, Turnout, count
from voting.model.ballots import Ballot
from voting.model.polls import ENDED, ONGOING, Poll, Quorum
from voting.people import find_room, holder_of, standing_in
from voting.polls import find_poll, may_move
from voting.record import result_document
from voting.recording import keep_names, make_recorded, record_close
from voting.rooms import count_eligible
from voting.store import Store
from voting.times import is_due
from voting.verdicts import apply_verdict, decide_verdict


def close_poll(
    store: Store, poll_id: int, now: datetime, actor: str, *, forget_key: bool = True
) -> Poll:
    """Close a poll and count it; return it once that is on disk. A closed poll stays as it is.

    actor: who closes it, for the room's log
    forget_key: return only when a secret poll's key is gone from the files, too; otherwise
    `finish_endings` removes it later

    Raises `NotFound` or `WrongState`.
    """
    with store.transaction():
        poll = find_poll(store, poll_id)
        if may_move(poll, "closed"):
            ballots = store.ballots(poll_id)
            poll = seal_ballots(store, poll, ballots)
            poll = store.save(_count_at_close(store, poll, ballots, now))
            log_close(store, poll, now, actor)
        if forget_key:
            _forget_key_afterwards(store, poll)
    return poll


def void_poll(store: Store, poll_id: int, now: datetime, actor: str, reason: str) -> Poll:
    """Void a poll, so that its tally is never shown again; return it once that is on disk and a
    secret poll's key is gone from the files. A void poll stays as it is.

    Raises `NotFound` or `WrongState`.
    """
    with store.transaction():
        poll = find_poll(store, poll_id)
        if may_move(poll, "void"):
            if poll.state != "closed":  # a close has sealed them
                poll = seal_ballots(store, poll, store.ballots(poll_id))
            poll = store.save(_without_tally(store, poll, now, reason))
            append(store, poll.room, "poll_voided", actor, {"poll": poll.id}, now)
        _forget_key_afterwards(store, poll)
    return poll


def finish_endings(store: Store, now: datetime) -> None:
    """Finish what endings have left to do: those by the clock, and those that a crash broke off.

    If a backup was restored, close its polls that can't go on.
    """
    if store.restored:
        log_restore(store, now)
        for poll in store.each(Poll):
            if poll.state in ONGOING:
                _close_restored(store, poll, now)
        store.accept_restored()
    with store.transaction():  # when it ends, all endings that it has read are durable
        found = {poll_id: store.get(Poll, poll_id) for poll_id in store.keyed_polls()}
    lose_key = [each for each, poll in found.items() if poll is None or _must_lose_key(poll)]
    store.forget_poll_keys(lose_key)


def close_due(store: Store, poll: Poll, now: datetime) -> Poll:
    """Return a poll, closed first if its time has come and the schedule has not closed it yet."""
    return close_poll(store, poll.id, now, CLOCK) if is_due(poll, now) else poll


def count_poll(
    poll: Poll, ballots: list[Ballot], turnout: Turnout, rule: str | None = None
) -> Outcome:
    """Return what a poll's ballots decide, by its own rule or by another one for comparison.

    Raises ValueError for a rule of another method.
    """
    rules = Rules(poll.method, poll.seats, poll.score_max, poll.threshold)
    ids = [candidate.id for candidate in poll.candidates]
    marks = (ballot.marks for ballot in ballots)
    return count(rules, ids, marks, turnout, rule or poll.rule)


def seal_ballots(store: Store, poll: Poll, ballots: list[Ballot]) -> Poll:
    """Rewrite a secret poll's ballots, so that nothing leads from a voter to a ballot; return the
    poll to save, without its key's fingerprint. The ballots of a named poll stay as they are.
    """
    if poll.secrecy != "secret":
        return poll
    for ballot in ballots:
        store.remove(ballot)
    for ballot in sorted(ballots, key=lambda ballot: ballot.receipt):
        store.add(Ballot(secrets.randbits(53), poll.id, None, ballot.receipt, ballot.marks))
    return replace(poll, key_fingerprint=None)


def _count_at_close(store: Store, poll: Poll, ballots: list[Ballot], now: datetime) -> Poll:
    """Return a poll as the close leaves it: with its quorum and its outcome.

    It closes at `closes_at` if that has passed: the schedule may come to it a little later.
    """
    planned = poll.closes_at
    closed_at = planned if planned is not None and planned <= now else now
    room = find_room(store, poll.room)
    present = count_present_for(store, poll, room, closed_at, now)
    quorum = _quorum_at_close(poll.quorum, present, len(ballots))
    turnout = Turnout(quorum.present, count_eligible(store, poll))
    closed = replace(poll, state="closed", closed_at=closed_at, quorum=quorum)
    counted = count_poll(closed, ballots, turnout)
    verdict = decide_verdict(poll.method, counted, poll.quorum_rule, quorum.met)
    result = result_document(apply_verdict(counted, verdict), verdict)
    keep_names(store, room, closed, ballots)
    recorded = make_recorded(store, closed, ballots, turnout)
    digest = record_close(store, closed, ballots, result, recorded)
    stored = {**result, "digest": digest, **asdict(turnout), "recorded": recorded}
    return replace(closed, outcome=stored)


def _quorum_at_close(quorum: Quorum, present: int, ballots: int) -> Quorum:
    """Return the quorum with its base, which is never less than anything that shows who was there:
    people who leave before the close can't turn a decision around.
    """
    base = max(quorum.present_at_open or 0, present, ballots)
    met = None if quorum.required is None else base >= quorum.required
    return replace(quorum, present_at_close=present, present=base, met=met)


def _without_tally(store: Store, poll: Poll, now: datetime, reason: str) -> Poll:
    """Return a poll as voiding it leaves it: of its outcome only how many were eligible."""
    ended = poll.outcome
    eligible = count_eligible(store, poll) if ended is None else ended["eligible"]
    return replace(
        poll,
        state="void",
        reason=reason,
        closed_at=poll.closed_at or now,
        outcome={"eligible": eligible},
    )


def _forget_key_afterwards(store: Store, poll: Poll) -> None:
    """Have the key of a secret poll that has ended removed once the present transaction is durable.

    The transaction returns after that.
    """
    if _must_lose_key(poll):
        store.afterwards(partial(store.forget_poll_keys, [poll.id]))


def _must_lose_key(poll: Poll) -> bool:
    return poll.state in ENDED and poll.secrecy == "secret"


def _close_restored(store: Store, poll: Poll, now: datetime) -> None:
    """Close an open poll of a restored backup if its ballots can't be continued.

    A secret poll: the ballots that came after the backup are lost, and its key may be. A named poll
    without its key: everybody could vote in it again.
    """
    secret = poll.secrecy == "secret"
    if not secret and _has_own_key(store, poll):
        return
    if secret and poll.id not in store.keyed_polls():
        store.make_poll_key(poll)  # if this ending breaks off, the key shows that it isn't finished
    close_poll(store, poll.id, now, OPERATOR)


def _has_own_key(store: Store, poll: Poll) -> bool:
    """Return whether a named poll has a key and it is the right one: one voter's ballot is found
    with it.
    """
    if poll.id not in store.keyed_polls():
        return False
    ballots, room = store.ballots(poll.id), find_room(store, poll.room)
    voters = (standing_in(store, room, holder_of(store, str(each.person))) for each in ballots)
    return not ballots or any(find_ballot(store, poll, voter) is not None for voter in voters)
