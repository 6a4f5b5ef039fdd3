"""What becomes of transactions when PostgreSQL or the way to it fails."""

import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from api.figures import TEXTS
from db import OutcomeUnknown
from db.postgres import PostgresStore, pinging, session, turns
from db.postgres.session import STALLED_SECONDS
from tests.at_once import at_once
from tests.db.journal.calls import wait_until
from tests.db.postgres.conftest import NOW
from tests.db.postgres.proxy import Proxy
from tests.db.test_store_contract import Heard, account, add_account, add_poll, find_account
from tests.postgres import Cluster
from voting.model.accounts import Account

TERMINATE = """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE application_name LIKE 'rollcall %'"""


@pytest.fixture
def database(cluster: Cluster) -> Cluster:
    """The module's PostgreSQL, with nothing in it."""
    cluster.run("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    return cluster


@pytest.fixture
def proxy(database: Cluster) -> Iterator[Proxy]:
    made = Proxy(database.port)
    yield made
    made.close()


@pytest.fixture
def worker(proxy: Proxy, tmp_path: Path) -> Iterator[PostgresStore]:
    """A worker that reaches the database through the proxy."""
    opened = PostgresStore(proxy.url, tmp_path / "polls.keys", NOW)
    yield opened
    opened.close()


@pytest.fixture
def other(database: Cluster, tmp_path: Path) -> Iterator[PostgresStore]:
    """Another worker of the database, which reaches it directly."""
    opened = PostgresStore(database.url, tmp_path / "polls.keys", NOW)
    yield opened
    opened.close()


def accounts_in(database: Cluster) -> list[str]:
    """Return the names of the accounts that the database holds."""
    rows = database.run("SELECT doc->>'name' FROM users ORDER BY id")
    return [str(name) for (name,) in rows]


def test_transaction_is_stored_once_when_the_answer_to_its_commit_is_lost(
    worker: PostgresStore, proxy: Proxy, database: Cluster
) -> None:
    heard = Heard()
    worker.subscribe(heard)

    with worker.transaction():
        made = worker.add(account("ann"))
        proxy.deaf = True
        wait_until_lost = threading.Thread(target=_hear_again, args=(worker, proxy))
        wait_until_lost.start()
    wait_until_lost.join()

    assert accounts_in(database) == ["ann"]
    assert find_account(worker, "ann") == made == heard.state[Account, made.id]
    assert add_account(worker, "bob").id > made.id
    assert worker.failure is None


def _hear_again(worker: PostgresStore, proxy: Proxy) -> None:
    """Let answers pass again, once a worker has noticed that they don't."""
    wait_until(lambda: worker.failure is not None)
    proxy.deaf = False


def test_transaction_is_undone_when_its_session_is_ended_before_its_commit(
    worker: PostgresStore, other: PostgresStore, database: Cluster
) -> None:
    heard = Heard()
    worker.subscribe(heard)

    def add_and_lose() -> None:
        with worker.transaction():
            worker.add(account("ann"))
            database.run(TERMINATE)

    with pytest.raises(OutcomeUnknown):
        add_and_lose()

    assert accounts_in(database) == []
    assert find_account(worker, "ann") is None
    assert heard.state == {}
    add_account(other, "bob")
    add_account(worker, "eve")
    assert accounts_in(database) == ["bob", "eve"]


def test_worker_that_stops_while_it_has_the_turn_loses_it_and_what_it_wrote(
    worker: PostgresStore,
    other: PostgresStore,
    database: Cluster,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pinging, "PING_SECONDS", 600)  # it shows no life

    def add_slowly() -> None:
        with worker.transaction():
            worker.add(account("ann"))
            made = threading.Thread(target=add_account, args=(other, "bob"))
            made.start()
            made.join(STALLED_SECONDS + 20)

    with pytest.raises(OutcomeUnknown):
        add_slowly()

    assert accounts_in(database) == ["bob"]
    worker.catch_up()
    assert find_account(worker, "ann") is None
    assert find_account(worker, "bob") is not None


def test_worker_keeps_the_turn_for_a_long_transaction(
    proxy: Proxy, database: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pinging, "PING_SECONDS", 0.05)
    monkeypatch.setattr(session, "STALLED_SECONDS", 2)

    with (
        closing(PostgresStore(proxy.url, tmp_path / "polls.keys", NOW)) as worker,
        worker.transaction(),
    ):
        worker.add(account("ann"))
        time.sleep(2.5)

    assert accounts_in(database) == ["ann"]


@pytest.mark.parametrize("mode", ["fast", "immediate"])
def test_nothing_is_lost_or_twice_when_postgresql_restarts_amid_writes(
    worker: PostgresStore, other: PostgresStore, database: Cluster, mode: str
) -> None:
    answered: list[str] = []
    refused: list[str] = []
    stopped = threading.Event()

    def write(which: int) -> None:
        store = (worker, other)[which % 2]
        number = 0
        while not stopped.is_set():
            name = f"p{which}n{number}"
            number += 1
            try:
                add_account(store, name)
            except OutcomeUnknown:
                refused.append(name)
            else:
                answered.append(name)

    def restart() -> None:
        wait_until(lambda: len(answered) > 20)
        database.stop(mode)
        database.start()
        before = len(answered)
        wait_until(lambda: len(answered) > before + 20)
        stopped.set()

    at_once([restart, *(lambda which=which: write(which) for which in range(4))])

    stored = accounts_in(database)
    assert len(stored) == len({*stored})
    assert {*answered} <= {*stored} <= {*answered, *refused}
    for store in (worker, other):
        store.catch_up()
        assert sorted(each.name for each in store.each(Account)) == sorted(stored)
    assert worker.sequence == other.sequence
    assert worker.failure is None


def test_writers_are_refused_and_reads_answered_while_postgresql_is_away(
    worker: PostgresStore, database: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "PATIENCE_SECONDS", 0.5)
    kept = add_account(worker, "ann")

    database.stop()
    try:
        with pytest.raises(OutcomeUnknown):
            add_account(worker, "bob")
        away, read = worker.failure, find_account(worker, "ann")
    finally:
        database.start()
    wait_until(lambda: worker.failure is None)

    assert away is not None
    assert read == kept
    assert add_account(worker, "eve").name in accounts_in(database)


def test_key_can_be_forgotten_later_when_postgresql_was_away(
    worker: PostgresStore, database: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "PATIENCE_SECONDS", 0.5)
    poll = add_poll(worker, state="closed")

    database.stop()
    try:
        with pytest.raises(OutcomeUnknown):
            worker.forget_poll_keys([poll.id])
    finally:
        database.start()
    wait_until(lambda: worker.failure is None)
    worker.forget_poll_keys([poll.id])

    assert worker.keyed_polls() == []


def test_sequence_never_goes_back_when_the_database_does(
    worker: PostgresStore, other: PostgresStore, database: Cluster, tmp_path: Path
) -> None:
    """As a failover to a replica that had not all commits."""
    for name in ("ann", "bob"):
        add_account(worker, name)
    other.catch_up()
    before, epoch = worker.sequence, worker.epoch

    database.run("DELETE FROM users WHERE doc->>'name' = 'bob'")
    database.run("UPDATE head SET seq = seq - 1; TRUNCATE changes")
    wait_until(lambda: worker.failure is not None)
    again = PostgresStore(database.url, tmp_path / "polls.keys", NOW)

    assert again.sequence >= before
    assert again.epoch > epoch
    assert find_account(again, "bob") is None
    again.close()


def test_batch_is_refused_by_the_index_when_memory_would_take_a_duplicate(
    worker: PostgresStore, database: Cluster
) -> None:
    add_account(worker, "ann")
    database.run("""INSERT INTO users
        SELECT 99, replace(doc::text, 'ann@', 'bob@')::json FROM users""")

    with pytest.raises(OutcomeUnknown):
        add_account(worker, "bob")

    read = find_account(worker, "bob")
    assert read is None or read.id == 99
    assert add_account(worker, "eve").name in accounts_in(database)


def test_polls_part_is_a_table_that_the_end_of_the_poll_drops(
    worker: PostgresStore, database: Cluster
) -> None:
    from tests.db.test_store_contract import cast_all
    from voting.ending import close_poll
    from voting.log import CLOCK

    poll = add_poll(worker)
    cast_all(worker, poll, [add_account(worker, "ann")])
    part = f"SELECT to_regclass('ballots_{poll.id}') IS NOT NULL"
    while_open = database.run(part)

    close_poll(worker, poll.id, NOW, CLOCK)

    assert (while_open, database.run(part)) == ([(True,)], [(False,)])
    assert len(worker.ballots(poll.id)) == 1


def test_figures_show_what_became_of_the_session_and_the_log(
    worker: PostgresStore, other: PostgresStore, proxy: Proxy, database: Cluster
) -> None:
    begun = sum(worker.figures()["write_seconds"].counts)
    for number in range(3):
        add_account(worker, f"ann{number}")
    before = worker.figures()
    written = sum(before["write_seconds"].counts) - begun

    proxy.freeze()
    wait_until(lambda: worker.figures()["unheard_seconds"] > 2)
    for number in range(4):
        add_account(other, f"ben{number}")
    proxy.break_all()
    wait_until(lambda: worker.figures()["connected"] == 0)
    database.run("TRUNCATE changes")
    proxy.thaw()
    add_account(worker, "kim")
    after = worker.figures()

    assert (before["connected"], before["reconnects_total"], before["reloads_total"]) == (1, 0, 0)
    assert written == 3
    assert sum(before["turn_wait_seconds"].counts) >= 3
    assert (after["connected"], after["reconnects_total"], after["reloads_total"]) == (1, 1, 1)
    wait_until(lambda: worker.figures()["unheard_seconds"] < 2)
    assert {f"store_{name}" for name in after} <= TEXTS.keys()
