"""Nobody is told what was stored after their right had ended, whichever loop comes first."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest

from api.buckets import Buckets
from api.live.connections import Connection, Connections
from api.live.doubts import Doubts
from api.live.notifier import Notifier
from api.live.signals import Signal, Signals
from api.live.watching import Watchers
from api.presence import Presence
from api.tokens import Tokens
from schemas.strings import email_of
from tests.unit.lobby import NOW, add_account
from voting.accounts import change_email, delete_account, end_session, set_password
from voting.log import CLOCK, append
from voting.model.accounts import Account
from voting.model.meetings import Meeting
from voting.model.polls import Candidate, Poll
from voting.model.rooms import Guest, Message, Room, Row
from voting.people import Holder
from voting.rooms import delete_room, end_screens
from voting.store import Store

KEY = "a key of nothing but these tests, long enough"
CODE = "K7M2QX"
NEWS = {"poll:created", "chat:message", "room:changed"}
NEWS |= {"meeting:changed", "log:grown", "presence:diff"}
"""The events of private news: what a host is sent of them."""


class Hall:
    """A members' room whose loops stand still: what is told is told by hand."""

    def __init__(self, store: Store) -> None:
        self.store, self.now = store, NOW
        self.rooms: defaultdict[str, set[str]] = defaultdict(set)
        self.received: list[tuple[str, str]] = []
        """The connection and the event."""
        with store.transaction():
            self.room = store.add(Room(0, CODE, "Club", "members", trust_email=True))
            store.add(Row(0, CODE, "Host", role="host"))
        self.connections, self.tokens = Connections(), Tokens(KEY, 24)
        emits: Any = SimpleNamespace(emit=self.emit, emit_latest=self.emit)
        self.signals = Signals(Signal(), Signal(), Signal())
        presence = Presence(store, lambda: self.now, self.signals.presence)
        tallies: Any = SimpleNamespace(of=self.tally)
        parts: Any = SimpleNamespace(
            store=store,
            presence=presence,
            clock=lambda: self.now,
            tallies=tallies,
            tokens=self.tokens,
        )
        self.watchers = Watchers(self.connections, parts, self.enter, self.leave)
        self.notifier = Notifier(self.connections, emits, parts, self.watchers, self.signals)

    def tally(self, poll_id: int) -> Any:
        return SimpleNamespace(poll=self.store.get(Poll, poll_id))

    def enter(self, sid: str, names: Iterable[str]) -> None:
        for name in [names] if isinstance(names, str) else names:
            self.rooms[name].add(sid)

    def leave(self, sid: str, name: str) -> None:
        self.rooms[name].discard(sid)

    def emit(self, event: str, _data: Any, to: Any, *_: Any, **__: Any) -> None:
        for name in [to] if isinstance(to, str) else to:
            own = set() if "/" in name else {name}  # a room of one connection is its sid
            self.received += [(sid, event) for sid in self.rooms[name] | own]

    def events(self) -> set[str]:
        return {event for _, event in self.received}

    def connect(self, holder: Holder, sid: str) -> Connection:
        token, _ = self.tokens.issue(holder, self.now)
        session, _ = self.tokens.authenticate(self.store, token, self.now)
        connection = Connection(sid, "en", token, session, partial(Buckets(1, 1).take, sid))
        self.connections.add(connection)
        self.watchers.join(connection, CODE, screen=False)
        return connection

    def store_news(self) -> dict[str, Callable[[], object]]:
        """Store one of each kind of private news; return what tells it, by its event."""
        with self.store.transaction():
            draft = self.store.add(Poll(0, CODE, "Secret", (Candidate(0, "A"),)))
            line = self.store.add(Message(0, CODE, "u9", "Host", "Secret", self.now))
            meeting = self.store.add(Meeting(0, CODE, draft.id, "Secret", self.now, self.now))
            append(self.store, CODE, "checked_in", CLOCK, {"row": 1}, self.now)
        self.received.clear()
        return {
            "poll:created": lambda: self.notifier.poll_news.send(draft.id),
            "chat:message": lambda: self.notifier.send_message(line.id),
            "room:changed": lambda: self.notifier.send_room(CODE),
            "meeting:changed": lambda: self.notifier.send_meeting(meeting.id),
            "log:grown": lambda: self.notifier.send_log(CODE),
            "presence:diff": lambda: self.signals.presence(CODE, {}, True),
        }

    def tell_everything(self) -> None:
        """Tell news of each kind before anything else is looked at."""
        for tell in self.store_news().values():
            tell()


