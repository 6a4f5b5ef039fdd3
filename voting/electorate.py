"""The electorate of a poll for the roll: fixed at the opening, so that nobody can move its base.

It is the voters and hosts of the roll at that moment. A member who is removed later can't cast any
more; the ballot that they have cast counts, and the base stays as it is. A member who comes later
votes from the next poll on, unless a host admits them, which enlarges the base for all to see.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from typing import NamedTuple, TypedDict

from voting.attendance import count_people, people_present, row_of
from voting.log import OPERATOR, append
from voting.model.electorates import (
    Admission,
    Electorate,
    ElectorateCount,
    Member,
    admission_key,
    read_members,
    write_members,
)
from voting.model.persons import read_person
from voting.model.polls import ONGOING, Poll
from voting.model.rooms import RemovedRow, Room, Row
from voting.people import Standing, find_poll, find_room
from voting.refusals import CameLater, WrongState
from voting.roll import find_row
from voting.store import Store

WEIGHT = 1
"""How many votes each member has, until a roll says otherwise."""


class ElectorateSummary(NamedTuple):
    """What a record commits to: the digest and the size at the opening, and who came in later."""

    digest: str | None
    size: int | None
    admissions: list[Admission]


class AdmissionDocument(TypedDict):
    """A row that was admitted to an electorate later."""

    row: int
    weight: int
    at: datetime


def fix_electorate(store: Store, poll: Poll) -> Poll:
    """Fix the electorate of a poll that opens; return the poll to save. Only polls for the roll
    have one. Call it in the transaction that opens the poll.
    """
    if poll.eligibility != "roll":
        return poll
    rows = sorted(
        row_id
        for role in ("host", "voter")
        for claimed in (False, True)
        for row_id in store.ids(Row, (poll.room, role, claimed), "seat")
    )
    members = [(row_id, WEIGHT) for row_id in rows]
    digest, size = digest_members(poll.id, members), len(members)
    store.save(Electorate(poll.id, poll.room, write_members(members), size, digest))
    return replace(poll, electorate=ElectorateCount(digest=digest, size=size, admitted=0))


def fix_missing(store: Store, now: datetime) -> None:
    """Fix the electorates of polls that were opened by a version in which polls had none."""
    with store.transaction():
        for poll in store.each(Poll):
            if poll.state in ONGOING and poll.electorate is None and poll.eligibility == "roll":
                fixed = store.save(fix_electorate(store, poll)).electorate
                data = {"poll": poll.id, "electorate": fixed and fixed["digest"]}
                append(store, poll.room, "electorate_fixed", OPERATOR, data, now)


def digest_members(poll_id: int, members: Iterable[Member]) -> str:
    """Return the SHA-256, in hex, of the canonical JSON (RFC 8785) of
    `{"poll": id, "members": [[row, weight], …]}`, written here for integers alone.
    """
    pairs = ",".join(f"[{row},{weight}]" for row, weight in members)
    return sha256(f'{{"members":[{pairs}],"poll":{poll_id}}}'.encode()).hexdigest()


def admit_row(store: Store, poll_id: int, row_id: int, now: datetime, actor: str) -> bool:
    """Admit a row to the electorate of a poll that is open or paused; return whether it is new
    there. The base grows by it, and the poll says so.

    Raises `NotFound` for another room's row, `WrongState` for a poll that has no electorate or has
    ended, and for an observer.
    """
    with store.transaction():
        poll = find_poll(store, poll_id)
        row = find_row(store, find_room(store, poll.room), row_id)
        if is_member(store, poll, row.id):
            return False
        if poll.electorate is None or not poll.ongoing:
            raise WrongState(state="closed" if poll.closing else poll.state)
        if row.role == "observer":
            raise WrongState(state="observer")
        store.add(Admission(0, poll.room, poll.id, row.id, WEIGHT, now, actor))
        count = poll.electorate
        store.save(replace(poll, electorate={**count, "admitted": count["admitted"] + 1}))
        data = {"poll": poll.id, "row": row.id, "weight": WEIGHT}
        append(store, poll.room, "admitted", actor, data, now)
        return True


def is_member(store: Store, poll: Poll, row_id: int) -> bool:
    """Return whether a row is in the electorate of an opened poll, since the opening or later."""
    fixed = store.get(Electorate, poll.id)
    if fixed is None:
        return False
    return (
        fixed.holds(row_id)
        or store.find(Admission, "row_key", admission_key(poll.id, row_id)) is not None
    )


def refuse_outsiders(store: Store, poll: Poll, standing: Standing) -> None:
    """Raises `CameLater` for somebody of the roll who is not in the poll's electorate."""
    row = standing.row
    if poll.electorate is not None and row is not None and not is_member(store, poll, row.id):
        raise CameLater


def members_of(store: Store, poll: Poll) -> Iterator[Member]:
    """Yield the rows of an opened poll's electorate with their weights, the admitted ones last."""
    fixed = store.get(Electorate, poll.id)
    if fixed is not None:
        yield from read_members(fixed.members)
        yield from ((each.row, each.weight) for each in store.group(Admission, poll.id, "poll"))


def count_present_for(
    store: Store, poll: Poll, room: Room, at: datetime, now: datetime | None = None
) -> int:
    """Return how many are present of those whom an opened poll counts: of a poll for the roll only
    its electorate, so that nobody who comes to the roll later makes a quorum or moves a share, and
    also members who were removed since. Times are as for `is_here`.
    """
    people = people_present(store, room, at, now)
    if poll.electorate is None:
        return count_people(store, room, people)
    rows = {row_id for who in people if (row_id := _row_id_of(store, room, who)) is not None}
    return sum(is_member(store, poll, row_id) for row_id in rows)


def _row_id_of(store: Store, room: Room, who: str) -> int | None:
    """Return the row of somebody who attends, also one that was removed since."""
    kind, number = read_person(who)
    if kind == "r":
        return number
    row = row_of(store, room, who)
    return None if row is None else row.id


def find_member(store: Store, row_id: int) -> Row | None:
    """Return a row of an electorate, also one that was removed since; None: its room is deleted."""
    row, removed = store.get(Row, row_id), store.get(RemovedRow, row_id)
    return Row(**removed.kept) if row is None and removed is not None else row


def admission_document(admission: Admission) -> AdmissionDocument:
    """Return an admission as clients read it."""
    return {"row": admission.row, "weight": admission.weight, "at": admission.admitted_at}


def electorate_of(store: Store, poll: Poll) -> ElectorateSummary:
    """Return what a record says of a poll's electorate; nothing is known where it has none."""
    if poll.electorate is None:
        return ElectorateSummary(None, None, [])
    admissions = store.group(Admission, poll.id, "poll")
    return ElectorateSummary(poll.electorate["digest"], poll.electorate["size"], admissions)
