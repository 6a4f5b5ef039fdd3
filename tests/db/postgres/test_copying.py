"""A store that was copied to PostgreSQL and back is the same, and its open polls go on."""

import sys
import time
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest

from db.copy import Copied, TinyDBPlace, copy, main, place_at
from db.journal import files
from db.journal.errors import Corrupt, JournalError, Locked, Unavailable
from db.journal.files import direct
from db.opening import find_unsafe, open_store
from db.postgres import restoring, session
from db.postgres.keys import SharedKeys
from db.tinydb_store import TinyDBStore
from tests import postgres
from tests.db.postgres.conftest import NOW
from tests.postgres import schema
from tests.server import free_port
from tests.unit.lobby import add_poll, begin, cast_ballot
from voting.casting import NewBallot, Vote
from voting.ending import close_poll
from voting.model.accounts import Account
from voting.model.ballots import Ballot
from voting.model.polls import Poll
from voting.store import Store

VOTERS = 30


@pytest.fixture
def url() -> Iterator[str]:
    with schema() as made:
        yield made


def fill(store: Store) -> None:
    """Put a closed poll and two open ones, with their ballots and a room's log, into a store."""
    kinds = "secret", "named", "secret"
    closed, named, secret = (add_poll(store, secrecy=each) for each in kinds)
    begin(store)
    for number in range(VOTERS):
        with store.transaction():
            email = f"p{number}@example.org"
            made = store.add(Account(0, email, email, f'P"{number}"\\n\n', "hash", 0, False, NOW))
        for poll in (closed, named, secret):
            vote(store, poll, made)
    close_poll(store, closed.id, NOW, "operator")


def vote(store: Store, poll: Poll, account: Account) -> None:
    number = store.count(Ballot) + 1
    new = NewBallot(NOW, 1_000 + number, f"{number:032x}")
    with store.transaction():
        cast_ballot(store, poll.id, account, Vote((poll.candidates[0].id,), None), new)


def copied(source: str, target: str, folder: Path) -> Copied:
    return copy(place_at(source, folder), place_at(target, folder), lambda _total: lambda _: None)


