"""Tallies as they move: soon, never more often than needed, and the last one exact."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from api.live.ticker import INTERVAL_SECONDS, Ticker
from api.seeding import seed_store
from db.tinydb_store import TinyDBStore
from tests.db.journal.calls import Calls, Gate, failing, wait_until
from tests.live.clients import order_of, votes_of
from tests.live.conftest import Connect
from tests.server import Server
from tests.unit.lobby import cast_ballot
from voting.casting import NewBallot, Vote
from voting.model.accounts import Account
from voting.model.ballots import Ballot
from voting.tallies import Tallies

JOURNAL = "rollcall.json.journal"
NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
SEED = {
    "rooms": [
        {
            "code": "lobby",
            "name": "Lobby",
            "visibility": "public",
            "polls": [{"title": "?", "candidates": [{"name": "A"}, {"name": "B"}]}],
        }
    ]
}
BURST = 100


@pytest.mark.parametrize("transports", [["websocket"], ["polling"]], ids=["websocket", "polling"])
def test_tally_comes_when_a_vote_is_cast(
    shared_server: Server, people: list[str], connect: Connect, transports: list[str]
) -> None:
    watcher = connect(shared_server, transports=transports)
    first = watcher.join()["results"]["1"]

    shared_server.cast(people[0], [1])
    shared_server.cast(people[0], [2])

    received = watcher.wait_tally({2: 1}, after=first)
    assert {**received, "server_time": ""} == {**shared_server.results(), "server_time": ""}


def test_every_watcher_is_sent_the_same_when_votes_come(
    shared_server: Server, people: list[str], connect: Connect
) -> None:
    watchers = [connect(shared_server), connect(shared_server, people[2])]
    watchers += [connect(shared_server, transports=["polling"])]
    joined = [watcher.join() for watcher in watchers]
    watchers.append(connect(shared_server, people[1]))
    watchers[-1].join(**{"as": "screen"})

    shared_server.cast(people[0], [3])
    shared_server.cast(people[0], [4])

    received = [watcher.wait_tally({4: 1}, after=joined[0]["results"]["1"]) for watcher in watchers]
    assert all(results == received[0] for results in received)


def test_nothing_is_sent_when_a_client_has_joined_no_room(
    shared_server: Server, people: list[str], connect: Connect
) -> None:
    outside, watcher = connect(shared_server, people[1]), connect(shared_server)
    first = watcher.join()["results"]["1"]

    shared_server.cast(people[0], [5])
    shared_server.cast(people[0], [6])

    watcher.wait_tally({6: 1}, after=first)
    assert outside.call("room:leave", {"room": "lobby"})["ok"]  # all before it has arrived
    assert outside.received("tally:update") == []


def test_tallies_are_few_and_the_last_exact_when_a_hundred_votes_burst(
    server: Server, connect: Connect
) -> None:
    tokens = [server.sign_up(f"voter{number}") for number in range(10)]
    watcher = connect(server)
    watcher.join()

    def vote(number: int) -> bool:
        return bool(server.cast(tokens[number % 10], [number // 10 + 1]).ok)

    with ThreadPoolExecutor(10) as pool:
        assert all(pool.map(vote, range(BURST)))
    exact = server.results()
    last = watcher.wait("tally:update", lambda received: order_of(received) >= order_of(exact))

    times = watcher.times("tally:update")
    orders = [order_of(received) for received in watcher.received("tally:update")]
    assert votes_of(last) == votes_of(exact)
    assert sum(votes_of(last).values()) == 10
    assert orders == sorted(set(orders))
    assert len(times) <= (times[-1] - times[0]) / INTERVAL_SECONDS + 2


def test_marking_sends_nothing_when_votes_come_before_the_tick() -> None:
    received: list[int] = []
    ticker = Ticker(received.append)

    for _ in range(1000):
        ticker.mark({1})
    ticker.mark({2})
    marked = list(received)
    ticker.tick()
    ticker.tick()

    assert marked == []
    assert received == [1, 2]


def test_ticker_sends_the_other_polls_when_one_fails() -> None:
    received: list[int] = []

    def tell(poll_id: int) -> None:
        if poll_id == 1:
            raise RuntimeError
        received.append(poll_id)

    ticker = Ticker(tell)
    ticker.mark({1, 2})
    ticker.tick()

    assert received == [2]


def test_tally_is_sent_only_when_its_ballot_is_on_disk(
    tmp_path: Path, calls: Calls, gate: Gate
) -> None:
    store, account, tallies, marked = open_store(tmp_path)
    calls.rules["write", JOURNAL] = gate.rule
    caster = threading.Thread(target=cast, args=(store, account))
    caster.start()
    wait_until(lambda: gate.waiting)

    seen = len(store.each(Ballot))
    before = (tallies.of(1).ballots, list(marked), caster.is_alive())  # type: ignore[union-attr]
    gate.open()
    caster.join(10)

    assert seen == 1  # the rules see it already
    assert before == (0, [], True)
    assert tallies.of(1).votes == {1: 1}  # type: ignore[union-attr]
    assert marked == [{1}]
    store.close()


def test_tally_is_not_sent_when_the_disk_fails(tmp_path: Path, calls: Calls) -> None:
    store, account, tallies, marked = open_store(tmp_path)
    calls.rules["write", JOURNAL] = failing(OSError(5, "no disk"))

    with pytest.raises(Exception, match="disk"):
        cast(store, account)

    assert tallies.of(1).ballots == 0  # type: ignore[union-attr]
    assert marked == []
    store.close()


def open_store(folder: Path) -> tuple[TinyDBStore, Account, Tallies, list[set[int]]]:
    """Return a store with one poll and one account, and what has been marked since."""
    store = TinyDBStore(folder / "rollcall.json", NOW)
    seed_store(store, SEED, NOW)
    with store.transaction():
        account = store.add(Account(0, "a@x.org", "a@x.org", "ann", "-", 0, False, NOW))
    marked: list[set[int]] = []
    return store, account, Tallies(store, marked.append), marked


def cast(store: TinyDBStore, account: Account) -> None:
    cast_ballot(store, 1, account, Vote((1,)), NewBallot(NOW, 7, "0" * 32))
