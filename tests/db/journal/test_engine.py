"""The engine: transactions, group commit, unique fields, ids, listeners, backup, closing."""

import itertools
import json
import os
import random
import shutil
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from tinydb import TinyDB, where

from db.journal import (
    Change,
    Corrupt,
    Duplicate,
    JournaledStorage,
    JournaledTinyDB,
    Unavailable,
    files,
    snapshot,
    upkeep,
)
from tests.db.journal.calls import Calls, Gate, end_upkeep, failing, wait_until

JOURNAL = "store.json.journal"
UNIQUE = {"users": ("email",)}


@pytest.fixture
def path(folder: Path) -> Path:
    return folder / "store.json"


@pytest.fixture
def db(path: Path) -> Iterator[JournaledTinyDB]:
    opened = JournaledTinyDB(path, unique=UNIQUE)
    yield opened
    opened.close()


def contents(db: JournaledTinyDB) -> dict[str, Any]:
    return db.storage.read() or {}


def journal_lines(path: Path) -> list[bytes]:
    return path.with_name(JOURNAL).read_bytes().rstrip(b"\0").splitlines()[1:]


def is_closed(db: JournaledTinyDB) -> bool:
    try:
        db.table("tries").insert({})
    except Unavailable:
        return True
    return False


def reopen_killed(db: JournaledTinyDB) -> JournaledTinyDB:
    """Open what a kill would leave now, elsewhere; the killed one is closed."""
    here = db.storage.path
    there = here.parent / f"killed{len(list(here.parent.iterdir()))}"
    there.mkdir()
    end_upkeep()  # it would take files away under the copy
    for file in here.parent.glob(here.name + "*"):
        shutil.copy(file, there)
    db.close()
    return JournaledTinyDB(there / here.name, unique=UNIQUE)


def reopen_closed(db: JournaledTinyDB) -> JournaledTinyDB:
    db.close()
    return JournaledTinyDB(db.storage.path, unique=UNIQUE)


def reopen_compacted(db: JournaledTinyDB) -> JournaledTinyDB:
    db.compact()
    return reopen_killed(db)


every_reopening = pytest.mark.parametrize(
    "reopen", [reopen_killed, reopen_closed, reopen_compacted]
)


class Thread(threading.Thread):
    """A thread that keeps what its step returned or raised."""

    def __init__(self, step: Callable[[], Any]) -> None:
        super().__init__(daemon=True)
        self.returned: Any = None
        self.raised: BaseException | None = None
        self._step = step
        self.start()

    def run(self) -> None:
        try:
            self.returned = self._step()
        except BaseException as error:  # noqa: BLE001 (the test looks at it)
            self.raised = error


# -- unique fields ------------------------------------------------------------------------


class Counted(str):
    """A text that counts how often it is compared."""

    __slots__ = ()
    __hash__ = str.__hash__
    compared = 0

    def __eq__(self, other: object) -> bool:
        Counted.compared += 1
        return str.__eq__(self, other)


def test_unique_field_is_looked_up_without_a_scan(db: JournaledTinyDB) -> None:
    users = db.table("users")
    users.insert_multiple({"email": f"user{n}"} for n in range(100))
    query = where("email") == Counted("user7")

    assert users.get(query) == {"email": "user7"}
    assert users.search(query) == [{"email": "user7"}]
    assert users.contains(query)
    assert users.count(query) == 1
    assert users.update({"seen": True}, query) == [8]
    assert users.remove(query) == [8]
    assert users.get(query) is None
    assert Counted.compared < 20


@pytest.mark.parametrize(
    "write",
    [
        lambda db: db.table("users").insert({"email": "ada"}),
        lambda db: db.table("users").insert_multiple([{"email": "new"}, {"email": "ada"}]),
        lambda db: db.table("users").insert_multiple([{"email": "new"}, {"email": "new"}]),
        lambda db: db.table("users").update({"email": "ada"}, where("email") == "bob"),
        lambda db: db.table("users").update({"email": "same"}),
        lambda db: db.storage.put("users", 9, {"email": "ada"}),
    ],
)
def test_duplicate_leaves_nothing_changed(
    db: JournaledTinyDB, path: Path, write: Callable[[JournaledTinyDB], Any]
) -> None:
    db.table("users").insert_multiple([{"email": "ada"}, {"email": "bob"}])
    before, lines = contents(db), journal_lines(path)

    with pytest.raises(Duplicate) as refused, db.transaction():
        write(db)

    assert (refused.value.table, refused.value.field) == ("users", "email")
    assert "ada" not in str(refused.value)
    assert contents(db) == before
    assert journal_lines(path) == lines
    assert db.storage.find("users", "email", "new") is None
    assert db.storage.find("users", "email", "bob") == (2, {"email": "bob"})


