"""All that is held of one person as one file, and nothing that is held of others.

What names people by their ids alone is left out: logs of rooms, electorates, and who admitted whom.
"""

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from itertools import chain
from typing import NamedTuple, TypedDict

from api.accounts import User, user_document
from api.exports import AttendedMeeting, attended_meeting, in_turns, list_pieces
from api.jsons import dumps
from api.services import Services
from api.slices import Rests
from voting.barring import key_of_holder
from voting.chat import KeptMessage, kept_message
from voting.model.accounts import Account
from voting.model.ballots import Ballot
from voting.model.polls import Poll
from voting.model.records import RecordName
from voting.model.rooms import Attendance, Bar, Guest, Message, Mute, RemovedRow, Row
from voting.people import Holder, find_room
from voting.record import RecordBallot, ballot_document
from voting.recording import recorded_of
from voting.rest import rested
from voting.store import Store, read_group


class OwnRow(TypedDict):
    """A person's place on the roll of a room, and when they were removed from it."""

    room: str
    row: Row
    removed_at: datetime | None


class OwnBar(TypedDict):
    """That a person may not vote in a room's polls."""

    room: str
    barred_at: datetime


class OwnMute(TypedDict):
    """That a person may not write in a room's chat; `ends_at` is null if only a host ends it."""

    room: str
    muted_at: datetime
    ends_at: datetime | None


class LinkedBallot(TypedDict):
    """A ballot of somebody that is still linked to them. `ballot` is as in the poll's record, and
    `name` is what the record calls them, null before the close.
    """

    room: str
    poll: int
    title: str
    name: str | None
    ballot: RecordBallot


class PersonExport(TypedDict):
    """All that is held of a person. A secret poll's ballot is linked to nobody once that has ended,
    and what it holds is not shown before, so it is in no export.

    `made_at` is when the account was made or the guest joined, null for a row; `first_email` the
    account's first one in the form in which emails are compared, if it was changed.
    """

    exported_at: datetime
    person: str
    account: User | None
    made_at: datetime | None
    first_email: str | None
    signed_in_on: str | None
    guest: Guest | None
    rows: list[OwnRow]
    attendance: list[AttendedMeeting]
    messages: list[KeptMessage]
    bars: list[OwnBar]
    mutes: list[OwnMute]
    ballots: list[LinkedBallot]


class _Own(NamedTuple):
    """As what somebody is known: their rows, persons, and voters."""

    rows: list[OwnRow]
    persons: list[str]
    voters: list[str]


def export_person(parts: Services, holder: Holder) -> Iterator[bytes]:
    """Yield the export of a person."""
    return in_turns(parts, _pieces(parts, holder), holder.person)


def _pieces(parts: Services, holder: Holder) -> Iterator[bytes]:
    store, now, own = parts.store, parts.clock(), _known_as(parts.store, holder)
    account = holder if isinstance(holder, Account) else None
    guest = holder if isinstance(holder, Guest) else None
    made_at = (account and account.created_at) or (guest and guest.made_at)
    about = {
        "exported_at": now,
        "person": holder.person,
        "account": account and user_document(account),
        "made_at": made_at,
        "first_email": account and account.voter_key,
        "signed_in_on": account and account.signed_in_on,
        "guest": guest,
    }
    yield dumps(about)[:-1].encode()
    yield from list_pieces("rows", own.rows)
    found = (each for who in own.persons for each in read_group(store, Attendance, who, "who"))
    yield from list_pieces("attendance", (attended_meeting(each, now) for each in found))
    written = (each for who in own.persons for each in read_group(store, Message, who, "author"))
    yield from list_pieces("messages", map(kept_message, written))
    yield from list_pieces("bars", _bars(store, holder))
    yield from list_pieces("mutes", _mutes(store, holder, own))
    yield from list_pieces("ballots", _linked_ballots(parts, holder, own))
    yield b"}\n"


