"""Ending a poll: closing it, which counts it (`voting.closing`), or voiding it.

The end of a secret poll also seals its ballots: it stores them anew, under random ids, in the order
of their receipts, without pseudonym or key, and the store removes the file that had them. After it
the poll's key is removed. If the server crashes in between, the next start does the rest
(`finish_endings`). A named poll keeps its key, so that its voters can still see their own ballots.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from functools import partial

from voting.acts import log_restore
from voting.casting import find_ballot
from voting.closing import begin_close, finish_close
from voting.log import OPERATOR, append
from voting.model.polls import ONGOING, Poll
from voting.people import find_poll, find_room, holder_of, standing_in
from voting.polls import may_move
from voting.quorums import count_eligible
from voting.rest import Rest, no_rest
from voting.sealing import lose_key, must_lose_key
from voting.store import Store


def close_poll(store: Store, poll_id: int, now: datetime, actor: str) -> Poll:
    """Close a poll and count it; return it once that is on disk and a secret poll's key is gone
    from the files. A closed poll stays as it is.

    Raises as `begin_close`.
    """
    begin_close(store, poll_id, now, actor)
    return finish_close(store, poll_id, lambda: now)


def void_poll(
    store: Store, poll_id: int, now: datetime, actor: str, reason: str, *, rest: Rest = no_rest
) -> Poll:
    """Void a poll, so that its tally is never shown again; return it once that is on disk and a
    secret poll's key is gone from the files. A void poll stays as it is.

    rest: called often, once the poll is void, while its ballots are sealed

    Raises `NotFound` or `WrongState`.
    """
    with store.transaction():
        poll = find_poll(store, poll_id)
        if may_move(poll, "void"):
            poll = store.save(_without_tally(store, poll, now, reason))
            append(store, poll.room, "poll_voided", actor, {"poll": poll.id}, now)
        if must_lose_key(poll):
            store.afterwards(partial(lose_key, store, poll, rest))
    return poll


def finish_endings(
    store: Store, now: datetime, count: Callable[[int], object] | None = None, rest: Rest = no_rest
) -> None:
    """Finish what endings have left to do: those by the clock, and those that a crash broke off.

    If a backup was restored, close its polls that can't go on.

    count: begins to count a closing poll; without it, each is counted before this returns
    rest: called often while ballots are sealed
    """
    if store.restored:
        log_restore(store, now)
        for poll in store.each(Poll):
            if poll.ongoing:
                _close_restored(store, poll, now)
        store.accept_restored()
    for poll in find_closing(store):
        if count is None:
            finish_close(store, poll.id, lambda: now)
        else:
            count(poll.id)
    with store.transaction():  # when it ends, all endings that it has read are durable
        found = {poll_id: store.get(Poll, poll_id) for poll_id in store.keyed_polls()}
    for ended in found.values():
        if ended is not None and ended.state == "void":
            lose_key(store, ended, rest)
    lose = [each for each, ended in found.items() if ended is None or must_lose_key(ended)]
    store.forget_poll_keys(lose)


def find_closing(store: Store) -> Iterator[Poll]:
    """Yield the polls whose close has begun and that are not counted yet."""
    for room, state in store.values(Poll, "state"):
        if state in ONGOING:
            yield from (each for each in store.group(Poll, (room, state), "state") if each.closing)


def _without_tally(store: Store, poll: Poll, now: datetime, reason: str) -> Poll:
    """Return a poll as voiding it leaves it: of its outcome only how many were eligible."""
    ended = poll.outcome
    eligible = count_eligible(store, poll) if ended is None else ended["eligible"]
    return replace(
        poll,
        state="void",
        reason=reason,
        closed_at=poll.closed_at or now,
        closed_by=None,
        outcome={"eligible": eligible},
        key_fingerprint=None if poll.secrecy == "secret" else poll.key_fingerprint,
    )


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
    """Return whether a named poll has its own key: one voter's ballot is found with it."""
    if poll.id not in store.keyed_polls():
        return False
    ballots, room = store.ballots(poll.id), find_room(store, poll.room)
    voters = (standing_in(store, room, holder_of(store, str(each.person))) for each in ballots)
    return not ballots or any(find_ballot(store, poll, voter) is not None for voter in voters)
