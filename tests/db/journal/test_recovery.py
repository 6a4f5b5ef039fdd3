"""Which snapshot and journal belong together: what opening takes, and what it refuses."""

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from types import SimpleNamespace
from typing import Any

import pytest
from tinydb import TinyDB

from db.journal import Corrupt, Duplicate, JournaledTinyDB, Mismatch, upkeep
from db.journal.format import Header, encode, seal
from tests.db.journal.calls import Calls, Rule

JOURNAL = "store.json.journal"
UNIQUE = {"users": ("email",)}

pytestmark = pytest.mark.usefixtures("unsynced")


@dataclass
class Store:
    """Files by name, and what they are to be made of."""

    path: Path

    @property
    def journal(self) -> Path:
        return self.path.with_name(JOURNAL)

    def open(self) -> JournaledTinyDB:
        return JournaledTinyDB(self.path, unique=UNIQUE)

    def insert(self, *emails: str, close: bool = True) -> JournaledTinyDB:
        db = self.open()
        for email in emails:
            db.table("users").insert({"email": email})
        if close:
            db.close()
        return db

    def kill(self, db: JournaledTinyDB) -> None:
        """Leave the files as a kill would."""
        left = {file: file.read_bytes() for file in (self.path, self.journal)}
        db.close()
        for file, data in left.items():
            file.write_bytes(data)

    def emails(self) -> list[str]:
        with self.open() as db:
            return [user["email"] for user in db.table("users")]

    def refuses(self, refusal: type[Exception], match: str | None = None) -> None:
        """It is refused and nothing is changed, nor the lock kept."""
        before = self.files()
        for _ in range(2):
            with pytest.raises(refusal, match=match):
                self.open()
        assert self.files() == before

    def files(self) -> dict[str, bytes]:
        return {
            file.name: file.read_bytes()
            for file in self.path.parent.glob("store.json*")
            if file.suffix != ".lock"
        }


@pytest.fixture
def store(folder: Path) -> Store:
    return Store(folder / "store.json")


@pytest.fixture
def other(folder: Path) -> Store:
    (folder / "other").mkdir()
    return Store(folder / "other" / "store.json")


def edit_with_tinydb(store: Store) -> None:
    with TinyDB(store.path) as stock:
        stock.table("users").insert({"email": "by hand"})


def edit_as_text(store: Store) -> None:
    text = store.path.read_text()
    store.path.write_text(text.replace('"bob"', '"by hand"'))


def replace_wholly(store: Store) -> None:
    store.path.write_text(json.dumps({"users": {"1": {"email": "by hand"}}}))


@pytest.mark.parametrize("edit", [edit_with_tinydb, edit_as_text, replace_wholly])
def test_snapshot_is_taken_when_it_was_edited_after_a_clean_stop(
    store: Store, edit: Callable[[Store], None], caplog: pytest.LogCaptureFixture
) -> None:
    store.insert("ada", "bob")
    edit(store)

    with store.open() as db:
        assert "by hand" in [user["email"] for user in db.table("users")]
        assert db.storage.sequence == 2, "it goes on"
        db.table("users").insert({"email": "later"})
        assert db.storage.sequence == 3

    assert "written by another program" in caplog.text
    assert "later" in store.emails()


@pytest.mark.parametrize("edit", [edit_with_tinydb, edit_as_text, replace_wholly])
def test_snapshot_is_refused_when_it_was_edited_and_the_journal_holds_more(
    store: Store, edit: Callable[[Store], None]
) -> None:
    store.insert("ada", "bob")
    store.kill(store.insert("eve", close=False))
    edit(store)

    store.refuses(Mismatch, "restore")


def test_ids_go_on_when_a_removed_document_was_the_last_before_an_edit(store: Store) -> None:
    with store.insert("ada", "bob", close=False) as db:
        db.table("users").remove(doc_ids=[2])
    edit_as_text(store)

    with store.open() as db:
        assert db.table("users").insert({}) == 3


