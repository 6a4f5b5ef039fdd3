"""While the turn is kept, transactions run before the batch ahead of them is durable."""

from threading import Event, Thread

import pytest

from db import OutcomeUnknown
from db.postgres import PostgresStore, flying, upkeep
from tests.db.journal.calls import wait_until
from tests.db.postgres.proxy import Proxy
from tests.db.postgres.test_failures import TERMINATE, proxy
from tests.db.postgres.test_keeping import Open, database, kept_by, names_in, open_at
from tests.db.test_store_contract import account, add_account
from tests.postgres import Cluster

__all__ = ["database", "open_at", "proxy"]

COPY = "INSERT INTO users SELECT 99, replace(doc::text, 'ann@', 'bob@')::json FROM users"
"""Somebody else takes bob's email, so that PostgreSQL refuses what this worker has in memory."""


@pytest.fixture
def keeper(
    database: Cluster, open_at: Open, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> PostgresStore:
    """A worker that keeps the turn, behind the proxy, and an account of it."""
    worker = kept_by(open_at(proxy.url), database)
    monkeypatch.setattr(upkeep, "TICK_SECONDS", 600)  # else it may wait for that when all freezes
    monkeypatch.setattr(flying, "OVERLAP_SECONDS", 600)
    add_account(worker, "ann")
    return worker


class Adding:
    """Adds an account in a thread: `run` once its transaction has run, `ended` with its error."""

    def __init__(self, store: PostgresStore, name: str) -> None:
        self.run, self.ended = Event(), Event()
        self.error: Exception | None = None
        Thread(target=self._add, args=(store, name), daemon=True).start()

    def _add(self, store: PostgresStore, name: str) -> None:
        try:
            with store.transaction():
                store.add(account(name))
                self.run.set()
        except Exception as error:  # noqa: BLE001 (asserted)
            self.error = error
        self.ended.set()


def fly(keeper: PostgresStore, proxy: Proxy) -> tuple[Adding, Adding]:
    """Return two transactions that have run, the second while the first is on its way."""
    proxy.freeze()
    first = Adding(keeper, "bob")
    assert first.run.wait(10)
    second = Adding(keeper, "eve")
    assert second.run.wait(10)
    return first, second


def test_transaction_runs_while_the_one_before_is_on_its_way(
    keeper: PostgresStore, proxy: Proxy
) -> None:
    first, second = fly(keeper, proxy)
    early = first.ended.is_set() or second.ended.is_set()

    proxy.thaw()

    assert not early
    assert first.ended.wait(10)
    assert second.ended.wait(10)
    assert first.error is second.error is None
    assert names_in(keeper) == ["ann", "bob", "eve"]


def test_both_are_undone_when_the_first_is_refused(
    keeper: PostgresStore, proxy: Proxy, database: Cluster
) -> None:
    database.run(COPY)
    first, second = fly(keeper, proxy)

    proxy.thaw()

    assert first.ended.wait(10)
    assert second.ended.wait(10)
    assert isinstance(first.error, OutcomeUnknown)
    assert isinstance(second.error, OutcomeUnknown)
    made = add_account(keeper, "joe")
    assert names_in(keeper) == ["ann", "ann", "joe"]
    assert made.id > 1


def test_only_what_was_sent_may_be_stored_when_the_session_is_lost(
    keeper: PostgresStore, proxy: Proxy, database: Cluster
) -> None:
    first, second = fly(keeper, proxy)

    database.run(f"{TERMINATE} AND application_name = 'rollcall {keeper.worker}'")
    proxy.break_all()
    proxy.thaw()

    assert first.ended.wait(10)
    assert second.ended.wait(10)
    assert isinstance(second.error, OutcomeUnknown)
    stored = ["ann"] if first.error else ["ann", "bob"]
    assert names_in(keeper) == stored
    ((names,),) = database.run("SELECT array_agg(doc->>'name' ORDER BY id) FROM users")
    assert names == stored


def test_ids_whose_batch_is_refused_are_given_to_nobody(
    keeper: PostgresStore, database: Cluster
) -> None:
    """So another worker may issue them again."""
    database.run(f"ALTER TABLE head ADD CHECK (seq <= {keeper.sequence})")

    with pytest.raises(OutcomeUnknown), keeper.prepared([account("eve")], lambda: None):
        pytest.fail("it has an id")


def test_ids_go_on_after_what_was_undone(
    keeper: PostgresStore, proxy: Proxy, database: Cluster, open_at: Open
) -> None:
    database.run(COPY)
    first, second = fly(keeper, proxy)
    proxy.thaw()
    wait_until(lambda: first.ended.is_set() and second.ended.is_set())

    made = [add_account(keeper, name).id for name in ("joe", "zoe")]
    keeper.close()
    later = add_account(open_at(database.url), "kim").id

    assert len({1, *made, later}) == 4
