"""TinyDB's interface, method by method, on TinyDB itself and on the journaled one.

What holds for both stands first; what differs on purpose stands at the end.
"""

import json
import math
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tinydb import Query, TinyDB, operations, where
from tinydb.table import Document, Table

from db.journal import Duplicate, JournaledTinyDB
from tests.examples import examples

LETTERS = [{"int": 1, "char": letter} for letter in "abc"]


@pytest.fixture(params=[TinyDB, JournaledTinyDB], ids=["stock", "journaled"])
def db(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[TinyDB]:
    with request.param(tmp_path / "data.json") as database:
        database.insert_multiple(LETTERS)
        yield database


@pytest.fixture
def journaled(tmp_path: Path) -> Iterator[JournaledTinyDB]:
    with JournaledTinyDB(tmp_path / "data.json", unique={"users": ("email",)}) as database:
        yield database


# -- writing --------------------------------------------------------------------------


def test_insert_returns_the_next_id(db: TinyDB) -> None:
    assert [db.insert({}), db.insert({})] == [4, 5]


def test_insert_takes_the_id_of_a_document(db: TinyDB) -> None:
    assert db.insert(Document({"x": 1}, 70)) == 70
    assert db.insert({}) == 71
    assert db.get(doc_id=70) == {"x": 1}


def test_insert_refuses_an_id_in_use_and_what_is_no_mapping(db: TinyDB) -> None:
    for wrong in (Document({}, 1), [1], {"set"}, object()):
        with pytest.raises(ValueError, match=r"already exists|not a Mapping"):
            db.insert(wrong)  # type: ignore[arg-type]

    assert db.all() == LETTERS


def test_insert_takes_any_mapping_and_copies_it(db: TinyDB) -> None:
    given_by_caller = {"list": [1]}
    db.insert(MappingProxyType(given_by_caller))

    given_by_caller["list"].append(2)

    assert db.get(doc_id=4) == {"list": [1]}


def test_insert_refuses_what_json_cannot_hold_and_keeps_the_table(db: TinyDB) -> None:
    with pytest.raises(TypeError):
        db.insert({"x": object()})

    assert db.all() == LETTERS


def test_insert_multiple_takes_generators_and_documents(db: TinyDB) -> None:
    assert db.insert_multiple({"x": number} for number in range(2)) == [4, 5]
    assert db.insert_multiple([Document({}, 8), Document({}, 7)]) == [8, 7]
    assert db.insert_multiple([]) == []


def test_insert_multiple_is_all_or_nothing(db: TinyDB) -> None:
    for wrong in ([{}, Document({}, 1)], [{}, 1], {"a": "dict"}):
        with pytest.raises(ValueError, match=r"already exists|not a Mapping"):
            db.insert_multiple(wrong)  # type: ignore[arg-type]

    assert db.all() == LETTERS


def test_update_takes_fields_or_a_callable(db: TinyDB) -> None:
    assert db.update({"int": 2}, where("char") == "a") == [1]
    assert db.update(operations.increment("int"), where("char") == "b") == [2]
    assert db.update({"new": True}) == [1, 2, 3]

    assert [row["int"] for row in db.search(where("new") == True)] == [2, 2, 1]  # noqa: E712


def test_update_takes_ids_and_skips_those_unknown(db: TinyDB) -> None:
    assert db.update(operations.increment("int"), doc_ids=[1, 99, 3, 1]) == [1, 3, 1]
    assert [row["int"] for row in db] == [3, 1, 2]


def test_update_is_all_or_nothing(db: TinyDB) -> None:
    with pytest.raises(KeyError):
        db.update(operations.delete("char"), doc_ids=[1, 2, 2])

    assert db.all() == LETTERS


@pytest.mark.parametrize(
    ("operation", "after"),
    [
        (operations.add("int", 5), {"int": 6, "char": "a"}),
        (operations.add("char", "x"), {"int": 1, "char": "ax"}),
        (operations.subtract("int", 5), {"int": -4, "char": "a"}),
        (operations.set("char", ["x"]), {"int": 1, "char": ["x"]}),
        (operations.increment("int"), {"int": 2, "char": "a"}),
        (operations.decrement("int"), {"int": 0, "char": "a"}),
        (operations.delete("char"), {"int": 1}),
    ],
)
def test_update_applies_tinydb_operations(
    db: TinyDB, operation: Callable[[Any], None], after: dict[str, Any]
) -> None:
    db.update(operation, doc_ids=[1])

    assert db.get(doc_id=1) == after


def test_update_multiple_sees_what_it_changed(db: TinyDB) -> None:
    updates = [({"int": 2}, where("char") == "a"), (operations.increment("int"), where("int") == 2)]

    assert db.update_multiple(updates) == [1, 1]
    assert [row["int"] for row in db] == [3, 1, 1]


def test_upsert_updates_all_that_match_or_inserts(db: TinyDB) -> None:
    assert db.upsert({"int": 7}, where("int") == 1) == [1, 2, 3]
    assert db.upsert({"char": "x"}, where("char") == "x") == [4]
    assert db.upsert(Document({"char": "y"}, 2)) == [2]
    assert db.upsert(Document({"char": "z"}, 9)) == [9]
    assert [row["char"] for row in db] == ["a", "y", "c", "x", "z"]

    with pytest.raises(ValueError, match="doc_id"):
        db.upsert({})


def test_remove_takes_a_query_or_ids(db: TinyDB) -> None:
    assert db.remove(where("char") == "b") == [2]
    assert db.remove(doc_ids=[3, 99]) == [3]
    assert db.all() == LETTERS[:1]

    with pytest.raises(RuntimeError):
        db.remove()


def test_truncate_empties_the_table_and_keeps_it(db: TinyDB) -> None:
    db.truncate()

    assert (len(db), db.all(), db.tables()) == (0, [], {"_default"})


# -- reading --------------------------------------------------------------------------


def test_get_finds_by_query_id_and_ids(db: TinyDB) -> None:
    found = db.get(where("char") == "b")

    assert isinstance(found, Document)
    assert (found, found.doc_id) == (LETTERS[1], 2)
    assert db.get(where("char") == "x") is None
    assert db.get(doc_id=3) == LETTERS[2]
    assert db.get(doc_id=9) is None
    assert [row.doc_id for row in db.get(doc_ids=[3, 9, 1])] == [1, 3]
    with pytest.raises(RuntimeError):
        db.get()


def test_contains_and_count_follow_queries_and_ids(db: TinyDB) -> None:
    assert db.contains(where("char") == "a")
    assert not db.contains(where("char") == "x")
    assert db.contains(doc_id=1)
    assert not db.contains(doc_id=9)
    assert (db.count(where("int") == 1), db.count(where("int") == 2)) == (3, 0)
    with pytest.raises(RuntimeError):
        db.contains()


def test_search_takes_every_kind_of_query(db: TinyDB) -> None:
    row = Query()
    queries = [
        row.char == "b",
        (row.int == 1) & (row.char != "a") & ~(row.char == "c"),
        (row.char > "a") & (row.char < "c"),
        row.char.matches("[b]"),
        row.char.test(lambda value: value == "b"),
        row["char"].one_of(["b", "x"]),
        row.fragment({"char": "b"}),
        row.char.map(str.upper) == "B",
        lambda document: document["char"] == "b",
    ]

    assert [db.search(query) for query in queries] == [[LETTERS[1]]] * len(queries)
    assert db.search(row.other.exists()) == []
    assert db.search(row.noop()) == LETTERS


def test_len_iteration_and_all_agree(db: TinyDB) -> None:
    assert (len(db), list(db), db.all()) == (3, LETTERS, LETTERS)
    assert [row.doc_id for row in db] == [1, 2, 3]


def test_a_result_can_be_mutated_without_touching_the_table(db: TinyDB) -> None:
    db.insert({"list": [1]})

    for found in (db.get(doc_id=4), db.all()[3], db.search(where("list").exists())[0]):
        found["list"].append(2)

    db.clear_cache()
    assert db.get(doc_id=4) == {"list": [1]}


# -- tables and the file --------------------------------------------------------------


def test_tables_are_apart_and_kept_by_name(db: TinyDB) -> None:
    db.table("one").insert({"x": 1})
    db.table("two").insert({"x": 2})
    db.table("empty")
    db.table("persisted", persist_empty=True)

    assert db.tables() == {"_default", "one", "two", "persisted"}
    assert db.table("one") is db.table("one")
    assert db.table("one").name == "one"
    assert isinstance(db.table("one"), Table)
    assert (db.table("one").all(), db.table("two").all()) == ([{"x": 1}], [{"x": 2}])


def test_drop_table_drops_one_and_drop_tables_all(db: TinyDB) -> None:
    one = db.table("one")
    one.insert({})

    db.drop_table("_default")
    db.drop_table("unknown")
    assert (db.tables(), len(db)) == ({"one"}, 0)

    db.drop_tables()
    assert (db.tables(), len(one)) == (frozenset(), 0)


def test_the_storage_reads_and_writes_everything_at_once(db: TinyDB) -> None:
    assert db.storage.read() == {"_default": {str(n + 1): LETTERS[n] for n in range(3)}}

    db.storage.write({"one": {"7": {"x": 1}}, "two": {}})

    assert db.storage.read() == {"one": {"7": {"x": 1}}, "two": {}}
    assert db.table("one").get(doc_id=7) == {"x": 1}
    db.storage.write({})
    assert not db.storage.read()


def test_everything_is_there_after_it_was_reopened(db: TinyDB, tmp_path: Path) -> None:
    db.table("other").insert(Document({"ключ": "\x00\n\u2028", "none": None}, 7))
    before = db.storage.read()
    db.close()

    with type(db)(tmp_path / "data.json") as again:
        assert again.storage.read() == before
        assert again.insert({}) == 4


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=3)
scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | texts
scalars = scalars.filter(lambda value: not (isinstance(value, float) and math.isinf(value)))
documents = st.dictionaries(
    st.sampled_from("abc") | texts, scalars | st.lists(scalars, max_size=2), max_size=3
)
ids = st.integers(1, 5)
conds = st.builds(lambda key, value: where(key) == value, st.sampled_from("abc"), scalars)
steps = st.one_of(
    st.tuples(st.just("upsert"), st.builds(Document, documents, ids)),
    st.tuples(st.just("insert"), st.builds(Document, documents, ids)),
    st.tuples(st.just("update"), documents, conds),
    st.tuples(st.just("remove"), conds),
    st.tuples(st.just("truncate")),
    st.tuples(st.sampled_from(["search", "get", "contains", "count"]), conds),
    st.tuples(st.just("update_multiple"), st.lists(st.tuples(documents, conds), max_size=2)),
    st.tuples(st.just("reopen")),
)


