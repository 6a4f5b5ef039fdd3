"""Bars: a room's hosts can forbid accounts and guests to vote in its polls.

Ballots that were cast before stay. An account is recognised by its email, so signing up again
doesn't help. Members of the roll and hosts keep their rights, which the roll decides.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from voting.log import append
from voting.model.accounts import Account
from voting.model.polls import Poll
from voting.model.rooms import Bar, Guest, Room, Row
from voting.people import Standing, find_person, standing_in
from voting.refusals import NotEligible, NotFound, WrongState
from voting.store import Store, Within


def bar_person(store: Store, room: Room, person: str, now: datetime, actor: str) -> Bar:
    """Bar an account or a guest; return once it is on disk.

    Raises `NotFound`, or `WrongState` for a host.
    """
    with store.transaction():
        holder = find_person(store, room, person)
        if isinstance(holder, Row):
            raise NotFound
        if standing_in(store, room, holder).host:
            raise WrongState(state="host")
        found = _find(store, room.code, holder)
        if found is None:
            append(store, room.code, "person_barred", actor, {"person": person}, now)
        return found or store.add(Bar(0, room.code, key_of_holder(holder), person, now))


def end_bar(store: Store, room: Room, person: str, now: datetime, actor: str) -> None:
    """Let somebody vote again; return once it is on disk. Raises `NotFound`."""
    with store.transaction():
        bars = [each for each in store.group(Bar, room.code) if each.person == person]
        if not bars:
            raise NotFound
        append(store, room.code, "bar_ended", actor, {"person": person}, now)
        for each in bars:
            store.remove(each)


@dataclass(frozen=True)
class Newcomer:
    """An account made since a poll was opened, as hosts see it."""

    id: str
    name: str
    made_at: datetime
    barred: bool


def list_newcomers(store: Store, poll: Poll, within: Within) -> list[Newcomer]:
    """Return the accounts that were made since a poll opened and may vote in it, the newest last.

    It helps hosts to find made-up accounts. The list is empty before the opening, and if the poll
    is for the roll.
    """
    if poll.opened_at is None or poll.eligibility == "roll":
        return []
    made = store.group(Account, True, "all", within)
    return [
        Newcomer(account.person, account.name, account.created_at, _is_barred(store, poll, account))
        for account in made
        if account.created_at >= poll.opened_at
    ]


def refuse_barred(store: Store, poll: Poll, standing: Standing) -> None:
    """Raises `NotEligible` for barred people. Call it in the transaction that casts the ballot."""
    holder = standing.holder
    if poll.eligibility == "roll" or not store.count(Bar):
        return
    if isinstance(holder, Account | Guest) and _is_barred(store, poll, holder):
        raise NotEligible


def _is_barred(store: Store, poll: Poll, holder: Account | Guest) -> bool:
    return _find(store, poll.room, holder) is not None


def _find(store: Store, code: str, holder: Account | Guest) -> Bar | None:
    return store.find(Bar, "who_key", f"{code}/{key_of_holder(holder)}")


def key_of_holder(holder: Account | Guest) -> str:
    """Return the key of a person in bars and mutes: a hash, which reveals no email."""
    voter = holder.voter if isinstance(holder, Account) else f"guest:{holder.id}"
    return hashlib.sha256(voter.encode()).hexdigest()
