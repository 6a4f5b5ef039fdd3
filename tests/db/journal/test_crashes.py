"""Every state that a crash could leave is opened by the store, and holds what was promised.

The promise: what `on_commit` was given, or a reader after opening could read, is there; of what
was on its way any transaction is there whole or not at all; nothing else is. Sequence numbers
and ids go on. A torn tail is kept until it is compacted away, and then it is nowhere.
"""

import json
import os
import re
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import count, permutations
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

import pytest
from tinydb import TinyDB

from db.journal import (
    Change,
    JournaledStorage,
    Mismatch,
    OutcomeUnknown,
    disk,
    files,
    part_list,
    recovery,
    snapshot,
    upkeep,
)
from db.journal.filed import Filing, first_id
from db.journal.lines import Lines
from db.journal.part_disk import PartFiles
from tests.db.journal.calls import end_upkeep
from tests.db.journal.crash_model import Killed, Recorder, State

STORE = "store.json"
OFTEN = 6
ROOM_BYTES = 300  # some lines fit and some do not
STEPS = [
    "append",
    "begin",
    "discard",
    "keep store.json.journal.torn",
    "keep store.json.part.1.torn",
    "keep's append",
    "make_folder",
    "remove store.json.journal.torn",
    "rename store.json",
    "rename store.json.journal",
    "rename store.json.part.1",
    "rename store.json.part.1.run",
    "fill store.json",
    "fill store.json.journal",
    "fill store.json.part.1",
    "fill store.json.part.1.run",
]
SECRET = b"wh1sper"
"""What is in no file but those of its part, and in none once the part is dropped."""
OPTIONS: Any = {
    "unique": {"users": ("email",)},
    "parts": {"boxes": lambda ballot: ballot.get("box")},
    "filed": {
        "filed": Filing(
            lambda row: (row["box"], row["n"]),
            lambda row: {"rows": 1, "sum": row["n"]},
            lambda place, documents: {"over": place} in documents("polls").values(),
        )
    },
}

Tables = dict[str, dict[str, Any]]

pytestmark = [pytest.mark.crash, pytest.mark.usefixtures("quiet")]


class Promise(NamedTuple):
    """What must hold of a state: one of `tables` as JSON, at least `sequence` and `ids`.

    Of the files: `kept` lies in journal or torn file, `forgotten` in none, and no torn file
    where `torn_gone`.
    """

    tables: frozenset[str]
    sequence: int
    ids: frozenset[tuple[str, int]]
    kept: bytes
    forgotten: bytes
    torn_gone: bool


class Broken(AssertionError):
    """A state that does not hold what was promised."""


