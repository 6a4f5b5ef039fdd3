"""The store in TinyDB: the domain's types to documents and back, over the journal's tables."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from tinydb import where
from tinydb.table import Document

from db import Kept, Step
from db.journal import Change, JournaledTinyDB, Mismatch, OutcomeUnknown
from db.poll_keys import PollKeys
from schemas.accounts import Account
from schemas.ballots import Ballot
from schemas.polls import Candidate, Poll, Quorum, Room

UNIQUE = {
    "users": ("email_key",),
    "rooms": ("code",),
    "revocations": ("token_id",),
    "ballots": ("voter",),
}

_TIMES = {"created_at", "opens_at", "closes_at", "opened_at", "closed_at"}

Row = dict[str, Any]
T = TypeVar("T")


class TinyDBStore:
    """`db.Store` over a journaled TinyDB file; see `db.journal` for its errors at opening.

    now: tokens that had expired by then are forgotten (aware UTC)
    """

    def __init__(self, path: Path, now: datetime) -> None:
        self._db = JournaledTinyDB(path, unique=UNIQUE, on_commit=self._landed)
        self._storage = self._db.storage
        self._listeners: list[Callable[[list[Step]], None]] = []
        self._polls: dict[int, tuple[Row, Poll]] = {}
        self._make: dict[str, Callable[[int, Row], Kept]] = {
            "users": lambda key, row: _object(Account, key, row),
            "polls": self._poll,  # before its ballots, as listeners are told
            "ballots": lambda key, row: _object(Ballot, key, row),
        }
        try:
            self._keys = PollKeys(path.with_name(path.name + ".keys"))
            self._check_keys(path)
        except BaseException:
            self._db.close()
            raise
        self._forget_expired(now)
        meta = self._storage.documents("meta").get(1)
        self.epoch: int = meta["epoch"] if meta else 1

    @property
    def sequence(self) -> int:
        return self._storage.sequence

    @property
    def failure(self) -> OutcomeUnknown | None:
        return self._storage.failure

    def transaction(self) -> AbstractContextManager[None]:
        return self._storage.transaction()

    def subscribe(self, listener: Callable[[list[Step]], None]) -> None:
        self._storage.barrier()
        with self._storage.mutex:
            listener(
                [
                    Step(None, make(key, row))
                    for table, make in self._make.items()
                    for key, row in self._storage.documents(table).items()
                ]
            )
            self._listeners.append(listener)

    def backup(self) -> Iterator[bytes]:
        return self._storage.backup()

    def close(self) -> None:
        self._db.close()

    # -- accounts and tokens ----------------------------------------------------------

    def account(self, account_id: int) -> Account | None:
        row = self._storage.documents("users").get(account_id)
        return _object(Account, account_id, row) if row else None

    def account_by_email(self, email_key: str) -> Account | None:
        found = self._storage.find("users", "email_key", email_key)
        return found and _object(Account, *found)

    def add_account(self, account: Account) -> Account:
        return replace(account, id=self._db.table("users").insert(_row(account)))

    def save_account(self, account: Account) -> None:
        self._storage.put("users", account.id, _row(account))

    def has_administrator(self) -> bool:
        return self._db.table("users").contains(where("administrator").test(bool))

    def revoke(self, token_id: str, expires_at: datetime) -> None:
        with self.transaction():
            if not self.is_revoked(token_id):
                row = {"token_id": token_id, "expires_at": expires_at.isoformat()}
                self._db.table("revocations").insert(row)

    def is_revoked(self, token_id: str) -> bool:
        return self._storage.find("revocations", "token_id", token_id) is not None

    # -- rooms and polls --------------------------------------------------------------

    def rooms(self) -> list[Room]:
        return [Room(**row) for row in self._db.table("rooms")]

    def room(self, code: str) -> Room | None:
        found = self._storage.find("rooms", "code", code)
        return found and Room(**found[1])

    def save_room(self, room: Room) -> None:
        self._db.table("rooms").upsert(vars(room), where("code") == room.code)

    def poll(self, poll_id: int) -> Poll | None:
        row = self._storage.documents("polls").get(poll_id)
        if row is None:
            return None
        known = self._polls.get(poll_id)
        if known is None or known[0] is not row:  # a published row is never mutated
            known = self._polls[poll_id] = (row, self._poll(poll_id, row))
        return known[1]

    def polls(self, room: str) -> list[Poll]:
        found = [self.poll(poll_id) for poll_id in list(self._storage.documents("polls"))]
        return [poll for poll in found if poll is not None and poll.room == room]

    def poll_of_candidate(self, candidate_id: int) -> int | None:
        row = self._storage.documents("candidates").get(candidate_id)
        return row["poll"] if row else None

    def add_poll(self, poll: Poll) -> Poll:
        poll_id = self._storage.next_id("polls")
        self._keys.create(poll_id)  # durable before the poll that needs it
        candidate_ids = self._db.table("candidates").insert_multiple(
            {**_row(candidate), "poll": poll_id} for candidate in poll.candidates
        )
        row = {**_row(poll), "candidates": candidate_ids, "quorum": vars(poll.quorum)}
        self._storage.put("polls", poll_id, row)
        return self._poll(poll_id, row)

    def poll_key(self, poll_id: int) -> bytes:
        return self._keys[poll_id]

    # -- ballots ----------------------------------------------------------------------

    def ballot(self, voter: str) -> Ballot | None:
        found = self._storage.find("ballots", "voter", voter)
        return found and _object(Ballot, *found)

    def add_ballot(self, ballot: Ballot) -> None:
        self._db.table("ballots").insert(Document(_row(ballot), ballot.id))

    def replace_ballot(self, ballot: Ballot) -> None:
        self._storage.put("ballots", ballot.id, _row(ballot))

    # -- helpers ----------------------------------------------------------------------

    def _landed(self, changes: list[Change]) -> None:
        steps = [
            Step(*(make(key, row) if row else None for row in (before, after)))
            for table, key, before, after in changes
            if key is not None and (make := self._make.get(table))
        ]
        for listener in self._listeners:
            listener(steps)

    def _poll(self, poll_id: int, row: Row) -> Poll:
        rows = self._storage.documents("candidates")
        names = {key: (rows[key]["name"], rows[key]["description"]) for key in row["candidates"]}
        candidates = tuple(Candidate(key, *texts) for key, texts in names.items())
        poll = _object(Poll, poll_id, row)
        return replace(poll, candidates=candidates, quorum=Quorum(**row["quorum"]))

    def _check_keys(self, path: Path) -> None:
        """An open poll whose key is lost would let everybody vote again. Raises `Mismatch`."""
        for poll_id, row in self._storage.documents("polls").items():
            if row["state"] in ("open", "paused") and poll_id not in self._keys:
                raise Mismatch(
                    f"{path}.keys lacks the key of poll {poll_id}, which is open: put the file "
                    "back that lay beside the data"
                )

    def _forget_expired(self, now: datetime) -> None:
        revocations = self._db.table("revocations")
        expired = [
            row.doc_id for row in revocations if datetime.fromisoformat(row["expires_at"]) < now
        ]
        if expired:
            revocations.remove(doc_ids=expired)


def _row(kept: Any) -> Row:
    """Return the document of a dataclass: its fields but `id`, times as text."""
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in vars(kept).items()
        if name != "id"
    }


def _object(kind: Callable[..., T], key: int, row: Row) -> T:
    """Return the dataclass of a document: lists as tuples, times as times."""
    fields: Row = {
        name: tuple(value) if type(value) is list else value for name, value in row.items()
    }
    times = {name: datetime.fromisoformat(row[name]) for name in row.keys() & _TIMES if row[name]}
    return kind(id=key, **fields | times)
