"""Batches: one transaction for all that arrives in a turn of the loop; each refusal is its own."""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import gevent
import gevent.event
import pytest

from api.batches import MOST, Batches
from db import OutcomeUnknown
from db.journal import files
from tests.unit.lobby import NOW, add_account, add_poll, cast_ballot, fresh
from voting.casting import Cast, Vote
from voting.model.ballots import Ballot
from voting.refusals import AlreadyVoted
from voting.store import Store


def voters_of(store: Store, count: int, **rules: Any) -> list[Callable[[], Cast]]:
    """Return the casting of one ballot for each of so many voters of a poll."""
    poll = add_poll(store, **rules)
    choice = poll.candidates[0].id
    return [
        partial(
            cast_ballot, store, poll.id, add_account(store, f"v{number}"), Vote((choice,)), fresh()
        )
        for number in range(count)
    ]


def batches_of(store: Store) -> Batches:
    return Batches(store, lambda: NOW)


def untimed(act: Callable[[], Any]) -> Callable[[datetime], Any]:
    """Return a job that doesn't need to know the time of its batch."""
    return lambda _now: act()


def run(batches: Batches, acts: list[Callable[[], Any]]) -> list[Any]:
    """Let jobs arrive in one turn; return each one's result or error."""
    jobs = [gevent.spawn(batches.do, untimed(act)) for act in acts]
    gevent.joinall(jobs)
    return [job.value if job.successful() else job.exception for job in jobs]


def test_votes_of_one_turn_are_one_durable_batch(store: Store) -> None:
    acts = voters_of(store, 20)
    before = store.sequence

    results = run(batches_of(store), acts)

    assert [result.first for result in results] == [True] * 20
    assert store.sequence == before + 1


def test_votes_of_a_batch_have_one_time_and_the_next_batch_a_later_one(store: Store) -> None:
    times = (NOW + timedelta(seconds=second) for second in range(9))
    batches = Batches(store, times.__next__)

    jobs = [gevent.spawn(batches.do, lambda now: now) for _ in range(3)]
    gevent.joinall(jobs)

    assert [job.value for job in jobs] == [NOW] * 3
    assert batches.do(lambda now: now) > NOW


def test_vote_is_refused_alone_when_others_come_with_it(store: Store) -> None:
    first, second, third = voters_of(store, 3, allow_change=False)

    results = run(batches_of(store), [first, second, first, third])

    assert [type(result) for result in results] == [Cast, Cast, AlreadyVoted, Cast]
    assert store.count(Ballot) == 3


def test_vote_is_taken_back_alone_when_it_fails_after_it_was_kept(store: Store) -> None:
    good, other, bad = voters_of(store, 3)

    def fail() -> None:
        bad()
        raise LookupError("a fault of ours")

    results = run(batches_of(store), [good, fail, other])

    assert [type(result) for result in results] == [Cast, LookupError, Cast]
    assert store.count(Ballot) == 2


