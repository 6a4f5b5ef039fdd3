"""What any `db.Store` does: the rules rest on it, whatever keeps the data."""

import random
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from db import Duplicate, JournalError, OutcomeUnknown, Step, Store
from db.tinydb_store import TinyDBStore
from schemas.accounts import Account
from schemas.ballots import Ballot
from schemas.polls import Candidate, Poll, Quorum, Room
from schemas.refusals import Stale
from schemas.text import fold
from tests.at_once import at_once
from voting.casting import Fresh, Vote, cast_ballot, pseudonym

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
LOBBY = Room("lobby", "Lobby", "public", None)


class TinyDBBackend:
    """A TinyDB store's files."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "data" / "rollcall.json"

    def open(self, now: datetime = NOW) -> Store:
        """Open what was kept, or begin."""
        return TinyDBStore(self.path, now)

    def kept(self) -> bytes:
        """Return all that is kept but the keys of polls."""
        return b"".join(
            path.read_bytes()
            for path in self.path.parent.iterdir()
            if not path.name.endswith(".keys")
        )

    def lose_keys(self) -> None:
        """Lose the keys of polls."""
        self.path.with_name(self.path.name + ".keys").unlink()


BACKENDS = {"tinydb": TinyDBBackend}


@pytest.fixture(params=BACKENDS.values(), ids=BACKENDS.keys())
def backend(request: pytest.FixtureRequest, tmp_path: Path) -> TinyDBBackend:
    made: TinyDBBackend = request.param(tmp_path)
    return made


@pytest.fixture
def store(backend: TinyDBBackend) -> Iterator[Store]:
    opened = backend.open()
    yield opened
    opened.close()


def account(name: str, **changes: Any) -> Account:
    """Return an account that is not kept yet."""
    email = f"{name}@example.org"
    return replace(Account(0, email, fold(email), name, "hash", 0, False, NOW), **changes)


def add_account(store: Store, name: str) -> Account:
    """Keep an account."""
    with store.transaction():
        return store.add_account(account(name))


def add_poll(store: Store, **changes: Any) -> Poll:
    """Keep an open poll of two candidates in the lobby."""
    draft = Poll(0, "lobby", "Who?", (Candidate(0, "김하늘"), Candidate(0, "Ada")), state="open")
    with store.transaction():
        store.save_room(LOBBY)
        return store.add_poll(replace(draft, **changes))


def ballot(poll: Poll, voter: str, **changes: Any) -> Ballot:
    """Return a ballot that is not kept yet."""
    made = Ballot(random.getrandbits(53), poll.id, voter, f"receipt of {voter}", ())
    return replace(made, **changes)


class Heard:
    """A listener that folds the steps it is told into a state of its own."""

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self.state: dict[tuple[type, int], Any] = {}

    def __call__(self, steps: list[Step]) -> None:
        for step in steps:
            kept = step.after or step.before
            assert kept is not None
            place = (type(kept), kept.id)
            if isinstance(kept, Ballot):
                assert (Poll, kept.poll) in self.state, "a poll comes before its ballots"
            assert self.state.get(place) == step.before, "a step begins where the last one ended"
            if step.after is None:
                del self.state[place]
            else:
                self.state[place] = step.after
            self.steps.append(step)


# -- accounts and tokens --------------------------------------------------------------


def test_account_is_found_by_id_and_email_when_kept(store: Store) -> None:
    kept = add_account(store, "Ann")

    assert kept == account("Ann", id=kept.id)
    assert store.account(kept.id) == kept
    assert store.account_by_email("ann@example.org") == kept
    assert store.account_by_email("Ann@example.org") is None
    assert store.account(kept.id + 1) is None


def test_account_is_refused_when_its_email_is_taken(store: Store) -> None:
    kept = add_account(store, "ann")

    with pytest.raises(Duplicate), store.transaction():
        store.add_account(account("ANN"))

    assert store.account_by_email("ann@example.org") == kept


def test_email_is_taken_once_when_many_want_it_at_once(store: Store) -> None:
    def sign_up() -> int | None:
        try:
            return add_account(store, "ann").id
        except Duplicate:
            return None

    made = [number for number in at_once([sign_up] * 20) if number is not None]

    assert len(made) == 1
    found = store.account_by_email("ann@example.org")
    assert found is not None
    assert found.id == made[0]


def test_account_is_another_when_saved(store: Store) -> None:
    kept = add_account(store, "ann")
    assert not store.has_administrator()

    with store.transaction():
        store.save_account(replace(kept, administrator=True, name="앤"))

    assert store.has_administrator()
    assert store.account(kept.id) == replace(kept, administrator=True, name="앤")


def test_token_is_revoked_however_often_it_is_told(store: Store, backend: TinyDBBackend) -> None:
    at_once([lambda: store.revoke("token", NOW + timedelta(hours=1))] * 5)

    assert store.is_revoked("token")
    assert not store.is_revoked("other")


def test_revocation_holds_until_the_token_has_expired(backend: TinyDBBackend) -> None:
    expires_at = NOW + timedelta(hours=1)
    store = backend.open()
    store.revoke("token", expires_at)
    store.close()

    held = backend.open(expires_at)
    assert held.is_revoked("token")
    held.close()

    forgotten = backend.open(expires_at + timedelta(seconds=1))
    assert not forgotten.is_revoked("token")
    forgotten.close()


# -- rooms and polls ------------------------------------------------------------------


def test_room_is_found_by_its_code_when_kept(store: Store) -> None:
    with store.transaction():
        store.save_room(LOBBY)
        store.save_room(replace(LOBBY, code="K7M2QX"))
        store.save_room(replace(LOBBY, current_poll=7))

    assert store.room("lobby") == replace(LOBBY, current_poll=7)
    assert store.room("LOBBY") is None
    assert sorted(room.code for room in store.rooms()) == ["K7M2QX", "lobby"]


def test_poll_is_as_it_was_when_kept(store: Store, backend: TinyDBBackend) -> None:
    rules = {
        "description": "뜻",
        "follows": 3,
        "method": "score",
        "seats": 2,
        "max_choices": 4,
        "score_max": 9,
        "eligibility": "anyone",
        "require_presence": True,
        "secrecy": "named",
        "results": "host",
        "published": True,
        "allow_change": False,
        "threshold": {"num": 2, "den": 3, "of": "valid", "rule": "at_least"},
        "opens_at": NOW,
        "closes_at": NOW + timedelta(microseconds=1),
        "state": "paused",
        "reason": "까닭",
        "opened_at": NOW,
        "closed_at": NOW,
        "quorum": Quorum(1, 2, 3, True),
    }

    poll = add_poll(store, **rules)

    told = {name: getattr(poll, name) for name in rules}
    assert told == rules
    assert store.poll(poll.id) == poll
    store.close()
    again = backend.open()
    assert again.poll(poll.id) == poll
    again.close()


def test_polls_of_a_room_are_told_oldest_first(store: Store) -> None:
    first, second = add_poll(store), add_poll(store)
    add_poll(store, room="K7M2QX")

    assert store.polls("lobby") == [first, second]
    assert store.polls("nowhere") == []


def test_candidates_have_ids_of_their_own_in_the_whole_store(store: Store) -> None:
    polls = [add_poll(store) for _ in range(3)]

    numbers = [candidate.id for poll in polls for candidate in poll.candidates]

    assert len(set(numbers)) == 6
    for poll in polls:
        assert {store.poll_of_candidate(c.id) for c in poll.candidates} == {poll.id}
    assert store.poll_of_candidate(max(numbers) + 1) is None


def test_what_is_not_there_is_none_when_asked_for(store: Store) -> None:
    for number in (0, -1, 1, 10**30):
        assert store.poll(number) is None
        assert store.account(number) is None
        assert store.poll_of_candidate(number) is None
        with pytest.raises(KeyError):
            store.poll_key(number)


# -- the keys of polls ----------------------------------------------------------------


def test_every_poll_has_a_key_of_its_own(store: Store, backend: TinyDBBackend) -> None:
    polls = [add_poll(store) for _ in range(3)]
    keys = [store.poll_key(poll.id) for poll in polls]

    assert len(set(keys)) == 3
    assert all(len(key) >= 32 for key in keys)
    store.close()
    again = backend.open()
    assert [again.poll_key(poll.id) for poll in polls] == keys
    again.close()


def test_key_of_a_poll_is_never_among_what_is_kept(backend: TinyDBBackend) -> None:
    store = backend.open()
    poll = add_poll(store)
    key = store.poll_key(poll.id)
    cast_all(store, poll, [add_account(store, "ann")])
    spellings = (key, key.hex().encode(), key.hex().upper().encode())

    while_open = backend.kept()
    store.close()

    for kept in (while_open, backend.kept()):
        assert b"ann@example.org" in kept
        assert not any(spelled in kept for spelled in spellings)


@pytest.mark.parametrize("state", ["open", "paused"])
def test_store_refuses_to_open_when_the_key_of_such_a_poll_is_lost(
    backend: TinyDBBackend, state: str
) -> None:
    store = backend.open()
    add_poll(store, state=state)
    store.close()
    backend.lose_keys()

    with pytest.raises(JournalError, match="key"):
        backend.open()


def test_store_opens_when_the_key_of_a_closed_poll_is_gone(backend: TinyDBBackend) -> None:
    store = backend.open()
    poll = add_poll(store, state="closed")
    store.close()
    backend.lose_keys()

    again = backend.open()

    assert again.poll(poll.id) == poll
    again.close()


# -- ballots --------------------------------------------------------------------------


def test_ballot_is_found_by_its_pseudonym_when_kept(store: Store) -> None:
    made = ballot(add_poll(store), "v", choices=(2, 1), person="u1", key="k", superseded=("a", "b"))

    with store.transaction():
        store.add_ballot(made)

    assert store.ballot("v") == made
    assert store.ballot("w") is None


def test_ballot_is_refused_when_the_pseudonym_has_one(store: Store) -> None:
    first, second = ballot(add_poll(store), "v"), ballot(add_poll(store), "v")
    with store.transaction():
        store.add_ballot(first)

    with pytest.raises(Duplicate), store.transaction():
        store.add_ballot(second)

    assert store.ballot("v") == first


def test_ballot_is_another_when_replaced(store: Store) -> None:
    made = ballot(add_poll(store), "v")
    later = replace(made, receipt="later", choices=(1,), superseded=("k",))
    with store.transaction():
        store.add_ballot(made)

    with store.transaction():
        store.replace_ballot(later)

    assert store.ballot("v") == later


def cast_all(store: Store, poll: Poll, voters: list[Account]) -> None:
    """Cast a ballot for the first candidate for each."""
    for voter in voters:
        fresh = Fresh(NOW, random.getrandbits(53), random.randbytes(16).hex())
        cast_ballot(store, poll.id, voter, Vote((poll.candidates[0].id,)), fresh)


def test_secret_ballots_hold_no_person_and_no_time(backend: TinyDBBackend) -> None:
    store = backend.open()
    heard = Heard()
    store.subscribe(heard)
    poll = add_poll(store, secrecy="secret")
    voters = [add_account(store, name) for name in ("ann", "bob", "eva")]

    cast_all(store, poll, voters)
    written = backend.kept()
    store.close()

    kept = [value for (kind, _), value in heard.state.items() if kind is Ballot]
    assert [made.person for made in kept] == [None] * 3
    lines = [line for line in written.splitlines() if b'"superseded"' in line]
    assert len(lines) == 3
    for line in lines:
        assert not re.search(rb'example|"(ann|bob|eva|u\d+)"|_at"|\d{4}-\d\d-\d\d', line)


def test_named_ballots_hold_the_person(store: Store) -> None:
    poll, voter = add_poll(store, secrecy="named"), add_account(store, "ann")

    cast_all(store, poll, [voter])

    kept = store.ballot(pseudonym(store.poll_key(poll.id), voter))
    assert kept is not None
    assert kept.person == voter.person


def test_hundred_voters_have_one_ballot_each_when_all_repeat_and_change_at_once(
    backend: TinyDBBackend,
) -> None:
    """Each voter comes twice at once, retries, changes once and retries what is superseded."""
    store, heard = backend.open(), Heard()
    poll = add_poll(store)
    store.subscribe(heard)
    first, second = (candidate.id for candidate in poll.candidates)
    with store.transaction():
        voters = [store.add_account(account(f"voter{n}")) for n in range(100)]

    def vote(voter: Account) -> tuple[str, str]:
        def cast(choice: int, key: str) -> Any:
            fresh = Fresh(NOW, random.getrandbits(53), random.randbytes(16).hex())
            return cast_ballot(store, poll.id, voter, Vote((choice,), key), fresh)

        try:
            receipt = cast(first, "one").receipt
            assert cast(first, "one").receipt == receipt
        except Stale:  # the other of the two was faster
            receipt = ""
        changed = cast(second, "two").receipt
        with pytest.raises(Stale):
            cast(first, "one")
        return receipt, changed

    told = at_once([lambda voter=voter: vote(voter) for voter in voters * 2])

    counted = [kept for (kind, _), kept in heard.state.items() if kind is Ballot]
    assert Counter(made.choices for made in counted) == {(second,): 100}
    assert len({made.voter for made in counted}) == 100
    assert Counter(changed for _, changed in told) == {made.receipt: 2 for made in counted}
    assert len({receipt for receipt, _ in told if receipt}) == 100
    store.close()
    again, replayed = backend.open(), Heard()
    again.subscribe(replayed)
    assert replayed.state == heard.state
    again.close()


# -- transactions ---------------------------------------------------------------------


def test_transaction_keeps_nothing_when_it_fails(store: Store, backend: TinyDBBackend) -> None:
    poll, kept, heard = add_poll(store), add_account(store, "ann"), Heard()
    store.subscribe(heard)
    before = dict(heard.state)

    def write() -> None:
        with store.transaction():
            store.add_account(account("bob"))
            store.save_account(replace(kept, name="changed"))
            store.add_ballot(ballot(poll, "v"))
            store.revoke("token", NOW)
            store.save_room(replace(LOBBY, name="changed"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write()

    assert heard.state == before
    store.close()
    again = backend.open()
    for reader in (store, again):
        assert reader.account_by_email("bob@example.org") is None
        assert reader.account(kept.id) == kept
        assert reader.ballot("v") is None
        assert not reader.is_revoked("token")
        assert reader.room("lobby") == LOBBY
    again.close()


def test_transaction_keeps_nothing_when_its_last_write_is_a_duplicate(store: Store) -> None:
    poll = add_poll(store)
    add_account(store, "ann")

    def write() -> None:
        with store.transaction():
            store.add_ballot(ballot(poll, "v"))
            store.add_account(account("ann"))

    with pytest.raises(Duplicate):
        write()

    assert store.ballot("v") is None


def test_transaction_goes_on_when_one_inside_it_fails(store: Store) -> None:
    def write() -> None:
        with store.transaction():
            store.add_account(account("bob"))
            store.add_account(account("ann"))

    with store.transaction():
        store.add_account(account("ann"))
        with pytest.raises(Duplicate):
            write()
        store.add_account(account("eva"))

    found = [store.account_by_email(f"{name}@example.org") for name in ("ann", "bob", "eva")]
    assert [one is not None for one in found] == [True, False, True]


def test_transactions_never_interleave(store: Store) -> None:
    kept = add_account(store, "ann")

    def count() -> None:
        for _ in range(25):
            with store.transaction():
                read = store.account(kept.id)
                assert read is not None
                store.save_account(replace(read, generation=read.generation + 1))

    at_once([count] * 8)

    read = store.account(kept.id)
    assert read is not None
    assert read.generation == 200


def test_write_is_refused_when_the_store_is_closed(backend: TinyDBBackend) -> None:
    store = backend.open()
    store.close()

    with pytest.raises(OutcomeUnknown):
        add_account(store, "ann")


# -- who is told ----------------------------------------------------------------------


def test_listener_is_told_all_that_is_there_then_each_step(store: Store) -> None:
    kept, poll = add_account(store, "ann"), add_poll(store)
    made = ballot(poll, "v")
    with store.transaction():
        store.add_ballot(made)
    heard = Heard()

    store.subscribe(heard)
    at_first = dict(heard.state)
    changed = replace(kept, name="changed")
    with store.transaction():
        store.save_account(changed)
        store.replace_ballot(replace(made, receipt="later"))

    assert at_first == {
        (Account, kept.id): kept,
        (Poll, poll.id): poll,
        (Ballot, made.id): made,
    }
    assert heard.steps[3:] == [
        Step(kept, changed),
        Step(made, replace(made, receipt="later")),
    ]


def test_listener_is_told_before_the_writer_goes_on(store: Store) -> None:
    heard = Heard()
    store.subscribe(heard)

    def sign_up(name: str) -> bool:
        kept = add_account(store, name)
        return heard.state.get((Account, kept.id)) == kept

    told = at_once([lambda n=n: sign_up(f"voter{n}") for n in range(30)])

    assert told == [True] * 30


def test_listener_is_told_nothing_inside_a_transaction(store: Store) -> None:
    heard = Heard()
    store.subscribe(heard)

    with store.transaction():
        store.add_account(account("ann"))
        inside = list(heard.steps)

    assert inside == []
    assert len(heard.steps) == 1


def test_listeners_are_all_told_when_there_are_several(store: Store) -> None:
    first, second = Heard(), Heard()
    store.subscribe(first)
    add_account(store, "ann")
    store.subscribe(second)
    add_account(store, "bob")

    assert first.state == second.state
    assert len(first.steps) == 2


def test_sequence_grows_with_what_is_durable_and_never_falls(backend: TinyDBBackend) -> None:
    store = backend.open()
    begin = store.sequence
    add_account(store, "ann")
    first = store.sequence
    with pytest.raises(Duplicate):
        add_account(store, "ann")
    add_account(store, "bob")
    second = store.sequence
    store.close()

    again = backend.open()

    assert begin < first < second <= again.sequence
    assert again.epoch == store.epoch
    again.close()


def test_everything_is_there_when_opened_again(backend: TinyDBBackend) -> None:
    store, heard, replayed = backend.open(), Heard(), Heard()
    store.subscribe(heard)
    polls = [add_poll(store, secrecy=secrecy) for secrecy in ("named", "secret")]
    voters = [add_account(store, name) for name in ("ann", "bob", "eva")]
    for poll in polls:
        cast_all(store, poll, voters)
    rooms = store.rooms()
    store.close()

    again = backend.open()
    again.subscribe(replayed)

    assert replayed.state == heard.state
    assert len(replayed.state) == 3 + 2 + 6
    assert again.rooms() == rooms
    assert again.failure is None
    again.close()
