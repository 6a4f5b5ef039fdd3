"""Filed tables: documents in files of their own, sorted by id, that are read when asked for."""

import json
import random
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zlib import crc32

import pytest
from tinydb import TinyDB

from db.journal import Corrupt, JournaledStorage, Mismatch, OutcomeUnknown, files, lines, offline
from db.journal.filed import Filing, as_filed, first_id
from db.journal.filed_part import FiledPart
from db.journal.format import encode, seal
from tests.db.journal.calls import Calls, end_upkeep, failing, wait_until
from tests.db.journal.earlier import make_journal_of_format_1
from tests.db.journal.stored import Stored
from tests.examples import every

NOW = datetime(2026, 11, 20, tzinfo=UTC)
RUN, LINES = "s.json.part.1.run", "s.json.part.1"
FILING = Filing(
    lambda row: (row["box"], int(row["by"][:4], 36)),
    lambda row: {"rows": 1, row["mark"]: 1},
    lambda place, documents: place in documents("over"),
    lambda row: row["mark"],
)


class Store(Stored):
    """A store with a filed table, and what its files hold."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "s.json"
        self.storage = self.open()

    def open(self) -> JournaledStorage:
        self.storage = JournaledStorage(self.path, filed={"b": FILING})
        return self.storage

    def reopen(self) -> JournaledStorage:
        self.storage.close()
        return self.open()

    def add(self, *rows: dict[str, Any], also: Callable[[], None] = lambda: None) -> list[int]:
        """File new documents, in one transaction; return their ids."""
        made = []
        with self.storage.transaction():
            for row in rows:
                state = as_filed(self.storage.table("b"))
                made.append(state.free_id(first_id(*FILING.number(row))))
                self.storage.put("b", made[-1], row)
            also()
        return made

    def put(self, *rows: tuple[int, dict[str, Any] | None], table: str = "b") -> None:
        with self.storage.transaction():
            for document_id, document in rows:
                self.storage.put(table, document_id, document)

    def part(self, place: int = 1) -> FiledPart:
        return as_filed(self.storage.table("b")).filed.parts[place]

    def tagged(self, mark: str) -> dict[int, Any]:
        """Return the documents that are found by a mark."""
        keys = as_filed(self.storage.table("b")).filed.tagged(mark, lambda row: row["mark"])
        return {key: self.storage.documents("b")[key] for key in keys}

    def found(self) -> dict[int, Any]:
        return dict(self.storage.documents("b").items())

    def kill(self) -> None:
        """Stop, and leave the files as a kill would."""
        left = self.read()
        self.storage.close()
        self.leave(left)

    def leave(self, left: dict[Path, bytes]) -> None:
        for path in self.path.parent.iterdir():
            path.unlink()
        for path, data in left.items():
            path.write_bytes(data)


@pytest.fixture
def store(folder: Path, calls: Calls) -> Iterator[Store]:
    made = Store(folder)
    yield made
    calls.rules.clear()
    made.storage.close()


def boxed(by: str, box: int = 1, mark: str = "yes") -> dict[str, Any]:
    return {"by": by, "box": box, "mark": mark}


MANY = [boxed(f"{number:04x}", mark="yes" if number % 3 else "no") for number in range(0, 3000, 7)]


# -- where documents are ------------------------------------------------------------------


def test_filed_documents_are_in_the_files_of_their_part_alone(store: Store) -> None:
    store.add(boxed("anna"), boxed("bobb", box=2))
    store.put((1, {"by": "eve"}), table="a")
    assert store.holding(b"anna") == {LINES}
    assert store.holding(b"bobb") == {"s.json.part.2"}

    store.storage.compact()
    store.storage.close()

    assert store.holding(b"anna") == {RUN}
    assert store.holding(b"bobb") == {"s.json.part.2.run"}
    assert store.names() == {RUN, "s.json.part.2.run"}
    for name, by in ((RUN, "anna"), ("s.json.part.2.run", "bobb")):
        with TinyDB(store.path.with_name(name)) as stock:
            assert [row["by"] for row in stock.table("b")] == [by]
    store.open()
    assert {row["by"] for row in store.found().values()} == {"anna", "bobb"}


def test_run_is_sorted_and_not_in_memory(store: Store) -> None:
    ids = store.add(*MANY)
    store.reopen()

    assert [*store.found()] == sorted(ids)
    assert store.part().since() == {}
    assert {key: store.storage.documents("b")[key] for key in ids} == dict(
        zip(ids, MANY, strict=True)
    )
    assert len(store.storage.documents("b")) == len(MANY)
    assert store.storage.documents("b").get(ids[0] + 1) is None


def test_documents_of_alike_numbers_get_ids_of_their_own(store: Store) -> None:
    ids = store.add(*(boxed("abcd" + str(number)) for number in range(4)))

    assert ids == [*range(ids[0], ids[0] + 4)]
    assert store.add(boxed("abcd")) == [ids[0] + 4]
    assert len(store.reopen().documents("b")) == 5


def test_part_is_dropped_whole_with_its_last_document(store: Store) -> None:
    ids = store.add(boxed("anna"), boxed("bobb"))
    store.reopen()
    store.put((ids[0], None))
    assert store.names() == {LINES, RUN}

    store.put((ids[1], None))

    assert store.names() == set()
    assert store.holding(b"anna") == set()
    assert store.found() == {}
    assert store.add(boxed("caro")) != []
    assert [row["by"] for row in store.found().values()] == ["caro"]
    assert [row["by"] for row in store.reopen().documents("b").values()] == ["caro"]


def test_transaction_in_two_filed_parts_is_stored_whole(store: Store) -> None:
    """It has a line in the journal, without which those of the parts don't count."""
    store.add(boxed("anna"), boxed("bobb", box=2))
    left = store.read()

    store.add(boxed("caro"), boxed("dave", box=2))
    written = store.read()
    store.storage.close()
    store.leave(
        {
            **written,
            store.path.with_name("s.json.journal"): left[store.path.with_name("s.json.journal")],
        }
    )
    store.open()

    assert {row["by"] for row in store.found().values()} == {"anna", "bobb"}