class Watch:
    """What was promised so far; collects every state that a crash could leave."""

    def __init__(self, folder: Path, skip: str = "") -> None:
        self.states: set[tuple[State, Promise]] = set()
        self.recording = True
        self.recorder = Recorder(folder, self.note, skip)
        self.path = folder / STORE
        self.kept = self.forgotten = b""
        self.torn_gone = False
        self._storage: JournaledStorage | None = None
        self.tables: Tables = {}
        self._sequence = 0
        self.on_the_way: dict[int, list[Change]] = {}
        self.tags = count(1)
        self.lock = threading.RLock()
        self._ids: dict[str, int] = {}

    def note(self, states: Iterator[State]) -> None:
        if self.recording:
            with self.lock:
                promise = self.promise()
            self.states.update((state, promise) for state in states)

    def promise(self) -> Promise:
        possible = {as_json(self.tables)}
        waiting = list(self.on_the_way.values())
        for size in range(1, len(waiting) + 1):
            for order in permutations(waiting, size):
                tables = self.tables
                for changes in order:
                    tables = applied(tables, changes)
                possible.add(as_json(tables))
        return Promise(
            frozenset(possible),
            self._sequence,
            frozenset(self._ids.items()),
            self.kept,
            self.forgotten,
            self.torn_gone,
        )

    def open(self) -> JournaledStorage:
        self._storage = None
        storage = JournaledStorage(self.path, **OPTIONS, on_commit=self._landed)
        self._storage = storage
        with self.lock:
            found = storage.read() or {}
            assert as_json(found) in self.promise().tables
            assert storage.sequence >= self._sequence
            self.tables, self._sequence = found, storage.sequence
            self.on_the_way.clear()
            for name, table in found.items():
                if name == "filed":
                    continue
                self._ids[name] = max([self._ids.get(name, 0), *map(int, table)])
        return storage

    def commit(self, storage: JournaledStorage, *rows: tuple[str, int | None, Any]) -> list[int]:
        """Put rows of (table, id or None for a new one, document) in one transaction."""
        tag = next(self.tags)
        with storage.transaction():
            ids = [row[1] or storage.next_id(row[0]) for row in rows]
            for document_id, (table, _, document) in zip(ids, rows, strict=True):
                storage.put(table, document_id, document)
            storage.put("tags", storage.next_id("tags"), {"tag": tag})
            with self.lock:
                self.on_the_way[tag] = [*storage.under_way()]
        return ids

    @contextmanager
    def recorded(self, storage: JournaledStorage) -> Iterator[None]:
        """A transaction of the filed table alone."""
        tag = next(self.tags)
        with storage.transaction():
            yield
            for change in [*storage.under_way()]:
                if change.after is not None and change.document_id is not None:
                    storage.put(change.table, change.document_id, {**change.after, "tag": tag})
            with self.lock:
                self.on_the_way[tag] = [*storage.under_way()]

    def put_apart(self, storage: JournaledStorage, *ballots: Any) -> None:
        """Put new ballots in one transaction that changes nothing else."""
        tag = next(self.tags)
        with storage.transaction():
            for ballot in ballots:
                storage.put("boxes", storage.next_id("boxes"), {**ballot, "tag": tag})
            with self.lock:
                self.on_the_way[tag] = [*storage.under_way()]

    def kill(self) -> None:
        self.recorder.killed_at = 0
        if self._storage is not None:
            self._storage._committer.stop()
        self.recorder.kill()

    def _landed(self, changes: list[Change]) -> None:
        with self.lock:
            self.tables = applied(self.tables, changes)
            self._sequence += 1
            for change in changes:
                if change.document_id is not None and change.table != "filed":
                    highest = max(self._ids.get(change.table, 0), change.document_id)
                    self._ids[change.table] = highest
                if change.after is not None and "tag" in change.after:
                    self.on_the_way.pop(change.after["tag"], None)


def applied(tables: Tables, changes: list[Change]) -> Tables:
    tables = {name: dict(table) for name, table in tables.items()}
    for change in changes:
        if change.document_id is None:
            if change.after is None:
                tables.pop(change.table, None)
            else:
                tables.setdefault(change.table, {})
        elif change.after is None:
            tables[change.table].pop(str(change.document_id), None)
        else:
            tables[change.table][str(change.document_id)] = change.after
    return tables


def as_json(tables: Tables) -> str:
    return json.dumps(tables, sort_keys=True)


# -- the workloads ------------------------------------------------------------------------


def whole_life(watch: Watch) -> None:
    """First opening, every kind of write, compaction beside writers, stops of every kind."""
    storage = watch.open()
    [ada] = watch.commit(storage, ("users", None, {"email": "ada", "secret": "s3cr3t"}))
    watch.commit(storage, ("users", None, {"email": "bob"}), ("polls", None, {"open": True}))
    watch.commit(storage, *(("votes", None, {"for": n}) for n in range(3)))
    watch.commit(storage, ("polls", 1, {"open": False}), ("users", ada, None))
    compact_beside_writers(watch, storage)
    watch.forgotten = b"s3cr3t"
    with storage.transaction():
        storage.drop("votes")
        tag = next(watch.tags)
        storage.put("tags", storage.next_id("tags"), {"tag": tag})
        watch.on_the_way[tag] = [*storage.under_way()]
    watch.commit(storage, ("users", None, {"email": "ada", "name": "é" * 50}))
    storage.close()

    storage = watch.open()
    watch.commit(storage, ("votes", None, {"for": 4}))
    watch.kill()
    watch.kept = b'0badc0de [99,[{"votes":{"1":{"for":"everybody"'
    watch.recorder.tear(STORE + ".journal", watch.kept)

    storage = watch.open()
    watch.commit(storage, ("users", None, {"email": "eve"}))
    watch.commit(storage, ("users", 2, None))
    watch.kept = b""
    storage.compact()
    watch.torn_gone = True
    watch.commit(storage, ("users", None, {"email": "bob"}))
    storage.close()
    watch.torn_gone = False


