"""Parts of tables: files of their own, begun with the first document and gone with the last."""

import errno
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tinydb import TinyDB

from db.journal import (
    Change,
    Corrupt,
    Duplicate,
    JournaledStorage,
    JournaledTinyDB,
    Mismatch,
    StorageFull,
    offline,
)
from tests.db.journal.calls import Calls, failing
from tests.db.journal.earlier import make_journal_of_format_1
from tests.db.journal.stored import Stored

NOW = datetime(2026, 11, 20, tzinfo=UTC)
PART, ANOTHER = "s.json.part.1", "s.json.part.2"
OPTIONS: Any = {
    "unique": {"b": ("by",)},
    "grouping": {"b": ("for",)},
    "parts": {"b": lambda ballot: ballot.get("box")},
}


class Store(Stored):
    """A store, and what its files hold."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "s.json"
        self.storage = self.open()

    def open(self) -> JournaledStorage:
        self.storage = JournaledStorage(self.path, **OPTIONS)
        return self.storage

    def reopen(self) -> JournaledStorage:
        self.storage.close()
        return self.open()

    def put(self, *rows: tuple[int, dict[str, Any] | None], table: str = "b") -> None:
        with self.storage.transaction():
            for document_id, document in rows:
                self.storage.put(table, document_id, document)

    def kill(self) -> None:
        """Stop, and leave the files as a kill would."""
        left = {path: path.read_bytes() for path in self.path.parent.iterdir()}
        self.storage.close()
        for path, data in left.items():
            path.write_bytes(data)


@pytest.fixture
def store(folder: Path, calls: Calls) -> Iterator[Store]:
    made = Store(folder)
    yield made
    calls.rules.clear()
    made.storage.close()


def boxed(by: str, box: Any = 1) -> dict[str, Any]:
    return {"by": by, "box": box, "for": 0}


# -- writing ------------------------------------------------------------------------------


def test_document_of_a_part_is_in_its_file_alone(store: Store) -> None:
    store.put((1, boxed("anna")), (2, boxed("bob", box=2)), (3, {"by": "eve"}))
    store.put((4, boxed("kim")))
    store.storage.compact()

    assert store.holding(b"anna") == store.holding(b"kim") == {PART}
    assert store.holding(b"bob") == {ANOTHER}
    assert store.holding(b"eve") == {"s.json"}
    assert set(store.storage.group("b", "for", 0)) == {1, 2, 4}
    assert store.storage.find("b", "by", "kim") == (4, boxed("kim"))
    assert store.storage.names() == {"b"}
    assert store.storage.read() == store.reopen().read()


def test_unique_value_is_unique_over_all_parts(store: Store) -> None:
    store.put((1, boxed("anna")))

    with pytest.raises(Duplicate):
        store.put((2, boxed("anna", box=2)))

    assert store.names() == {PART}


def test_write_in_one_part_costs_one_fsync_and_in_two_one_each(store: Store, calls: Calls) -> None:
    store.put((1, boxed("anna")), (2, boxed("bob", box=2)))

    def count(*rows: tuple[int, dict[str, Any] | None]) -> dict[str, int]:
        calls.counts.clear()
        store.put(*rows)
        return {name: n for (function, name), n in calls.counts.items() if function == "fsync"}

    assert count((3, boxed("eve"))) == {PART: 1}
    assert count((4, boxed("kim")), (5, boxed("lee", box=2))) == {PART: 1, ANOTHER: 1}
    assert count((6, boxed("max")), (7, {"by": "mia"})) == {PART: 1, "s.json.journal": 1}


def test_part_is_dropped_with_its_last_document(store: Store, calls: Calls) -> None:
    store.put((1, boxed("anna")), (2, boxed("bob")), (3, boxed("eve", box=2)))
    store.put((1, None))
    assert store.names() == {PART, ANOTHER}
    calls.counts.clear()

    store.put((2, None), (4, {"by": "sealed"}))

    assert store.names() == {ANOTHER}
    assert store.holding(b"anna") == store.holding(b"bob") == set()
    fsyncs = {name: n for (function, name), n in calls.counts.items() if function == "fsync"}
    assert fsyncs == {"s.json.journal": 1, "folder": 1}, "nothing is rewritten"
    store.put((5, boxed("kim")))
    assert store.names() == {ANOTHER, "s.json.part.4"}, "the file's number is never used again"


def test_part_is_dropped_with_its_table(store: Store) -> None:
    store.put((1, boxed("anna")), (2, {"by": "bob"}))

    with store.storage.transaction():
        store.storage.drop("b")

    assert store.names() == set()
    assert store.reopen().read() is None


def test_document_leaves_its_part_for_none_and_comes_back(store: Store) -> None:
    store.put((1, boxed("anna")), (2, boxed("bob")))

    store.put((1, {"by": "anna"}))
    assert store.reopen().documents("b") == {1: {"by": "anna"}, 2: boxed("bob")}
    store.put((1, boxed("anna")))

    assert store.reopen().documents("b") == {1: boxed("anna"), 2: boxed("bob")}


def test_document_does_not_change_from_one_part_to_another(store: Store) -> None:
    store.put((1, boxed("anna")))

    with pytest.raises(ValueError, match="another"):
        store.put((1, boxed("anna", box=2)), (2, {"by": "bob"}))

    assert store.storage.documents("b") == {1: boxed("anna")}
    assert store.names() == {PART}


def test_transaction_that_fails_begins_no_part(store: Store) -> None:
    def fail() -> None:
        with store.storage.transaction():
            store.storage.put("b", 1, boxed("anna"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    store.put((2, {"by": "bob"}))

    assert store.names() == set()
    assert store.reopen().documents("b") == {2: {"by": "bob"}}


def test_part_is_neither_begun_nor_dropped_when_its_documents_come_and_go_at_once(
    store: Store,
) -> None:
    store.put((1, boxed("anna")), (1, None), (2, {"by": "bob"}))

    assert store.names() == set()
    assert store.reopen().documents("b") == {2: {"by": "bob"}}


def test_listener_gets_the_changes_of_parts_and_not_their_list(folder: Path) -> None:
    heard: list[str] = []

    def listen(changes: list[Change]) -> None:
        heard.extend(change.table for change in changes)

    storage = JournaledStorage(folder / "s.json", **OPTIONS, on_commit=listen)
    with storage.transaction():
        storage.put("b", 1, boxed("anna"))
    with storage.transaction():
        storage.put("b", 1, None)
    storage.close()

    assert heard == ["b", "b", "b"]  # the table itself, too


def test_list_of_parts_is_no_table_for_callers(store: Store) -> None:
    with pytest.raises(ValueError, match="reserved"):
        store.put((1, {}), table="_parts")


def test_sequence_and_ids_go_on_when_parts_are_dropped(store: Store) -> None:
    for number in range(1, 9):
        store.put((number, boxed(f"{number}")))
    store.put(*((number, None) for number in range(1, 9)))
    sequence = store.storage.sequence

    storage = store.reopen()

    assert storage.sequence >= sequence == 9
    assert storage.next_id("b") == 9


@pytest.mark.parametrize("name", [PART, "s.json.journal", "folder"])
def test_store_stops_when_the_disk_fails_as_a_part_is_written_or_dropped(
    store: Store, calls: Calls, name: str
) -> None:
    store.put((1, boxed("anna")))
    calls.rules["fsync", name] = failing(OSError(errno.ENOSPC, "full"))

    with pytest.raises(StorageFull):
        store.put(*[(1, None), (2, {"by": "bob"})] if name != PART else [(2, boxed("bob"))])

    assert store.storage.documents("b") == {1: boxed("anna")}, "what is known to be there"
    with pytest.raises(StorageFull):
        store.put((3, {"by": "eve"}))
    calls.rules.clear()
    found = dict(store.reopen().documents("b"))
    assert found in ({1: boxed("anna")}, {1: boxed("anna"), 2: boxed("bob")}, {2: {"by": "bob"}})
    assert (PART in store.names()) == (1 in found)


# -- opening ------------------------------------------------------------------------------


def test_missing_part_is_refused(store: Store) -> None:
    store.put((1, boxed("anna")))
    store.storage.close()
    store.path.with_name(PART).unlink()

    store.refuses(Mismatch, "part.1 is missing.*restore")


def test_part_of_another_store_is_refused(store: Store, folder: Path) -> None:
    (folder / "other").mkdir()
    other = Store(folder / "other")
    for each in (store, other):
        each.put((1, boxed("anna")))
        each.storage.close()
    store.path.with_name(PART).write_bytes(other.path.with_name(PART).read_bytes())

    with pytest.raises(Mismatch, match="not the file of its store"):
        store.open()


def test_damaged_part_is_refused_with_its_line(store: Store) -> None:
    store.put((1, boxed("anna")))
    store.put((2, boxed("bob")))
    store.storage.close()
    part = store.path.with_name(PART)
    part.write_bytes(part.read_bytes().replace(b"anna", b"eva"))

    store.refuses(Corrupt, r"part\.1: line 2 of the journal is damaged.*restore")


def test_part_is_refused_when_its_journal_is_older(store: Store) -> None:
    store.put((1, boxed("anna")))
    store.kill()
    journal = store.path.with_name("s.json.journal")
    older = journal.read_bytes()
    store.open()
    store.put((2, {"by": "bob"}), (3, boxed("eve")))
    store.put((4, boxed("kim")))
    store.kill()
    journal.write_bytes(older)

    with pytest.raises(Mismatch, match=r"part\.1 is newer than its journal"):
        store.open()


def test_part_of_a_replaced_file_is_refused_and_not_removed(store: Store) -> None:
    store.put((1, boxed("anna")))
    store.put((2, boxed("bob")))
    store.storage.close()
    store.path.write_text(json.dumps({"b": {"9": {"by": "hand"}}}))

    store.refuses(Mismatch, r"part\.1 belongs to a store that")


def test_part_without_a_rule_is_refused(store: Store) -> None:
    store.put((1, boxed("anna")))
    store.storage.close()

    with pytest.raises(Mismatch, match="b/1 belong in no such part"):
        JournaledTinyDB(store.path)


def test_files_of_dropped_parts_are_removed_when_a_crash_left_them(store: Store) -> None:
    store.put((1, boxed("anna")))
    left = store.path.with_name(PART).read_bytes()
    store.put((1, None))
    store.kill()
    for name in (PART, PART + ".torn", PART + ".tmp", "s.json.part.7.tmp"):
        store.path.with_name(name).write_bytes(left)

    store.open()

    assert store.names() == set()


def old_version(store: Store, monkeypatch: pytest.MonkeyPatch, *, clean: bool) -> None:
    """Write a store as the version before parts did: everything in the journal."""
    store.storage.close()
    with monkeypatch.context() as patch:
        patch.setitem(OPTIONS, "parts", {})
        store.open()
    store.put((1, boxed("anna")), (2, boxed("bob", box=2)), (3, {"by": "eve"}))
    store.put((4, boxed("was")))
    store.put((4, boxed("kim")))
    (store.storage.close if clean else store.kill)()
    journal = store.path.with_name("s.json.journal")
    journal.write_bytes(journal.read_bytes().rstrip(b"\0") + b"torn anna")
    make_journal_of_format_1(store.path)
    store.path.with_name("s.json.journal.torn").write_bytes(b"anna")


@pytest.mark.parametrize("clean", [True, False])
def test_documents_of_an_earlier_version_are_moved_to_their_parts(
    folder: Path, monkeypatch: pytest.MonkeyPatch, clean: bool
) -> None:
    store = Store(folder)
    old_version(store, monkeypatch, clean=clean)

    storage = store.open()

    assert store.holding(b"anna") == store.holding(b"kim") == {PART}
    assert store.holding(b"was") == set()
    expected = {1: boxed("anna"), 2: boxed("bob", box=2), 3: {"by": "eve"}, 4: boxed("kim")}
    assert storage.documents("b") == expected
    assert store.reopen().documents("b") == expected
    store.put((1, None), (4, None))
    assert store.holding(b"anna") == store.holding(b"kim") == set()
    store.storage.close()


def test_moving_is_done_again_when_a_crash_interrupts_it(
    folder: Path, calls: Calls, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store(folder)
    old_version(store, monkeypatch, clean=False)
    files = {path: path.read_bytes() for path in folder.iterdir()}
    for step in ("s.json.part.1", "s.json.part.2", "s.json", "s.json.journal"):
        for path in folder.iterdir():
            path.unlink()
        for path, data in files.items():
            path.write_bytes(data)
        calls.rules["replace", step] = failing(KeyboardInterrupt())
        with pytest.raises(KeyboardInterrupt):
            store.open()
        calls.rules.clear()

        storage = store.open()

        assert store.holding(b"anna") == {PART}, step
        assert store.holding(b"was") == set(), step
        assert len(storage.documents("b")) == 4
        store.storage.close()


# -- backups and the command line's functions ---------------------------------------------


def plain(chunks: Any, _slices: int) -> Any:
    return chunks


def restore(store: Store, source: Path) -> offline.Restored:
    return offline.restore(store.path, source, NOW, plain)


def back_up_open(store: Store, target: Path) -> None:
    target.write_bytes(b"".join(store.storage.backup()))
    store.storage.close()


def back_up_closed(store: Store, target: Path) -> None:
    store.storage.close()
    offline.backup(store.path, target, plain)


@pytest.mark.parametrize("back_up", [back_up_open, back_up_closed])
def test_backup_has_the_documents_of_parts_in_one_file(
    store: Store, folder: Path, back_up: Callable[[Store, Path], None]
) -> None:
    store.put((1, boxed("anna")), (2, {"by": "bob"}))
    (folder / "backup").mkdir()
    backup = folder / "backup" / "s.json"
    back_up(store, backup)

    with TinyDB(backup) as stock:
        assert {row.doc_id: dict(row) for row in stock.table("b")} == {
            1: boxed("anna"),
            2: {"by": "bob"},
        }
        assert stock.tables() == {"b", "_journal"}
    again = Store(folder / "backup")
    assert again.names() == {PART}, "moved at the first opening"
    assert again.storage.documents("b") == {1: boxed("anna"), 2: {"by": "bob"}}
    again.storage.close()


def test_restore_takes_the_place_of_parts(store: Store, folder: Path) -> None:
    store.put((1, boxed("anna")))
    backup = folder / "backup.json"
    backup.write_bytes(b"".join(store.storage.backup()))
    store.put((2, boxed("bob")), (3, boxed("eve", box=2)))
    sequence = store.storage.sequence
    store.storage.close()

    done = restore(store, backup)

    assert store.names() == set()
    assert done.aside is not None
    kept = {path.name.removeprefix(done.aside.name) for path in folder.glob("*before-restore*")}
    assert kept == {"", ".journal", ".part.1", ".part.2"}
    storage = store.open()
    assert storage.documents("b") == {1: boxed("anna")}
    assert store.holding(b"bob") == {f"{done.aside.name}.part.1"}
    assert storage.sequence > sequence
    assert storage.next_id("b") == 4


@pytest.mark.parametrize("lost", ["missing", "damaged"])
def test_restore_of_itself_leaves_out_what_can_not_be_read(store: Store, lost: str) -> None:
    store.put((1, boxed("anna")))
    store.put((2, boxed("bob")), (3, {"by": "eve"}), (4, boxed("kim", box=2)))
    store.storage.close()
    part = store.path.with_name(PART)
    if lost == "missing":
        part.unlink()
    else:
        part.write_bytes(part.read_bytes().replace(b"bob", b"b0b") + b"more\n")

    done = restore(store, store.path)

    assert PART in str(done.lost)
    assert set(store.open().documents("b")) == {3, 4} | ({1} if lost == "damaged" else set())


def test_check_and_compact_see_parts_and_leave_them(store: Store) -> None:
    store.put((1, boxed("anna")), (2, {"by": "bob"}))
    store.storage.close()
    looked: list[Any] = []

    report = offline.check(store.path, looked.append)
    offline.compact(store.path, plain)

    assert report.documents == {"b": 2}
    assert set(looked[0]["b"]) == {1, 2}
    assert store.holding(b"anna") == {PART}
    assert set(store.open().documents("b")) == {1, 2}


def test_backup_does_not_overwrite_a_part(store: Store) -> None:
    store.put((1, boxed("anna")))
    store.storage.close()

    with pytest.raises(FileExistsError):
        offline.backup(store.path, store.path.with_name(PART), plain, force=True)