def test_counts_are_those_of_the_documents(store: Store) -> None:
    ids = store.add(*MANY)
    store.reopen()
    store.put((ids[0], boxed("0000", mark="maybe")), (ids[1], None))

    counts = store.part().counts(FILING.count)

    marks = ["maybe", *(row["mark"] for row in MANY[2:])]
    assert {key: count for key, count in counts.items() if count} == {
        "rows": len(MANY) - 1,
        **{mark: marks.count(mark) for mark in set(marks)},
    }
    store.reopen()
    assert store.part().run is not None
    assert store.part().counts(FILING.count) == {k: v for k, v in counts.items() if v}


def test_random_history_is_that_of_a_dict(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "FOLD_BYTES", 2_000)
    chance, expected = random.Random(7), dict[int, Any]()
    for step in range(600):
        known = [*expected]
        choice = chance.random() if known else 1.0
        if choice < 0.25:
            key = chance.choice(known)
            expected[key] = {**expected[key], "mark": chance.choice("xyz")}
            store.put((key, expected[key]))
        elif choice < 0.5:
            key = chance.choice(known)
            del expected[key]
            store.put((key, None))
        else:
            row = boxed(f"{chance.randrange(1 << 18):04x}", box=chance.randrange(1, 3))
            (key,) = store.add(row)
            expected[key] = row
        if step % 100 == 99:
            assert store.found() == expected
            for mark in "xyz":
                own = {key: row for key, row in expected.items() if row["mark"] == mark}
                assert store.tagged(mark) == own
            copied = json.loads(b"".join(store.storage.backup()))["b"]
            assert copied == {str(key): row for key, row in expected.items()}
            (store.reopen if step % 200 == 99 else store.kill)()
            if step % 200 != 99:
                store.open()
            assert len(store.storage.documents("b")) == len(expected)
    assert store.found() == expected