def test_unique_value_is_free_again_when_it_was_removed_changed_or_taken_back(
    db: JournaledTinyDB,
) -> None:
    users = db.table("users")
    [removed, changed] = users.insert_multiple([{"email": "a"}, {"email": "b"}])
    with suppress(KeyError), db.transaction():
        users.insert({"email": "c"})
        raise KeyError
    users.remove(doc_ids=[removed])
    users.update({"email": "d"}, doc_ids=[changed])

    users.insert_multiple([{"email": "a"}, {"email": "b"}, {"email": "c"}])

    assert sorted(user["email"] for user in users) == ["a", "b", "c", "d"]


def test_unique_field_may_be_missing_or_null_in_many(db: JournaledTinyDB) -> None:
    users = db.table("users")

    users.insert_multiple([{}, {}, {"email": None}, {"email": None}])

    assert users.count(where("email") == None) == 2  # noqa: E711 (TinyDB's query)


# -- grouping fields ----------------------------------------------------------------------


@pytest.fixture
def grouped(path: Path) -> Iterator[JournaledTinyDB]:
    """A store that finds rows by their room, and whose rows' names are unique."""
    opened = JournaledTinyDB(path, unique={"rows": ("name",)}, grouping={"rows": ("room",)})
    yield opened
    opened.close()


def groups(db: JournaledTinyDB) -> dict[Any, list[int]]:
    """Return the ids of each group that the tests use, and check them against a scan."""
    found = {room: db.storage.group("rows", "room", room) for room in ("a", "b", None)}
    for room, ids in found.items():
        assert ids == sorted(row.doc_id for row in db.table("rows") if row.get("room") == room)
    return found


def test_group_holds_the_documents_of_a_value_in_the_order_of_their_ids(
    grouped: JournaledTinyDB,
) -> None:
    grouped.table("rows").insert_multiple({"room": room} for room in "abaab")

    assert groups(grouped) == {"a": [1, 3, 4], "b": [2, 5], None: []}
    assert grouped.storage.group("rows", "room", "nowhere") == []
    assert grouped.storage.group("rows", "room", 1) == []


def test_group_by_what_is_computed_is_that_of_a_scan_after_any_changes(path: Path) -> None:
    """Add, change, move, remove and take back at random; look at every part of every group."""
    kinds = {"rows": {"kind": lambda row: (row["room"], row["n"] % 3)}}
    dice = random.Random(7)
    with JournaledTinyDB(path, grouping=kinds) as db:
        for step in range(300):
            with suppress(ZeroDivisionError), db.transaction():
                for _ in range(dice.randint(1, 4)):
                    row = {"room": dice.choice("ab"), "n": dice.randrange(9)}
                    db.storage.put(
                        "rows", dice.randint(1, 40), row if dice.random() < 0.7 else None
                    )
                dice.randrange(9) // (step % 5)  # every fifth is taken back
            after, before = sorted(dice.choices(range(42), k=2))
            for key in itertools.product("ab", range(3)):
                rows = db.storage.documents("rows").items()
                ids = sorted(i for i, row in rows if (row["room"], row["n"] % 3) == key)
                within = [each for each in ids if after < each < before]
                assert db.storage.group("rows", "kind", key) == ids
                assert sorted(db.storage.members("rows", "kind", key)) == ids
                for limit, part in ((3, within[:3]), (-3, within[-3:]), (None, within)):
                    found = db.storage.group("rows", "kind", key, (after, before, limit))
                    assert found == part


def test_group_of_none_holds_those_without_the_field(grouped: JournaledTinyDB) -> None:
    grouped.table("rows").insert_multiple([{}, {"room": None}, {"room": "a"}])

    assert groups(grouped) == {"a": [3], "b": [], None: [1, 2]}


def test_group_follows_when_documents_change_move_and_go(grouped: JournaledTinyDB) -> None:
    rows = grouped.table("rows")
    rows.insert_multiple({"room": room} for room in "abaab")

    rows.update({"seen": True}, doc_ids=[3])
    rows.update({"room": "b"}, doc_ids=[1])
    rows.remove(doc_ids=[4])
    with grouped.transaction():
        grouped.storage.put("rows", 2, {"room": "a"})

    assert groups(grouped) == {"a": [2, 3], "b": [1, 5], None: []}