def _known_as(store: Store, holder: Holder) -> _Own:
    rows = list[OwnRow]()
    if isinstance(holder, Row):
        rows = [_own_row(holder)]
    elif isinstance(holder, Account):
        rows = [_own_row(row) for row in store.group(Row, holder.id, "account")]
        for row in store.group(Row, holder.email_key, "email"):
            if row.account is None and find_room(store, row.room).trust_email:
                rows.append(_own_row(row))
        for removed in store.group(RemovedRow, holder.id, "account"):
            rows.append(_own_row(Row(**removed.kept), removed.removed_at))
    own = [each["row"] for each in rows]
    voters = [holder.voter] if isinstance(holder, Account | Guest) else []
    return _Own(
        rows,
        [*dict.fromkeys([holder.person, *(row.person for row in own)])],
        [*voters, *(row.voter for row in own)],
    )


def _own_row(row: Row, removed_at: datetime | None = None) -> OwnRow:
    return {"room": row.room, "row": row, "removed_at": removed_at}


def _bars(store: Store, holder: Holder) -> Iterator[OwnBar]:
    if isinstance(holder, Account | Guest):
        for bar in store.group(Bar, key_of_holder(holder), "barred"):
            yield {"room": bar.room, "barred_at": bar.barred_at}


def _mutes(store: Store, holder: Holder, own: _Own) -> Iterator[OwnMute]:
    keys = [each["row"].voter for each in own.rows]
    if isinstance(holder, Account | Guest):
        keys.append(key_of_holder(holder))
    for key in keys:
        for mute in store.group(Mute, key, "muted"):
            yield {"room": mute.room, "muted_at": mute.muted_at, "ends_at": mute.ends_at}


def _linked_ballots(parts: Services, holder: Holder, own: _Own) -> Iterator[LinkedBallot]:
    found = set[str]()
    for each in chain(_recorded(parts, holder, own), _without_record(parts.store, own)):
        receipt = each["ballot"]["receipt"]
        if receipt not in found:  # a poll that was closed and then voided has names, but no record
            found.add(receipt)
            yield each


def _recorded(parts: Services, holder: Holder, own: _Own) -> Iterator[LinkedBallot]:
    """Yield somebody's ballots in the records of named polls."""
    store = parts.store
    for who in own.persons:
        for name in store.group(RecordName, who, "person"):
            poll = store.get(Poll, name.poll)
            if poll is None:
                continue
            found = (each for each in _ballots_in(store, poll, own) if each.receipt == name.receipt)
            ballot = next(found, None) or parts.records.ballot(poll, name.receipt, holder.person)
            if ballot is not None:
                yield _linked(poll, ballot, name.name)


def _without_record(store: Store, own: _Own) -> Iterator[LinkedBallot]:
    """Yield somebody's ballots in named polls that have no record with names: they go on, are void,
    or were closed by an earlier version.
    """
    for poll_id in rested(store.keyed_polls(), Rests()):
        poll = store.get(Poll, poll_id)
        if poll is not None and poll.secrecy == "named" and recorded_of(poll) is None:
            for ballot in _ballots_in(store, poll, own):
                yield _linked(poll, ballot, None)


def _ballots_in(store: Store, poll: Poll, own: _Own) -> Iterator[Ballot]:
    """Yield somebody's ballots in a poll, as far as its key shows them."""
    with suppress(KeyError):  # a backup was restored without its key
        pseudonyms = [store.pseudonym(poll.id, voter) for voter in own.voters]
        found = (store.ballot_of(poll.id, each) for each in pseudonyms)
        yield from (ballot for ballot in found if ballot is not None)


def _linked(poll: Poll, ballot: Ballot, name: str | None) -> LinkedBallot:
    return {
        "room": poll.room,
        "poll": poll.id,
        "title": poll.title,
        "name": name,
        "ballot": ballot_document(poll.method, ballot.receipt, ballot.marks),
    }
