"""Several workers on one database: what one commits, all have, in one order."""

import random
from dataclasses import replace
from threading import Event
from typing import Any

import pytest

from db.postgres import PostgresStore, loading, waiting
from tests.at_once import at_once
from tests.db.journal.calls import wait_until
from tests.db.postgres.conftest import NOW, Open
from tests.db.test_store_contract import (
    Heard,
    account,
    add,
    add_account,
    add_poll,
    ballot,
    find_account,
)
from tests.postgres import run
from tests.unit.lobby import cast_ballot
from voting.casting import NewBallot, Vote
from voting.ending import close_poll
from voting.log import CLOCK
from voting.model.accounts import Account
from voting.model.ballots import Ballot
from voting.model.polls import Poll
from voting.model.rooms import Row
from voting.model.workers import Worker
from voting.refusals import Refusal
from voting.store import Duplicate
from voting.tallies import Tallies


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let workers wait for a busy machine."""
    monkeypatch.setattr(waiting, "ASK_SECONDS", 60)


def test_what_one_worker_commits_is_published_on_another(open_worker: Open) -> None:
    first, second = open_worker(), open_worker()

    made = add_account(first, "ann")

    wait_until(lambda: find_account(second, "ann") == made)
    assert second.sequence == first.sequence


def test_worker_has_all_that_was_committed_when_it_has_caught_up(open_worker: Open) -> None:
    first, second = open_worker(), open_worker()

    for number in range(20):
        made = add_account(first, f"ann{number}")
        second.catch_up()

        assert second.get(Account, made.id) == made


def test_transaction_reads_what_others_have_committed_before_it(open_worker: Open) -> None:
    """Else two workers would each give the last place away."""
    workers = [open_worker() for _ in range(3)]
    kept = add_account(workers[0], "ann")

    def count(worker: PostgresStore) -> None:
        for _ in range(15):
            with worker.transaction():
                read = worker.get(Account, kept.id)
                assert read is not None
                worker.save(replace(read, generation=read.generation + 1))

    at_once([lambda worker=worker: count(worker) for worker in workers * 2])

    for worker in workers:
        worker.catch_up()
        read = worker.get(Account, kept.id)
        assert read is not None
        assert read.generation == 90


def test_email_is_taken_once_when_all_workers_want_it(open_worker: Open) -> None:
    workers = [open_worker() for _ in range(3)]

    def sign_up(worker: PostgresStore) -> int:
        try:
            return add_account(worker, "ann").id
        except Duplicate:
            return 0

    made = at_once([lambda worker=worker: sign_up(worker) for worker in workers * 4])

    assert sum(number > 0 for number in made) == 1


def test_ids_of_all_workers_differ_when_things_are_prepared(open_worker: Open) -> None:
    workers = [open_worker() for _ in range(3)]

    def prepare(worker: PostgresStore) -> list[int]:
        rows = [Row(0, "lobby", f"{number}") for number in range(10)]
        with worker.prepared(rows, lambda: None), worker.transaction():
            return [worker.add(row).id for row in rows]

    made = at_once([lambda worker=worker: prepare(worker) for worker in workers])

    assert len({number for numbers in made for number in numbers}) == 30
    assert [len(worker.each(Row)) for worker in workers if worker.catch_up() is None] == [30] * 3


def test_unique_value_goes_from_one_to_another_in_one_batch(open_worker: Open) -> None:
    first, second = open_worker(), open_worker()
    ann, bob = (add(first, account(name)) for name in ("ann", "bob"))
    second.catch_up()
    renamed = replace(ann, email="c@x.org", email_key="c@x.org")
    taken = replace(bob, email=ann.email, email_key=ann.email_key)

    with first.transaction():
        first.save(renamed)
        first.save(taken)
    second.catch_up()

    assert find_account(second, "ann") == taken
    assert second.get(Account, ann.id) == renamed
    assert second.find(Account, "email_key", "bob@example.org") is None


def test_listeners_of_all_workers_hear_the_same_steps(open_worker: Open) -> None:
    workers, heard = [open_worker() for _ in range(3)], [Heard() for _ in range(3)]
    for worker, each in zip(workers, heard, strict=True):
        worker.subscribe(each)

    poll = add_poll(workers[0])
    for worker in workers:
        worker.catch_up()
    made = [add(worker, ballot(poll, f"v{place}")) for place, worker in enumerate(workers)]
    with workers[1].transaction():
        workers[1].remove(made[0])
    for worker in workers:
        worker.catch_up()

    assert heard[0].state == heard[1].state == heard[2].state
    assert len(workers[2].ballots(poll.id)) == 2
    assert len({worker.sequence for worker in workers}) == 1


def test_revision_of_a_roll_grows_with_what_others_change(open_worker: Open) -> None:
    first, second = open_worker(), open_worker()
    before = second.revision(Row, "lobby")

    add(first, Row(0, "lobby", "Ann"))
    second.catch_up()

    assert second.revision(Row, "lobby") > before


@pytest.mark.parametrize("secrecy", ["named", "secret"])
def test_all_accepted_ballots_are_counted_and_no_other_when_a_poll_closes_amid_voting(
    open_worker: Open, secrecy: str
) -> None:
    workers = [open_worker() for _ in range(3)]
    poll = add_poll(workers[0], secrecy=secrecy)
    with workers[0].transaction():
        voters = [workers[0].add(account(f"voter{number}")) for number in range(60)]
    for worker in workers:
        worker.catch_up()

    begun = Event()

    def vote(place: int) -> bool:
        fresh = NewBallot(NOW, random.getrandbits(53), random.randbytes(16).hex())
        vote = Vote((poll.candidates[0].id,), None)
        try:
            cast_ballot(workers[place % 3], poll.id, voters[place], vote, fresh)
        except Refusal:
            return False
        if place > 20:
            begun.set()
        return True

    def close() -> bool:
        begun.wait(30)
        close_poll(workers[1], poll.id, NOW, CLOCK)
        return False

    accepted = sum(at_once([close, *(lambda place=place: vote(place) for place in range(60))]))

    assert accepted > 0
    for worker in workers:
        worker.catch_up()
        closed = worker.get(Poll, poll.id)
        assert closed is not None
        assert closed.outcome is not None
        assert closed.outcome["ballots"] == accepted == len(worker.ballots(poll.id))
        assert worker.count(Ballot) == accepted


def test_worker_that_missed_the_log_reads_everything_and_tells_the_difference(
    open_worker: Open, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second, heard = open_worker(), open_worker(), Heard()
    gone, kept = add_account(first, "gone"), add_account(first, "kept")
    poll = add_poll(first)
    second.subscribe(heard)
    changed = replace(kept, name="changed")

    with monkeypatch.context() as away:
        away.setattr(second._postgres.turns, "_hear", lambda *_: None)
        _work(first, gone, changed, ballot(poll, "v"))
        run("TRUNCATE changes", url)
    second.catch_up()

    assert heard.state[Account, kept.id] == changed
    assert (Account, gone.id) not in heard.state
    assert len(second.ballots(poll.id)) == 1
    assert second.sequence == first.sequence


def test_version_of_a_worker_that_reads_everything_again_is_seen_once_all_have_it(
    open_worker: Open, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It can't know in which batch a poll was changed. Who reads there and then elsewhere must not
    see a lower version.
    """
    first, second = open_worker(), open_worker()
    poll = add_poll(first, results="live")
    with first.transaction():
        for each in (first, second):
            first.add(Worker(0, each.worker, 1, "secret"))
    second.catch_up()
    there = Tallies(first, lambda _: None)
    seen: list[tuple[int, int]] = []

    def look(_changed: object) -> None:
        first.catch_up()
        seen.append((_version(here, poll), _version(there, poll)))

    here = Tallies(second, look)
    with monkeypatch.context() as away:
        away.setattr(second._postgres.turns, "_hear", lambda *_: None)
        add(first, ballot(poll, "v"))
        add_account(first, "ann")  # a batch that leaves the poll as it is
        run("TRUNCATE changes", url)
    second.catch_up()

    assert seen
    assert all(here <= there for here, there in seen), seen
    assert _version(here, poll) == _version(there, poll) == second.sequence