@pytest.fixture
def hall(store: Store) -> Hall:
    return Hall(store)


@pytest.fixture
def rolled(hall: Hall) -> Hall:
    """The room with a voter on its roll: the next change of a row puts only its people in doubt."""
    with hall.store.transaction():
        hall.store.add(Row(0, CODE, "Voter", role="voter"))
    return hall


def keep(hall: Hall, kept: Any, **fields: Any) -> None:
    with hall.store.transaction():
        hall.store.save(replace(hall.store.get(type(kept), kept.id), **fields))


def lose(hall: Hall, kept: Any) -> None:
    with hall.store.transaction():
        hall.store.remove(kept)


def log_out(hall: Hall, connection: Connection) -> None:
    session = connection.session
    assert session is not None
    end_session(hall.store, session.token_id, session.expires_at, hall.now)


def expire(hall: Hall, connection: Connection) -> None:
    hall.now = hall.now + timedelta(hours=25)


def expect_expiry(hall: Hall, connection: Connection) -> None:
    hall.connections.expect_expiry(connection, hall.now + timedelta(hours=25))
    expire(hall, connection)


End = Callable[[Hall, Account, Row, Connection], object]
ENDS: dict[str, End] = {
    "row removed": lambda hall, _a, row, _c: lose(hall, row),
    "row goes to another": lambda hall, _a, row, _c: keep(hall, row, account=None),
    "session ended": lambda hall, _a, _r, connection: log_out(hall, connection),
    "session over by the clock": lambda hall, _a, _r, connection: expect_expiry(hall, connection),
    "new password": lambda hall, account, _r, _c: set_password(hall.store, account, "other"),
    "account deleted": lambda hall, account, _r, _c: delete_account(hall.store, account, NOW),
    "room deleted": lambda hall, _a, _r, _c: delete_room(hall.store, hall.room),
}


@pytest.fixture
def ann(hall: Hall) -> Account:
    return add_account(hall.store, "ann")


@pytest.fixture
def row(hall: Hall, ann: Account) -> Row:
    with hall.store.transaction():
        return hall.store.add(Row(0, CODE, "Ann", role="host", account=ann.id, claimed=True))


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
def test_host_whose_right_ended_is_sent_nothing_that_was_stored_after(
    hall: Hall, ann: Account, row: Row, end: End
) -> None:
    connection = hall.connect(ann, "ann")
    hall.tell_everything()
    before = hall.events()

    end(hall, ann, row, connection)
    hall.tell_everything()

    assert before == NEWS
    assert hall.events() <= {"room:deleted"}


def sit_down(hall: Hall, **fields: Any) -> Row:
    with hall.store.transaction():
        return hall.store.add(Row(0, CODE, "Ann", **fields))


def change_room(hall: Hall, **fields: Any) -> None:
    keep(hall, hall.room, **fields)


def host_goes_from_the_roll(hall: Hall, ann: Account) -> Callable[[], object]:
    row = sit_down(hall, role="host", account=ann.id, claimed=True)
    return lambda: lose(hall, row)


def host_becomes_observer(hall: Hall, ann: Account) -> Callable[[], object]:
    row = sit_down(hall, role="host", account=ann.id, claimed=True)
    return lambda: keep(hall, row, role="observer")


def administrator_is_one_no_more(hall: Hall, ann: Account) -> Callable[[], object]:
    keep(hall, ann, administrator=True)
    return lambda: keep(hall, ann, administrator=False)


def email_goes_from_the_roll(hall: Hall, ann: Account) -> Callable[[], object]:
    row = sit_down(hall, role="host", email=ann.email)
    return lambda: keep(hall, row, email="other@example.org")


def host_by_email_gets_another(hall: Hall, ann: Account) -> Callable[[], object]:
    sit_down(hall, role="host", email=ann.email)
    other = email_of("other@example.org")
    return lambda: change_email(hall.store, ann, other)


def room_trusts_emails_no_more(hall: Hall, ann: Account) -> Callable[[], object]:
    sit_down(hall, role="host", email=ann.email)
    return lambda: change_room(hall, trust_email=False)


def room_becomes_for_members(hall: Hall, ann: Account) -> Callable[[], object]:
    change_room(hall, visibility="public", guests=False)
    return lambda: change_room(hall, visibility="members")