def failed_fsync(watch: Watch) -> None:
    """An fsync fails, the server is started again, and goes on."""
    storage = watch.open()
    watch.commit(storage, ("votes", None, {"for": 1}))
    watch.recorder.failing = "append"
    with pytest.raises(OutcomeUnknown):
        watch.commit(storage, ("votes", None, {"for": 2, "why": "x" * 30}))
    watch.recorder.failing = ""
    watch.kill()

    storage = watch.open()
    watch.commit(storage, ("votes", None, {"for": 3}))
    watch.commit(storage, ("votes", None, {"for": 4}))
    storage.compact()
    watch.commit(storage, ("votes", None, {"for": 5}))
    watch.kill()


def imported(watch: Watch) -> None:
    """Another program's file, which it did not fsync, is opened and written to."""
    watch.recorder.folder.mkdir()
    watch.recording = False
    watch.recorder.leave(STORE, b'{"users": {"7": {"email": "ada"}}}')
    watch.tables = {"users": {"7": {"email": "ada"}}}
    storage = watch.open()
    watch.recording = True
    watch.commit(storage, ("users", None, {"email": "bob"}))
    storage.close()


def short_life(watch: Watch) -> None:
    """What is killed at every step: a first opening, writes, a compaction, a clean stop."""
    storage = watch.open()
    watch.commit(storage, *(("votes", None, {"for": n, "why": "w" * 200}) for n in range(4)))
    compact_beside_writers(watch, storage)
    watch.commit(storage, *(("votes", document_id, None) for document_id in range(1, 5)))
    storage.close()
    watch.open()


def edited_life(watch: Watch) -> None:
    """What is killed at every step: another program edits the file after a clean stop."""
    storage = watch.open()
    watch.commit(storage, ("users", None, {"email": "ada"}))
    storage.close()
    edited = json.loads(watch.path.read_bytes())
    edited["users"]["1"]["email"] = "by hand"
    watch.recorder.edit(STORE, json.dumps(edited).encode())
    edited.pop("_journal")
    watch.tables = edited
    storage = watch.open()
    watch.commit(storage, ("users", None, {"email": "bob"}))


def parted_life(watch: Watch) -> None:
    """What is killed at every step: parts begin and are dropped, a stop while one is there."""
    storage = watch.open()
    watch.put_apart(storage, {"box": 1, "for": 1})
    watch.put_apart(storage, {"box": 1, "for": SECRET.decode()})
    watch.commit(storage, ("boxes", 1, {"box": 1, "for": 2}), ("boxes", None, {"for": 3}))
    storage.compact()
    storage.close()

    storage = watch.open()
    watch.commit(storage, *(("boxes", n, None) for n in (1, 2)), ("boxes", None, {"for": 2}))
    watch.forgotten = SECRET
    watch.put_apart(storage, {"box": 2, "for": 4})


def filed_life(watch: Watch) -> None:
    """What is killed at every step: a filed part is folded beside writers, rests at a stop, goes
    on, and is dropped while another one is begun; that is let rest, goes on, and is moved.
    """
    storage = watch.open()
    filed(watch, storage, 1, 1, 2)
    filed(watch, storage, 1, 3, text=SECRET.decode())
    fold_beside_writers(watch, storage)
    filed(watch, storage, 1, 3)
    storage.close()

    storage = watch.open()
    filed(watch, storage, 1, 5, text=SECRET.decode())
    gone = [("filed", key, None) for key in list(storage.documents("filed"))]
    sealed = [("filed", first_id(2, n), {"box": 2, "n": n}) for n in range(3)]
    with watch.recorded(storage):
        for table, key, row in (*gone[:2], sealed[0]):
            storage.put(table, key, row)
    watch.commit(storage, *gone[2:], *sealed[1:], ("polls", None, {"over": 2}))
    watch.forgotten = SECRET
    storage.fold("filed", 2)
    filed(watch, storage, 2, 7)
    move(watch, storage, 2, 3)
    watch.put_apart(storage, {"for": 4})


