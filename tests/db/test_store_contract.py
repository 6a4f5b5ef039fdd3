"""What any `Store` does: the rules rest on it, whatever keeps the data."""

import hmac
import random
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from db import JournalError, OutcomeUnknown
from db.journal import offline
from db.postgres import PostgresStore
from db.postgres.restoring import restore
from db.tinydb_store import TinyDBStore
from tests import postgres
from tests.at_once import at_once
from tests.db.journal.calls import wait_until
from tests.keys import read_keys
from tests.unit.lobby import cast_ballot
from voting.accounts import MARGIN_HOURS, end_session
from voting.casting import NewBallot, Vote
from voting.ending import close_poll
from voting.log import CLOCK
from voting.model.accounts import Account, Invitation, Revocation
from voting.model.ballots import Ballot
from voting.model.electorates import Admission, Electorate
from voting.model.entities import Entity
from voting.model.polls import Candidate, Poll, Quorum
from voting.model.records import RecordName
from voting.model.rooms import Attendance, Bar, Guest, Message, Picture, RemovedRow, Room, Row
from voting.recording import forget_names
from voting.refusals import Stale
from voting.store import Duplicate, Step, Store, Within
from voting.text import normalise

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
LATER = NOW + timedelta(microseconds=1)
LOBBY = Room(0, "lobby", "Lobby", "public")


class TinyDBBackend:
    """A TinyDB store's files. tears: whether it keeps what a crash cut short."""

    tears = True

    def __init__(self, folder: Path) -> None:
        self.path = folder / "data" / "rollcall.json"

    def open(self, now: datetime = NOW, monotonic: Callable[[], float] = time.monotonic) -> Store:
        """Open what was kept, or begin."""
        return TinyDBStore(self.path, now, monotonic)

    def kept(self) -> bytes:
        """Return all that is kept but the keys of polls."""
        return b"".join(
            content for name, content in self.files().items() if not name.endswith(".keys")
        )

    def files(self) -> dict[str, bytes]:
        """Return the bytes of every file, by name."""
        return {path.name: path.read_bytes() for path in self.path.parent.iterdir()}

    def tear(self, written: bytes) -> None:
        """End the files of lines as a crash in the middle of a write of ballots would; the next
        opening tells.
        """
        journal = self.path.with_name(self.path.name + ".journal")
        for file in [*self.path.parent.glob("*.part.?")] or [journal]:
            with file.open("ab") as lines:
                lines.write(written)

    def kill(self, store: Store) -> None:
        """Stop a store, and leave the files as a kill would."""
        left = self.files()
        store.close()
        for path in self.path.parent.iterdir():
            path.unlink()
        for name, content in left.items():
            self.path.with_name(name).write_bytes(content)

    def restore(self, copy: bytes) -> None:
        """Put a backup in the place of what is kept; no store may be open."""
        file = self.path.with_name("backup.json")
        file.write_bytes(copy)
        offline.restore(self.path, file, NOW, lambda chunks, _slices: chunks)

    def key(self, poll: Poll) -> bytes:
        """Return a poll's key."""
        return bytes.fromhex(read_keys(self.path)[str(poll.id)])

    def damage_keys(self, content: bytes) -> None:
        """Damage the keys of polls."""
        self.path.with_name(self.path.name + ".keys").write_bytes(content)

    def lose_keys(self) -> None:
        """Lose the keys of polls."""
        self.path.with_name(self.path.name + ".keys").unlink()


COLUMNS = (
    "FROM information_schema.columns WHERE table_schema = current_schema AND table_name = '%s'"
)


class PostgresBackend(TinyDBBackend):
    """A schema of a PostgreSQL, and the file of keys beside it."""

    tears = False

    def __init__(self, folder: Path, url: str) -> None:
        super().__init__(folder)
        self.path.parent.mkdir()
        self.url = url

    def open(self, now: datetime = NOW, monotonic: Callable[[], float] = time.monotonic) -> Store:
        return PostgresStore(self.url, self.path.with_name("rollcall.json.keys"), now, monotonic)

    def kept(self) -> bytes:
        """Return all that is kept but keys, and the log between workers, which is not kept."""
        return b"\n".join(
            content
            for name, content in self.files().items()
            if not name.endswith(".keys") and name != "changes"
        )

    def files(self) -> dict[str, bytes]:
        """Return the rows of every table, and the keys."""
        return super().files() | {
            name: "\n".join(str(row) for (row,) in self._rows(name)).encode()
            for (name,) in postgres.run(postgres.TABLES, self.url)
        }

    def _rows(self, table: Any) -> list[tuple[object, ...]]:
        (columns,) = postgres.run(f"SELECT array_agg(column_name) {COLUMNS % table}", self.url)
        is_document = "doc" in str(columns)
        shown = """'"' || id || '":' || doc""" if is_document else "t::text"
        return postgres.run(f"SELECT {shown} FROM {table} t", self.url)

    def kill(self, store: Store) -> None:
        """Stop a store: PostgreSQL has no files here."""
        store.close()

    def tear(self, written: bytes) -> None:
        """End nothing so: PostgreSQL repairs its files itself."""

    def restore(self, copy: bytes) -> None:
        file = self.path.with_name("backup.json")
        file.write_bytes(copy)
        restore(self.url, file)