def test_large_tables_have_their_indexes_after_a_copy(
    tmp_path: Path, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(restoring, "MANY", 1)
    store = TinyDBStore(tmp_path / "first.json", NOW)
    fill(store)
    store.close()
    empty = open_store(url, tmp_path / "empty", NOW)
    before = indexes_at(url)
    empty.close()
    postgres.run("TRUNCATE meta", url)

    copied(f"tinydb:///{tmp_path}/first.json", url, tmp_path / "instance")

    after = indexes_at(url)
    parts = {table for table, _ in after - before}
    assert before <= after
    assert parts
    assert {(table, f"{table}_expr_idx") for table in parts} <= after


def indexes_at(url: str) -> set[tuple[object, ...]]:
    """Return the tables' indexes, by name."""
    found = "SELECT tablename, indexname FROM pg_indexes WHERE schemaname = current_schema"
    return {*postgres.run(found, url)}


def test_copy_to_postgresql_and_back_is_the_same_store(tmp_path: Path, url: str) -> None:
    first, last = tmp_path / "first.json", tmp_path / "back" / "last.json"
    store = TinyDBStore(first, NOW)
    fill(store)
    sequence = store.sequence
    store.close()

    there = copied(f"tinydb:///{first}", url, tmp_path / "instance")
    worker = open_store(url, tmp_path / "instance", NOW)
    assert worker.sequence >= sequence
    *_, secret = worker.each(Poll)
    before = worker.count(Ballot)
    vote(worker, secret, worker.each(Account)[0])
    assert worker.count(Ballot) == before, "a voter has two ballots"
    worker.close()
    back = copied(url, f"tinydb:///{last}", tmp_path / "instance")

    assert there.documents == back.documents
    assert there.logs == back.logs == TinyDBPlace(first).describe().logs
    again = TinyDBStore(last, NOW)
    assert again.count(Ballot) == before
    closed = close_poll(again, secret.id, NOW, "operator")
    assert closed.outcome is not None
    assert closed.outcome["ballots"] == VOTERS
    again.close()


def test_copy_may_pause_for_longer_than_a_worker(
    tmp_path: Path, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A million documents take so long between two statements."""
    monkeypatch.setattr(session, "STALLED_SECONDS", 1)
    store = TinyDBStore(tmp_path / "store.json", NOW)
    fill(store)
    store.close()
    source = place_at(f"tinydb:///{tmp_path / 'store.json'}", tmp_path)
    paused: list[float] = []

    def pause(_count: int) -> None:
        if not paused:
            paused.append(1.5)
            time.sleep(paused[0])

    there = copy(source, place_at(url, tmp_path / "instance"), lambda _total: pause)

    assert paused
    assert there.documents["users"] == VOTERS


def test_copy_is_refused_where_the_target_has_a_store_or_a_worker_uses_it(
    tmp_path: Path, url: str
) -> None:
    TinyDBStore(tmp_path / "store.json", NOW).close()
    source = f"tinydb:///{tmp_path / 'store.json'}"
    worker = open_store(url, tmp_path / "used", NOW)

    with pytest.raises(Locked):
        copied(source, url, tmp_path / "instance")
    worker.close()
    with pytest.raises(FileExistsError):
        copied(source, url, tmp_path / "instance")

    assert main([source, source]) == 2


@pytest.mark.parametrize("failing", [False, True])
def test_copy_keeps_its_source_until_it_ends(
    tmp_path: Path, url: str, monkeypatch: pytest.MonkeyPatch, *, failing: bool
) -> None:
    """Else a server takes votes in between that the copy lacks."""
    first, last = tmp_path / "first.json", tmp_path / "last.json"
    store = TinyDBStore(first, NOW)
    fill(store)
    store.close()
    monkeypatch.setattr(session, "ANSWER_SECONDS", 1)  # a start gives up sooner
    held: list[str] = []

    class Target(TinyDBPlace):
        def describe(self) -> Copied:
            held.append(refusal_of(source, tmp_path))
            if failing:
                raise Corrupt("the disk lies")
            return super().describe()

    target = Target(last)
    copied(f"tinydb:///{first}", url, tmp_path / "instance")
    for source in (f"tinydb:///{first}", url):
        with pytest.raises(Corrupt) if failing else nullcontext():
            copy(place_at(source, tmp_path / "instance"), target, lambda _: lambda _: None)
        for each in (target.keys, last):
            each.unlink()

    assert "first.json is in use" in held[0]
    assert "the database can't be used" in held[1]
    assert not any(refusal_of(each, tmp_path) for each in (f"tinydb:///{first}", url))


def refusal_of(url: str, folder: Path) -> str:
    """Return why a store can't be opened; "" if it can."""
    path = Path(url.removeprefix("tinydb:///"))
    try:
        open_store(path if path.is_absolute() else url, folder / "instance", NOW).close()
    except JournalError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("place", ["127.0.0.1:{port}/rollcall", "?host"])
def test_restore_into_a_database_that_can_not_be_used_ends_with_a_sentence(
    place: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store = TinyDBStore(tmp_path / "store.json", NOW)
    store.close()
    url = f"postgresql://{place.format(port=free_port())}"

    codes = [restoring.main([url, str(tmp_path / "store.json")]), restoring.main([url])]

    assert codes == [2, 2]
    assert capsys.readouterr().err.count("refused: the database can't be used: ") == 2


def test_commands_end_with_the_documented_code_where_a_file_is_damaged_or_missing(
    tmp_path: Path, url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """1 and 2, as docs/commands.md says."""
    TinyDBStore(tmp_path / "store.json", NOW).close()
    path = tmp_path / "store.json"
    path.write_bytes(path.read_bytes().replace(b'"format":3', b'"format":2'))
    ends = []

    for file in (str(path), str(tmp_path / "missing.json")):
        ends += [restoring.main([url, file])]
        ends += [main([f"tinydb:///{file}", url, "--instance", str(tmp_path / "own")])]
    ends += [restoring.main([url])]

    assert ends == [1, 1, 2, 2, 1]
    words = [each.partition(":")[0] for each in capsys.readouterr().err.splitlines()]
    assert words == ["damaged", "damaged", "refused", "refused", "damaged"]


@pytest.mark.parametrize("encoding", ["LATIN1", "SQL_ASCII"])
def test_database_that_is_not_in_utf8_is_refused(
    encoding: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    TinyDBStore(tmp_path / "store.json", NOW).close()
    file, instance = f"tinydb:///{tmp_path / 'store.json'}", ["--instance", str(tmp_path)]

    with postgres.database(f"ENCODING {encoding} TEMPLATE template0 LOCALE 'C'") as url:
        for act in (lambda: open_store(url, tmp_path, NOW), lambda: find_unsafe(url)):
            with pytest.raises(Unavailable, match=f"its encoding is {encoding}.*--encoding UTF8"):
                act()
        codes = [main([*each, *instance]) for each in ([file, url], [url, f"{file}.copy"])]
        codes += [restoring.main([url]), restoring.main([url, str(tmp_path / "store.json")])]

        assert postgres.run(postgres.TABLES, url) == []
    assert codes == [2] * 4
    assert (
        capsys.readouterr().err.count(f"the database can't be used: its encoding is {encoding}")
        == 4
    )


def test_copy_without_psycopg_is_refused_in_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)

    code = main([f"tinydb:///{tmp_path / 'store.json'}", "postgresql://localhost/rollcall"])

    assert code == 2
    assert capsys.readouterr().err.startswith("refused: PostgreSQL needs psycopg: pip install")


def test_files_beside_the_keys_are_private(tmp_path: Path) -> None:
    keys = SharedKeys(tmp_path / "polls.keys", direct)

    again = SharedKeys(tmp_path / "polls.keys", direct)

    assert keys.name == again.name
    assert [each.stat().st_mode & 0o777 for each in tmp_path.iterdir()] == [files.PRIVATE]