def test_nobody_is_answered_before_the_batch_is_durable(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, *acts = voters_of(store, 6)
    first()  # it begins the poll's file
    answered, seen, fsync = list[Any](), list[int](), files.fsync

    def watch(descriptor: int) -> None:
        seen.append(len(answered))
        fsync(descriptor)

    monkeypatch.setattr(files, "fsync", watch)
    batches = batches_of(store)
    for act in acts:
        batches.add(untimed(act), lambda *result: partial(answered.append, result))
    gevent.sleep(0)

    assert (seen, len(answered)) == ([0], 5)


def test_every_vote_is_answered_when_the_disk_fails(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    acts = voters_of(store, 3, allow_change=False)

    def fail(_descriptor: int) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(files, "fsync", fail)
    results = run(batches_of(store), [*acts, acts[0]])

    assert all(isinstance(result, OutcomeUnknown) for result in results)
    assert store.count(Ballot) == 0


def test_batch_is_bounded_and_keeps_the_order_in_which_jobs_came(store: Store) -> None:
    done: list[int] = []

    run(batches_of(store), [partial(done.append, number) for number in range(3 * MOST + 1)])

    assert done == list(range(3 * MOST + 1))


class SlowDisk:
    """A store whose commits wait until they are let go; `begun` tells how many have begun."""

    def __init__(self) -> None:
        self.begun, self.go_on = 0, gevent.event.Event()
        self.fails: OSError | None = None

    @contextmanager
    def transaction(self) -> Iterator[None]:
        yield
        self.begun += 1
        self.go_on.wait()
        if self.fails is not None:
            raise self.fails

    def attempt_each(self, acts: list[Callable[[datetime], Any]], now: datetime) -> list[Any]:
        return [(act(now), None) for act in acts]


def test_votes_that_come_during_a_commit_are_one_batch_after_it() -> None:
    disk = SlowDisk()
    batches = batches_of(disk)  # type: ignore[arg-type]
    votes = [gevent.spawn(batches.do, lambda _now: "first")]
    gevent.idle()
    votes.append(gevent.spawn(batches.do, lambda _now: "second"))
    gevent.idle()
    votes.append(gevent.spawn(batches.do, lambda _now: "third"))
    gevent.idle()
    during = disk.begun

    disk.go_on.set()
    gevent.joinall(votes)

    assert during == 1
    assert disk.begun == 2
    assert [vote.value for vote in votes] == ["first", "second", "third"]


def test_second_batch_runs_during_a_commit_where_two_may_be_under_way() -> None:
    disk, ran = SlowDisk(), list[int]()
    batches = Batches(disk, lambda: NOW, at_once=2)  # type: ignore[arg-type]
    votes = list[Any]()

    for number in range(4):
        votes.append(gevent.spawn(batches.do, lambda _now, number=number: ran.append(number)))
        gevent.idle()
    during = (disk.begun, list(ran))
    disk.go_on.set()
    gevent.joinall(votes)

    assert during == (2, [0, 1])
    assert (disk.begun, ran) == (3, [0, 1, 2, 3])


def test_others_are_answered_when_one_answer_fails(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    batches, answered = batches_of(store), gevent.event.AsyncResult()

    def fail(*_result: Any) -> None:
        raise ZeroDivisionError

    batches.add(lambda _now: 1, fail)
    batches.add(lambda _now: 1, lambda *_: fail)
    batches.add(lambda _now: 2, lambda result, _: partial(answered.set, result))

    assert answered.get() == 2
    assert batches.do(lambda _now: 3) == 3
    assert "could not be answered" in caplog.text


def test_votes_are_cast_after_the_greenlet_of_the_batches_was_killed(store: Store) -> None:
    batches = batches_of(store)

    def die(_now: datetime) -> None:
        raise gevent.GreenletExit

    batches.add(die, lambda *_: print)
    gevent.sleep(0)

    assert batches.do(lambda _now: 3) == 3


class Counting:
    """A store that counts the jobs of each commit; each takes so many seconds on its clock."""

    def __init__(self, seconds: float) -> None:
        self.now, self.seconds, self.sizes = 0.0, seconds, list[int]()
        self.batches = Batches(self, lambda: NOW, lambda: self.now)  # type: ignore[arg-type]

    @contextmanager
    def transaction(self) -> Iterator[None]:
        yield
        self.now += self.seconds

    def attempt_each(self, acts: list[Callable[[datetime], Any]], now: datetime) -> list[Any]:
        self.sizes.append(len(acts))
        return [(act(now), None) for act in acts]

    def vote(self, count: int) -> list[Any]:
        """Let so many votes come in one turn; return once they are answered."""
        return run(self.batches, [lambda: None] * count)


VERY_SLOW = 1_000.0
"""Seconds of a commit after which a test that waits for the whole share doesn't end."""


def test_batch_after_a_slow_commit_begins_once_as_many_votes_have_come() -> None:
    disk = Counting(VERY_SLOW)
    disk.vote(3)

    votes = [gevent.spawn(disk.batches.do, lambda _now: None) for _ in range(2)]
    gevent.idle()
    before = list(disk.sizes)
    votes.append(gevent.spawn(disk.batches.do, lambda _now: None))
    gevent.joinall(votes)

    assert before == [3]
    assert disk.sizes == [3, 3]


def test_single_voter_does_not_wait_for_others_after_slow_commits() -> None:
    disk = Counting(VERY_SLOW)

    for _ in range(3):
        disk.vote(1)

    assert disk.sizes == [1, 1, 1]


def test_batch_after_a_slow_commit_begins_without_those_who_do_not_vote_again() -> None:
    disk = Counting(0.2)
    disk.vote(3)

    disk.vote(2)

    assert disk.sizes == [3, 2]


def test_votes_that_are_readable_when_a_batch_ends_join_those_that_wait() -> None:
    disk, second = Counting(0), list[Any]()
    ours, theirs = socket.socketpair()
    reader = gevent.get_hub().loop.io(ours.fileno(), 1)

    def read() -> None:
        reader.stop()
        disk.batches.add(lambda _now: None, lambda *result: partial(second.append, result))

    def answer() -> None:
        theirs.send(b"a vote")
        disk.batches.add(lambda _now: None, lambda *result: partial(second.append, result))

    reader.start(read)
    disk.batches.add(lambda _now: None, lambda *_: answer)
    with gevent.Timeout(60):
        while len(second) < 2:
            gevent.sleep(0.001)
    reader.close()
    ours.close()
    theirs.close()

    assert disk.sizes == [1, 2]


def test_votes_that_arrive_while_others_are_read_join_them() -> None:
    disk, answered = Counting(0), list[Any]()
    pairs = [socket.socketpair() for _ in range(2)]
    readers = [gevent.get_hub().loop.io(ours.fileno(), 1) for ours, _ in pairs]

    def read(number: int) -> None:
        readers[number].stop()
        disk.batches.add(lambda _now: None, lambda *result: partial(answered.append, result))
        if number == 0:
            pairs[1][1].send(b"a vote")

    disk.vote(2)
    for number, reader in enumerate(readers):
        reader.start(read, number)
    pairs[0][1].send(b"a vote")
    with gevent.Timeout(60):
        while len(answered) < 2:
            gevent.sleep(0.001)
    for reader, pair in zip(readers, pairs, strict=True):
        reader.close()
        for each in pair:
            each.close()

    assert disk.sizes == [2, 2]


def test_responses_are_made_while_a_slow_disk_writes_and_sent_after_it() -> None:
    disk, events = SlowDisk(), list[str]()
    batches = Batches(disk, lambda: NOW, clock=iter(range(0, 9_000, 1_000)).__next__)  # type: ignore[arg-type]

    def respond(result: str, error: Exception | None) -> Callable[[], None]:
        events.append(f"made {result or error}")
        return lambda: events.append(f"sent {result or error}")

    disk.go_on.set()
    batches.do(lambda _now: None)
    disk.go_on.clear()
    batches.add(lambda _now: "a vote", respond)
    with gevent.Timeout(60):
        while not events:
            gevent.sleep(0.001)
        during = list(events)
        disk.go_on.set()
        while len(events) == len(during):
            gevent.sleep(0.001)

    assert during == ["made a vote"]
    assert events == ["made a vote", "sent a vote"]


def test_responses_are_made_again_when_a_slow_disk_fails() -> None:
    disk, sent = SlowDisk(), list[Any]()
    batches = Batches(disk, lambda: NOW, clock=iter(range(0, 9_000, 1_000)).__next__)  # type: ignore[arg-type]
    made = gevent.event.Event()

    def respond(*result: Any) -> Callable[[], None]:
        made.set()
        return lambda: sent.append(result)

    disk.go_on.set()
    batches.do(lambda _now: None)
    disk.go_on.clear()
    batches.add(lambda _now: "a vote", respond)
    made.wait(60)
    disk.fails = OSError(5, "Input/output error")
    disk.go_on.set()
    with gevent.Timeout(60):
        while not sent:
            gevent.sleep(0.001)

    assert sent == [(None, disk.fails)]