def test_group_is_as_it_was_when_a_transaction_is_taken_back(grouped: JournaledTinyDB) -> None:
    rows = grouped.table("rows")
    rows.insert_multiple([{"room": "a", "name": "x"}, {"room": "a"}, {"room": "b"}])

    with suppress(Duplicate), grouped.transaction():
        rows.remove(doc_ids=[2])
        rows.update({"room": "b"}, doc_ids=[1])
        rows.insert({"room": "a"})
        inside = groups(grouped)
        rows.insert({"room": "a", "name": "x"})

    assert inside == {"a": [4], "b": [1, 3], None: []}
    assert groups(grouped) == {"a": [1, 2], "b": [3], None: []}


@pytest.mark.parametrize("room", [["a"], {"a": 1}])
def test_group_is_as_it_was_when_a_value_is_no_scalar(grouped: JournaledTinyDB, room: Any) -> None:
    rows = grouped.table("rows")
    rows.insert({"room": "a"})

    with pytest.raises(TypeError):
        rows.insert({"room": room})
    with pytest.raises(TypeError):
        rows.update({"room": room}, doc_ids=[1])

    assert groups(grouped) == {"a": [1], "b": [], None: []}
    assert list(rows) == [{"room": "a"}]


def test_group_is_empty_when_its_table_is_dropped(grouped: JournaledTinyDB) -> None:
    rows = grouped.table("rows")
    rows.insert_multiple([{"room": "a"}, {"room": "b"}])

    grouped.drop_table("rows")
    rows.insert({"room": "a"})

    assert groups(grouped) == {"a": [3], "b": [], None: []}


@pytest.mark.parametrize("folded", [False, True])
def test_groups_are_the_same_when_opened_again(grouped: JournaledTinyDB, folded: bool) -> None:
    rows = grouped.table("rows")
    rows.insert_multiple({"room": room} for room in "abaab")
    if folded:
        grouped.compact()
    rows.update({"room": "b"}, doc_ids=[1])
    rows.remove(doc_ids=[4])
    before = groups(grouped)
    grouped.close()

    again = JournaledTinyDB(grouped.storage.path, grouping={"rows": ("room",)})

    assert groups(again) == before == {"a": [3], "b": [1, 2, 5], None: []}
    again.close()


def test_groups_are_found_when_the_field_is_declared_later(path: Path) -> None:
    with JournaledTinyDB(path) as db:
        db.table("rows").insert_multiple({"room": room} for room in "ab")

    with JournaledTinyDB(path, grouping={"rows": ("room",)}) as db:
        assert groups(db) == {"a": [1], "b": [2], None: []}


def test_opening_is_refused_when_a_grouping_value_is_no_scalar(path: Path) -> None:
    with JournaledTinyDB(path) as db:
        db.table("rows").insert({"room": ["a"]})

    with pytest.raises(Corrupt, match=r"rows\.room of document 1"):
        JournaledTinyDB(path, grouping={"rows": ("room",)})


def test_group_is_refused_when_the_field_is_not_declared(grouped: JournaledTinyDB) -> None:
    grouped.table("rows").insert({"room": "a"})

    with pytest.raises(KeyError):
        grouped.storage.group("rows", "name", "x")


# -- transactions -------------------------------------------------------------------------


def test_transaction_is_one_line_and_one_fsync(calls: Calls, path: Path) -> None:
    with JournaledTinyDB(path, unique=UNIQUE) as db:
        calls.counts.clear()

        with db.transaction():
            db.table("users").insert({"email": "ada"})
            db.table("users").update({"seen": True})
            db.table("log").insert_multiple([{"n": 1}, {"n": 2}])
            db.drop_table("log")

        assert len(journal_lines(path)) == 1
        assert calls.counts == {("write", JOURNAL): 1, ("fsync", JOURNAL): 1}


