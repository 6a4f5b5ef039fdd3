"""Closing is a barrier: a ballot is before it, and counted, or refused."""

import os
import random
import secrets
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest

from db.poll_keys import PollKeys
from db.tinydb_store import TinyDBStore
from tests.at_once import at_once
from tests.examples import QUICK
from tests.http.hall import Hall
from tests.records import public_record
from tests.unit.lobby import NOW, add_account, add_poll, cast_ballot, fresh
from voting.casting import NewBallot, Vote
from voting.ending import close_poll, finish_endings, void_poll
from voting.log import CLOCK
from voting.model.accounts import Account
from voting.model.ballots import Ballot
from voting.model.polls import Poll
from voting.polls import change_poll, pause_poll
from voting.refusals import PollNotOpen, WrongState
from voting.schedule import Schedule
from voting.store import Store
from voting.tallies import Tallies

VOTERS = 200
# as many of the thousand as fit; all take about 100 s
CLOSES = int(os.environ.get("CLOSES", "1000"))
SECONDS = float(os.environ.get("CLOSES_SECONDS", "2" if QUICK else "20"))
SOON = timedelta(minutes=5)


def test_accepted_ballots_are_the_counted_ones_when_two_hundred_threads_race_a_close(
    store: Store,
) -> None:
    voters = [add_account(store, f"voter{n}") for n in range(VOTERS)]
    tallies = Tallies(store, lambda _changed: None)
    chance, started, raced, cut = random.Random(1), time.monotonic(), 0, 0

    with ThreadPoolExecutor(VOTERS + 1) as threads:
        while raced < CLOSES and time.monotonic() - started < SECONDS:
            poll = add_poll(store, secrecy=chance.choice(("secret", "secret", "named")))
            calls = [partial(try_to_cast, store, poll, voter) for voter in voters]
            calls.insert(chance.randrange(VOTERS), partial(close, store, poll))
            returned = list(threads.map(lambda call: call(), calls))
            receipts = {receipt for receipt in returned if receipt is not None}

            record, tally = public_record(store, poll.id), tallies.of(poll.id)
            assert {ballot["receipt"] for ballot in record["ballots"]} == receipts
            assert record["result"]["ballots"] == len(receipts)
            assert tally is not None
            assert tally.ballots == sum(tally.votes.values()) == len(receipts)
            raced, cut = raced + 1, cut + (0 < len(receipts) < VOTERS)
            forget(store, poll)
    print(f"{raced} closes, {cut} of them in the midst of voting")
    assert cut > raced / 2


def try_to_cast(store: Store, poll: Poll, voter: Account) -> str | None:
    vote = Vote((poll.candidates[voter.id % 3].id,))
    try:
        new = NewBallot(NOW, secrets.randbits(53), secrets.token_hex(16))
        return cast_ballot(store, poll.id, voter, vote, new).receipt
    except PollNotOpen:
        return None


def close(store: Store, poll: Poll) -> None:
    close_poll(store, poll.id, NOW, CLOCK)


def forget(store: Store, poll: Poll) -> None:
    """Take a poll away again, so that the store doesn't grow."""
    with store.transaction():
        for ballot in store.ballots(poll.id):
            store.remove(ballot)
        store.remove(poll)


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Any:
    running = Hall(tmp_path_factory.mktemp("closing"))
    running.start()
    yield running
    running.kill()
    assert "Traceback" not in "".join(running.output)


def test_accepted_ballots_are_the_counted_ones_when_two_hundred_people_race_a_close(
    hall: Hall,
) -> None:
    host, tokens = administrator(hall), hall.newcomers(VOTERS)
    rounds = []

    for number in range(4):
        poll = open_poll(hall, host, secrecy=("secret", "named")[number % 2])
        candidates = hall.candidates(poll)
        calls = [partial(hall.cast, token, [candidates[0]], poll=poll) for token in tokens]
        calls.insert((number + 1) * 30, partial(hall.request, "POST", f"/polls/{poll}/close", host))
        answers = at_once(calls)
        record = hall.request("GET", f"/polls/{poll}/record").json()

        closed = answers.pop((number + 1) * 30)
        assert (closed.status_code, closed.json()["state"]) == (200, "closed")
        receipts = {a.json()["receipt"] for a in answers if a.status_code == 201}
        refused = [a.json()["code"] for a in answers if a.status_code == 409]
        assert {ballot["receipt"] for ballot in record["ballots"]} == receipts
        assert refused == ["poll_not_open"] * (VOTERS - len(receipts))
        rounds.append(len(receipts))
        assert hall.results(poll)["ballots"] == len(receipts)
    assert any(0 < count < VOTERS for count in rounds)