def move(watch: Watch, storage: JournaledStorage, old: int, new: int) -> None:
    """Move a part; a change of all its documents at once is on its way meanwhile."""
    rows = [(key, row) for key, row in storage.documents("filed").items() if row["box"] == old]
    moved = [(first_id(new, row["n"]), {"box": new, "n": row["n"]}) for _, row in sorted(rows)]
    changes = [Change("filed", key, row, None) for key, row in rows]
    changes += [Change("filed", key, None, row) for key, row in moved]
    tag = next(watch.tags)
    with watch.lock:
        watch.on_the_way[tag] = changes
    assert storage.move("filed", old, new, moved)
    with watch.lock:
        watch.tables = applied(watch.tables, watch.on_the_way.pop(tag))


def filed(watch: Watch, storage: JournaledStorage, box: int, *numbers: int, text: str = "") -> None:
    with watch.recorded(storage):
        for n in numbers:
            row = {"box": box, "n": n, "for": text}
            storage.put("filed", first_id(box, n), row)


def fold_beside_writers(watch: Watch, storage: JournaledStorage) -> None:
    """Fold, with a write before the run is on the disk and one before the lines are cut."""
    watch.recorder.after = {
        f"fill {STORE}.part.1.run": lambda: filed(watch, storage, 1, 4),
    }
    try:
        storage.fold("filed", 1)
    finally:
        watch.recorder.after = {}


def torn_part(watch: Watch) -> None:
    """A process is killed while it writes in a part; the part is dropped after the next start."""
    storage = watch.open()
    watch.put_apart(storage, {"box": 1, "for": 1})
    watch.kill()
    watch.kept = b'0badc0de [2,[{"boxes":{"2":{"for":"everybody"'
    watch.recorder.tear(STORE + ".part.1", watch.kept)

    storage = watch.open()
    watch.put_apart(storage, {"box": 1, "for": 2})
    watch.kept = b""
    watch.forgotten = b"everybody"
    watch.recording = False
    watch.commit(storage, ("boxes", 1, None), ("boxes", 2, None))
    watch.recording = True
    watch.commit(storage, ("users", None, {"email": "eve"}))
    watch.kill()


def killed_everywhere(make: Callable[[], Watch], life: Callable[[Watch], None]) -> Iterator[Watch]:
    """Kill a process at each step; let the power fail at each step of the next one's opening, and
    after every `OFTEN`-th kill at each step of what it does then.
    """
    for killed_at in count():
        watch = make()
        watch.recording = False
        watch.recorder.killed_at = killed_at
        try:
            life(watch)
            survived = True
        except (Killed, OutcomeUnknown):
            survived = False
        watch.kill()

        watch.recording = True
        again = watch.open()
        watch.recording = killed_at % OFTEN == 0 or survived
        gone = [("votes", document_id, None) for document_id in range(1, 5)]
        watch.commit(again, *gone, ("votes", None, {"for": 9}))
        again.compact()
        watch.commit(again, ("users", None, {"email": "zoe"}))
        watch.kill()
        yield watch
        if survived:
            return


def compact_beside_writers(watch: Watch, storage: JournaledStorage) -> None:
    """Compact, with a write in the snapshot's middle, one after its rename, two at the switch."""

    def write(n: int) -> None:
        with suppress(OutcomeUnknown):  # where it was killed
            watch.commit(storage, ("votes", None, {"for": 10 + n}))

    threads = [threading.Thread(target=write, args=(n,)) for n in range(2)]

    paused = count()

    def pause() -> None:
        if next(paused) == 2:
            watch.commit(storage, ("votes", None, {"for": "in the middle"}))

    def switch() -> None:
        for thread in threads:
            thread.start()

    watch.recorder.after = {
        f"rename {STORE}": lambda: watch.commit(storage, ("votes", None, {"for": "renamed"})),
        f"fill {STORE}.journal": switch,
    }
    try:
        with pytest.MonkeyPatch.context() as paused_so:
            paused_so.setattr(upkeep.Upkeep, "pause", lambda _: pause())
            storage.compact()
    finally:
        watch.recorder.after = {}
        for thread in threads:
            if thread.ident is not None:
                thread.join()