@pytest.fixture(params=["tinydb", "postgres"])
def backend(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[TinyDBBackend]:
    if request.param == "tinydb":
        yield TinyDBBackend(tmp_path)
        return
    with postgres.schema() as url:
        yield PostgresBackend(tmp_path, url)


@pytest.fixture
def store(backend: TinyDBBackend) -> Iterator[Store]:
    opened = backend.open()
    yield opened
    opened.close()


def account(name: str, **changes: Any) -> Account:
    """Return an account that is not kept yet."""
    email = f"{name}@example.org"
    return replace(Account(0, email, normalise(email), name, "hash", 0, False, NOW), **changes)


def add(store: Store, kept: Any) -> Any:
    """Keep something, in a transaction of its own."""
    with store.transaction():
        return store.add(kept)


def add_account(store: Store, name: str) -> Account:
    """Keep an account."""
    made: Account = add(store, account(name))
    return made


def find_account(store: Store, name: str) -> Account | None:
    """Return the account of a name."""
    return store.find(Account, "email_key", f"{name}@example.org")


def add_poll(store: Store, **changes: Any) -> Poll:
    """Keep an open poll of two candidates in the lobby."""
    draft = Poll(0, "lobby", "Who?", (Candidate(0, "김하늘"), Candidate(0, "Ada")), state="open")
    with store.transaction():
        if store.find(Room, "code", "lobby") is None:
            store.add(LOBBY)
        return store.make_poll_key(store.add(replace(draft, **changes)))


def ballot(poll: Poll, voter: str, **changes: Any) -> Ballot:
    """Return a ballot that is not kept yet."""
    made = Ballot(random.getrandbits(53), poll.id, voter, f"receipt of {voter}", ())
    return made._replace(**changes)


class Heard:
    """A listener that applies the steps that it gets to a state of its own."""

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
            begun, ended = bare(step.before), bare(self.state.get(place))
            assert begun == ended, "a step begins where the last one ended"
            if step.after is None:
                del self.state[place]
            else:
                self.state[place] = step.after
            self.steps.append(step)


def bare(kept: Any) -> Any:
    """Return a poll without its candidates, which have steps of their own."""
    return replace(kept, candidates=()) if isinstance(kept, Poll) else kept


# -- everything that is kept ----------------------------------------------------------

RULES: dict[str, Any] = {
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
    "closes_at": LATER,
    "state": "closed",
    "reason": "까닭",
    "opened_at": NOW,
    "closed_at": LATER,
    "quorum": Quorum(1, 2, 3, True, 3),
    "electorate": {"digest": "0f", "size": 4, "admitted": 1},
    "outcome": {
        "ballots": 2,
        "blank": 0,
        "votes": {"1": 3},
        "passed": {"1": True, "2": False},
        "winners": [1],
        "tied": [],
        "rounds": [{"votes": {"1": 2}, "eliminated": [2], "exhausted": 0}],
        "digest": "0f",
        "present": None,
        "eligible": 4,
    },
}
CANDIDATES = (Candidate(0, "김하늘", "예"), Candidate(0, "Ada"))
KINDS: dict[str, Any] = {
    "account": account("Ann", generation=3, administrator=True),
    "revocation": Revocation(0, "token", LATER),
    "invitation": Invitation(0, "hash", 3, LATER),
    "room": Room(0, "K7M2QX", "방", "members", 7, {"num": 1, "den": 2}, True, 0, "Asia/Seoul"),
    "plain room": LOBBY,
    "row": Row(0, "lobby", "김", "A@x.org", "2026-01", "host", 5, True, True, "hash", 2),
    "plain row": Row(0, "lobby", "김"),
    "bar": Bar(0, "lobby", "hash", "u1", NOW),
    "guest": Guest(0, "lobby", "손님", NOW),
    "attendance": Attendance(0, "lobby", "r3", "김", NOW, LATER, 9, LATER, True, True),
    "plain attendance": Attendance(0, "lobby", "u1", "Ann", NOW, LATER),
    "message": Message(0, "lobby", "u1", "Ann", "안녕\n하세요", NOW),
    "candidate": Candidate(0, "Ada", "예", poll=4),
    "electorate": Electorate(0, "lobby", "3-9 12", 8, "0f"),
    "admission": Admission(0, "lobby", 1, 2, 1, NOW, "u1"),
}
BALLOTS: dict[str, dict[str, Any]] = {
    "choices": {"marks": (2, 1), "person": "u1", "key": "k", "superseded": ("a", "b")},
    "scores": {"marks": {2: 0, 1: 5}, "person": "g1", "key": "k"},
    "blank": {"marks": ()},
    "blank scores": {"marks": {}},
    "sealed": {"voter": None, "marks": (1,)},
    "sealed scores": {"voter": None, "marks": {1: 4}},
}


def assert_kept(backend: TinyDBBackend, store: Store, kept: Any) -> None:
    """Check that a store has something, and has it too when opened again."""
    assert store.get(type(kept), kept.id) == kept
    store.close()
    again = backend.open()
    assert again.get(type(kept), kept.id) == kept
    assert again.each(type(kept)) == [kept]
    again.close()


@pytest.mark.parametrize("kept", KINDS.values(), ids=KINDS.keys())
def test_everything_is_as_it_was_when_kept(backend: TinyDBBackend, kept: Any) -> None:
    store = backend.open()

    made = add(store, kept)

    assert made == replace(kept, id=made.id)
    assert_kept(backend, store, made)


@pytest.mark.parametrize("state", ["draft", "closed"])
def test_poll_is_as_it_was_when_kept(backend: TinyDBBackend, state: str) -> None:
    store = backend.open()
    rules = RULES | {"state": state}

    poll = add(store, Poll(0, "lobby", "누구?", CANDIDATES, **rules))

    assert {name: getattr(poll, name) for name in rules} == rules
    assert [(each.name, each.description) for each in poll.candidates] == [
        ("김하늘", "예"),
        ("Ada", ""),
    ]
    assert_kept(backend, store, poll)


@pytest.mark.parametrize("changes", BALLOTS.values(), ids=BALLOTS.keys())
def test_ballot_is_as_it_was_when_kept(backend: TinyDBBackend, changes: dict[str, Any]) -> None:
    store = backend.open()
    made = ballot(add_poll(store), "v")._replace(**changes)

    kept = add(store, made)

    assert kept == made._replace(id=kept.id)
    assert_kept(backend, store, kept)


@pytest.mark.parametrize("marks", [(3, 1), {3: 1}])
def test_ballots_marks_are_of_the_kind_that_was_cast(store: Store, marks: Any) -> None:
    made = add(store, ballot(add_poll(store), "v", marks=marks))

    found = store.get(Ballot, made.id)

    assert found is not None
    assert type(found.marks) is type(marks)


def test_what_is_saved_takes_the_place_of_what_was_there(backend: TinyDBBackend) -> None:
    store = backend.open()
    kept = add_account(store, "ann")
    later = replace(kept, administrator=True, name="앤", email="b@x.org", email_key="b@x.org")

    with store.transaction():
        assert store.save(later) == later

    assert find_account(store, "ann") is None
    assert store.find(Account, "email_key", "b@x.org") == later
    assert_kept(backend, store, later)


def test_what_is_removed_is_gone_and_leaves_what_it_held_to_others(store: Store) -> None:
    rows = [add(store, Row(0, "lobby", name, f"{name}@x.org")) for name in ("ann", "bob")]

    with store.transaction():
        store.remove(rows[0])

    assert store.get(Row, rows[0].id) is None
    assert store.find(Row, "email_key", "lobby/ann@x.org") is None
    assert store.group(Row, "lobby") == store.each(Row) == [rows[1]]
    assert store.count(Row) == 1
    assert add(store, rows[0]).id > rows[1].id


@pytest.mark.parametrize("kept", KINDS.values(), ids=KINDS.keys())
def test_id_is_never_given_again_when_what_had_it_is_removed(
    backend: TinyDBBackend, kept: Any
) -> None:
    store = backend.open()
    first = add(store, kept)
    with store.transaction():
        store.remove(first)
    second = add(store, kept)
    with store.transaction():
        store.remove(second)
    store.close()

    again = backend.open(NOW - timedelta(days=1))
    third = add(again, kept)

    assert first.id < second.id < third.id
    again.close()


def test_id_is_never_given_again_when_its_transaction_fails(store: Store) -> None:
    given: list[int] = []

    def fail() -> None:
        with store.transaction():
            given.append(store.add(account("ann")).id)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()

    assert add_account(store, "ann").id > given[0]


def test_what_is_not_there_is_none_when_asked_for(store: Store) -> None:
    for number in (0, -1, 1, 10**30):
        assert all(store.get(type(kept), number) is None for kept in KINDS.values())
        assert store.get(Poll, number) is None
        assert store.get(Ballot, number) is None
        with pytest.raises(KeyError):
            store.pseudonym(number, "ann")
    assert store.find(Room, "code", "lobby") is None
    assert store.group(Poll, "lobby") == []
    assert store.each(Account) == []
    assert store.count(Ballot) == 0


# -- what is unique -------------------------------------------------------------------

ANN = Row(0, "lobby", "Ann", "ann@x.org", "R1", account=1, code="hash")
TWICE: dict[str, tuple[str, Any, Any]] = {
    "account's email": ("email_key", account("ann"), account("ANN")),
    "account's voter": (
        "voting_key",
        replace(account("ann"), email="b@x.org", email_key="b@x.org", voter_key="ann@example.org"),
        account("ann"),
    ),
    "revocation": ("token_id", Revocation(0, "t", NOW), Revocation(0, "t", LATER)),
    "invitation's code": ("code", Invitation(0, "h", 1, NOW), Invitation(0, "h", 2, LATER)),
    "room's code": ("code", LOBBY, replace(LOBBY, name="another")),
    "row's email": ("email_key", ANN, Row(0, "lobby", "B", "\uff21\uff2e\uff2e@X.org")),
    "row's ref": ("ref_key", ANN, Row(0, "lobby", "B", ref="r1")),
    "row's account": ("account_key", ANN, Row(0, "lobby", "B", account=1)),
    "row's claim code": ("code", ANN, Row(0, "K7M2QX", "B", code="hash")),
    "person's attendance": (
        "who_key",
        Attendance(0, "lobby", "r3", "A", NOW, NOW),
        Attendance(0, "lobby", "r3", "B", LATER, LATER),
    ),
    "voter's ballot": (
        "voter",
        Ballot(1, 1, "v", "first receipt", ()),
        Ballot(2, 1, "v", "second receipt", {1: 1}),
    ),
}
TOGETHER: dict[str, tuple[Any, ...]] = {
    "rows in two rooms": (ANN, replace(ANN, room="K7M2QX", code="other")),
    "rows of names alone": (Row(0, "lobby", "Ann"), Row(0, "lobby", "Ann")),
    "rows of account 1 and ref 1": (Row(0, "lobby", "A", account=1), Row(0, "lobby", "B", ref="1")),
    "attendance in two rooms": (
        Attendance(0, "lobby", "u1", "A", NOW, NOW),
        Attendance(0, "K7M2QX", "u1", "A", NOW, NOW),
    ),
    "sealed ballots": (Ballot(1, 1, None, "a", ()), Ballot(2, 1, None, "b", ())),
    "guests of one name": (Guest(0, "lobby", "A", NOW), Guest(0, "lobby", "A", NOW)),
    "messages of one text": tuple(Message(0, "lobby", "u1", "A", "hi", NOW) for _ in "ab"),
}


@pytest.mark.parametrize(("field", "first", "second"), TWICE.values(), ids=TWICE.keys())
def test_second_is_refused_when_the_first_has_what_is_unique(
    store: Store, field: str, first: Any, second: Any
) -> None:
    kept = add(store, first)

    with pytest.raises(Duplicate) as caught:
        add(store, second)

    assert caught.value.field == field
    assert store.each(type(kept)) == [kept]


@pytest.mark.parametrize(("field", "first", "second"), TWICE.values(), ids=TWICE.keys())
def test_what_is_unique_is_free_again_when_its_holder_is_removed(
    backend: TinyDBBackend, field: str, first: Any, second: Any
) -> None:
    store = backend.open()
    kept = add(store, first)

    with store.transaction():
        store.remove(kept)
        later = store.add(second)

    assert_kept(backend, store, later)


@pytest.mark.parametrize("kept", TOGETHER.values(), ids=TOGETHER.keys())
def test_both_are_kept_when_nothing_unique_is_shared(store: Store, kept: tuple[Any, ...]) -> None:
    made = [add(store, each) for each in kept]

    assert store.each(type(made[0])) == made


def test_change_is_refused_when_another_has_what_is_unique(store: Store) -> None:
    add(store, ANN)
    other = add(store, Row(0, "lobby", "Bob", "bob@x.org"))

    with pytest.raises(Duplicate), store.transaction():
        store.save(replace(other, email="Ann@x.org"))

    assert store.get(Row, other.id) == other


@pytest.mark.parametrize(
    ("kept", "field", "value"),
    [
        (account("Ann"), "email_key", "ann@example.org"),
        (Revocation(0, "t", NOW), "token_id", "t"),
        (LOBBY, "code", "lobby"),
        (ANN, "email_key", "lobby/ann@x.org"),
        (ANN, "ref_key", "lobby/r1"),
        (ANN, "account_key", "lobby/1"),
        (ANN, "code", "hash"),
        (Attendance(0, "lobby", "r3", "A", NOW, NOW), "who_key", "lobby/r3"),
    ],
)
def test_what_is_unique_finds_its_holder(store: Store, kept: Any, field: str, value: str) -> None:
    made = add(store, kept)

    assert store.find(type(made), field, value) == made
    assert store.find(type(made), field, value.upper() + "?") is None


def test_email_is_taken_once_when_many_want_it_at_once(store: Store) -> None:
    def sign_up() -> int | None:
        try:
            return add_account(store, "ann").id
        except Duplicate:
            return None

    made = [number for number in at_once([sign_up] * 20) if number is not None]

    assert len(made) == 1
    found = find_account(store, "ann")
    assert found is not None
    assert found.id == made[0]


# -- lists ----------------------------------------------------------------------------

IN_ROOMS: dict[str, Any] = {
    "row": Row(0, "lobby", "Ann"),
    "guest": Guest(0, "lobby", "Ann", NOW),
    "message": Message(0, "lobby", "u1", "Ann", "hi", NOW),
    "poll": Poll(0, "lobby", "Who?", ()),
}


def add_several(store: Store, kept: Any) -> list[Any]:
    """Keep four of a kind, the second in another room; change the first, and try to remove it."""
    made = [add(store, replace(kept, room=room)) for room in ("lobby", "else", "lobby", "lobby")]

    def fail() -> None:
        with store.transaction():
            store.remove(made[0])
            store.save(replace(made[2], room="else"))
            raise ZeroDivisionError

    with store.transaction():
        made[2] = store.save(made[2])
        made[0] = store.save(made[0])
    with pytest.raises(ZeroDivisionError):
        fail()
    return made


@pytest.mark.parametrize("kept", IN_ROOMS.values(), ids=IN_ROOMS.keys())
def test_lists_are_oldest_first_whatever_was_changed_since(
    backend: TinyDBBackend, kept: Any
) -> None:
    store = backend.open()

    made = add_several(store, kept)

    first, elsewhere, *others = made
    for _ in range(2):
        assert store.group(type(kept), "lobby") == [first, *others]
        assert store.group(type(kept), "else") == [elsewhere]
        assert store.group(type(kept), "nowhere") == []
        assert store.each(type(kept)) == made
        assert store.count(type(kept)) == 4
        store.close()
        store = backend.open()
    store.close()


def test_what_moves_to_another_room_is_listed_there(store: Store) -> None:
    first, second = (add(store, Row(0, room, "Ann")) for room in ("lobby", "else"))

    with store.transaction():
        moved = store.save(replace(first, room="else"))

    assert store.group(Row, "lobby") == []
    assert store.group(Row, "else") == [moved, second]


def test_attendance_of_a_room_is_listed(store: Store) -> None:
    made = [
        add(store, Attendance(0, room, who, "A", NOW, NOW))
        for room, who in (("lobby", "u2"), ("else", "u1"), ("lobby", "u1"))
    ]

    assert store.group(Attendance, "lobby") == [made[0], made[2]]
    assert store.each(Attendance) == made


def test_picture_is_found_by_its_key_after_a_restart(backend: TinyDBBackend) -> None:
    store = backend.open()
    made = add(store, Picture(0, "lobby", "a1", "/9j/" * 16_000, NOW))
    add(store, Picture(0, "else", "b2", "/9j/", NOW))
    store.close()

    again = backend.open()

    assert again.find(Picture, "key", "a1") == made
    assert again.group(Picture, "lobby") == [made]
    again.close()


# -- tokens ---------------------------------------------------------------------------


def test_token_is_revoked_however_often_it_is_sent(store: Store) -> None:
    at_once([lambda: end_session(store, "token", LATER, NOW)] * 5)

    assert [kept.token_id for kept in store.each(Revocation)] == ["token"]


@pytest.mark.parametrize("ahead", [timedelta(hours=13), timedelta(days=8), timedelta(days=9_999)])
def test_revocation_holds_whatever_the_clock_says_for_a_while(
    backend: TinyDBBackend, ahead: timedelta
) -> None:
    store = backend.open()
    end_session(store, "token", NOW + timedelta(hours=12), NOW)
    store.close()

    wrong = backend.open(NOW + ahead)
    end_session(wrong, "another", NOW + ahead + timedelta(hours=12), NOW + ahead)
    wrong.close()

    right = backend.open(NOW)
    assert right.find(Revocation, "token_id", "token") is not None
    right.close()


def test_revocation_is_forgotten_when_the_clock_and_the_hours_agree(
    backend: TinyDBBackend,
) -> None:
    expired, hours, seconds = NOW + timedelta(hours=13), 12 + MARGIN_HOURS, [0.0]

    def is_held_after(hours: float, now: datetime) -> bool:
        store = backend.open(now, lambda: seconds[0])
        seconds[0] += 3_600 * hours
        end_session(store, f"at {seconds[0]}", now + timedelta(hours=12), now)
        held = store.find(Revocation, "token_id", "token") is not None
        store.close()
        return held

    store = backend.open()
    end_session(store, "token", NOW + timedelta(hours=12), NOW)
    store.close()

    assert is_held_after(hours - 1, expired)
    assert is_held_after(2, NOW)
    assert not is_held_after(0, expired)


# -- polls and their candidates -------------------------------------------------------


def test_candidates_have_ids_of_their_own_in_the_whole_store(store: Store) -> None:
    polls = [add_poll(store) for _ in range(3)]

    numbers = [candidate.id for poll in polls for candidate in poll.candidates]

    assert len(set(numbers)) == 6
    for poll in polls:
        assert {candidate.poll for candidate in poll.candidates} == {poll.id}
        assert [store.get(Candidate, each.id) for each in poll.candidates] == list(poll.candidates)


def test_candidates_are_others_when_a_poll_is_saved_with_others(store: Store) -> None:
    poll = add_poll(store, state="draft")
    kept, dropped = poll.candidates

    with store.transaction():
        later = store.save(replace(poll, candidates=(Candidate(0, "New"), kept)))

    assert [candidate.name for candidate in later.candidates] == ["New", kept.name]
    assert later.candidates[0].id > dropped.id
    assert store.get(Poll, poll.id) == later
    assert store.get(Candidate, dropped.id) is None


def test_candidates_go_when_their_poll_is_removed(store: Store) -> None:
    poll, other = add_poll(store, state="draft"), add_poll(store)

    with store.transaction():
        store.remove(poll)

    assert store.get(Poll, poll.id) is None
    assert store.each(Candidate) == list(other.candidates)


# -- the keys of polls ----------------------------------------------------------------


def test_every_poll_has_a_key_of_its_own(store: Store, backend: TinyDBBackend) -> None:
    polls = [add_poll(store) for _ in range(3)]
    keys = [backend.key(poll) for poll in polls]
    names = [store.pseudonym(poll.id, "ann") for poll in polls]

    assert len(set(keys)) == 3
    assert all(len(key) >= 32 for key in keys)
    assert names == [hmac.digest(key, b"ann", "sha256").hex() for key in keys]
    assert store.keyed_polls() == [poll.id for poll in polls]
    store.close()
    again = backend.open()
    assert [again.pseudonym(poll.id, "ann") for poll in polls] == names
    again.close()


def test_poll_has_no_key_before_one_is_made(store: Store) -> None:
    draft = add(store, Poll(0, "lobby", "Who?", CANDIDATES))

    assert store.keyed_polls() == []
    with pytest.raises(KeyError):
        store.pseudonym(draft.id, "ann")


def test_key_of_a_poll_is_never_among_what_is_kept(backend: TinyDBBackend) -> None:
    store = backend.open()
    poll = add_poll(store)
    key = backend.key(poll)
    cast_all(store, poll, [add_account(store, "ann")])

    while_open, copied = backend.kept(), b"".join(store.backup())
    store.close()

    for kept in (while_open, copied, backend.kept()):
        assert b"ann@example.org" in kept
        assert not any(spelled in kept for spelled in spellings(key))


def test_key_is_gone_when_forgotten_and_others_stay(backend: TinyDBBackend) -> None:
    store = backend.open()
    ended, other = add_poll(store, state="closed"), add_poll(store)
    forgotten, held = backend.key(ended), backend.key(other)
    store.pseudonym(ended.id, "ann")

    store.forget_poll_keys([ended.id])

    assert store.keyed_polls() == [other.id]
    for _ in range(2):
        with pytest.raises(KeyError):
            store.pseudonym(ended.id, "ann")
        assert backend.key(other) == held
        assert not any(
            spelled in content
            for spelled in spellings(forgotten)
            for content in backend.files().values()
        )
        store.close()
        store = backend.open()
    store.forget_poll_keys([ended.id])
    store.close()


def test_key_stays_when_it_is_to_be_forgotten_inside_a_transaction(
    backend: TinyDBBackend,
) -> None:
    store = backend.open()
    poll = add_poll(store)
    key = backend.key(poll)

    with pytest.raises(RuntimeError), store.transaction():
        store.forget_poll_keys([poll.id])

    assert backend.key(poll) == key
    store.close()


def test_nothing_leads_to_a_voter_in_any_file_when_a_secret_poll_has_ended(
    backend: TinyDBBackend,
) -> None:
    """Neither the key nor a pseudonym, an idempotency key, or a ballot's first id: not torn off."""
    store = backend.open()
    poll, voters = add_poll(store), [add_account(store, name) for name in ("ann", "bob", "eva")]
    cast_all(store, poll, voters, key="the first key")
    old = store.each(Ballot)
    backend.kill(store)
    backend.tear(b"".join(str(each.voter).encode() for each in old))
    store = backend.open()
    cast_all(store, poll, voters[:1], key="a later key", place=1)
    old += store.each(Ballot)
    traces = [*spellings(backend.key(poll)), b"the first key", b"a later key"]
    traces += [f"{each.voter}".encode() for each in old]
    ids = [f'"{each.id}":'.encode() for each in old]
    before = b"".join(backend.files().values())
    assert all(trace in before for trace in [*traces[1:2], *traces[3:], *ids])
    assert any(name.endswith(".torn") for name in backend.files()) is backend.tears

    close_poll(store, poll.id, NOW, CLOCK)
    while_open = backend.files()
    store.close()

    sealed = [each for each in store.each(Ballot) if each.poll == poll.id]
    assert [each.receipt for each in sealed] == sorted(each.receipt for each in sealed)
    for files in (while_open, backend.files()):
        found = [(name, t) for name, held in files.items() for t in (*traces, *ids) if t in held]
        assert found == []


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


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"1":"no hex"}', b'{"a":""}', b"\xff"])
def test_store_refuses_to_open_when_the_keys_are_damaged(
    backend: TinyDBBackend, content: bytes
) -> None:
    store = backend.open()
    add_poll(store)
    store.close()
    backend.damage_keys(content)

    for _ in range(2):
        with pytest.raises(JournalError, match="keys"):
            backend.open()