def outcome(database: TinyDB, step: tuple[Any, ...]) -> Any:
    try:
        return getattr(database, step[0])(*step[1:])
    except ValueError as error:
        return str(error)


@settings(max_examples=examples(60), deadline=None, suppress_health_check=list(HealthCheck))
@given(script=st.lists(steps, max_size=12))
def test_any_script_does_what_tinydb_does(
    script: list[tuple[Any, ...]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("script")
    stock = TinyDB(folder / "stock.json")
    ours = JournaledTinyDB(folder / "ours.json")

    for step in script:
        if step == ("reopen",):
            ours.close()
            ours = JournaledTinyDB(folder / "ours.json")
        else:
            assert outcome(ours, step) == outcome(stock, step)
        assert {row.doc_id: row for row in ours} == {row.doc_id: row for row in stock}

    stock.close()
    ours.close()


# -- what the journaled one adds, and where it differs on purpose -----------------------


def test_stock_tinydb_reads_everything_after_a_clean_stop(
    journaled: JournaledTinyDB, tmp_path: Path
) -> None:
    journaled.insert_multiple(LETTERS)
    journaled.table("users").insert({"email": "é@example.org"})
    journaled.close()

    with TinyDB(tmp_path / "data.json", encoding="utf-8") as stock:
        assert stock.all() == LETTERS
        assert stock.table("users").all() == [{"email": "é@example.org"}]
        assert stock.tables() == {"_default", "users", "_journal"}


def test_what_stock_tinydb_wrote_is_read_and_its_edits_of_a_closed_file_are_taken(
    tmp_path: Path,
) -> None:
    with TinyDB(tmp_path / "data.json", indent=4) as stock:
        stock.insert({"x": 1})
    with JournaledTinyDB(tmp_path / "data.json") as ours:
        ours.insert({"x": 2})

    with TinyDB(tmp_path / "data.json") as stock:
        stock.insert({"x": 3})

    with JournaledTinyDB(tmp_path / "data.json") as ours:
        assert [row["x"] for row in ours] == [1, 2, 3]
        assert ours.insert({}) == 4


def test_an_id_is_never_given_twice(tmp_path: Path) -> None:
    with JournaledTinyDB(tmp_path / "data.json") as database:
        assert database.insert_multiple([{}, {}]) == [1, 2]
        database.remove(doc_ids=[2])
    with JournaledTinyDB(tmp_path / "data.json") as database:
        assert database.insert({}) == 3
        database.truncate()
        assert database.insert({}) == 4
        database.drop_tables()
        assert database.insert({}) == 5
        with pytest.raises(ValueError, match="Document is not a Mapping"):
            database.insert_multiple([{}, 1])  # type: ignore[list-item]

    with JournaledTinyDB(tmp_path / "data.json") as database:
        assert database.insert({}) > 5


def test_persist_empty_leaves_a_table_as_it_is(tmp_path: Path) -> None:
    with JournaledTinyDB(tmp_path / "data.json") as database:
        database.table("users").insert({"x": 1})

    with JournaledTinyDB(tmp_path / "data.json") as database:
        assert database.table("users", persist_empty=True).all() == [{"x": 1}]


@pytest.mark.parametrize("value", [math.nan, math.inf, "\ud800"])
def test_what_no_json_file_can_hold_is_refused(journaled: JournaledTinyDB, value: Any) -> None:
    with pytest.raises(ValueError, match=r"JSON|surrogates"):
        journaled.insert({"x": value})

    assert journaled.all() == []


def test_keys_and_tuples_are_at_once_what_json_gives_back(journaled: JournaledTinyDB) -> None:
    journaled.insert({1: (1, 2), None: {True: 0.5}})

    assert journaled.all() == [{"1": [1, 2], "null": {"true": 0.5}}]


def test_the_reserved_table_is_refused(journaled: JournaledTinyDB) -> None:
    with pytest.raises(ValueError, match="reserved"):
        journaled.table("_journal").insert({})


def test_a_unique_field_is_unique_and_found_in_every_method(journaled: JournaledTinyDB) -> None:
    users = journaled.table("users")
    users.insert_multiple([{"email": "a"}, {"email": "b"}, {"email": None}, {"email": None}])

    with pytest.raises(Duplicate):
        users.insert({"email": "a"})
    with pytest.raises(Duplicate):
        users.update({"email": "b"}, where("email") == "a")

    assert users.get(where("email") == "b").doc_id == 2
    assert users.search(where("email") == "b") == [{"email": "b"}]
    assert users.count(where("email") == "x") == 0
    assert users.update({"email": "c"}, where("email") == "b") == [2]
    assert users.remove(where("email") == "c") == [2]
    assert users.insert({"email": "b"}) == 6


def test_a_unique_look_up_agrees_with_a_scan_for_odd_values(journaled: JournaledTinyDB) -> None:
    users = journaled.table("users")
    users.insert_multiple([{"email": 1}, {"email": None}, {}, {"email": "1"}])

    for value in (1, 1.0, True, "1", None, [1], {"a": 1}, math.nan, 2):
        query = where("email") == value
        scan = [row for row in users.all() if query(row)]
        assert users.search(query) == scan, value


def test_threads_neither_lose_nor_double_a_document(journaled: JournaledTinyDB) -> None:
    def write(name: int) -> None:
        for number in range(20):
            journaled.insert({"by": name, "number": number})
            journaled.upsert({"number": number}, where("latest") == True)  # noqa: E712

    journaled.insert({"latest": True, "number": 0})
    threads = [threading.Thread(target=write, args=(name,)) for name in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len({row.doc_id for row in journaled}) == len(journaled) == 161


def test_the_closed_file_is_one_json_object_with_a_document_a_line(
    journaled: JournaledTinyDB, tmp_path: Path
) -> None:
    journaled.insert_multiple(LETTERS)
    journaled.close()

    text = (tmp_path / "data.json").read_text()

    assert len(text.splitlines()) == 7
    assert json.loads(text)["_default"] == {str(n + 1): LETTERS[n] for n in range(3)}
