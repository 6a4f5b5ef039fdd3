"""Between the moment of a large poll's close and its outcome: nothing changes, nobody waits."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import gevent
import pytest

from api.closings import Closings
from api.records import Records
from db.tinydb_store import TinyDBStore
from tests.records import public_record
from tests.unit.lobby import NOW, add_account, add_poll, cast_ballot, fresh
from voting import closing, sealing
from voting.accounts import delete_account
from voting.casting import Vote
from voting.closing import begin_close, finish_close
from voting.ending import finish_endings, void_poll
from voting.leaves import digest
from voting.log import CLOCK, append
from voting.merkle import hash_leaf, root_by_path
from voting.model.accounts import Account
from voting.model.ballots import Ballot
from voting.model.log import LogEntry
from voting.model.polls import Poll
from voting.model.records import RecordName
from voting.polls import change_poll, open_poll, pause_poll
from voting.refusals import PollNotOpen, WrongState
from voting.store import Store

LATER = NOW + timedelta(minutes=1)
HOST = "u1"
LEAF_BALLOTS = 300
"""More than a block of leaves."""


@pytest.fixture(autouse=True)
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every poll be too large to be counted in its close's transaction."""
    monkeypatch.setattr(closing, "SMALL", 0)
    monkeypatch.setattr(sealing, "AT_ONCE", 2 * sealing.EACH)


def add_voted(store: Store, ballots: int = 5, **rules: object) -> Poll:
    """Keep an open poll with so many ballots, each of another voter."""
    poll = add_poll(store, **rules)
    ids = [each.id for each in poll.candidates]
    for number in range(ballots):
        voter = add_account(store, f"voter{number}")
        cast_ballot(store, poll.id, voter, Vote((ids[number % 2],)), fresh())
    return poll


def finish(store: Store, poll: Poll, rest: Callable[[], None] = lambda: None) -> Poll:
    return finish_close(store, poll.id, lambda: LATER, rest)


def test_poll_is_open_and_takes_no_ballot_while_it_is_counted(store: Store) -> None:
    poll, late = add_voted(store), add_account(store, "late")

    begun = begin_close(store, poll.id, NOW, HOST)

    assert (begun.state, begun.closed_at, begun.closing, begun.verdict) == ("open", NOW, True, None)
    with pytest.raises(PollNotOpen) as refused:
        cast_ballot(store, poll.id, late, Vote(()), fresh())
    assert refused.value.details["state"] == "closed"


@pytest.mark.parametrize("state", ["open", "paused"])
@pytest.mark.parametrize(
    "act",
    [
        lambda store, poll: open_poll(store, poll, NOW, HOST),
        lambda store, poll: pause_poll(store, poll, NOW, HOST),
        lambda store, poll: change_poll(store, poll, {"closes_at": LATER}, NOW, HOST),
    ],
    ids=["open", "pause", "change"],
)
def test_nothing_but_void_changes_a_poll_that_is_counted(
    store: Store, state: str, act: Callable[[Store, int], object]
) -> None:
    poll = add_voted(store, state="open")
    if state == "paused":
        pause_poll(store, poll.id, NOW, HOST)
    begun = begin_close(store, poll.id, NOW, HOST)

    with pytest.raises(WrongState) as refused:
        act(store, poll.id)

    assert refused.value.details["state"] == "closed"
    assert store.get(Poll, poll.id) == begun


def test_first_close_decides_time_and_actor_when_there_are_two(store: Store) -> None:
    poll = add_voted(store)
    begin_close(store, poll.id, NOW, HOST)
    begin_close(store, poll.id, LATER, CLOCK)

    closed = finish(store, poll)

    (entry,) = (each for each in store.each(LogEntry) if each.kind == "poll_closed")
    assert (closed.closed_at, entry.actor, closed.closed_by) == (NOW, HOST, None)