def test_journal_grows_by_room_for_many_lines_and_has_none_after_a_clean_stop(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "ROOM_BYTES", 500)
    journal = path.with_name(JOURNAL)
    sizes: list[int] = []
    with JournaledTinyDB(path) as db:
        header = len(journal.read_bytes())
        for text in ("x" * 10, "x" * 2_000, *["x" * 10] * 30):
            db.table("log").insert({"text": text})
            sizes.append(len(journal.read_bytes()))
            assert b"\0" not in journal.read_bytes().rstrip(b"\0")
        assert sizes[0] == header + len(journal_lines(path)[0]) + 1 + 500
        assert sizes[1] > sizes[0] + 1_500
        assert len(set(sizes)) <= 6
        db.compact()
        assert b"\0" not in journal.read_bytes()
        db.table("log").insert({"text": "x"})
        assert journal.read_bytes().endswith(bytes(500))

    assert journal.read_bytes().count(b"\n") == 1
    assert b"\0" not in journal.read_bytes()


def test_inner_transaction_is_taken_back_alone(db: JournaledTinyDB) -> None:
    users, log = db.table("users"), db.table("log")
    users.insert({"email": "ada", "seen": 1})

    with db.transaction():
        users.insert({"email": "bob"})
        with suppress(KeyError), db.transaction():
            users.update({"email": "ada2", "seen": 2}, where("email") == "ada")
            users.remove(where("email") == "bob")
            log.insert({"n": 1})
            raise KeyError
        users.insert({"email": "eve"})

    assert [user["email"] for user in users] == ["ada", "bob", "eve"]
    assert db.tables() == {"users"}
    expected = contents(db)
    db = reopen_killed(db)
    assert contents(db) == expected
    db.close()


def test_outer_transaction_takes_the_inner_back_too(db: JournaledTinyDB, path: Path) -> None:
    def write() -> None:
        with db.transaction():
            with db.transaction():
                db.table("users").insert({"email": "ada"})
            raise KeyError

    with pytest.raises(KeyError):
        write()

    assert contents(db) == {}
    assert journal_lines(path) == []


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "\ud800", {1, 2}, object()])
def test_what_json_can_not_hold_is_refused_and_changes_nothing(
    db: JournaledTinyDB, path: Path, value: Any
) -> None:
    db.table("users").insert({"email": "ada"})
    before, lines = contents(db), journal_lines(path)

    with pytest.raises((ValueError, TypeError)):
        db.table("users").update({"deep": [{"value": value}]})

    assert contents(db) == before
    assert journal_lines(path) == lines


@pytest.mark.parametrize(("old", "new"), [(1, True), (1, 1.0), (0, False), ("a", "b")])
def test_update_is_kept_when_it_changes_only_the_type(
    db: JournaledTinyDB, old: Any, new: Any
) -> None:
    db.table("flags").insert({"value": old})

    db.table("flags").update({"value": new})

    db = reopen_killed(db)
    [row] = db.table("flags").all()
    assert (row["value"], type(row["value"])) == (new, type(new))
    db.close()


def test_update_that_changes_nothing_writes_nothing(db: JournaledTinyDB, path: Path) -> None:
    db.table("users").insert({"email": "ada", "tags": [1, 2]})
    lines = journal_lines(path)

    db.table("users").update({"tags": (1, 2)})

    assert journal_lines(path) == lines


def test_write_outside_a_transaction_is_refused(db: JournaledTinyDB) -> None:
    with pytest.raises(RuntimeError, match="transaction"):
        db.storage.put("users", 1, {})


def test_reserved_table_is_refused(db: JournaledTinyDB) -> None:
    with pytest.raises(ValueError, match="reserved"):
        db.table("_journal").insert({})
    with pytest.raises(ValueError, match="reserved"):
        db.storage.write({"_journal": {"1": {}}})
    assert contents(db) == {}


@pytest.mark.parametrize("document_id", ["x", None, 1.5j])
def test_id_that_is_no_number_changes_nothing(db: JournaledTinyDB, document_id: Any) -> None:
    with pytest.raises(TypeError), db.transaction():
        db.storage.put("users", document_id, {"email": "ada"})

    assert contents(db) == {}
    assert db.storage.find("users", "email", "ada") is None


# -- ids ----------------------------------------------------------------------------------


@every_reopening
@pytest.mark.parametrize(
    "lose",
    [
        lambda db: db.table("users").remove(doc_ids=[3]),
        lambda db: db.table("users").truncate(),
        lambda db: db.drop_table("users"),
        lambda db: db.drop_tables(),
        lambda db: db.storage.write({}),
    ],
)
def test_ids_are_never_given_twice(
    db: JournaledTinyDB,
    lose: Callable[[JournaledTinyDB], Any],
    reopen: Callable[[JournaledTinyDB], JournaledTinyDB],
) -> None:
    db.table("users").insert_multiple([{}, {}, {}])
    lose(db)

    again = reopen(db)
    assert again.table("users").insert({}) == 4
    lose(again)
    again = reopen(reopen(again))
    assert again.table("users").insert({}) == 5
    again.close()