# -- the check ----------------------------------------------------------------------------


@pytest.fixture
def make(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Watch]:
    """Make a watch over a new folder; its recorder is what the store takes for `os`."""
    folders = count()
    monkeypatch.setattr(snapshot, "SLICE", 2)
    monkeypatch.setattr(files, "ROOM_BYTES", ROOM_BYTES)

    def made(skip: str = "") -> Watch:
        watch = Watch(folder / str(next(folders)) / "data", skip)
        watch.recorder.folder.parent.mkdir()
        salts = count()
        monkeypatch.setattr(files, "os", watch.recorder)
        monkeypatch.setattr(disk, "os", watch.recorder)
        salt = SimpleNamespace(token_hex=lambda size: f"{next(salts):0{2 * size}x}")
        monkeypatch.setattr(disk, "secrets", salt)
        monkeypatch.setattr(part_list, "secrets", salt)
        return watch

    return made


VERIFIED: set[tuple[State, Promise]] = set()


@pytest.fixture
def nothing_verified(monkeypatch: pytest.MonkeyPatch) -> None:
    """Verify all states anew: the test breaks what opens them."""
    monkeypatch.setattr(f"{__name__}.VERIFIED", set())


def verify_all(states: set[tuple[State, Promise]], folder: Path, patch: pytest.MonkeyPatch) -> None:
    """Raise `Broken` for the first state that breaks its promise."""
    unsynced = SimpleNamespace(**{**vars(os), "fsync": lambda descriptor: None})
    patch.setattr(files, "os", unsynced)
    patch.setattr(disk, "os", unsynced)
    patch.setattr(upkeep, "PAUSE_SECONDS", 0)
    for number, (state, promise) in enumerate(sorted(states - VERIFIED, key=repr)):
        here = folder / f"state-{number}"
        try:
            verify(state, promise, here, killed=number % OFTEN == 0)
        except Exception as error:
            raise Broken(f"{state} breaks {promise}: {error!r}") from error
        shutil.rmtree(here)
        VERIFIED.add((state, promise))


def verify(state: State, promise: Promise, folder: Path, *, killed: bool) -> None:
    for part in ("then", "killed"):
        (folder / part).mkdir(parents=True)
    for name, content in state:
        (folder / "then" / name).write_bytes(content)
        assert not promise.forgotten or promise.forgotten not in content
        assert not (promise.torn_gone and name.endswith(".torn"))
        assert SECRET not in content or ".part." in name
    assert promise.kept in b"".join(content for _, content in state)

    storage = JournaledStorage(folder / "then" / STORE, **OPTIONS)
    end_upkeep()
    found = storage.read() or {}
    assert as_json(found) in promise.tables
    rows = [*found.get("boxes", {}).values(), *found.get("filed", {}).values()]
    parted = any(row.get("box") == 1 for row in rows)
    assert any((folder / "then").glob(f"{STORE}.part.1*")) == parted
    assert parted or not any(SECRET in file.read_bytes() for file in (folder / "then").iterdir())
    assert storage.sequence >= promise.sequence
    for name, highest in promise.ids:
        assert storage.next_id(name) > highest
    with storage.transaction():
        storage.put("users", storage.next_id("users"), {"email": "the next"})
    expected = storage.read()

    if killed:
        for file in (folder / "then").iterdir():
            shutil.copy(file, folder / "killed")
        again = JournaledStorage(folder / "killed" / STORE, **OPTIONS)
        assert again.read() == expected
        again.close()
    storage.close()
    with TinyDB(folder / "then" / STORE) as stock:
        by_stock = {name: {str(row.doc_id): row for row in stock.table(name)} for name in expected}
    for document_id, document in list(expected.get("boxes", {}).items()):
        if "box" in document:  # in a file of its own
            del expected["boxes"][document_id]
    for run in (folder / "then").glob("*.run"):
        with TinyDB(run) as stock:
            for row in stock.table("filed"):
                assert expected["filed"].pop(str(row.doc_id)) == row
    if "filed" in expected:
        assert expected["filed"] == {}
    assert by_stock == expected


# -- the tests ----------------------------------------------------------------------------