@pytest.mark.parametrize("secrecy", ["secret", "named"])
@pytest.mark.parametrize(
    ("held", "start_bytes"),
    [(sealing.HELD, sealing.START_BYTES), (0, sealing.START_BYTES), (0, 0)],
    ids=["held in memory", "too many to hold", "receipts with the same start"],
)
def test_record_is_whole_when_a_poll_was_counted_after_its_close(
    store: TinyDBStore, monkeypatch: pytest.MonkeyPatch, secrecy: str, held: int, start_bytes: int
) -> None:
    monkeypatch.setattr(sealing, "HELD", held)
    monkeypatch.setattr(sealing, "START_BYTES", start_bytes)
    poll = add_voted(store, LEAF_BALLOTS, secrecy=secrecy)
    begin_close(store, poll.id, NOW, HOST)
    append(store, poll.room, "room_changed", HOST, {}, NOW)

    closed = finish(store, poll)

    record = public_record(store, poll.id)
    entry = next(each for each in store.each(LogEntry) if each.kind == "poll_closed")
    assert digest(record) == record["digest"] == entry.data["digest"]
    assert record["log"] == {"n": entry.n - 1, "hash": entry.previous}
    assert (record["result"]["ballots"], closed.verdict) == (LEAF_BALLOTS, "tied")
    proof = Records(store).prove(closed, record["ballots"][-1]["receipt"], HOST)
    path = [bytes.fromhex(each) for each in proof["path"]]
    leaf = hash_leaf(proof["leaf"].encode())
    assert root_by_path(leaf, proof["index"], proof["size"], path).hex() == record["digest"]


@pytest.mark.parametrize("secrecy", ["secret", "named"])
def test_others_are_served_between_short_transactions_while_a_poll_is_counted(
    store: TinyDBStore, secrecy: str
) -> None:
    poll = add_voted(store, 60, secrecy=secrecy)
    begin_close(store, poll.id, NOW, HOST)
    rests = 0

    def rest() -> None:
        nonlocal rests
        rests += 1
        with pytest.raises(RuntimeError):  # it is called outside transactions
            store.afterwards(lambda: None)

    finish(store, poll, rest)

    assert rests > 3 * 60


def test_void_ends_a_poll_that_is_counted(store: Store) -> None:
    poll = add_voted(store, secrecy="secret")
    begin_close(store, poll.id, NOW, HOST)

    def void_once() -> None:
        if store.get(Poll, poll.id).state == "open":  # type: ignore[union-attr]
            void_poll(store, poll.id, LATER, HOST, "a test")

    finished = finish(store, poll, void_once)

    assert (finished.state, finished.outcome) == ("void", {"eligible": None})
    assert "poll_closed" not in {each.kind for each in store.each(LogEntry)}
    assert {ballot.voter for ballot in store.ballots(poll.id)} == {None}
    assert store.keyed_polls() == []


@pytest.mark.parametrize("secrecy", ["secret", "named"])
def test_poll_is_counted_once_when_two_count_it_at_once(store: Store, secrecy: str) -> None:
    poll = add_voted(store, 40, secrecy=secrecy)
    begin_close(store, poll.id, NOW, HOST)

    with ThreadPoolExecutor(2) as threads:
        one, other = threads.map(lambda _: finish(store, poll), range(2))

    assert one == other
    assert (one.outcome or {})["ballots"] == len(store.ballots(poll.id)) == 40
    assert [each.kind for each in store.each(LogEntry)].count("poll_closed") == 1


class Killed(BaseException):
    """What ends a count in its midst."""


@pytest.mark.parametrize("at_once", [True, False])
def test_names_are_kept_once_when_a_count_is_killed_and_finished(
    store: Store, monkeypatch: pytest.MonkeyPatch, *, at_once: bool
) -> None:
    if not at_once:
        monkeypatch.setattr(store, "add_names", lambda _poll, _names: False)
    poll = add_voted(store, 120, secrecy="named")
    begin_close(store, poll.id, NOW, HOST)

    def be_killed() -> None:
        if store.count(RecordName):
            raise Killed

    with pytest.raises(Killed):
        finish(store, poll, be_killed)
    kept = store.each(RecordName)
    finish_endings(store, LATER)

    assert len(kept) == 120 if at_once else 0 < len(kept) < 120
    assert store.each(RecordName)[: len(kept)] == kept
    assert {each.receipt for each in store.each(RecordName)} == {
        ballot.receipt for ballot in store.ballots(poll.id)
    }
    record = public_record(store, poll.id)
    assert digest(record) == record["digest"]