def test_documents_are_found_by_their_tag_in_runs_and_in_lines(store: Store) -> None:
    ids = store.add(*(boxed(f"{number:04x}", 1 + number % 3, str(number)) for number in range(99)))
    store.reopen()
    store.put((ids[7], boxed("0007", 2, "other")), (ids[8], None))
    (added,) = store.add(boxed("zzzz", 9, "7"))

    assert store.tagged("5") == {ids[5]: boxed("0005", 3, "5")}
    assert store.tagged("7") == {added: boxed("zzzz", 9, "7")}
    assert store.tagged("other") == {ids[7]: boxed("0007", 2, "other")}
    assert store.tagged("8") == store.tagged("100") == {}


def test_documents_of_tags_with_the_same_checksum_are_told_apart(store: Store) -> None:
    assert crc32(b"plumless") == crc32(b"buckeroo")
    ids = store.add(boxed("anna", mark="plumless"), boxed("bobb", mark="buckeroo"))
    store.reopen()

    assert [*store.tagged("plumless")] == ids[:1]
    assert [*store.tagged("buckeroo")] == ids[1:]


# -- folding ------------------------------------------------------------------------------


def test_lines_are_folded_into_the_run_when_they_are_long(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines, "FOLD_BYTES", 2_000)
    for row in MANY:
        store.add(row)

    wait_until(lambda: len(store.part().since()) < 100)
    assert RUN in store.names()
    assert store.path.with_name(LINES).stat().st_size < files.ROOM_BYTES + 8_000
    assert len(store.found()) == len(MANY)


def test_fold_puts_changes_where_they_belong_in_a_long_run(store: Store) -> None:
    numbers = range(0, 10_000, 2)
    expected = {first_id(1, each): boxed(f"{each:04x}") for each in numbers}
    assert store.storage.fill("b", 1, expected.items())
    among = {first_id(1, each): boxed(f"{each:04x}", mark="no") for each in range(1, 999, 2)}
    replaced = {first_id(1, each): boxed("0", mark="no") for each in range(0, 10_000, 74)}
    after = {first_id(1, each): boxed("9999", mark="no") for each in range(10_000, 10_400)}
    removed = [first_id(1, each) for each in range(2, 10_000, 74)]
    changes = among | replaced | after
    store.put(*changes.items(), *((key, None) for key in removed))

    store.storage.fold("b", 1)

    expected = {key: row for key, row in (expected | changes).items() if key not in removed}
    assert store.part().since() == {}
    assert store.found() == dict(sorted(expected.items()))
    assert store.part().counts(FILING.count)["no"] == len(changes)
    assert len(store.tagged("no")) == len(changes)
    store.reopen()
    assert store.found() == expected


def test_longest_lines_are_folded_when_many_parts_have_some(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines, "LINED_BYTES", 8_000)
    store.reopen()
    for box in range(1, 9):
        store.add(boxed("ffff", box=box))
    for box in range(1, 9):
        store.add(*(boxed(f"{number:04x}", box=box) for number in range(10 * box)))

    wait_until(lambda: store.part(8).run is not None)
    assert store.part(1).run is None
    assert len(store.found()) == 368


def test_what_is_written_while_lines_are_folded_is_kept(store: Store, calls: Calls) -> None:
    ids = store.add(boxed("anna"), boxed("bobb"))

    def write(real: Callable[..., Any], *arguments: Any) -> Any:
        calls.rules.clear()
        store.add(boxed("caro"))
        store.put((ids[0], boxed("anna", mark="no")), (ids[1], None))
        return real(*arguments)

    calls.rules["fsync", RUN + ".tmp"] = write
    store.storage.fold("b", 1)

    expected = [("anna", "no"), ("caro", "yes")]
    assert sorted((row["by"], row["mark"]) for row in store.found().values()) == expected
    store.kill()
    store.open()
    assert sorted((row["by"], row["mark"]) for row in store.found().values()) == expected


def test_part_that_is_dropped_while_it_is_folded_leaves_nothing(store: Store, calls: Calls) -> None:
    ids = store.add(boxed("anna"))

    def drop(real: Callable[..., Any], *arguments: Any) -> Any:
        calls.rules.clear()
        store.put((ids[0], None))
        assert store.holding(b"anna") == set()
        return real(*arguments)

    calls.rules["fsync", RUN + ".tmp"] = drop
    store.storage.fold("b", 1)

    assert store.names() == set()
    assert store.found() == {}