def administrator(hall: Hall) -> str:
    token = hall.newcomer()
    made = hall.request("POST", "/auth/admin", token, json={"code": hall.setup_code()})
    assert made.status_code == 200
    return token


def open_poll(hall: Hall, host: str, **rules: Any) -> int:
    body = {"title": "?", "candidates": [{"name": "Yes"}, {"name": "No"}], **rules}
    poll: int = hall.request("POST", "/rooms/lobby/polls", host, json=body).json()["id"]
    assert hall.request("POST", f"/polls/{poll}/open", host).status_code == 200
    return poll


@pytest.mark.parametrize("late", [timedelta(0), timedelta(microseconds=1), timedelta(days=1)])
@pytest.mark.parametrize("state", ["open", "paused"])
def test_cast_refuses_when_it_comes_at_the_close_and_no_timer_ran(
    store: Store, state: str, late: timedelta
) -> None:
    voter, poll = add_account(store, "ann"), add_poll(store, state=state, closes_at=NOW + SOON)

    with pytest.raises(PollNotOpen):
        cast_ballot(store, poll.id, voter, Vote(()), fresh(NOW + SOON + late))

    assert store.each(Ballot) == []


def test_cast_is_counted_when_it_comes_just_before_the_close(store: Store) -> None:
    voter, poll = add_account(store, "ann"), add_poll(store, closes_at=NOW + SOON)
    cast_ballot(store, poll.id, voter, Vote(()), fresh(NOW + SOON - timedelta(microseconds=1)))

    Schedule(store).keep(NOW + 2 * SOON)

    closed = store.get(Poll, poll.id)
    assert closed is not None
    assert closed.outcome is not None
    assert (closed.state, closed.closed_at) == ("closed", NOW + SOON)
    assert closed.outcome["ballots"] == 1


def test_close_is_at_its_time_when_the_poll_is_paused_and_the_server_was_down(
    store: Store,
) -> None:
    poll = add_poll(store, closes_at=NOW + SOON)
    pause_poll(store, poll.id, NOW, CLOCK)

    Schedule(store).keep(NOW + timedelta(days=2))

    closed = store.get(Poll, poll.id)
    assert closed is not None
    assert (closed.state, closed.closed_at) == ("closed", NOW + SOON)


def test_close_is_not_put_off_when_its_time_has_passed_and_no_timer_ran(store: Store) -> None:
    poll = add_poll(store, closes_at=NOW + SOON)

    with pytest.raises(WrongState):
        change_poll(store, poll.id, {"closes_at": NOW + 3 * SOON}, NOW + 2 * SOON, CLOCK)


def test_close_is_its_first_when_it_is_asked_for_again(store: Store) -> None:
    poll = add_poll(store)
    first = close_poll(store, poll.id, NOW, CLOCK)

    again = close_poll(store, poll.id, NOW + SOON, CLOCK)

    assert again == first


def close_again(store: Store, now: datetime) -> None:
    for poll in store.each(Poll):
        close_poll(store, poll.id, now, CLOCK)


class Killed(BaseException):
    """What ends a greenlet in the midst of a close."""


def be_killed(_keys: PollKeys, _poll_ids: object) -> None:
    raise Killed


@pytest.mark.parametrize("again", [close_again, finish_endings])
def test_close_that_was_killed_half_way_is_finished_when_it_is_asked_for_again_or_by_itself(
    store: TinyDBStore,
    monkeypatch: pytest.MonkeyPatch,
    again: Callable[[Store, datetime], object],
) -> None:
    poll = add_poll(store, secrecy="secret")
    monkeypatch.setattr(PollKeys, "remove", be_killed)
    with pytest.raises(Killed):
        close_poll(store, poll.id, NOW, CLOCK)
    monkeypatch.undo()

    again(store, NOW)

    assert store.keyed_polls() == []


def test_void_ends_a_poll_that_was_closed_and_keeps_its_time(store: Store) -> None:
    poll = add_poll(store)
    closed = close_poll(store, poll.id, NOW, CLOCK)

    void = void_poll(store, poll.id, NOW + SOON, CLOCK, "a mistake")

    assert (void.state, void.closed_at) == ("void", closed.closed_at)
    assert void.outcome == {"eligible": None}
    with pytest.raises(WrongState):
        close_poll(store, poll.id, NOW, CLOCK)