def test_no_name_is_kept_when_a_count_is_killed_while_they_are_read(store: Store) -> None:
    poll = add_voted(store, 120, secrecy="named")
    begin_close(store, poll.id, NOW, HOST)
    rests = iter(range(120 + 120 // 2))  # they are sorted first

    def be_killed() -> None:
        if next(rests, None) is None:
            raise Killed

    with pytest.raises(Killed):
        finish(store, poll, be_killed)
    kept = store.count(RecordName)
    finish_endings(store, LATER)

    assert (kept, store.count(RecordName)) == (0, 120)
    record = public_record(store, poll.id)
    assert digest(record) == record["digest"]
    assert len(record["names"]) == 120


@pytest.mark.parametrize("killed", [True, False])
def test_record_names_nobody_who_was_deleted_while_names_were_kept(
    store: Store, *, killed: bool
) -> None:
    poll = add_voted(store, 40, secrecy="named")
    begin_close(store, poll.id, NOW, HOST)
    deleted: list[str] = []

    def delete_one() -> None:
        """Delete the third account when the names are read, and then be killed when they are kept
        and nobody has looked who was deleted meanwhile.
        """
        if not deleted and len(rests) == 40 + 30:
            account = next(each for each in store.each(Account) if each.name == "voter3")
            deleted.append(account.person)
            delete_account(store, account, NOW)
        if killed and store.count(RecordName):
            raise Killed
        rests.append(1)

    rests: list[int] = []
    if killed:
        with pytest.raises(Killed):
            finish(store, poll, delete_one)
        finish_endings(store, LATER)
    else:
        finish(store, poll, delete_one)

    assert deleted
    record = public_record(store, poll.id)
    assert digest(record) == record["digest"]
    assert len(record["names"]) == 39
    assert "voter3" not in record["names"].values()
    assert store.group(RecordName, deleted[0], "person") == []


def test_start_counts_a_poll_whose_server_died_between_close_and_count(tmp_path: Path) -> None:
    store = TinyDBStore(tmp_path / "rollcall.json", NOW)
    poll = add_voted(store, secrecy="secret")
    begin_close(store, poll.id, NOW, HOST)
    store.close()

    again = TinyDBStore(tmp_path / "rollcall.json", LATER)
    finish_endings(again, LATER)

    closed = again.get(Poll, poll.id)
    assert closed is not None
    assert (closed.state, closed.closed_at, closed.verdict) == ("closed", NOW, "elected")
    assert again.keyed_polls() == []
    again.close()


def test_everybody_who_closes_a_poll_waits_for_the_same_count(store: Store) -> None:
    poll, closings = add_voted(store), Closings(store, lambda: LATER)
    begin_close(store, poll.id, NOW, HOST)

    first, second = closings.count(poll.id), closings.count(poll.id)
    closed = closings.finish(poll.id)

    assert first is second
    assert (closed.state, len(closings)) == ("closed", 0)
    assert store.each(Ballot)


def test_close_is_finished_when_its_client_goes_away(store: Store) -> None:
    poll, closings = add_voted(store), Closings(store, lambda: LATER)
    asked = gevent.spawn(closings.close, poll.id, NOW, HOST)

    gevent.sleep(0)  # it has begun
    asked.kill()  # as the server does where a client goes away, or a response is too late
    counted = closings.count(poll.id).get()

    assert not asked.successful() or isinstance(asked.value, gevent.GreenletExit)
    assert counted.state == "closed"