def all_states(make: Callable[..., Watch], skip: str = "") -> Iterator[Watch]:
    if skip.endswith(".run"):  # nothing else writes one
        yield from killed_everywhere(lambda: make(skip), filed_life)
        return
    for workload in (whole_life, failed_fsync, imported, torn_part):
        watch = make(skip)
        workload(watch)
        yield watch
    for life in (short_life, edited_life, parted_life, filed_life):
        yield from killed_everywhere(lambda: make(skip), life)


def find_broken(watches: Iterator[Watch], folder: Path, patch: pytest.MonkeyPatch) -> None:
    for watch in watches:
        verify_all(watch.states, folder, patch)


def test_every_state_a_crash_could_leave_holds_what_was_promised(
    make: Callable[..., Watch], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    states: set[tuple[State, Promise]] = set()
    steps: set[str] = set()
    for watch in all_states(make):
        states |= watch.states
        steps |= watch.recorder.steps

    verify_all(states, folder, monkeypatch)

    assert len({state for state, _ in states}) >= 500
    assert {re.sub(r"part\.\d", "part.1", step) for step in steps} == set(STEPS), (
        "a step without its mutant"
    )


@pytest.mark.parametrize("step", [*STEPS, "truncate"])
def test_crash_test_fails_without_the_step(
    step: str, make: Callable[..., Watch], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The step's fsync is left out (`truncate`: a temporary file is not emptied).

    Only `supersede`'s fsync every 8 MB proves nothing: it is for others' latency.
    """
    with pytest.raises(Broken):
        find_broken(all_states(make, step), folder, monkeypatch)


@pytest.mark.usefixtures("nothing_verified")
def test_crash_test_fails_when_opening_trusts_the_page_cache(
    make: Callable[..., Watch], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    anew = Lines.__init__

    def trusting(
        self: Lines, path: Path, journal: Any, run: Any, run_bytes: int | None = None
    ) -> None:
        if not path.exists() or path.read_bytes().rstrip(b"\0") != journal.sound:
            anew(self, path, journal, run, run_bytes)
            return
        self.path, self.full = path, None
        self.header, self.last = journal.header, journal.last
        self.size, self._room = len(journal.sound), 0
        self._descriptor = files.os.open(path, os.O_WRONLY)
        os.lseek(self._descriptor, self.size, os.SEEK_SET)

    monkeypatch.setattr(Lines, "__init__", trusting)
    with pytest.raises(Broken):
        find_broken(all_states(make), folder, monkeypatch)


def test_crash_test_fails_when_a_line_is_written_after_the_room_for_it(
    make: Callable[..., Watch], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stays(self: Recorder, descriptor: int, offset: int, whence: int) -> int:
        return os.lseek(descriptor, 0, os.SEEK_CUR)

    monkeypatch.setattr(Recorder, "lseek", stays, raising=False)
    with pytest.raises(Broken):
        find_broken(all_states(make), folder, monkeypatch)


@pytest.mark.usefixtures("nothing_verified")
def test_crash_test_fails_when_room_is_taken_for_a_torn_line(
    make: Callable[..., Watch], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A line that lost its beginning ends in a line feed, and then comes what was room."""
    read = recovery.read_journal

    class Whole(bytes):
        def rstrip(self, stripped: Any = None) -> bytes:
            return bytes(self)

    monkeypatch.setattr(recovery, "read_journal", lambda data, **how: read(Whole(data), **how))
    with pytest.raises(Broken):
        find_broken(all_states(make), folder, monkeypatch)


@pytest.mark.usefixtures("nothing_verified")
@pytest.mark.parametrize(
    ("owner", "name", "without"),
    [
        (disk, "rest_on", lambda sequence: b"{}"),
        (PartFiles, "_is_left", lambda parts, part, path: False),
    ],
)
def test_crash_test_fails_when_parts_and_journal_do_not_go_together(
    owner: Any,
    name: str,
    without: Callable[..., Any],
    make: Callable[..., Watch],
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A part's line counts without the journal's; a dropped part's file is left after a crash."""
    monkeypatch.setattr(owner, name, without)
    with pytest.raises((Broken, Mismatch)):
        find_broken(killed_everywhere(make, parted_life), folder, monkeypatch)