def test_journal_is_missed_when_the_store_was_compacted_and_killed(store: Store) -> None:
    db = store.insert("ada", close=False)
    db.compact()
    store.kill(db)
    store.journal.unlink()

    store.refuses(Mismatch, "journal is missing")


def test_journal_is_missed_when_an_imported_file_was_compacted_and_killed(store: Store) -> None:
    replace_wholly(store)
    db = store.open()
    db.compact()
    db.table("users").insert({"email": "eve"})
    store.kill(db)
    store.journal.unlink()

    store.refuses(Mismatch, "journal is missing")


def test_journal_is_not_missed_after_a_clean_stop(store: Store) -> None:
    store.insert("ada")
    store.journal.unlink()

    with store.open() as db:
        assert db.storage.sequence == 1
        assert len(db.table("users")) == 1


@pytest.mark.parametrize("left", ["gone", "empty"])
@pytest.mark.parametrize("stop", ["clean", "killed"])
def test_snapshot_is_missed_when_only_the_journal_is_there(
    store: Store, stop: str, left: str
) -> None:
    store.insert("ada")
    if stop == "killed":
        store.kill(store.insert("bob", close=False))
    store.path.unlink()
    if left == "empty":
        store.path.touch()

    store.refuses(Mismatch, "missing")


@pytest.mark.parametrize("stop", ["clean", "killed"])
def test_older_snapshot_is_refused(store: Store, stop: str) -> None:
    store.insert("ada")
    older = store.path.read_bytes()
    store.insert("bob")
    if stop == "killed":
        store.kill(store.insert("eve", close=False))
    store.path.write_bytes(older)

    store.refuses(Mismatch, r"older than its journal \(at 1, the journal starts at 2\)")


@pytest.mark.parametrize("stop", ["clean", "killed"])
@pytest.mark.parametrize("emails", [["x"], ["x", "y", "z"]])
def test_snapshot_of_another_store_is_refused(
    store: Store, other: Store, stop: str, emails: list[str]
) -> None:
    store.insert("ada")
    if stop == "killed":
        store.kill(store.insert("bob", close=False))
    other.insert(*emails)
    store.path.write_bytes(other.path.read_bytes())

    store.refuses(Mismatch, "not the file of its journal")


def test_journal_of_another_store_is_refused(store: Store, other: Store) -> None:
    store.insert("ada")
    other.kill(other.insert("x", close=False))
    store.journal.write_bytes(other.journal.read_bytes())

    store.refuses(Mismatch)


def test_backup_joins_the_journal_that_it_was_taken_beside(store: Store) -> None:
    db = store.insert("ada", close=False)
    backup = b"".join(db.storage.backup())
    db.table("users").insert({"email": "bob"})
    store.kill(db)
    store.path.write_bytes(backup)

    assert store.emails() == ["ada", "bob"]