LOSSES = (
    host_goes_from_the_roll,
    host_becomes_observer,
    administrator_is_one_no_more,
    email_goes_from_the_roll,
    host_by_email_gets_another,
    room_trusts_emails_no_more,
    room_becomes_for_members,
)


@pytest.mark.parametrize("event", sorted(NEWS))
@pytest.mark.parametrize("lose_right", LOSSES)
def test_one_who_loses_a_right_is_sent_nothing_whichever_loop_comes_first(
    rolled: Hall,
    ann: Account,
    lose_right: Callable[[Hall, Account], Callable[[], object]],
    event: str,
) -> None:
    end = lose_right(rolled, ann)
    rolled.connect(ann, "ann")
    rolled.tell_everything()
    before = rolled.events()

    end()
    rolled.store_news()[event]()

    observes = {"you:changed", event} - {"poll:created"}
    assert {"room:changed", "log:grown", "meeting:changed", "presence:diff"} <= before
    assert rolled.events() == (
        observes if lose_right is host_becomes_observer else {"room:deleted"}
    )


@pytest.mark.parametrize("setting", [{"guest_key": None}, {"guests": False}])
def test_guest_is_sent_nothing_once_the_room_takes_none(rolled: Hall, setting: Any) -> None:
    change_room(rolled, guest_key="key")
    with rolled.store.transaction():
        guest = rolled.store.add(Guest(0, CODE, "Kim", NOW))
    rolled.connect(guest, "kim")
    rolled.tell_everything()
    before = rolled.events()

    change_room(rolled, **setting)
    rolled.tell_everything()

    assert "chat:message" in before
    assert rolled.events() == {"room:deleted"}


def test_screen_is_sent_nothing_once_its_token_has_ended(rolled: Hall) -> None:
    screen = rolled.store.get(Room, rolled.room.id)
    assert screen is not None
    rolled.connect(screen, "screen")
    rolled.tell_everything()
    before = rolled.events()

    end_screens(rolled.store, rolled.room)
    rolled.tell_everything()

    assert before == NEWS - {"poll:created", "chat:message"}
    assert rolled.received == []


def test_visitors_of_a_room_that_gets_a_roll_hear_no_more_chat(hall: Hall, ann: Account) -> None:
    keep(hall, hall.room, visibility="public")
    hall.connect(ann, "ann")
    hall.tell_everything()
    before = hall.events()

    with hall.store.transaction():
        hall.store.add(Row(0, CODE, "Kim", role="voter"))
    hall.tell_everything()

    assert "chat:message" in before
    assert "chat:message" not in hall.events()


def test_others_are_sent_nothing_when_the_room_is_theirs_no_more(hall: Hall) -> None:
    keep(hall, hall.room, visibility="public")
    with hall.store.transaction():
        guest = hall.store.add(Guest(0, CODE, "Kim", NOW))
        row = hall.store.add(Row(0, CODE, "Lee", role="voter", claimed=True))
    holders: dict[str, Any] = {"guest": guest, "row": row, "screen": hall.store.get(Room, 1)}
    for sid, holder in holders.items():
        hall.connect(holder, sid)

    lose(hall, guest)
    keep(hall, row, generation=1)
    end_screens(hall.store, hall.room)
    hall.tell_everything()

    assert hall.received == []


def doubts_of(hall: Hall, look: Callable[[list[Any]], None]) -> Doubts:
    """Return doubts of their own about the hall's connections."""
    made = Doubts(hall.connections, hall.store, lambda: hall.now, look, lambda _codes: None)
    hall.store.subscribe(made.doubt_changed, past=False)
    return made


def test_doubts_about_another_room_keep_nobody_waiting(hall: Hall, ann: Account, row: Row) -> None:
    looked: list[Any] = []
    doubts = doubts_of(hall, looked.append)
    hall.connect(ann, "ann")
    keep(hall, row, role="voter")

    doubts.settle("another")
    before = list(looked)
    doubts.settle(CODE)

    assert before == []
    assert looked


def test_doubt_that_comes_while_one_is_looked_at_is_looked_at_too(
    hall: Hall, ann: Account, row: Row
) -> None:
    looked: list[Any] = []

    def look_late(watches: list[Any]) -> None:
        if not looked:
            keep(hall, row, role="voter")
        looked.append(watches)

    doubts = doubts_of(hall, look_late)
    hall.connect(ann, "ann")
    keep(hall, row, role="observer")
    doubts.settle(CODE)
    doubts.settle(CODE)

    assert len(looked) == 2