def test_fold_that_fails_changes_nothing(store: Store, calls: Calls) -> None:
    store.add(boxed("anna"))
    calls.rules["write", RUN + ".tmp"] = failing(OSError(28, "full"))

    with pytest.raises(OSError, match="full"):
        store.storage.fold("b", 1)

    assert store.names() == {LINES}
    store.add(boxed("bobb"))
    calls.rules.clear()
    assert len(store.reopen().documents("b")) == 2


def test_store_stops_when_a_run_can_not_be_put_in_its_place(store: Store, calls: Calls) -> None:
    store.add(boxed("anna"))
    calls.rules["replace", RUN] = failing(OSError(5, "I/O"))

    with pytest.raises(OSError, match="I/O"):
        store.storage.fold("b", 1)

    with pytest.raises(OutcomeUnknown):
        store.add(boxed("bobb"))
    calls.rules.clear()
    assert [row["by"] for row in store.reopen().documents("b").values()] == ["anna"]


def moved(store: Store) -> list[tuple[int, dict[str, Any]]]:
    """The documents of part 1 without their secret, as those of part 2."""
    rows = sorted(row["by"] for row in store.found().values())
    fresh = [boxed(by[:4], 2) for by in rows]
    return [(first_id(*FILING.number(row)), row) for row in fresh]


@pytest.mark.parametrize("folded", [False, True])
def test_part_is_moved_whole(store: Store, *, folded: bool) -> None:
    store.add(boxed("bobb secret"), boxed("anna secret"))
    if folded:
        store.storage.fold("b", 1)
        store.add(boxed("caro secret"))
    expected = dict(moved(store))

    assert store.storage.move("b", 1, 2, expected.items())

    assert store.found() == expected
    assert store.holding(b"secret") == set()
    assert store.names() == {"s.json.part.2.run"}
    with TinyDB(store.path.parent / "s.json.part.2.run") as stock:
        assert {row.doc_id: row for row in stock.table("b")} == expected
    assert store.part(2).counts(FILING.count) == {"rows": len(expected), "yes": len(expected)}
    store.kill()
    store.open()
    assert store.found() == expected
    store.add(boxed("dora", 2))
    store.add(boxed("emma"))
    assert len(store.reopen().documents("b")) == len(expected) + 2


@pytest.mark.parametrize("what", ["inside", "none", "taken", "written", "gone"])
def test_part_that_can_not_be_moved_stays(store: Store, what: str) -> None:
    ids = store.add(boxed("anna"), boxed("bobb"))
    if what == "taken":
        store.add(boxed("caro", 2))
    before = store.found()

    def writing() -> Iterator[tuple[int, dict[str, Any]]]:
        if what == "written":
            store.put((ids[0], boxed("anna", mark="no")))
            before[ids[0]] = boxed("anna", mark="no")
        if what == "gone":
            store.put(*((key, None) for key in ids))
            before.clear()
        yield first_id(2, 7), boxed("zoe", 2)

    if what == "inside":
        with store.storage.transaction():
            assert not store.storage.move("b", 1, 2, writing())
    else:
        assert not store.storage.move("b", 9 if what == "none" else 1, 2, writing())

    assert store.found() == before
    assert store.holding(b"zoe") == set()
    store.reopen()
    assert store.found() == before


@pytest.mark.parametrize("call", ["open", "write", "fsync", "replace", "raises"])
def test_move_that_fails_stops_the_store_and_leaves_the_part(
    store: Store, calls: Calls, call: str
) -> None:
    store.add(boxed("anna"))
    before = store.found()

    def broken() -> Iterator[tuple[int, dict[str, Any]]]:
        yield first_id(2, 7), boxed("zoe", 2)
        if call == "raises":
            raise OSError(5, "raises")

    name = "s.json.part.2.run" + (".tmp" if call != "replace" else "")
    calls.rules[call, name] = failing(OSError(5, "I/O"))
    with pytest.raises(OutcomeUnknown, match=r"I/O|raises"):
        store.storage.move("b", 1, 2, broken())
    calls.rules.clear()
    with pytest.raises(OutcomeUnknown):
        store.add(boxed("bobb"))

    assert store.found() == before
    store.reopen()
    assert store.found() == before
    assert store.holding(b"zoe") == set()