def test_compaction_at_the_journals_base_is_taken_up_when_it_was_killed_before_the_switch(
    store: Store, calls: Calls, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Snapshot and journal start at one sequence number, and the journal holds more."""
    store.insert("ada")
    left: dict[Path, bytes] = {}

    def kill(real: Rule, *arguments: Any) -> Any:
        left.update({file: file.read_bytes() for file in (store.path, store.journal)})
        return real(*arguments)

    with store.open() as db:
        added: list[int] = []

        def add(_seconds: float) -> None:
            if not left and not added:
                added.append(db.table("users").insert({"email": "bob"}))

        clock = SimpleNamespace(perf_counter=perf_counter, sleep=add)
        monkeypatch.setattr(upkeep, "time", clock)
        calls.rules["open", JOURNAL + ".tmp"] = kill
        db.compact()
        calls.rules.clear()
    for file, data in left.items():
        file.write_bytes(data)

    assert added == [2]
    assert store.emails() == ["ada", "bob"]


def test_file_of_stock_tinydb_is_imported(store: Store) -> None:
    with TinyDB(store.path, indent=2) as stock:
        stock.insert({"in": "default"})
        stock.table("users").insert_multiple([{"email": "ada"}, {"email": "bob"}])
        stock.table("users").remove(doc_ids=[1])

    with store.open() as db:
        assert db.all() == [{"in": "default"}]
        assert db.table("users").all() == [{"email": "bob"}]
        assert db.storage.find("users", "email", "bob") == (2, {"email": "bob"})
        assert db.table("users").insert({"email": "eve"}) == 3

    with TinyDB(store.path) as stock:
        assert [user["email"] for user in stock.table("users")] == ["bob", "eve"]


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("no json", Corrupt),
        ("[]", Corrupt),
        ("null", Corrupt),
        ("7", Corrupt),
        ('{"users": []}', Corrupt),
        ('{"users": {"one": {}}}', Corrupt),
        ('{"users": {"1": []}}', Corrupt),
        ('{"users": {"1": null}}', Corrupt),
        ('{"users": {"1": "text"}}', Corrupt),
        ('{"users": {"1": {"n": NaN}}}', Corrupt),
        ('{"users": {"1": {"n": 1e999}}}', Corrupt),
        ('{"users": {"1": {"text": "\\ud800"}}}', Corrupt),
        ('{"users": {"1": {"email": ["a"]}}}', Corrupt),
        ('{"users": {"1": {"email": "a"}, "2": {"email": "a"}}}', Duplicate),
        ('{"_journal": 7}', Corrupt),
        ('{"_journal": {"1": []}}', Corrupt),
        ('{"_journal": {"1": {"sequence": "x"}}}', Corrupt),
        ('{"_journal": {"1": {"next_ids": [1]}}}', Corrupt),
        ('{"_journal": {"1": {"next_ids": {"users": null}}}}', Corrupt),
        ("[" * 100_000, Corrupt),
        ("\x00" * 50, Corrupt),
    ],
)
def test_file_that_is_no_tinydb_is_refused(
    store: Store, text: str, refusal: type[Exception]
) -> None:
    store.path.write_text(text)

    store.refuses(refusal)


def test_file_that_is_no_text_is_refused(store: Store) -> None:
    store.path.write_bytes(b'{"users": {"1": {"email": "\xff\xfe"}}}')

    store.refuses(Corrupt)


def test_journal_of_a_later_format_is_refused(store: Store) -> None:
    store.insert("ada")
    header = json.loads(store.journal.read_bytes()[9:])
    store.journal.write_bytes(seal(encode({**header, "format": 4}), seed=0))

    store.refuses(Corrupt, "format 4")


def test_journal_without_its_snapshot_file_begins_anew_where_none_was_ever(store: Store) -> None:
    store.journal.write_bytes(Header(0, "salt", 0, 0).line())

    assert store.emails() == []


def test_room_after_the_last_line_is_no_torn_tail(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    store.kill(store.insert("ada", close=False))
    assert store.journal.read_bytes().endswith(bytes(50_000))

    with store.open() as db:
        assert [user["email"] for user in db.table("users")] == ["ada"]
        assert b"\0" not in store.journal.read_bytes(), "it is written anew, without room"

    assert not store.path.with_name(JOURNAL + ".torn").exists()
    assert JOURNAL not in caplog.text


def test_journal_of_the_version_before_rooms_is_taken(store: Store) -> None:
    store.kill(store.insert("ada", close=False))
    store.journal.write_bytes(store.journal.read_bytes().rstrip(b"\0"))

    assert store.emails() == ["ada"]


def test_opening_says_where_a_torn_tail_is_kept(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    store.kill(store.insert("ada", close=False))
    for torn in (b"0badc0de [2,", b"0badc0de [2,[{"):
        store.journal.write_bytes(store.journal.read_bytes().rstrip(b"\0") + torn + bytes(5_000))
        with caplog.at_level(logging.WARNING):
            store.kill(store.open())

    kept = store.path.with_name(JOURNAL + ".torn")
    assert kept.read_bytes() == b"0badc0de [2,\n0badc0de [2,[{\n"
    assert str(kept) in caplog.text
    assert store.emails() == ["ada"]