# -- group commit -------------------------------------------------------------------------


def test_writers_share_an_fsync_when_they_come_together(
    calls: Calls, gate: Gate, path: Path
) -> None:
    with JournaledTinyDB(path, unique=UNIQUE) as db:
        calls.counts.clear()
        calls.rules["fsync", JOURNAL] = gate.rule
        writers = [Thread(lambda n=n: db.table("log").insert({"n": n})) for n in range(50)]
        wait_until(lambda: gate.waiting and len(db.table("log")) == 50)

        gate.open()

        for writer in writers:
            writer.join()
        assert calls.counts["fsync", JOURNAL] == len(journal_lines(path)) <= 3
        assert len(reopen_killed(db).table("log")) == 50


@pytest.mark.parametrize(
    "step",
    [
        lambda db: db.storage.barrier(),
        lambda db: db.table("users").insert({"email": "ada"}),
        lambda db: db.table("users").update({"seen": 1}),
        lambda db: db.table("users").upsert({"seen": 1}, where("email") == "ada"),
        lambda db: db.table("nothing").remove(where("a") == 1),
    ],
    ids=["barrier", "duplicate", "update to the same", "upsert to the same", "remove of nothing"],
)
def test_answer_waits_for_what_it_rests_on(
    calls: Calls, gate: Gate, path: Path, step: Callable[[JournaledTinyDB], Any]
) -> None:
    with JournaledTinyDB(path, unique=UNIQUE) as db:
        calls.rules["fsync", JOURNAL] = gate.rule
        original = Thread(lambda: db.table("users").insert({"email": "ada", "seen": 1}))
        wait_until(lambda: gate.waiting)
        published = Thread(lambda: len(db.table("users")))
        published.join()
        answer = Thread(lambda: step(db))
        answer.join(0.05)

        assert published.returned == 1
        assert answer.is_alive()
        assert original.is_alive()

        gate.open()
        answer.join(20)
        assert not answer.is_alive()
        assert answer.raised is None or isinstance(answer.raised, Duplicate)
        original.join()
        assert original.returned == 1


def test_barrier_returns_at_once_when_all_is_durable(db: JournaledTinyDB) -> None:
    db.table("users").insert({"email": "ada"})

    db.storage.barrier()

    assert db.storage.sequence == 1


# -- listeners ----------------------------------------------------------------------------


def test_listener_is_notified_in_the_journals_order_before_the_writer_goes_on(path: Path) -> None:
    notified: list[Change] = []
    db = JournaledTinyDB(path, on_commit=notified.extend)

    def write(writer: int) -> None:
        for number in range(30):
            with db.transaction():
                document_id = db.table("log").insert({"writer": writer, "number": number})
            assert any(change.document_id == document_id for change in notified)

    writers = [Thread(lambda n=n: write(n)) for n in range(8)]
    for writer in writers:
        writer.join()

    assert [writer.raised for writer in writers] == [None] * 8
    ids = [change.document_id for change in notified if change.document_id is not None]
    written = [
        int(document_id)
        for line in journal_lines(path)
        for transaction in json.loads(line[9:])[1]
        for document_id in transaction["log"]
    ]
    assert ids == written == sorted(ids)
    assert len(ids) == 240
    db.close()


def test_listener_is_notified_of_nothing_of_what_was_taken_back(path: Path) -> None:
    notified: list[Change] = []
    with JournaledTinyDB(path, on_commit=notified.extend) as db:
        with suppress(KeyError), db.transaction():
            db.table("log").insert({"n": 1})
            raise KeyError
        with db.transaction():
            with suppress(KeyError), db.transaction():
                db.table("log").insert({"n": 2})
                raise KeyError
            db.table("log").insert({"n": 3})

    assert [change.after for change in notified if change.document_id is not None] == [{"n": 3}]


@pytest.mark.parametrize("error", [ValueError(), KeyboardInterrupt()])
def test_store_goes_on_when_a_listener_raises(path: Path, error: BaseException) -> None:
    def listen(changes: list[Change]) -> None:
        raise error

    with JournaledTinyDB(path, on_commit=listen, compact_bytes=500) as db:
        for number in range(50):
            db.table("log").insert({"n": number})
        wait_until(lambda: b'"log"' in path.read_bytes())  # compaction was begun all the same

        assert db.storage.failure is None
        assert len(reopen_killed(db).table("log")) == 50