def test_store_stops_when_the_batch_of_a_move_fails(store: Store, calls: Calls) -> None:
    store.add(boxed("anna"))
    rows = moved(store)
    calls.rules["fsync", "s.json.journal"] = failing(OSError(5, "I/O"))

    with pytest.raises(OutcomeUnknown):
        store.storage.move("b", 1, 2, rows)

    assert [row["box"] for row in store.found().values()] == [1]
    calls.rules.clear()
    store.reopen()
    assert store.found() == dict(rows), "the line was written"


def is_open(path: Path) -> bool:
    return path.resolve() in (each.resolve() for each in Path("/proc/self/fd").iterdir())


def test_part_rests_when_nothing_is_looked_for_in_it_any_more(store: Store) -> None:
    (key,) = store.add(boxed("anna"))
    store.put((1, {}), table="over")

    end_upkeep()
    store.storage.rest("b", 1)
    end_upkeep()

    assert store.names() == {RUN}
    assert not is_open(store.path.with_name(RUN)), "its ids are let go with its handle"
    assert store.found() == {key: boxed("anna")}
    store.put((key, boxed("anna", mark="no")))
    assert store.names() == {RUN, LINES}
    assert store.reopen().documents("b")[key]["mark"] == "no"


# -- all at once ----------------------------------------------------------------------------


def listed(*names: str, box: int = 2) -> list[tuple[int, dict[str, Any]]]:
    return [(first_id(*FILING.number(row)), row) for row in (boxed(by, box) for by in names)]


def test_part_is_filled_at_once_and_can_be_changed(store: Store) -> None:
    store.add(boxed("anna"))
    rows = listed("caro", "dora", "emma")

    assert store.storage.fill("b", 2, rows)

    assert store.names() == {LINES, "s.json.part.2.run"}
    store.kill()
    store.open()
    assert [*store.found().values()] == [boxed("anna"), *(row for _, row in rows)]
    assert len(store.tagged("yes")) == 4
    store.put((rows[0][0], None), (rows[1][0], boxed("dora", 2, "no")))
    assert [row["by"] for row in store.reopen().documents("b").values()] == ["anna", "dora", "emma"]


@pytest.mark.parametrize("what", ["inside", "there", "comes"])
def test_part_that_can_not_be_filled_stays(store: Store, what: str) -> None:
    if what == "there":
        store.add(boxed("caro", 2))

    def rows() -> Iterator[tuple[int, dict[str, Any]]]:
        if what == "comes":
            store.add(boxed("caro", 2))
        yield from listed("zoe")

    if what == "inside":
        with store.storage.transaction():
            assert not store.storage.fill("b", 2, rows())
    else:
        assert not store.storage.fill("b", 2, rows())

    expected = [] if what == "inside" else ["caro"]
    assert [row["by"] for row in store.found().values()] == expected
    assert store.holding(b"zoe") == set()
    assert [row["by"] for row in store.reopen().documents("b").values()] == expected


def test_store_stops_when_a_part_can_not_be_filled(store: Store, calls: Calls) -> None:
    store.add(boxed("anna"))
    calls.rules["fsync", "s.json.journal"] = failing(OSError(5, "I/O"))

    with pytest.raises(OutcomeUnknown):
        store.storage.fill("b", 2, listed("zoe"))

    assert [row["by"] for row in store.found().values()] == ["anna"]
    calls.rules.clear()
    assert len(store.reopen().documents("b")) == 2, "the line was written"


