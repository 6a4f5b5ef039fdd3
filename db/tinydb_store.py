"""The store in TinyDB: the domain's types to documents and back, over the journal's tables."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from tinydb import where
from tinydb.table import Document

from db import Step
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

Row = dict[str, Any]


class TinyDBStore:
    """`db.Store` over a journaled TinyDB file; see `db.journal` for its errors at opening.

    now: tokens that had expired by then are forgotten (aware UTC)
    """

    def __init__(self, path: Path, now: datetime) -> None:
        self._db = JournaledTinyDB(path, unique=UNIQUE, on_commit=self._landed)
        self._storage = self._db.storage
        self._listeners: list[Callable[[list[Step]], None]] = []
        self._polls: dict[int, tuple[Row, Poll]] = {}
        try:
            self._keys = PollKeys(path.with_name(path.name + ".keys"))
            self._check_keys(path)
        except BaseException:
            self._db.close()
            raise
        self._forget_expired(now)
        meta = self._db.table("meta").get(doc_id=1)
        self.epoch: int = meta["epoch"] if isinstance(meta, Document) else 1

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
                    Step(None, kept)
                    for table in ("users", "polls", "ballots")
                    for key, row in self._storage.documents(table).items()
                    if (kept := self._kept(table, key, row)) is not None
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
        return None if row is None else _account(account_id, row)

    def account_by_email(self, email_key: str) -> Account | None:
        found = self._storage.find("users", "email_key", email_key)
        return None if found is None else _account(*found)

    def add_account(self, account: Account) -> Account:
        return replace(account, id=self._db.table("users").insert(_account_row(account)))

    def save_account(self, account: Account) -> None:
        self._storage.put("users", account.id, _account_row(account))

    def has_administrator(self) -> bool:
        return self._db.table("users").contains(where("administrator") == True)  # noqa: E712

    def revoke(self, token_id: str, expires_at: datetime) -> None:
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
        return None if found is None else Room(**found[1])

    def save_room(self, room: Room) -> None:
        self._db.table("rooms").upsert(asdict(room), where("code") == room.code)

    def poll(self, poll_id: int) -> Poll | None:
        row = self._storage.documents("polls").get(poll_id)
        if row is None:
            return None
        known = self._polls.get(poll_id)
        if known is None or known[0] is not row:  # a published row is never mutated
            known = self._polls[poll_id] = (row, self._poll(poll_id, row))
        return known[1]

    def polls(self, room: str) -> list[Poll]:
        rows = self._storage.documents("polls")
        found = (self.poll(poll_id) for poll_id in list(rows) if rows[poll_id]["room"] == room)
        return [poll for poll in found if poll is not None]

    def poll_of_candidate(self, candidate_id: int) -> int | None:
        row = self._storage.documents("candidates").get(candidate_id)
        return None if row is None else row["poll"]

    def add_poll(self, poll: Poll) -> Poll:
        poll_id = self._storage.next_id("polls")
        self._keys.create(poll_id)  # durable before the poll that needs it
        candidate_ids = self._db.table("candidates").insert_multiple(
            {"poll": poll_id, "name": candidate.name, "description": candidate.description}
            for candidate in poll.candidates
        )
        row = asdict(poll) | {"candidates": candidate_ids}
        del row["id"]
        self._storage.put("polls", poll_id, {key: _written(value) for key, value in row.items()})
        return self._poll(poll_id, self._storage.documents("polls")[poll_id])

    def poll_key(self, poll_id: int) -> bytes:
        return self._keys[poll_id]

    # -- ballots ----------------------------------------------------------------------

    def ballot(self, voter: str) -> Ballot | None:
        found = self._storage.find("ballots", "voter", voter)
        return None if found is None else _ballot(*found)

    def add_ballot(self, ballot: Ballot) -> None:
        self._db.table("ballots").insert(Document(_ballot_row(ballot), ballot.id))

    def replace_ballot(self, ballot: Ballot) -> None:
        self._storage.put("ballots", ballot.id, _ballot_row(ballot))

    # -- helpers ----------------------------------------------------------------------

    def _landed(self, changes: list[Change]) -> None:
        steps = [
            Step(
                self._kept(change.table, change.document_id, change.before),
                self._kept(change.table, change.document_id, change.after),
            )
            for change in changes
            if change.table in ("users", "polls", "ballots") and change.document_id is not None
        ]
        for listener in self._listeners:
            listener(steps)

    def _kept(
        self, table: str, document_id: int | None, row: Row | None
    ) -> Account | Ballot | Poll | None:
        if row is None or document_id is None:
            return None
        if table == "ballots":
            return _ballot(document_id, row)
        return self._poll(document_id, row) if table == "polls" else _account(document_id, row)

    def _poll(self, poll_id: int, row: Row) -> Poll:
        candidates = self._storage.documents("candidates")
        fields = {key: _read(key, value) for key, value in row.items()}
        fields["candidates"] = tuple(
            Candidate(key, candidates[key]["name"], candidates[key]["description"])
            for key in row["candidates"]
        )
        fields["quorum"] = Quorum(**row["quorum"])
        return Poll(id=poll_id, **fields)

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


def _account(account_id: int, row: Row) -> Account:
    return Account(id=account_id, **row | {"created_at": datetime.fromisoformat(row["created_at"])})


def _account_row(account: Account) -> Row:
    row = asdict(account) | {"created_at": account.created_at.isoformat()}
    del row["id"]
    return row


def _ballot(ballot_id: int, row: Row) -> Ballot:
    return Ballot(
        ballot_id,
        row["poll"],
        row["voter"],
        row["receipt"],
        tuple(row["choices"]),
        row["person"],
        row["key"],
        tuple(row["superseded"]),
    )


def _ballot_row(ballot: Ballot) -> Row:
    return {
        "poll": ballot.poll,
        "voter": ballot.voter,
        "receipt": ballot.receipt,
        "choices": ballot.choices,
        "person": ballot.person,
        "key": ballot.key,
        "superseded": ballot.superseded,
    }


def _written(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _read(key: str, value: Any) -> Any:
    return datetime.fromisoformat(value) if key.endswith("_at") and value is not None else value