@pytest.mark.parametrize("forgets", [False, True], ids=["log kept", "log emptied"])
def test_worker_reads_everything_once_though_others_write_all_the_while(
    open_worker: Open, url: str, monkeypatch: pytest.MonkeyPatch, forgets: bool
) -> None:
    first, second = open_worker(), open_worker()
    with first.transaction():
        first.add(Worker(0, second.worker, 1, "secret"))
    second.catch_up()
    made: list[Account] = []

    def write() -> None:
        made.append(add_account(first, f"ann{len(made)}"))
        if forgets:
            run("TRUNCATE changes", url)

    def load_slowly(*given: Any) -> loading.Loaded:
        found = load(*given)
        write()
        return found

    load = loading.load
    with monkeypatch.context() as away:
        away.setattr(second._postgres.turns, "_hear", lambda *_: None)
        write()
        run("TRUNCATE changes", url)
    with monkeypatch.context() as slowly:
        slowly.setattr(loading, "load", load_slowly)
        second.catch_up()

    assert len(made) == 1 + (loading.ATTEMPTS if forgets else 1)
    assert [second.get(Account, each.id) for each in made] == made
    assert second.figures()["reloads_total"] == 1
    first.catch_up()
    assert first.sequence == second.sequence
    assert first.each(Worker) == second.each(Worker)


def test_version_is_the_same_where_a_batch_leaves_a_poll_as_it_was(open_worker: Open) -> None:
    """A ballot may come and go, or change and change back, in one batch."""
    workers = [open_worker() for _ in range(2)]
    poll = add_poll(workers[0], results="live")
    first, second = workers
    made = add(first, ballot(poll, "v"))
    second.catch_up()
    tallies = [Tallies(each, lambda _: None) for each in workers]

    with first.transaction():
        first.remove(first.add(ballot(poll, "w")))
        first.save(made._replace(marks=(poll.candidates[0].id,)))
        first.save(made)
    second.catch_up()

    assert _version(tallies[0], poll) == _version(tallies[1], poll)


def _version(tallies: Tallies, poll: Poll) -> int:
    tally = tallies.of(poll.id)
    assert tally is not None
    return tally.version


def _work(worker: PostgresStore, gone: Account, changed: Account, made: Ballot) -> None:
    """Remove something, change something and add something."""
    with worker.transaction():
        worker.remove(gone)
        worker.save(changed)
        worker.add(made)


def test_log_is_emptied_of_old_lines(
    open_worker: Open, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from db.postgres import upkeep

    monkeypatch.setattr(upkeep, "TICK_SECONDS", 0.05)
    monkeypatch.setattr(upkeep, "LOG_SECONDS", 0.2)
    first, second = open_worker(), open_worker()
    add_account(first, "ann")

    def lines() -> int:
        ((count,),) = run("SELECT count(*) FROM changes", url)
        return int(str(count))

    wait_until(lambda: lines() == 0)
    add_account(first, "bob")
    second.catch_up()

    assert find_account(second, "bob") is not None