@pytest.mark.parametrize("folded", [False, True])
def test_part_is_dropped_without_a_change_for_each(store: Store, *, folded: bool) -> None:
    store.add(*MANY)
    store.add(boxed("anna", 2))
    if folded:
        store.storage.fold("b", 1)

    store.storage.drop_part("b", 1)

    assert store.found() == {first_id(*FILING.number(boxed("anna", 2))): boxed("anna", 2)}
    assert store.names() == {"s.json.part.2"}
    store.storage.drop_part("b", 1)
    store.add(boxed("bobb"))
    store.kill()
    store.open()
    assert sorted(row["by"] for row in store.found().values()) == ["anna", "bobb"]


def test_part_is_there_when_dropping_it_fails(store: Store, calls: Calls) -> None:
    store.add(boxed("anna"))
    calls.rules["write", "s.json.journal"] = failing(OSError(5, "I/O"))

    with pytest.raises(OutcomeUnknown):
        store.storage.drop_part("b", 1)

    assert [row["by"] for row in store.found().values()] == ["anna"]
    calls.rules.clear()
    assert [row["by"] for row in store.reopen().documents("b").values()] == ["anna"]


def test_part_is_not_dropped_inside_a_transaction(store: Store) -> None:
    store.add(boxed("anna"))

    with store.storage.transaction(), pytest.raises(RuntimeError):
        store.storage.drop_part("b", 1)

    assert len(store.reopen().documents("b")) == 1


# -- opening ------------------------------------------------------------------------------


@pytest.mark.usefixtures("quiet", "unsynced")
@pytest.mark.parametrize("over", [False, True])
def test_no_bit_of_a_run_can_be_flipped_unnoticed(folder: Path, over: bool) -> None:
    """Opening refuses it, or of a part at rest `check`; or it says the same as before."""
    store = Store(folder)
    ids = store.add(*MANY[:40])
    if over:
        store.put((1, {}), table="over")
    store.storage.close()
    path = store.path.with_name(RUN)
    whole, expected = path.read_bytes(), dict(zip(ids, MANY, strict=False))
    for place in range(0, len(whole), 11 * every(5)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 4]) + whole[place + 1 :])
        with pytest.raises(Corrupt):
            offline.check(store.path)
        try:
            store.open()
        except Corrupt:
            continue
        assert over
        with suppress(Corrupt):
            assert {key: store.storage.documents("b")[key] for key in ids} == expected
        store.storage.close()


def test_run_or_lines_that_are_missing_or_of_another_time_are_refused(store: Store) -> None:
    store.add(boxed("anna"))
    store.reopen()
    old = store.read()
    store.add(boxed("bobb"))
    store.storage.fold("b", 1)
    store.add(boxed("caro"))
    store.kill()
    new = store.read()
    run, lines = store.path.with_name(RUN), store.path.with_name(LINES)

    for changed, match in (
        ({lines: None}, "part.1 is missing.*restore"),
        ({run: None}, "part.1.run is missing.*restore"),
        ({run: old[run]}, "do not go together"),
        ({run: new[run][:-3]}, "damaged at its end"),
    ):
        left: dict[Path, Any] = {**new, **changed}
        store.leave({path: data for path, data in left.items() if data is not None})
        store.refuses((Mismatch, Corrupt), match)  # type: ignore[arg-type]
    store.leave(new)
    assert len(store.open().documents("b")) == 3


def test_run_of_another_store_is_refused(store: Store) -> None:
    store.add(boxed("anna"))
    store.storage.close()
    mine = store.read()
    store.leave({})
    store.open()
    store.add(boxed("bobb"))
    store.storage.close()
    run = store.path.with_name(RUN)
    store.leave({**store.read(), run: mine[run]})

    store.refuses(Mismatch, "is not the file of its store")
    store.leave({run: mine[run], store.path.with_name("s.json.lock"): b""})
    store.refuses(Mismatch, "belongs to a store that")
    store.leave(mine)
    store.open()