@pytest.mark.parametrize("state", ["draft", "closed", "void"])
def test_store_opens_when_the_key_of_such_a_poll_is_gone(
    backend: TinyDBBackend, state: str
) -> None:
    store = backend.open()
    poll = add_poll(store, state=state)
    store.close()
    backend.lose_keys()

    again = backend.open()

    assert again.get(Poll, poll.id) == poll
    again.close()


def spellings(key: bytes) -> list[bytes]:
    """Return how a key could be written."""
    return [key, key.hex().encode(), key.hex().upper().encode()]


# -- ballots --------------------------------------------------------------------------


def test_ballot_is_another_when_saved(store: Store) -> None:
    poll = add_poll(store)
    made = add(store, ballot(poll, "v"))
    later = made._replace(receipt="later", marks=(1,), superseded=("k",))

    with store.transaction():
        store.save(later)

    assert store.ballot_of(poll.id, "v") == later
    assert store.count(Ballot) == 1


def test_ballot_is_found_by_its_poll_and_voter(store: Store) -> None:
    poll, other = add_poll(store), add_poll(store)
    made = add(store, ballot(poll, "v"))

    assert store.ballot_of(poll.id, "v") == made
    assert store.ballot_of(poll.id, "w") is None
    assert store.ballot_of(other.id, "v") is None


