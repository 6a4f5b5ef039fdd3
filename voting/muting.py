"""Mutes: a room's hosts can keep people from writing in its chat.

A member of the roll is muted as that, whatever account or device claims the row, and an account by
its email, so signing up again doesn't help. Hosts can't be muted.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypedDict

from voting.barring import key_of_holder
from voting.model.accounts import Account
from voting.model.rooms import Guest, Mute, Room
from voting.people import Standing, find_person, standing_in
from voting.refusals import Muted, NotFound, WrongState
from voting.store import Store, Within

DROPPED = 20
"""How many mutes are looked at, at most, for those that are over, each time somebody is muted."""


class Silence(TypedDict):
    """The client is muted; `ends_at` is when that ends by itself, null if only a host ends it."""

    ends_at: datetime | None


def mute_person(store: Store, room: Room, person: str, now: datetime) -> Mute:
    """Mute an account, a guest or a row for as long as the room's setting says, from now on;
    return once it is on disk.

    Raises `NotFound`, or `WrongState` for a host.
    """
    with store.transaction():
        standing = standing_in(store, room, find_person(store, room, person))
        if standing.host:
            raise WrongState(state="host")
        _drop_over(store, room, now)
        lasts = room.mute_minutes
        ends_at = None if lasts is None else now + timedelta(minutes=lasts)
        person, who = str(standing.public_person), next(_keys_of(standing))
        found = _find(store, room, who)
        if found is not None:
            return store.save(replace(found, person=person, muted_at=now, ends_at=ends_at))
        return store.add(Mute(0, room.code, who, person, now, ends_at))


def end_mute(store: Store, room: Room, person: str) -> None:
    """Let somebody write again; return once it is on disk. Raises `NotFound`."""
    with store.transaction():
        mutes = {each.id: each for each in store.group(Mute, (room.code, person), "person")}
        with suppress(NotFound):
            standing = standing_in(store, room, find_person(store, room, person))
            found = (_find(store, room, key) for key in _keys_of(standing))
            mutes |= {each.id: each for each in found if each is not None}
        if not mutes:
            raise NotFound
        for each in mutes.values():
            store.remove(each)


def silence_of(store: Store, room: Room, standing: Standing, now: datetime) -> Silence | None:
    """Return until when somebody is muted in a room; None if they aren't."""
    if standing.host or not store.count(Mute):
        return None
    found = (_find(store, room, key) for key in _keys_of(standing))
    mutes = [mute for mute in found if mute is not None and not is_over(mute, now)]
    if not mutes:
        return None
    ends = [mute.ends_at for mute in mutes if mute.ends_at is not None]
    return {"ends_at": max(ends) if len(ends) == len(mutes) else None}


def refuse_muted(store: Store, room: Room, standing: Standing, now: datetime) -> None:
    """Raises `Muted` for muted people. Call it in the transaction that stores the line."""
    if silence_of(store, room, standing, now) is not None:
        raise Muted


def is_over(mute: Mute, now: datetime) -> bool:
    """Return whether a mute has ended by itself."""
    return mute.ends_at is not None and mute.ends_at <= now


def _keys_of(standing: Standing) -> Iterator[str]:
    """Yield the keys under which somebody may be muted; the first is the one for a new mute."""
    if standing.row is not None:
        yield standing.row.voter
    if isinstance(standing.holder, Account | Guest):
        yield key_of_holder(standing.holder)


def _find(store: Store, room: Room, who: str) -> Mute | None:
    return store.find(Mute, "who_key", f"{room.code}/{who}")


def _drop_over(store: Store, room: Room, now: datetime) -> None:
    for each in store.group(Mute, room.code, within=Within(limit=DROPPED)):
        if is_over(each, now):
            store.remove(each)
