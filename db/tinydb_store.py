"""The store in TinyDB: the domain's types to documents and back, over the journal's tables."""

import time
from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from operator import itemgetter
from pathlib import Path
from typing import Any, cast

from db import journal
from db.journal import Change, JournaledTinyDB, OutcomeUnknown
from db.journal.errors import disk_fault, renewed
from db.journal.runner import Runner
from db.poll_keys import PollKeys, check_keys, find_faults
from db.sharing import SharedRun
from voting.confusables import looks_of
from voting.model.accounts import Account, Invitation, Revocation
from voting.model.ballots import Ballot
from voting.model.polls import ONGOING, Candidate, Poll, Quorum
from voting.model.rooms import Attendance, Bar, Guest, Message, RemovedRow, Room, Row
from voting.record import read_marks
from voting.store import ALL, Duplicate, K, Kept, Step, T, Within
from voting.text import name_key, normalise, normalise_email

Json = dict[str, Any]


@dataclass(frozen=True)
class Table:
    """Where a kind is kept: its table, what is computed into a document to be unique, and what is
    computed of one to find it by: the groups of `voting.store.Store`.
    """

    name: str
    unique: dict[str, Callable[[Any], str | None]]
    groups: dict[str, Callable[[Json], Any]] = field(default_factory=dict)


def _in_room(field: str) -> Callable[[Any], str | None]:
    compared = normalise_email if field == "email" else normalise

    def scoped(kept: Any) -> str | None:
        value = getattr(kept, field)
        return None if value is None else f"{kept.room}/{compared(str(value))}"

    return scoped


def _looks_in_room(field: str) -> dict[str, Callable[[Json], Any]]:
    return {
        "look": lambda row: (row["room"], looks_of(row[field])["look"]),
        "name": lambda row: (row["room"], looks_of(row[field])["name"]),
    }


def _email_of(row: Json) -> str | None:
    return None if row["email"] is None else normalise_email(row["email"])


def _mark(kept: Json, room: str, kind: str) -> Any:
    """Return what a row of a roll is known again by: ref, email, or with neither its name."""
    value = kept.get(kind)
    if not value or (kind == "name" and (kept.get("ref") or kept.get("email"))):
        return None
    return room, kind, MARKS[kind](value)


MARKS: dict[str, Callable[[str], str]] = {
    "ref": normalise,
    "email": normalise_email,
    "name": name_key,
}


def _all(_row: Json) -> bool:
    return True


IN_ROOM: dict[str, Callable[[Json], Any]] = {"room": itemgetter("room")}


TABLES: dict[type, Table] = {  # polls before their ballots, as listeners are told
    Account: Table(
        "users",
        {
            "email_key": lambda account: account.email_key,
            "voting_key": lambda account: account.voter_key or account.email_key,
            "reset_code": lambda account: account.reset_code,
        },
        {"all": _all},
    ),
    Revocation: Table(
        "revocations", {"token_id": lambda revocation: revocation.token_id}, {"all": _all}
    ),
    Invitation: Table("invitations", {"code": lambda invitation: invitation.code}, {"all": _all}),
    Room: Table(
        "rooms",
        {"code": lambda room: room.code},
        {"all": _all, "visibility": itemgetter("visibility")},
    ),
    Row: Table(
        "roll",
        {
            "email_key": _in_room("email"),
            "ref_key": _in_room("ref"),
            "account_key": _in_room("account"),
            "code": lambda row: row.code,
        },
        {
            **IN_ROOM,
            **_looks_in_room("name"),
            "seat": lambda row: (row["room"], row["role"], row["account"] is not None),
            "account": itemgetter("account"),
            "email": _email_of,
            "name_mark": lambda row: _mark(row, row["room"], "name"),
        },
    ),
    Bar: Table("bars", {"who_key": _in_room("who")}, IN_ROOM),
    RemovedRow: Table(
        "roll_removed",
        {},
        {
            **IN_ROOM,
            "ref_mark": lambda row: _mark(row["kept"], row["room"], "ref"),
            "email_mark": lambda row: _mark(row["kept"], row["room"], "email"),
            "name_mark": lambda row: _mark(row["kept"], row["room"], "name"),
        },
    ),
    Guest: Table("guests", {}, {**IN_ROOM, **_looks_in_room("nickname")}),
    Message: Table(
        "messages",
        {"sent_key": lambda message: message.sent_key},
        {**IN_ROOM, "author": itemgetter("author")},
    ),
    Attendance: Table(
        "attendance",
        {"who_key": _in_room("who")},
        {**IN_ROOM, **_looks_in_room("name"), "who": itemgetter("who")},
    ),
    Candidate: Table("candidates", {}),
    Poll: Table(
        "polls",
        {},
        {
            **IN_ROOM,
            "shown": lambda row: (row["room"], row["state"] != "draft"),
            "state": itemgetter("room", "state"),
        },
    ),
    Ballot: Table("ballots", {"voter": lambda ballot: ballot.voter}, {"poll": itemgetter("poll")}),
}
KINDS = {table.name: kind for kind, table in TABLES.items()}
RENAMED = {"tally_told": "tally_shown"}
"""A poll's fields by the names under which earlier versions stored them."""