def test_ballots_of_alike_pseudonyms_are_kept_apart(store: Store) -> None:
    """Their ids are made of the beginning."""
    poll = add_poll(store)
    alike = ["0123456789" + f"{number:054x}" for number in range(1, 3)]
    alike += [f"01234567{number:02x}{0:054x}" for number in range(0x88, 0x8B)]

    made = {voter: add(store, ballot(poll, voter)) for voter in alike}

    assert {voter: store.ballot_of(poll.id, voter) for voter in alike} == made
    assert len({each.id for each in store.ballots(poll.id)}) == len(alike)


def test_ballot_is_refused_when_its_random_id_is_taken(store: Store) -> None:
    made = add(store, ballot(add_poll(store), "v"))

    with suppress(ValueError):  # or it gets another one
        add(store, made._replace(voter="w"))

    assert made in store.each(Ballot)
    assert len({each.id for each in store.each(Ballot)}) == store.count(Ballot)


def test_ballots_of_a_poll_are_listed_apart(store: Store) -> None:
    first, second, third = (add_poll(store) for _ in range(3))
    made = [
        add(store, ballot(poll, voter))
        for poll in (first, second)
        for voter in (f"a{poll.id}", f"b{poll.id}")
    ]
    with store.transaction():
        store.remove(made[0])
        made[1] = store.save(made[1]._replace(marks={1: 3}))

    assert store.ballots(first.id) == [made[1]]
    assert sorted(store.ballots(second.id), key=lambda each: str(each.voter)) == made[2:]
    assert store.ballots(third.id) == []


