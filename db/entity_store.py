"""A store over an engine: what holds whatever keeps the documents.

It turns entities into documents and back, keeps the keys of polls, and notifies listeners. The
engine keeps the documents: see `db.engine`.
"""

import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from db.ballots import Ballots
from db.carrying_over import REPLACED
from db.engine import Engine
from db.entity_reads import MANY
from db.entity_writes import EntityWrites
from db.journal import Change, OutcomeUnknown
from db.journal.errors import renewed
from db.journal.runner import Runner
from db.names import Names
from db.poll_keys import PollKeys, accept_keys
from db.rows import Json
from db.sharing import SharedRun
from db.tables import KINDS, POLLS, TABLES
from db.upgrading import FORMAT, META_ID, add_first_meetings, format_of
from voting.chain import Head
from voting.model.accounts import Revocation
from voting.model.entities import Entity
from voting.model.polls import ENDED, ONGOING, Poll
from voting.model.records import RecordName
from voting.store import Spread, Step, T


class EntityStore(EntityWrites):
    """A `Store` over an engine. Of other workers it says that there are none.

    engine: it calls `_landed` with each durable batch's changes
    ballots, names: where those are in it
    keys: the file of the polls' keys
    now: revocations of tokens that had expired long before are forgotten (aware UTC)
    """

    def __init__(
        self,
        engine: Engine,
        ballots: Ballots,
        names: Names,
        keys: Path,
        now: datetime,
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(engine, ballots, names)
        self._listeners: list[tuple[Callable[[list[Step]], None], frozenset[type]]] = []
        self._forgetting, self._run = SharedRun(self._forget), Runner()
        try:
            upgraded = format_of(self._storage.documents("meta")) == FORMAT
            self._keys = self._open_keys(keys)
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
            add_first_meetings(self, self._storage.documents("attendance"))
            if not upgraded:
                self._storage.put("meta", META_ID, {**self._meta, "format": FORMAT})
        self.epoch: int = self._meta.get("epoch", 1)

    def _open_keys(self, path: Path) -> PollKeys:
        return PollKeys(path, self._run)

    @property
    def hours(self) -> float:
        return self._hours_before + (self._monotonic() - self._opened) / 3_600

    @property
    def sequence(self) -> int:
        return self._storage.sequence

    @property
    def restored(self) -> bool:
        return bool(self._meta.get("restored"))

    @property
    def replaced_logs(self) -> Mapping[str, Head]:
        replaced: Mapping[str, Head] = self._meta.get(REPLACED, {})
        return replaced

    def accept_restored(self) -> None:
        done = ("restored", REPLACED)
        with self.transaction():
            rest = {key: value for key, value in self._meta.items() if key not in done}
            self._storage.put("meta", META_ID, rest)

    @property
    def failure(self) -> OutcomeUnknown | None:
        return self._storage.failure

    @property
    def settled(self) -> bool:
        return self._storage.settled

    @contextmanager
    def settling(self) -> Iterator[None]:
        failed = self._storage.failure
        try:
            yield
        finally:
            self._storage.barrier()
            failure = self._storage.failure
            if failure is not None and failed is None:  # what was read may be undone
                raise renewed(failure)

    @contextmanager
    def reading(self) -> Iterator[bool]:
        with self._storage.transaction():
            yield True

    def transaction(self) -> AbstractContextManager[None]:
        return self._storage.transaction()

    def attempt_each(
        self, acts: Iterable[Callable[..., T]], *given: Any
    ) -> list[tuple[T | None, Exception | None]]:
        return self._storage.attempt_each(acts, *given)

    def afterwards(self, work: Callable[[], None]) -> None:
        self._storage.afterwards(work)

    def subscribe(
        self, listener: Callable[[list[Step]], None], *kinds: type[Entity], past: bool = True
    ) -> None:
        self._storage.barrier()
        with self._storage.mutex:
            if past:
                stored = (each for kind in TABLES if kind not in MANY for each in self.each(kind))
                listener([Step(None, entity) for entity in stored])
            self._listeners.append((listener, frozenset(kinds or KINDS.values())))

    def backup(self) -> Iterator[bytes]:
        return self._storage.backup()

    def figures(self) -> Mapping[str, float | Spread]:
        return self._storage.figures()

    def close(self) -> None:
        self._forgetting.settle()
        self._storage.close()
        self._run.close()

    # -- other workers ----------------------------------------------------------------

    @property
    def worker(self) -> str | None:
        return None

    @property
    def leads(self) -> bool:
        return True

    @property
    def overlaps(self) -> bool:
        return False

    @property
    def outdated(self) -> bool:
        return False

    def send_note(self, _note: str) -> None:
        """Nobody else is there."""

    def hear_notes(self, _listener: Callable[[str], None]) -> None:
        """Nobody else is there."""

    def is_gone(self, _worker: str) -> bool:
        return False

    def now(self) -> datetime:
        return datetime.now(UTC)

    def catch_up(self) -> None:
        """Return at once: nobody else writes."""

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
                self._keys.remove(left)
        for poll_id in left:
            self._ballots.rest(poll_id)  # they are sealed

    @contextmanager
    def _or_give_up(self) -> Iterator[None]:
        """A failure inside stops the store, because nobody knows what the files contain then."""
        if self.failure is not None:
            raise renewed(self.failure)
        try:
            yield
        except Exception as error:
            raise self._storage.give_up(error) from error

    # -- helpers ----------------------------------------------------------------------

    @property
    def _meta(self) -> Json:
        return self._storage.documents("meta").get(META_ID, {})

    def _landed(self, changes: list[Change]) -> None:
        steps, changed = [], set()
        for change in changes:
            key, before, after = change.document_id, change.before, change.after
            kind = KINDS.get(change.table)
            if kind is not None and key is not None:
                changed.add(kind)
                entity = self._entity(kind, key, after) if after else None
                steps.append(Step(self._replaced(kind, key, before) if before else None, entity))
                if kind is Poll and after and after["state"] in ENDED:
                    self._note_end(key, before, after)
                if kind is RecordName and before:
                    self._names.rest(before["poll"])  # nothing may be left of a name that is gone
        for listener, kinds in self._listeners:
            if not kinds.isdisjoint(changed):
                listener(steps)

    def _note_end(self, poll_id: int, before: Json | None, after: Json) -> None:
        """Let the ballots and names of a named poll that has just ended rest; the ballots of others
        are sealed first.
        """
        if after["secrecy"] == "named" and (before is None or before["state"] not in ENDED):
            self._ballots.rest(poll_id)
            self._names.rest(poll_id)

    def _replaced(self, kind: Any, key: int, row: Json) -> Entity:
        """Return the entity of a row that was replaced or removed."""
        return self._preparing.replaced(row) or self._read(kind, key, row)

    def _accept_keys(self) -> None:
        """Accept the existing keys if they belong to the polls. Raises `Mismatch`."""
        accept_keys(self._keys, self._storage.documents(POLLS), restored=self.restored)
        if not self.restored:
            with self.transaction():
                for poll in self.each(Poll):
                    fingerprint = self._keys.fingerprint(poll.id)
                    known = poll.key_fingerprint is not None or fingerprint is None
                    needed = poll.state in ONGOING or poll.secrecy == "named"
                    if not known and needed and poll.state != "draft":
                        self.save(replace(poll, key_fingerprint=fingerprint))