def test_store_goes_on_when_no_thread_can_be_started_for_compaction(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    notified: list[Change] = []
    with JournaledTinyDB(path, on_commit=notified.extend, compact_bytes=1) as db:

        def refuse(**options: Any) -> None:
            raise RuntimeError("can't start new thread")

        with monkeypatch.context() as patch:
            patch.setattr(upkeep.threading, "Thread", refuse)
            db.table("log").insert({"n": 1})

        db.table("log").insert({"n": 2})
        assert len([change for change in notified if change.document_id]) == 2


# -- compaction and backup ----------------------------------------------------------------


def test_backup_is_what_was_durable_when_it_was_asked_for(
    calls: Calls, gate: Gate, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshot, "SLICE", 2)
    with JournaledTinyDB(path, unique=UNIQUE) as db:
        db.table("users").insert_multiple({"email": f"user{n}", "seen": 1} for n in range(10))
        db.table("empty").insert({})
        db.table("empty").truncate()
        expected = contents(db)
        calls.rules["fsync", JOURNAL] = gate.rule
        writing = [
            Thread(lambda: db.table("users").update({"seen": 2})),
            Thread(lambda: db.table("users").remove(doc_ids=[3])),
            Thread(lambda: db.drop_table("empty")),
            Thread(lambda: db.table("new").insert({})),
        ]
        wait_until(lambda: db.tables() == {"users", "new"} and len(db.table("users")) == 9)

        slices = db.storage.backup()
        first = next(slices)
        gate.open()
        for thread in writing:
            thread.join()
        db.table("users").truncate()
        copy = path.with_name("copy.json")
        copy.write_bytes(first + b"".join(slices))

    with JournaledTinyDB(copy) as restored:
        assert contents(restored) == expected
    with TinyDB(copy) as stock:
        assert stock.tables() - {"_journal"} == {"users", "empty"}


def test_backup_inside_a_transaction_holds_nothing_of_it(db: JournaledTinyDB) -> None:
    db.table("users").insert({"email": "ada"})

    with db.transaction():
        db.table("users").insert({"email": "bob"})
        db.drop_table("users")
        saved = json.loads(b"".join(db.storage.backup()))

    assert saved["users"] == {"1": {"email": "ada"}}


def test_snapshot_is_json_that_stock_tinydb_reads(db: JournaledTinyDB, path: Path) -> None:
    db.table("users").insert_multiple([{"email": "ä\n\u2028"}, {"email": '"'}, {}])
    db.table("empty").insert({})
    db.table("empty").truncate()
    db.table('odd: {\n"').insert({"deep": [[{}], {"": None}]})
    expected = contents(db)

    db.compact()

    notified = json.loads(path.read_bytes())
    position = notified.pop("_journal")["1"]
    assert notified == expected
    assert position["sequence"] == db.storage.sequence
    with TinyDB(path) as stock:
        assert stock.table("users").get(doc_id=1) == {"email": "ä\n\u2028"}


def test_journal_is_compacted_when_it_has_grown(path: Path) -> None:
    with JournaledTinyDB(path, compact_bytes=3_000) as db:
        for number in range(200):
            db.table("log").insert({"number": number, "text": "x" * 50})
        wait_until(lambda: b'"base":0' not in path.with_name(JOURNAL).read_bytes())

        assert len(journal_lines(path)) < 200
        assert len(reopen_killed(db).table("log")) == 200


def test_removed_documents_leave_the_files_when_they_are_many(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upkeep, "REMOVED", 10)
    with JournaledTinyDB(path) as db:
        db.table("log").insert_multiple({"text": f"line {number}"} for number in range(50))
        db.compact()
        for number in range(1, 11):
            db.table("log").remove(doc_ids=[number])
        wait_until(lambda: b'line 5"' not in path.read_bytes())

        assert len(reopen_killed(db).table("log")) == 40


def test_removals_of_a_part_and_of_few_documents_compact_nothing(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upkeep, "REMOVED", 10)
    parts = {"ballots": lambda document: document.get("poll")}
    with JournaledTinyDB(path, parts=parts) as db:
        db.table("log").insert_multiple({"text": f"line {number}"} for number in range(50))
        db.table("ballots").insert_multiple({"poll": 1} for _ in range(20))
        db.table("ballots").truncate()
        db.table("log").remove(doc_ids=range(1, 10))

        db.table("log").remove(doc_ids=[10])
        wait_until(lambda: b'line 40"' in path.read_bytes())
        db.compact()
        assert db.storage.figures()["compactions_total"] == 2, "one of its own, and this one"


def test_compaction_inside_a_transaction_is_refused(db: JournaledTinyDB) -> None:
    with db.transaction():
        db.table("users").insert({"email": "ada"})
        with pytest.raises(RuntimeError, match="inside a transaction"):
            db.compact()
        with pytest.raises(RuntimeError, match="inside a transaction"):
            db.close()

    assert contents(reopen_killed(db)) == {"users": {"1": {"email": "ada"}}}


def test_everything_is_kept_when_writers_readers_and_compaction_run_together(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upkeep, "PAUSE_SECONDS", 0.0001)
    sys.setswitchinterval(1e-5)
    db = JournaledTinyDB(path, unique=UNIQUE, compact_bytes=5_000)
    going = True

    def write(writer: int) -> None:
        chance = random.Random(writer)
        users = db.table("users")
        for number in range(60):
            with suppress(Duplicate), db.transaction():
                document_id = users.insert({"email": f"user{chance.randrange(400)}"})
                db.table(f"log{number % 5}").insert({"user": document_id})
            if number % 7 == 0:
                users.remove(doc_ids=[chance.randrange(1, 100)])

    def read() -> None:
        while going:
            for user in db.table("users"):
                found = db.table("users").get(where("email") == user["email"])
                assert found is None or found["email"] == user["email"]
            len(db.table(f"never{random.random()}"))
            db.tables()
            time.sleep(0.001)  # greenlets take turns

    def compact() -> None:
        while going:
            db.compact()

    beside = [Thread(read), Thread(compact)]
    writers = [Thread(lambda n=n: write(n)) for n in range(6)]
    for writer in writers:
        writer.join()
    going = False
    for thread in beside:
        thread.join()
    sys.setswitchinterval(0.005)

    assert [thread.raised for thread in writers + beside] == [None] * 8
    expected = contents(db)
    for user_id, user in expected["users"].items():
        assert db.storage.find("users", "email", user["email"]) == (int(user_id), user)
    again = reopen_killed(db)
    assert contents(again) == expected
    again.close()


# -- opening and closing ------------------------------------------------------------------


def test_close_waits_for_a_compaction_under_way(calls: Calls, gate: Gate, path: Path) -> None:
    db = JournaledTinyDB(path)
    db.table("log").insert({"n": 1})
    calls.rules["write", "store.json.tmp"] = gate.rule
    compacting = Thread(db.compact)
    wait_until(lambda: gate.waiting)
    writing = Thread(lambda: db.table("log").insert({"n": 2}))
    writing.join()

    closing = Thread(db.close)
    wait_until(lambda: is_closed(db))
    assert closing.is_alive()
    gate.open()

    for thread in (compacting, closing):
        thread.join()
        assert thread.raised is None
    with JournaledTinyDB(path) as again:
        assert [row["n"] for row in again.table("log")] == [1, 2]
    assert json.loads(path.read_bytes())["_journal"]["1"]["clean"]


def test_close_waits_for_an_open_transaction(path: Path) -> None:
    db = JournaledTinyDB(path)
    inside, leave = threading.Event(), threading.Event()

    def write() -> None:
        with db.transaction():
            db.table("log").insert({"n": 1})
            inside.set()
            leave.wait()

    writing = Thread(write)
    inside.wait()
    closing = Thread(db.close)
    leave.set()

    for thread in (writing, closing):
        thread.join(20)
        assert not thread.is_alive(), "it waits for ever"
        assert thread.raised is None
    with JournaledTinyDB(path) as again:
        assert len(again.table("log")) == 1


def test_closed_store_reads_and_refuses_to_write(db: JournaledTinyDB, path: Path) -> None:
    db.table("users").insert({"email": "ada"})
    db.close()
    db.storage.close()
    files = {file.name: file.read_bytes() for file in path.parent.iterdir()}

    with pytest.raises(Unavailable, match="closed"):
        db.table("users").insert({"email": "bob"})
    with pytest.raises(Unavailable, match="closed"):
        db.compact()

    assert db.table("users").all() == [{"email": "ada"}]
    db.storage.barrier()
    assert {file.name: file.read_bytes() for file in path.parent.iterdir()} == files


def test_closed_store_lets_files_and_threads_go(path: Path) -> None:
    def threads() -> int:
        status = Path("/proc/self/status").read_text()
        return int(status.partition("Threads:")[2].split()[0])

    before = threads()
    for _ in range(3):
        db = JournaledTinyDB(path)
        db.table("log").insert({})
        db.compact()
        db.table("log").insert({})
        db.close()

    wait_until(lambda: threads() <= before)
    links = [f"/proc/self/fd/{descriptor}" for descriptor in os.listdir("/proc/self/fd")]
    targets = [os.readlink(link) for link in links if os.path.lexists(link)]
    assert not [target for target in targets if target.startswith(f"{path.parent}/")]


def test_store_stays_where_it_was_opened_when_the_process_changes_folder(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "there").mkdir()
    monkeypatch.chdir(folder)
    with JournaledTinyDB("store.json") as db:
        monkeypatch.chdir(folder / "there")
        db.table("log").insert({})
        db.compact()

    assert list((folder / "there").iterdir()) == []
    assert "log" in json.loads((folder / "store.json").read_bytes())


def test_snapshot_is_replaced_where_its_link_points_with_its_permissions(folder: Path) -> None:
    real, link = folder / "real" / "data.json", folder / "store.json"
    real.parent.mkdir()
    real.write_text('{"log": {"1": {}}}')
    real.chmod(0o664)
    link.symlink_to(real)

    with JournaledTinyDB(link) as db:
        db.table("log").insert({})

    assert link.is_symlink()
    assert len(json.loads(real.read_bytes())["log"]) == 2
    assert real.stat().st_mode & 0o777 == 0o664
    assert real.with_name("data.json.journal").stat().st_mode & 0o777 == 0o600


def test_temporary_file_left_by_a_kill_is_emptied_and_private(path: Path) -> None:
    left = path.with_name("store.json.tmp")
    left.write_bytes(b"x" * 1_000)
    left.chmod(0o666)

    with JournaledTinyDB(path) as db:
        db.table("log").insert({})

    assert json.loads(path.read_bytes())["log"] == {"1": {}}
    assert path.stat().st_mode & 0o777 == 0o600
    assert not left.exists()


def test_compaction_on_demand_removes_what_was_torn(path: Path) -> None:
    with JournaledTinyDB(path) as db:
        db.table("log").insert({})
        torn = path.with_name(JOURNAL).read_bytes().rstrip(b"\0") + b"0badc0de [2,[{"
        crashed = path.with_name("crashed.json")
        crashed.write_bytes(path.read_bytes())
        crashed.with_name("crashed.json.journal").write_bytes(torn)
    kept = crashed.with_name("crashed.json.journal.torn")

    with JournaledTinyDB(crashed) as db:
        assert kept.read_bytes() == b"0badc0de [2,[{\n"
        assert kept.stat().st_mode & 0o777 == 0o600
        db.compact()

        assert not kept.exists()
        assert len(db.table("log")) == 1


def test_reading_and_writing_as_a_tinydb_storage(path: Path) -> None:
    storage = JournaledStorage(path)
    assert storage.read() is None

    storage.write({"a": {"1": {"n": 1}, "2": {"n": 2}}, "b": {}})
    storage.write({"a": {"2": {"n": 2}, "3": {"n": 3}}})

    assert storage.read() == {"a": {"2": {"n": 2}, "3": {"n": 3}}}
    assert len(journal_lines(path)) == 2
    storage.close()


def test_failure_is_logged_once_with_its_cause(
    calls: Calls, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with JournaledTinyDB(path) as db:
        calls.rules["fsync", JOURNAL] = failing(OSError(5, "Input/output error"))
        for _ in range(3):
            with suppress(Unavailable):
                db.table("log").insert({})

    critical = [record for record in caplog.records if record.levelname == "CRITICAL"]
    assert len(critical) == 1
    assert critical[0].exc_info is not None
    assert "Input/output error" in critical[0].getMessage()


def test_next_ids_hold_only_tables_that_gave_one(db: JournaledTinyDB, path: Path) -> None:
    for number in range(5):
        len(db.table(f"looked at {number}"))
    db.table("log").insert({})

    db.compact()

    assert json.loads(path.read_bytes())["_journal"]["1"]["next_ids"] == {"log": 2}