def name(poll: Poll, receipt: str, person: str | None = "u1", said: str = "Ann") -> RecordName:
    """Return the name of a ballot that is not kept yet."""
    return RecordName(0, poll.id, receipt, person, said, "5a17", f"hash {receipt}")


def test_names_are_found_by_ballot_poll_and_person(backend: TinyDBBackend) -> None:
    store = backend.open()
    first, second = add_poll(store, state="closed"), add_poll(store, state="closed")
    receipts = sorted(random.randbytes(16).hex() for _ in range(80))
    made = [add(store, name(first, each, f"u{place}")) for place, each in enumerate(receipts)]
    made += [add(store, name(second, receipts[0], "u7")), add(store, name(second, "f" * 32, None))]

    for reopened in (False, True):
        if reopened:
            store.close()
            store = backend.open()
        assert [*store.iter_names(first.id)] == made[:80]
        assert store.group(RecordName, first.id, "poll") == made[:80]
        assert store.group(RecordName, "u7", "person") == [made[7], made[80]]
        assert store.group(RecordName, "u1", "person", Within(limit=-1)) == [made[1]]
        assert store.group(RecordName, "u99", "person") == []
        sizes = [store.size(RecordName, second.id, "poll"), store.size(RecordName, "u7", "person")]
        assert [*sizes, store.count(RecordName)] == [2, 2, 82]
        assert store.find(RecordName, "receipt_key", f"{second.id}/{receipts[0]}") == made[80]
        assert store.find(RecordName, "receipt_key", f"{second.id}/{receipts[1]}") is None
        assert store.each(RecordName) == made
    store.close()


