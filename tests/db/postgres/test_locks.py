"""What becomes of writers when another session of the database has a lock: a backup, an operator's
transaction, a worker that was stopped.
"""

import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from db import OutcomeUnknown
from db.postgres import PostgresStore, session, waiting
from tests.at_once import at_once
from tests.db.journal.calls import wait_until
from tests.db.postgres.conftest import NOW, Open
from tests.db.postgres.proxy import Proxy
from tests.db.test_store_contract import add_account, add_poll, cast_all, find_account
from tests.postgres import Cluster
from voting.ending import close_poll, finish_endings
from voting.log import CLOCK
from voting.model.polls import Poll

TAKE_TURN = """SELECT pg_advisory_xact_lock(20521, oid::bigint::int) FROM pg_namespace
    WHERE nspname = current_schema()"""


@pytest.fixture(autouse=True)
def brief(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "LOCK_SECONDS", 0.2)


@contextmanager
def locked(url: str, *statements: str) -> Iterator[psycopg.Connection[Any]]:
    """Run statements in another session, and end its transaction at the end."""
    with psycopg.connect(url) as other:
        for each in statements:
            other.execute(each.encode())
        yield other
        other.rollback()


def test_secret_poll_ends_while_a_backup_reads_its_table_and_loses_its_key_later(
    open_worker: Open, url: str
) -> None:
    worker, other = open_worker(), open_worker()
    poll = add_poll(worker)
    cast_all(worker, poll, [add_account(worker, "ann")])
    part = f"ballots_{poll.id}"

    with locked(url, f"LOCK TABLE {part}, changes IN ACCESS SHARE MODE") as backup:
        with pytest.raises(OutcomeUnknown):
            close_poll(worker, poll.id, NOW, CLOCK)
        other.catch_up()
        closed, keyed = other.get(Poll, poll.id), worker.keyed_polls()
        backup.execute("SELECT 1")
        add_account(other, "bob")
        left = backup.execute(f"SELECT count(*) FROM {part}".encode()).fetchone()
    finish_endings(other, NOW)

    assert closed is not None
    assert (closed.state, keyed, left) == ("closed", [poll.id], (0,))
    with locked(url) as after:
        assert after.execute("SELECT to_regclass(%s)", [part]).fetchone() == (None,)
    assert worker.keyed_polls() == []
    assert len(other.ballots(poll.id)) == 1


def test_writers_are_refused_while_a_table_is_locked_and_nothing_is_read_again(
    open_worker: Open, url: str
) -> None:
    worker = open_worker()
    add_account(worker, "ann")

    with locked(url, "LOCK TABLE users IN SHARE MODE"):
        with pytest.raises(OutcomeUnknown, match="now"):
            add_account(worker, "bob")
        refused = find_account(worker, "bob")

    assert refused is None
    add_account(worker, "eve")
    assert worker.failure is None
    assert worker.figures()["reloads_total"] == 0


def test_writers_are_refused_and_reads_answered_while_nobody_gets_the_turn(
    open_worker: Open, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting, "TURN_SECONDS", 0.5)
    worker = open_worker()
    add_account(worker, "ann")

    with locked(url, TAKE_TURN):
        with pytest.raises(OutcomeUnknown, match="the turn"):
            add_account(worker, "bob")
        refused = worker.failure
        worker.catch_up()

    add_account(worker, "eve")
    wait_until(lambda: worker.failure is None)
    assert refused is not None
    assert worker.figures()["reloads_total"] == 0


def test_worker_that_stops_before_it_reads_what_others_did_loses_the_turn(
    cluster: Cluster, tmp_path: Path
) -> None:
    """PostgreSQL doesn't end its session: that isn't idle, but sends."""
    cluster.run("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    proxy, keys = Proxy(cluster.port), tmp_path / "polls.keys"
    stopped, other = (PostgresStore(url, keys, NOW) for url in (proxy.url, cluster.url))
    add_account(stopped, "ann")
    waits = "SELECT 1 FROM pg_locks WHERE classid = 20521 AND NOT granted"

    with locked(cluster.url, TAKE_TURN) as long:
        long.execute("UPDATE head SET seq = seq + 1")
        long.execute("""INSERT INTO changes SELECT seq, '{"tables": {}, "long": "' ||
            repeat(md5(random()::text), 400000) || '"}' FROM head""")
        late = threading.Thread(target=add_account, args=(stopped, "late"))
        late.start()
        wait_until(lambda: bool(cluster.run(waits)))
        proxy.freeze()
        long.commit()
    add_account(other, "bob")
    proxy.thaw()
    late.join()

    at_once([stopped.catch_up, other.catch_up])
    for store in (stopped, other):
        assert {each for each in ("ann", "bob", "late") if find_account(store, each)} == {
            "ann",
            "bob",
            "late",
        }
        store.close()
    proxy.close()


def test_writers_are_refused_while_the_database_is_read_only_and_nothing_is_read_again(
    cluster: Cluster, tmp_path: Path
) -> None:
    cluster.run("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    worker = PostgresStore(cluster.url, tmp_path / "polls.keys", NOW)
    setting = "default_transaction_read_only"

    cluster.run(f"ALTER SYSTEM SET {setting} = on")
    cluster.run("SELECT pg_reload_conf()")
    wait_until(lambda: cluster.run(f"SHOW {setting}") == [("on",)])
    try:
        wait_until(lambda: is_refused(worker))
        refused = worker.failure
    finally:
        with psycopg.connect(cluster.url, options=f"-c{setting}=off", autocommit=True) as other:
            other.execute(f"ALTER SYSTEM RESET {setting}".encode())
            other.execute("SELECT pg_reload_conf()")

    wait_until(lambda: worker.failure is None)
    add_account(worker, "eve")
    assert refused is not None
    assert worker.figures()["reloads_total"] == 0
    worker.close()


def is_refused(worker: PostgresStore) -> bool:
    """Return whether an account is refused; another one each time."""
    try:
        add_account(worker, f"p{secrets.token_hex(4)}")
    except OutcomeUnknown:
        return True
    return False