def earlier(store: Store, format_: int) -> None:
    """Make files of an earlier version: documents in the snapshot, the journal and a part. With the
    format 3 that version has filed other tables, and not this one.
    """
    store.storage.close()
    store.leave({})
    parts: Any = {"b": lambda row: row["box"] if row["box"] == 2 and format_ == 2 else None}
    storage = JournaledStorage(store.path, parts=parts)
    for number, row in enumerate([boxed("anna"), boxed("bobb", box=2), boxed("caro")], start=5):
        with storage.transaction():
            storage.put("b", number, row)
    store.storage = storage
    store.kill()
    if format_ == 1:
        make_journal_of_format_1(store.path)
    elif format_ == 2:
        journal = store.path.with_name("s.json.journal")
        header, _, batches = journal.read_bytes().partition(b"\n")
        fields = {**json.loads(header[9:]), "format": 2}
        journal.write_bytes(seal(encode(fields), seed=0) + batches)


@pytest.mark.parametrize("format_", [1, 2, 3])
def test_documents_of_an_earlier_version_are_filed(store: Store, format_: int) -> None:
    earlier(store, format_)

    store.open()

    assert {row["by"] for row in store.found().values()} == {"anna", "bobb", "caro"}
    assert all(key >> 40 == row["box"] for key, row in store.found().items())
    assert len(store.holding(b"anna")) == len(store.holding(b"bobb")) == 1
    assert len(store.tagged("yes")) == 3
    assert all(name.endswith(".run") for name in store.names())
    assert len(store.reopen().documents("b")) == 3


@pytest.mark.parametrize("format_", [2, 3])
def test_filing_is_done_again_when_a_crash_interrupts_it(
    store: Store, calls: Calls, format_: int
) -> None:
    earlier(store, format_)
    left = store.read()
    store.open()
    runs = sorted(store.names())
    assert len(runs) == 2
    store.storage.close()
    for step in (*runs, "s.json", "s.json.journal"):
        store.leave(left)
        calls.rules["replace", step] = failing(KeyboardInterrupt())
        with pytest.raises(KeyboardInterrupt):
            store.open()
        calls.rules.clear()

        store.open()

        assert {row["by"] for row in store.found().values()} == {"anna", "bobb", "caro"}, step
        assert len(store.holding(b"anna")) == len(store.holding(b"bobb")) == 1, step
        store.storage.close()


# -- backups and the command line's functions ---------------------------------------------


def plain(chunks: Any, _slices: int) -> Any:
    return chunks


@pytest.mark.parametrize("running", [True, False])
def test_backup_has_filed_documents_and_is_restored(store: Store, running: bool) -> None:
    store.add(*MANY)
    store.reopen()
    store.add(boxed("zzzz"))
    backup = store.path.with_name("backup.json")
    if running:
        backup.write_bytes(b"".join(store.storage.backup()))
        store.storage.close()
    else:
        store.storage.close()
        assert offline.backup(store.path, backup, plain).documents == {"b": len(MANY) + 1}
    with TinyDB(backup) as stock:
        assert len(stock.table("b")) == len(MANY) + 1
    store.open()
    store.add(boxed("late"))
    store.storage.close()

    offline.restore(store.path, backup, NOW, plain)

    assert offline.check(store.path).documents["b"] == len(MANY) + 1
    store.open()
    assert {row["by"] for row in store.found().values()} == {
        *(row["by"] for row in MANY),
        "zzzz",
    }
    copies = [name for name in store.holding(b'"late"') if "before-restore" not in name]
    assert copies == []


def test_backup_holds_only_what_is_durable(store: Store) -> None:
    (key,) = store.add(boxed("anna"))
    with store.storage.transaction():
        store.storage.put("b", key, boxed("anna", mark="no"))
        store.storage.put("b", key + 1, boxed("anna1"))
        copied = json.loads(b"".join(store.storage.backup()))["b"]

    assert copied == {str(key): boxed("anna")}


def test_what_can_be_read_of_a_damaged_run_is_restored(store: Store) -> None:
    store.add(*MANY)
    store.storage.close()
    run = store.path.with_name(RUN)
    data = run.read_bytes()
    run.write_bytes(data.replace(b'"by":"%s"' % MANY[40]["by"].encode(), b'"by":"XXXX"'))

    done = offline.restore(store.path, store.path, NOW, plain)

    assert "damaged between its documents 32 and 64" in str(done.lost)
    store.open()
    assert {row["by"] for row in store.found().values()} == {
        row["by"] for row in (*MANY[:32], *MANY[64:])
    }
