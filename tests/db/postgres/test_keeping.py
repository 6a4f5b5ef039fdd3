"""One worker alone keeps the turn; whoever comes gets it, and lacks nothing."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from db import OutcomeUnknown
from db.postgres import PostgresStore, keeping, upkeep
from tests.db.journal.calls import wait_until
from tests.db.postgres.conftest import NOW
from tests.db.postgres.proxy import Proxy
from tests.db.postgres.test_failures import TERMINATE, accounts_in
from tests.db.test_store_contract import Heard, add_account, find_account
from tests.postgres import Cluster
from voting.model.accounts import Account

KEPT = """SELECT count(*) = 1 FROM pg_locks JOIN pg_stat_activity USING (pid)
    WHERE locktype = 'advisory' AND classid = 20521 AND granted AND state = 'idle'"""
"""Whether a session has the turn though it has no transaction."""

Open = Callable[[str], PostgresStore]


@pytest.fixture
def database(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> Cluster:
    """The module's PostgreSQL, with nothing in it, and workers that look often."""
    monkeypatch.setattr(upkeep, "TICK_SECONDS", 0.05)
    cluster.run("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    return cluster


@pytest.fixture
def open_at(tmp_path: Path, opened: list[PostgresStore]) -> Iterator[Open]:
    """Return what opens a worker by the URL of its database."""

    def open_one(url: str) -> PostgresStore:
        opened.append(PostgresStore(url, tmp_path / "polls.keys", NOW))
        return opened[-1]

    yield open_one
    while opened:
        opened.pop().close()


@pytest.fixture
def keeper(database: Cluster, open_at: Open) -> PostgresStore:
    """A worker that keeps the turn."""
    return kept_by(open_at(database.url), database)


def kept_by(worker: PostgresStore, database: Cluster) -> PostgresStore:
    """Return a worker that keeps the turn from now on."""
    worker.catch_up()
    wait_until(lambda: database.run(KEPT) == [(True,)])
    return worker


def names_in(worker: PostgresStore) -> list[str]:
    worker.catch_up()
    return sorted(each.name for each in worker.each(Account))


def test_worker_that_comes_gets_the_turn_and_has_what_was_stored_before(
    keeper: PostgresStore, database: Cluster, open_at: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_account(keeper, "ann")
    monkeypatch.setattr(upkeep, "TICK_SECONDS", 600)  # it looks no more

    second = open_at(database.url)
    add_account(second, "bob")
    add_account(keeper, "eve")

    assert names_in(keeper) == names_in(second) == accounts_in(database) == ["ann", "bob", "eve"]
    assert keeper.sequence == second.sequence
    assert second.figures()["reloads_total"] == 0
    assert keeper.figures()["reconnects_total"] == 0
    assert database.run(KEPT) == [(False,)]


def test_turn_is_given_when_the_notification_is_lost(
    keeper: PostgresStore, database: Cluster, open_at: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "ASK", keeping.ASK._replace(sql=b"SELECT 1"))

    second = open_at(database.url)
    add_account(second, "bob")

    assert names_in(keeper) == ["bob"]


def test_turn_is_kept_again_when_the_others_have_gone(
    keeper: PostgresStore, database: Cluster, open_at: Open
) -> None:
    second = open_at(database.url)
    add_account(second, "ann")
    second.close()

    kept_by(keeper, database)
    add_account(keeper, "bob")

    assert names_in(keeper) == accounts_in(database) == ["ann", "bob"]


def test_nothing_is_lost_or_twice_when_the_session_that_keeps_the_turn_ends(
    keeper: PostgresStore, database: Cluster
) -> None:
    heard = Heard()
    keeper.subscribe(heard)
    stored = ["p0"]
    add_account(keeper, "p0")

    for number in range(1, 30):
        if number % 10 == 5:
            database.run(TERMINATE)
        try:
            stored.append(add_account(keeper, f"p{number}").name)
        except OutcomeUnknown:
            continue

    assert len(stored) > 20
    assert sorted(stored) == names_in(keeper) == sorted(accounts_in(database))
    assert sorted(each.name for each in heard.state.values()) == sorted(stored)


def test_refused_batch_makes_the_worker_that_keeps_the_turn_read_everything_again(
    keeper: PostgresStore, database: Cluster
) -> None:
    add_account(keeper, "ann")
    database.run("""INSERT INTO users
        SELECT 99, replace(doc::text, 'ann@', 'bob@')::json FROM users""")

    with pytest.raises(OutcomeUnknown):
        add_account(keeper, "bob")
    add_account(keeper, "eve")

    found = find_account(keeper, "bob")
    assert found is not None
    assert found.id == 99


def test_worker_that_keeps_the_turn_and_shows_no_life_loses_it(
    database: Cluster, open_at: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "SILENT_SECONDS", 1)
    proxy = Proxy(database.port)
    first = kept_by(open_at(proxy.url), database)
    add_account(first, "ann")

    proxy.freeze()
    second = open_at(database.url)
    add_account(second, "bob")
    proxy.break_all()
    proxy.thaw()
    add_account(first, "eve")

    assert names_in(first) == names_in(second) == ["ann", "bob", "eve"]
    first.close()
    proxy.close()


def test_worker_that_was_away_reads_everything_when_the_other_kept_the_turn(
    database: Cluster, open_at: Open
) -> None:
    proxy = Proxy(database.port)
    away, stays = open_at(proxy.url), open_at(database.url)
    add_account(away, "ann")

    proxy.freeze()
    database.run(f"{TERMINATE} AND application_name = 'rollcall {away.worker}'")
    kept_by(stays, database)
    add_account(stays, "bob")
    proxy.break_all()
    proxy.thaw()
    add_account(away, "eve")

    assert names_in(away) == names_in(stays) == ["ann", "bob", "eve"]
    assert away.sequence == stays.sequence
    away.close()
    proxy.close()