def test_names_are_kept_all_at_once_or_one_by_one(backend: TinyDBBackend) -> None:
    store = backend.open()
    polls = [add_poll(store, state="closed") for _ in range(3)]
    receipts = sorted(random.randbytes(16).hex() for _ in range(80))
    listed = {poll.id: [name(poll, receipt) for receipt in receipts] for poll in polls}

    at_once = [store.add_names(poll_id, names) for poll_id, names in listed.items()]
    again = store.add_names(polls[0].id, listed[polls[0].id])
    with store.transaction():
        inside = store.add_names(polls[0].id, listed[polls[0].id])
        for poll, done in zip(polls, at_once, strict=True):
            for each in () if done else listed[poll.id]:
                store.add(each)

    assert (len({*at_once}), again, inside) == (1, False, False)
    backend.kill(store)
    store = backend.open()
    for poll in polls:
        kept = [replace(each, id=0) for each in store.iter_names(poll.id)]
        assert kept == listed[poll.id]
    assert store.size(RecordName, "u1", "person") == 240
    store.close()


def test_second_name_of_a_ballot_is_refused(store: Store) -> None:
    poll = add_poll(store, state="closed")
    add(store, name(poll, "ab"))

    with pytest.raises(Duplicate):
        add(store, name(poll, "ab", "u2"))

    assert [each.person for each in store.each(RecordName)] == ["u1"]


def test_name_leaves_every_file_when_it_is_forgotten(backend: TinyDBBackend) -> None:
    store = backend.open()
    poll = add_poll(store, state="closed")
    receipts = sorted(random.randbytes(16).hex() for _ in range(80))
    names = [name(poll, each, f"u{place}", f"N{place}N") for place, each in enumerate(receipts)]
    if not store.add_names(poll.id, names):
        with store.transaction():
            names = [store.add(each) for each in names]

    forget_names(store, "u7")

    if backend.tears:  # PostgreSQL's log has it for a while
        wait_until(lambda: b"N7N" not in backend.kept())
    assert b"N8N" in backend.kept()
    store.close()
    store = backend.open()
    kept = store.find(RecordName, "receipt_key", f"{poll.id}/{receipts[7]}")
    assert kept is not None
    assert kept == RecordName(
        kept.id, poll.id, receipts[7], None, None, None, f"hash {receipts[7]}"
    )
    assert store.size(RecordName, "u7", "person") == 0
    store.close()


def test_names_of_a_poll_are_cleared_and_others_stay(backend: TinyDBBackend) -> None:
    store = backend.open()
    first, second = add_poll(store, state="closed"), add_poll(store, state="closed")
    with store.transaction():
        for poll in (first, second):
            for receipt in ("aa", "bb"):
                store.add(name(poll, receipt, said=f"N{poll.id}N"))

    store.clear_poll(first.id)
    with store.transaction():
        for each in store.group(RecordName, first.id, "poll"):
            store.remove(each)
    left = [each.poll for each in store.each(RecordName)]
    backend.kill(store)

    assert left == [second.id] * 2
    store = backend.open()
    assert [each.poll for each in store.each(RecordName)] == left
    assert [*store.iter_names(first.id)] == store.group(RecordName, first.id, "poll") == []
    store.close()


def cast_all(
    store: Store, poll: Poll, voters: list[Account], key: str | None = None, place: int = 0
) -> None:
    """Cast a ballot for one candidate for each."""
    for voter in voters:
        fresh = NewBallot(NOW, random.getrandbits(53), random.randbytes(16).hex())
        cast_ballot(store, poll.id, voter, Vote((poll.candidates[place].id,), key), fresh)


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

    kept = store.ballot_of(poll.id, store.pseudonym(poll.id, voter.voter))
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
        voters = [store.add(account(f"voter{n}")) for n in range(100)]

    def vote(voter: Account) -> tuple[str, str]:
        def cast(choice: int, key: str) -> Any:
            fresh = NewBallot(NOW, random.getrandbits(53), random.randbytes(16).hex())
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

    notified = at_once([lambda voter=voter: vote(voter) for voter in voters * 2])

    counted = [kept for (kind, _), kept in heard.state.items() if kind is Ballot]
    assert Counter(made.marks for made in counted) == {(second,): 100}
    assert len({made.voter for made in counted}) == 100
    assert Counter(changed for _, changed in notified) == {made.receipt: 2 for made in counted}
    assert len({receipt for receipt, _ in notified if receipt}) == 100
    store.close()
    again = backend.open()
    assert {*map(str, again.ballots(poll.id))} == {*map(str, counted)}
    counted_then = {key: count for key, count in again.counts(poll.id).items() if count}
    assert counted_then == {"ballots": 100, str(second): 100, f"first {second}": 100}
    again.close()


