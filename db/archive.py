"""The journals beside the backups: with one of these they bring back the moments after it.

They hold no ballot, and no name of a record. So they tell nothing of who voted, and a moment can be
brought back if no poll was open then that has not ended before the backup.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from db.journal import files
from db.journal.documents import Document
from db.journal.errors import Unreachable
from db.journal.files import Run, direct
from db.journal.keeping import find_kept, in_words, replay, rows_of
from db.journal.memory import States
from db.tables import BALLOTS, NAMES, POLLS, TABLES
from db.tinydb_store import TinyDBStore
from voting.model.accounts import Account
from voting.model.persons import Kind, read_person
from voting.model.polls import ENDED
from voting.model.rooms import Guest, RemovedRow, Row
from voting.store import Store

HOLDERS: Mapping[Kind, tuple[type, ...]] = {
    "u": (Account,),
    "r": (Row, RemovedRow),
    "g": (Guest,),
    "s": (),
}
"""The types of people, by the letters of persons."""

NAME, SUFFIX = "rollcall-journal-", ".lines"


class Archive:
    """Takes the journals that a store keeps to the folder of its backups."""

    def __init__(self, store: TinyDBStore, folder: Path) -> None:
        self._store, self._folder = store, folder

    def mark(self, now: datetime) -> None:
        """Write the time into the journal. Raises `OutcomeUnknown`."""
        self._store.mark_time(now)

    def collect(self, run: Run = direct) -> None:
        """Move the journals that are complete. Raises OSError."""
        for kept in self._store.kept_journals():
            run(partial(files.make_folder, self._folder))
            target = self._folder / f"{NAME}{kept.name.rpartition('.')[2]}{SUFFIX}"
            with kept.open("rb") as file:
                files.replace(target, iter(partial(file.read, 1 << 20), b""), run)
            run(partial(files.remove, kept))

    def drop(self, before: datetime, run: Run = direct) -> None:
        """Remove the journals that were complete before the oldest backup was taken."""
        gone = [each for each in _archived(self._folder) if _moved_at(each) < before]
        if gone:
            run(partial(files.discard, gone))


def archive_of(store: Store, folder: Path) -> Archive | None:
    """Return the archive of a store whose journals are kept; None where it has none."""
    return Archive(store, folder) if isinstance(store, TinyDBStore) else None


class Moment:
    """A moment that a restore brings back; `reached` is the time up to which it did.

    path: the store; its own journals count, too
    source: the backup, with journals beside it
    """

    def __init__(self, path: Path, source: Path, until: datetime) -> None:
        self._journals = [*_archived(source.parent), *find_kept(path)]
        self._journals += [each for each in [files.beside(path, ".journal")] if each.exists()]
        self._until = until
        self.reached: datetime | None = None

    def __call__(self, states: States, sequence: int) -> int:
        """Replay the journals over a backup; return the last batch's number.

        Raises `Unreachable`.
        """
        before = {key: row["state"] for key, row in rows_of(states, POLLS).items()}
        last, self.reached = replay(states, sequence, self._journals, self._until)
        polls = rows_of(states, POLLS)
        for key, row in polls.items():
            was = before.get(key, "draft")
            if row["state"] != "draft" and was not in ENDED:
                raise Unreachable(
                    f"poll {key} was {row['state']} at {in_words(self.reached)}, and the "
                    "journals have no ballots: use a backup of after its end, or a moment "
                    "before its opening"
                )
        for table in (BALLOTS, NAMES):
            strays = [
                key for key, row in rows_of(states, table).items() if row["poll"] not in polls
            ]
            if strays:
                states[table].replay(dict.fromkeys(strays))
        _forget_names(states)
        return last


def _forget_names(states: States) -> None:
    """Let the names of people who were deleted after the backup go from its records: the journals
    don't hold these.
    """
    nameless: dict[int, Document | None] = {}
    for key, row in rows_of(states, NAMES).items():
        if row["person"] is not None and not _is_named(states, row["person"]):
            nameless[key] = {**row, "person": None, "name": None, "salt": None}
    if nameless:
        states[NAMES].replay(nameless)


def _is_named(states: States, person: str) -> bool:
    kind, number = read_person(person)
    found = (rows_of(states, TABLES[each].name).get(number) for each in HOLDERS[kind])
    row: Document | None = next((each for each in found if each is not None), None)
    return row is not None and bool(row.get("kept", row)["nickname" if kind == "g" else "name"])


def _archived(folder: Path) -> list[Path]:
    return sorted(folder.glob(f"{NAME}*{SUFFIX}"))


def _moved_at(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)