class TinyDBStore:
    """A `Store` over a journaled TinyDB file; see `db.journal` for its errors at opening.

    now: revocations of tokens that had expired long before are forgotten (aware UTC)
    """

    def __init__(
        self, path: Path, now: datetime, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        unique = {table.name: tuple(table.unique) for table in TABLES.values()}
        grouping = {table.name: table.groups for table in TABLES.values()}
        self._db = JournaledTinyDB(path, unique=unique, grouping=grouping, on_commit=self._landed)
        self._storage = self._db.storage
        self._tables = {kind: self._storage.table(table.name) for kind, table in TABLES.items()}
        self._listeners: list[tuple[Callable[[list[Step]], None], frozenset[type]]] = []
        self._made: dict[type, dict[int, tuple[Json, Kept]]] = {kind: {} for kind in TABLES}
        self._forgetting, self._run = SharedRun(self._forget), Runner()
        try:
            self._keys = PollKeys(path.with_name(path.name + ".keys"), self._run)
            self._accept_keys()
        except BaseException:
            self.close()
            raise
        with self.transaction():
            revocations = self.each(Revocation)
            self._monotonic, self._opened = monotonic, monotonic()
            self._hours_before = max((each.hours for each in revocations), default=0.0)
            for revocation in revocations:
                if revocation.is_over(now, self.hours):
                    self.remove(revocation)
        self.epoch: int = self._meta.get("epoch", 1)

    @property
    def hours(self) -> float:
        return self._hours_before + (self._monotonic() - self._opened) / 3_600

    @property
    def sequence(self) -> int:
        return self._storage.sequence

    @property
    def restored(self) -> bool:
        return bool(self._meta.get("restored"))

    def accept_restored(self) -> None:
        with self.transaction():
            kept = {key: value for key, value in self._meta.items() if key != "restored"}
            self._storage.put("meta", 1, kept)

    @property
    def failure(self) -> OutcomeUnknown | None:
        return self._storage.failure

    def transaction(self) -> AbstractContextManager[None]:
        return self._storage.transaction()

    def attempt(self, act: Callable[[], T]) -> T:
        return self._storage.attempt(act)

    def afterwards(self, work: Callable[[], None]) -> None:
        self._storage.afterwards(work)

    def subscribe(
        self, listener: Callable[[list[Step]], None], *kinds: type[Kept], past: bool = True
    ) -> None:
        self._storage.barrier()
        with self._storage.mutex:
            if past:
                listener([Step(None, kept) for kind in TABLES for kept in self.each(kind)])
            self._listeners.append((listener, frozenset(kinds or KINDS.values())))

    def backup(self) -> Iterator[bytes]:
        return self._storage.backup()

    def close(self) -> None:
        self._forgetting.settle()
        self._db.close()
        self._run.close()

    # -- what is kept -----------------------------------------------------------------

    def get(self, kind: type[K], key: int) -> K | None:
        row = self._tables[kind].documents.get(key)
        return None if row is None else self._kept(kind, key, row)

    def find(self, kind: type[K], field: str, value: str) -> K | None:
        found = self._tables[kind].find(field, value)
        return None if found is None else self._kept(kind, *found)

    def group(self, kind: type[K], value: Any, by: str = "room", within: Within = ALL) -> list[K]:
        keys = self._storage.group(TABLES[kind].name, by, value, within)
        found = (self.get(kind, key) for key in keys)
        return [kept for kept in found if kept is not None]

    def size(self, kind: type[K], value: Any, by: str = "room") -> int:
        return len(self._tables[kind].group(by, value).ids)

    def values(self, kind: type[K], by: str = "room") -> list[Any]:
        return self._storage.values(TABLES[kind].name, by)

    def each(self, kind: type[K]) -> list[K]:
        with self._storage.mutex:
            rows = self._storage.documents(TABLES[kind].name)
            # what a failed transaction had removed was put back last; random ids tell no age
            keys = rows if kind is Ballot else sorted(rows)
            return [self._kept(kind, key, rows[key]) for key in keys]

    def ballots(self, poll_id: int) -> list[Ballot]:
        return list(self.iter_ballots(poll_id))

    def iter_ballots(self, poll_id: int) -> Iterator[Ballot]:
        rows = self._storage.documents(TABLES[Ballot].name)
        for key in self._storage.members(TABLES[Ballot].name, "poll", poll_id):
            row = rows.get(key)  # a ballot may go while others are looked at
            if row is not None:
                yield self._kept(Ballot, key, row)

    def count(self, kind: type[K]) -> int:
        return len(self._storage.documents(TABLES[kind].name))

    def add(self, kept: K) -> K:
        if not isinstance(kept, Ballot):
            kept = replace(kept, id=self._storage.next_id(TABLES[type(kept)].name))
        elif kept.id in self._tables[Ballot].documents:
            raise ValueError("two random ids are the same")  # 53 bits: repeating is safe
        return self.save(kept)

    def save(self, kept: K) -> K:
        table = TABLES[type(kept)]
        if table.name == "polls":
            kept = self._with_candidates(kept)
        try:
            if isinstance(kept, Ballot):
                row = _ballot_row(kept)
                self._storage.put(table.name, kept.id, row, given=True)
                self._made[Ballot][kept.id] = row, kept
            else:
                computed = {field: value(kept) for field, value in table.unique.items()}
                self._storage.put(table.name, kept.id, _row(kept) | computed)
        except journal.Duplicate as error:
            raise Duplicate(error.field) from error
        return kept

    def _with_candidates(self, poll: Any) -> Any:
        before = self.get(Poll, poll.id)
        for dropped in set(before.candidates if before else ()).difference(poll.candidates):
            self.remove(dropped)
        candidates = [
            each if each.id else self.add(replace(each, poll=poll.id)) for each in poll.candidates
        ]
        return replace(poll, candidates=tuple(candidates))

    def remove(self, kept: Kept) -> None:
        if isinstance(kept, Poll):
            for candidate in kept.candidates:
                self.remove(candidate)
        self._storage.put(TABLES[type(kept)].name, kept.id, None)
        self._made[type(kept)].pop(kept.id, None)

    # -- polls' keys ------------------------------------------------------------------

    def prepare_poll_keys(self, poll_ids: Collection[int]) -> None:
        self._storage.refuse_inside()
        with self._or_give_up():
            self._keys.create(poll_ids)

    def make_poll_key(self, poll: Poll) -> Poll:
        with self.transaction(), self._or_give_up():
            self._keys.create([poll.id])
            return self.save(replace(poll, key_fingerprint=self._keys.fingerprint(poll.id)))

    def pseudonym(self, poll_id: int, voter: str) -> str:
        return self._keys.pseudonym(poll_id, voter)

    def keyed_polls(self) -> list[int]:
        return list(self._keys)

    def forget_poll_keys(self, poll_ids: Collection[int]) -> None:
        self._storage.refuse_inside()
        if wanted := set(poll_ids).intersection(self._keys):
            self._forgetting.join(wanted)

    def _forget(self, poll_ids: set[int]) -> None:
        if left := poll_ids.intersection(self._keys):
            with self._or_give_up():
                self._keys.forget(left)
                self._storage.compact()
                self._keys.remove(left)

    @contextmanager
    def _or_give_up(self) -> Iterator[None]:
        """What fails in here stops the store: nobody knows what the files hold then."""
        if self.failure is not None:
            raise renewed(self.failure)
        try:
            yield
        except Exception as error:
            raise self._storage.give_up(error) from error

    # -- helpers ----------------------------------------------------------------------

    @property
    def _meta(self) -> Json:
        return self._storage.documents("meta").get(1, {})

    def _landed(self, changes: list[Change]) -> None:
        steps = [
            Step(
                self._make(kind, key, before) if before else None,
                self._kept(kind, key, after) if after else None,
            )
            for table, key, before, after in changes
            if key is not None and (kind := KINDS.get(table))
        ]
        told = {KINDS.get(change.table) for change in changes}
        for listener, kinds in self._listeners:
            if not kinds.isdisjoint(told):
                listener(steps)

    def _kept(self, kind: type[K], key: int, row: Json) -> Any:
        if kind is Ballot:  # a million of them, each told once it is durable, and seldom asked for
            known = self._made[kind].pop(key, None)
            return known[1] if known is not None and known[0] is row else _ballot(key, row)
        made = self._made[kind]
        known = made.get(key)
        if known is None or known[0] is not row:  # a published row is never mutated
            known = made[key] = (row, self._make(kind, key, row))
        return known[1]

    def _make(self, kind: Any, key: int, row: Json) -> Kept:
        if kind is Ballot:
            return _ballot(key, row)
        if kind is Poll:
            return self._poll(key, row)
        fields = _fields(row)
        for computed in TABLES[kind].unique.keys() - kind.__dataclass_fields__.keys():
            fields.pop(computed, None)  # what an earlier version kept may lack it
        return cast(Kept, kind(id=key, **fields))

    def _poll(self, key: int, row: Json) -> Poll:
        candidates = (self.get(Candidate, each) for each in row["candidates"])
        fields = _fields(row) | {
            "candidates": tuple(candidate for candidate in candidates if candidate is not None),
            "quorum": Quorum(**row["quorum"]),
        }
        for before, now in RENAMED.items():
            if before in fields:
                fields[now] = fields.pop(before)
        return Poll(id=key, **fields)

    def _accept_keys(self) -> None:
        """Take the keys that are there, if they are those of the polls. Raises `Mismatch`.

        After a restore they may be others: `voting.ending.finish_endings` closes what has lost its
        own. A key of which nothing is known yet, of an earlier version, is taken as it is.
        """
        polls = self._storage.documents("polls")
        if not self.restored:
            check_keys(self._keys, polls)
        for poll_id, fault in find_faults(self._keys, polls).items():
            if fault == "has another":
                self._keys.ignore(poll_id)
        try:
            self._keys.seal()
        except OSError as error:
            raise disk_fault(error, f"{self._keys.path} can't be written") from error
        if not self.restored:
            with self.transaction():
                for poll in self.each(Poll):
                    fingerprint = self._keys.fingerprint(poll.id)
                    known = poll.key_fingerprint is not None or fingerprint is None
                    kept = poll.state in ONGOING or poll.secrecy == "named"
                    if not known and kept and poll.state != "draft":
                        self.save(replace(poll, key_fingerprint=fingerprint))


def _ballot(key: int, row: Json) -> Ballot:
    return Ballot(
        key,
        row["poll"],
        row["voter"],
        row["receipt"],
        read_marks(row),
        row["person"],
        row["key"],
        tuple(row["superseded"]),
    )


def _ballot_row(ballot: Ballot) -> Json:
    marks = ballot.marks
    return {
        "poll": ballot.poll,
        "voter": ballot.voter,
        "receipt": ballot.receipt,
        "person": ballot.person,
        "key": ballot.key,
        "superseded": list(ballot.superseded),
        **(
            {"choices": list(marks)}
            if isinstance(marks, tuple)
            else {"scores": {str(candidate): points for candidate, points in marks.items()}}
        ),
    }


def _row(kept: Any) -> Json:
    """Return the document of a dataclass: its fields but `id`, times as text."""
    values = ((each.name, getattr(kept, each.name)) for each in fields(kept) if each.name != "id")
    row = {
        name: value.isoformat() if isinstance(value, datetime) else value for name, value in values
    }
    if isinstance(kept, Poll):
        row["candidates"] = [candidate.id for candidate in kept.candidates]
        row["quorum"] = vars(kept.quorum)
    return row


def _fields(row: Json) -> Json:
    """Return a document's fields as a dataclass has them: lists as tuples, times as times."""
    fields: Json = {}
    for name, value in row.items():
        if value is not None and name.endswith("_at"):
            fields[name] = datetime.fromisoformat(value)
        else:
            fields[name] = tuple(value) if type(value) is list else value
    return fields