# -- transactions ---------------------------------------------------------------------


def test_transaction_keeps_nothing_when_it_fails(store: Store, backend: TinyDBBackend) -> None:
    poll, kept, heard = add_poll(store), add_account(store, "ann"), Heard()
    room = store.each(Room)[0]
    store.subscribe(heard)
    before = dict(heard.state)

    def write() -> None:
        with store.transaction():
            store.add(account("bob"))
            store.save(replace(kept, name="changed"))
            store.add(ballot(poll, "v"))
            store.add(Revocation(0, "token", NOW))
            store.remove(poll)
            store.save(replace(room, name="changed"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write()

    assert heard.state == before
    store.close()
    again = backend.open()
    for reader in (store, again):
        assert find_account(reader, "bob") is None
        assert reader.get(Account, kept.id) == kept
        assert reader.ballot_of(poll.id, "v") is None
        assert reader.count(Revocation) == 0
        assert reader.group(Poll, "lobby") == [poll]
        assert reader.find(Room, "code", "lobby") == room
    again.close()


def test_attempt_takes_back_its_own_writes_alone_when_it_fails(store: Store) -> None:
    poll, kept, called = add_poll(store), add_account(store, "ann"), []

    def write(_now: datetime) -> None:
        store.add(ballot(poll, "refused"))
        store.save(replace(kept, name="changed"))
        store.afterwards(lambda: called.append("refused"))
        raise ZeroDivisionError

    acts: list[Callable[[datetime], Any]] = [
        lambda _: store.add(ballot(poll, "before")).voter,
        write,
        lambda now: store.afterwards(lambda: called.append(now)),
        lambda _: store.add(ballot(poll, "after")).voter,
    ]
    with store.transaction():
        first, refused, *rest = store.attempt_each(acts, NOW)

    assert [first, *rest] == [("before", None), (None, None), ("after", None)]
    assert isinstance(refused[1], ZeroDivisionError)
    assert {each.voter for each in store.ballots(poll.id)} == {"before", "after"}
    assert store.get(Account, kept.id) == kept
    assert called == [NOW]


def test_attempt_is_refused_outside_a_transaction(store: Store) -> None:
    with pytest.raises(RuntimeError):
        store.attempt_each([lambda _: None], NOW)


def test_transaction_keeps_nothing_when_its_last_write_is_a_duplicate(store: Store) -> None:
    poll = add_poll(store)
    add_account(store, "ann")

    def write() -> None:
        with store.transaction():
            store.add(ballot(poll, "v"))
            store.add(account("ann"))

    with pytest.raises(Duplicate):
        write()

    assert store.ballot_of(poll.id, "v") is None


def test_transaction_goes_on_when_one_inside_it_fails(store: Store) -> None:
    def write() -> None:
        with store.transaction():
            store.add(account("bob"))
            store.add(account("ann"))

    with store.transaction():
        store.add(account("ann"))
        with pytest.raises(Duplicate):
            write()
        store.add(account("eva"))

    found = [find_account(store, name) for name in ("ann", "bob", "eva")]
    assert [one is not None for one in found] == [True, False, True]


def test_work_is_done_once_its_transaction_is_durable(store: Store) -> None:
    done: list[tuple[str, int]] = []

    def promise(name: str) -> None:
        store.afterwards(lambda: done.append((name, store.sequence)))

    def fail() -> None:
        with store.transaction():
            promise("inner, taken back")
            raise ZeroDivisionError

    with store.transaction():
        promise("outer")
        store.add(account("ann"))
        with store.transaction():
            promise("inner")
        with pytest.raises(ZeroDivisionError):
            fail()
        assert done == []
    with pytest.raises(ZeroDivisionError):
        fail()

    assert done == [("outer", store.sequence), ("inner", store.sequence)]
    with pytest.raises(RuntimeError):
        promise("nothing to wait for")


def test_transactions_never_interleave(store: Store) -> None:
    kept = add_account(store, "ann")

    def count() -> None:
        for _ in range(25):
            with store.transaction():
                read = store.get(Account, kept.id)
                assert read is not None
                store.save(replace(read, generation=read.generation + 1))

    at_once([count] * 8)

    read = store.get(Account, kept.id)
    assert read is not None
    assert read.generation == 200


def test_write_is_refused_when_the_store_is_closed(backend: TinyDBBackend) -> None:
    store = backend.open()
    store.close()

    with pytest.raises(OutcomeUnknown):
        add_account(store, "ann")


# -- who is told ----------------------------------------------------------------------


def test_listener_is_notified_of_all_that_is_there_then_each_step(store: Store) -> None:
    kept, poll = add_account(store, "ann"), add_poll(store)
    made = add(store, ballot(poll, "v"))
    heard = Heard()

    store.subscribe(heard)
    at_first = dict(heard.state)
    heard.state[Ballot, made.id] = made
    changed = replace(kept, name="changed")
    with store.transaction():
        store.save(changed)
        store.save(made._replace(receipt="later"))

    there: list[Entity] = [kept, *store.each(Room), *poll.candidates, poll]
    assert at_first == {(type(each), each.id): each for each in there}, "ballots are counted"
    assert store.counts(poll.id) == {"ballots": 1, "blank": 1}
    assert heard.steps[len(there) :] == [
        Step(kept, changed),
        Step(made, made._replace(receipt="later")),
    ]


def test_listener_is_notified_before_the_writer_goes_on(store: Store) -> None:
    heard = Heard()
    store.subscribe(heard)

    def sign_up(name: str) -> bool:
        kept = add_account(store, name)
        return heard.state.get((Account, kept.id)) == kept

    notified = at_once([lambda n=n: sign_up(f"voter{n}") for n in range(30)])

    assert notified == [True] * 30


def test_listener_is_notified_of_nothing_inside_a_transaction(store: Store) -> None:
    heard = Heard()
    store.subscribe(heard)

    with store.transaction():
        store.add(account("ann"))
        inside = list(heard.steps)

    assert inside == []
    assert len(heard.steps) == 1


def test_listeners_are_all_notified_when_there_are_several(store: Store) -> None:
    first, second = Heard(), Heard()
    store.subscribe(first)
    add_account(store, "ann")
    store.subscribe(second)
    add_account(store, "bob")

    assert first.state == second.state
    assert len(first.steps) == 2


def test_listener_is_notified_of_the_kinds_it_names_and_what_came_with_them(store: Store) -> None:
    """A ballot alone wakes nobody who asks after people or rooms."""
    notified: list[list[type]] = []
    store.subscribe(
        lambda steps: notified.append([type(each.after or each.before) for each in steps]),
        Poll,
        Account,
        past=False,
    )

    poll, voter = add_poll(store), add_account(store, "ann")
    cast_all(store, poll, [voter])
    with store.transaction():
        store.save(replace(store.each(Room)[0], name="Hall"))
        store.remove(voter)

    assert [set(kinds) - {Candidate} for kinds in notified] == [
        {Room, Poll},
        {Account},
        {Room, Account},
    ]


def test_listener_is_notified_of_what_was_removed(store: Store) -> None:
    poll, kept, heard = add_poll(store, state="draft"), add_account(store, "ann"), Heard()
    store.subscribe(heard)

    with store.transaction():
        store.remove(kept)
        store.remove(poll)

    gone = [kept, *poll.candidates, bare(poll)]
    assert [bare(step.before) for step in heard.steps if step.after is None] == gone
    assert heard.state.keys() == {(Room, 1)}


def test_restored_backup_is_reported_until_it_is_accepted(backend: TinyDBBackend) -> None:
    store = backend.open()
    kept, copy = add_account(store, "ann"), b"".join(store.backup())
    add_account(store, "bob")
    before = (store.restored, store.epoch, store.sequence)
    store.close()
    backend.restore(copy)

    again = backend.open()
    notified = again.restored
    again.accept_restored()

    assert before[0] is False
    assert notified is True
    for _ in range(2):
        assert again.restored is False
        assert again.epoch == before[1] + 1
        assert again.sequence > before[2]
        assert again.each(Account) == [kept]
        again.close()
        again = backend.open()
    again.close()


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
    store.close()

    again = backend.open()
    again.subscribe(replayed)

    ballots = {key: value for key, value in heard.state.items() if key[0] is Ballot}
    assert replayed.state == {key: heard.state[key] for key in heard.state.keys() - ballots.keys()}
    assert len(replayed.state) == 1 + 2 + 4 + 3
    assert {*map(str, again.each(Ballot))} == {*map(str, ballots.values())}
    assert len(ballots) == 6
    assert again.failure is None
    again.close()


def test_listener_is_notified_only_of_what_is_new_when_it_wants_no_past(store: Store) -> None:
    add(store, Room(0, "before", "Before", "public"))
    heard: list[Step] = []

    store.subscribe(heard.extend, past=False)
    add(store, Room(0, "after", "After", "public"))

    assert [step.after.code for step in heard if isinstance(step.after, Room)] == ["after"]


def test_prepared_things_are_stored_as_others_are(store: Store) -> None:
    seen: list[Step] = []
    with store.transaction():
        old = store.add(Row(0, "lobby", "Ann", email="ann@example.org"))
        plain = store.add(Row(0, "hall", "Bea", ref="7", columns={"seat": "1"}))
    store.subscribe(seen.extend, Row, past=False)
    changed = replace(old, name="Ann Lee", email="lee@example.org")
    added = Row(0, "lobby", "Bea", ref="7", columns={"seat": "1"})

    rests: list[int] = []
    with store.prepared([changed, added], lambda: rests.append(1)), store.transaction():
        store.save(changed)
        new = store.add(added)

    assert new == replace(plain, id=new.id, room="lobby")
    assert store.group(Row, "lobby") == [changed, new]
    assert store.find(Row, "email_key", "lobby/ann@example.org") is None
    assert store.find(Row, "email_key", "lobby/lee@example.org") == changed
    assert store.find(Row, "ref_key", "lobby/7") == new
    assert seen == [Step(old, changed), Step(None, new)]
    assert len(rests) == 2


def test_prepared_thing_replaces_what_is_there_when_it_is_saved(store: Store) -> None:
    with store.transaction():
        row = store.add(Row(0, "lobby", "Ann", email="ann@example.org"))
    changed = replace(row, name="Ann Lee")

    with store.prepared([changed], lambda: None):
        with store.transaction():
            store.save(replace(row, name="Bea", email="bea@example.org"))
        with store.transaction():
            store.save(changed)

    assert store.group(Row, ("lobby", "name", "bea"), "name_mark") == []
    assert store.find(Row, "email_key", "lobby/bea@example.org") is None
    assert store.find(Row, "email_key", "lobby/ann@example.org") == changed


def test_prepared_thing_is_refused_as_others_are_and_can_be_undone(store: Store) -> None:
    with store.transaction():
        row = store.add(Row(0, "lobby", "Ann", email="ann@example.org"))
    other = Row(0, "lobby", "Bea", email="ann@example.org")
    changed = replace(row, name="Ann Lee")

    def save_both() -> None:
        with store.transaction():
            store.save(changed)
            store.add(other)

    with store.prepared([changed, other], lambda: None):
        with pytest.raises(Duplicate):
            save_both()
        undone = store.group(Row, "lobby")
        with store.transaction():
            store.save(replace(row, name="Cid"))

    assert undone == [row]
    assert store.group(Row, "lobby") == [replace(row, name="Cid")]


def test_revision_of_a_roll_grows_with_each_change_of_it(store: Store) -> None:
    def revisions() -> list[int]:
        return [store.revision(kind, "lobby") for kind in (Row, RemovedRow)]

    acts: list[Callable[[], object]] = [
        lambda: store.add(Row(0, "lobby", "Ann")),
        lambda: store.save(Row(1, "lobby", "Bea")),
        lambda: store.remove(Row(1, "lobby", "Bea")),
        lambda: store.save(RemovedRow(1, "lobby", {"name": "Bea"})),
    ]
    seen = [revisions()]
    for act in acts:
        with store.transaction():
            act()
        seen.append(revisions())
    with store.transaction():
        store.add(Row(0, "hall", "Ann"))
        store.add(account("ann"))

    assert len({tuple(each) for each in seen}) == len(acts) + 1
    assert revisions() == seen[-1]
