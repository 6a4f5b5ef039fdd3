"""Pruning: what is removed once it is older than somebody wants to keep it.

It removes only what no poll needs. Polls, ballots, records, electorates, logs, meetings with their
attendance, rolls and bars stay, whatever their age: only a deletion of their room ends them.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, Literal, NamedTuple

from voting.accounts import day_of
from voting.model.accounts import Account, Invitation
from voting.model.polls import ONGOING, Poll
from voting.model.records import RecordName
from voting.model.rooms import Attendance, Guest, Message, RemovedRow, Room, Row
from voting.recording import recorded_of
from voting.rest import Rest, no_rest
from voting.store import Store, read_group

Prunable = Literal["accounts", "guests", "removed", "attendance", "messages", "invitations"]


class Rule(NamedTuple):
    """What decides whether something of a kind is removed.

    is_over: whether it may be removed, if it is older than a time
    begins: when it was made; None if ids are not in that order
    at_once: how many one transaction removes, because nobody else is served meanwhile
    grouped: whether it is found by its room; otherwise all are in one group
    """

    kind: type[Any]
    is_over: Callable[[Store, Any, datetime], bool]
    begins: Callable[[Any], datetime] | None = None
    at_once: int = 100
    grouped: bool = True


def find_old(store: Store, name: Prunable, before: datetime, rest: Rest = no_rest) -> Iterator[Any]:
    """Yield what pruning would remove of a kind.

    before: it is older than this (aware UTC)
    rest: called for each thing that is looked at, so that others can be served
    """
    rule = RULES[name]
    groups: list[tuple[Any, str]] = [(True, "all")]
    if rule.grouped:
        groups = [(room.code, "room") for room in read_group(store, Room, True, "all")]
    for value, by in groups:
        for each in read_group(store, rule.kind, value, by):
            if rule.begins is not None and rule.begins(each) >= before:
                break
            rest()
            if rule.is_over(store, each, before):
                yield each


def prune(store: Store, name: Prunable, before: datetime, rest: Rest = no_rest) -> Iterator[Any]:
    """Remove what is old of a kind; yield each thing once it is gone from the disk. Call it outside
    a transaction. The parameters are those of `find_old`.
    """
    rule, old = RULES[name], list[Any]()
    for each in find_old(store, name, before, rest):
        old.append(each)
        if len(old) == rule.at_once:
            yield from _remove(store, rule, old, before)
            old.clear()
    yield from _remove(store, rule, old, before)


def _remove(store: Store, rule: Rule, old: list[Any], before: datetime) -> list[Any]:
    """Remove and return what is still old in this transaction."""
    removed = list[Any]()
    with store.transaction():
        for each in old:
            kept = store.get(rule.kind, each.id)
            if kept is not None and rule.is_over(store, kept, before):
                store.remove(kept)
                removed.append(kept)
    return removed


def _is_unused_account(store: Store, account: Account, before: datetime) -> bool:
    """Return whether nobody has signed in to an account since, and nothing stored belongs to it."""
    signed_in = account.signed_in_on
    return (
        account.created_at < before
        and (signed_in is None or signed_in < day_of(before))
        and not account.administrator
        and account.voter_key is None  # its first email stays taken
        and not any(
            store.size(kind, value, by)
            for kind, value, by in (
                (Row, account.id, "account"),
                (RemovedRow, account.id, "account"),
                (Attendance, account.person, "who"),
                (Message, account.person, "author"),
                (RecordName, account.person, "person"),
            )
        )
        and not _is_listed(store, account)
        and not _has_ballot(store, _open_polls(store), account.voter)
    )


def _is_listed(store: Store, account: Account) -> bool:
    """Return whether an account's email stands on a roll, in a row that nobody has claimed: it may
    have that row's rights, and whoever signed up with the email next would get them.
    """
    named = store.group(Row, account.email_key, "email")
    return any(row.account is None for row in named)


def _is_old_guest(store: Store, guest: Guest, before: datetime) -> bool:
    """Return whether a guest may go: they are not connected, and no poll needs to know them."""
    return (
        guest.made_at < before
        and all(each.since_at is None for each in store.group(Attendance, guest.person, "who"))
        and not _is_in_record(store, guest.room, guest.person)
        and not _has_ballot(store, _open_polls(store, guest.room), guest.voter)
    )


def _is_old_message(_store: Store, message: Message, before: datetime) -> bool:
    return message.sent_at < before


def _is_old_attendance(_store: Store, each: Attendance, before: datetime) -> bool:
    """Return whether it is attendance between meetings; that of a meeting is in its minutes."""
    return each.meeting is None and each.since_at is None and each.last_at < before


def _is_old_removal(store: Store, removed: RemovedRow, before: datetime) -> bool:
    """Return whether a removed member may go. While a poll is open they stay, because they would
    come back as another voter.
    """
    return (
        removed.removed_at is not None
        and removed.removed_at < before
        and not any(store.size(Poll, (removed.room, state), "state") for state in ONGOING)
        and not _is_in_record(store, removed.room, Row(**removed.kept).person)
    )


def _is_over_invitation(_store: Store, invitation: Invitation, before: datetime) -> bool:
    return invitation.expires_at < before


def _open_polls(store: Store, room: str | None = None) -> Iterator[Poll]:
    """Yield the polls of a room, or of all rooms, that are open or paused."""
    found = (store.get(Poll, poll_id) for poll_id in store.keyed_polls())
    for poll in found:
        if poll is not None and poll.state in ONGOING and room in (None, poll.room):
            yield poll


def _has_ballot(store: Store, polls: Iterator[Poll], voter: str) -> bool:
    """Return whether a voter has a ballot in one of these polls, but for polls for the roll."""
    return any(
        store.ballot_of(poll.id, store.pseudonym(poll.id, voter)) is not None
        for poll in polls
        if poll.eligibility != "roll"
    )


def _is_in_record(store: Store, room: str, person: str) -> bool:
    """Return whether a person's name may be in the record of a named poll of their room.

    Records of version 1 have the names that people have now.
    """
    return store.size(RecordName, person, "person") > 0 or any(
        poll.secrecy == "named" and recorded_of(poll) is None
        for poll in store.group(Poll, (room, "closed"), "state")
    )


RULES: Mapping[Prunable, Rule] = {
    "accounts": Rule(
        Account, _is_unused_account, lambda each: each.created_at, at_once=1, grouped=False
    ),
    "guests": Rule(Guest, _is_old_guest, lambda each: each.made_at, at_once=1),
    "removed": Rule(RemovedRow, _is_old_removal, at_once=10),
    "attendance": Rule(Attendance, _is_old_attendance),
    "messages": Rule(Message, _is_old_message, lambda each: each.sent_at),
    "invitations": Rule(Invitation, _is_over_invitation, grouped=False),
}
"""Accounts come first: a line that goes in the same run still counts as theirs, as a preview shows
it.
"""
