"""Which polls a client is sent when it joins: few, and a cursor from which the list goes on."""

from dataclasses import replace
from typing import get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.examples import examples
from tests.unit.lobby import CANDIDATES
from voting import recent_polls as module
from voting.model.polls import ENDED, ONGOING, Poll, State
from voting.model.rooms import Room
from voting.people import find_room
from voting.recent_polls import recent_polls
from voting.store import Store

MOST_ENDED, MOST_ONGOING = 2, 3
STATES = st.lists(st.sampled_from(get_args(State)), max_size=20)


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ENDED_SENT", MOST_ENDED)
    monkeypatch.setattr(module, "ONGOING_SENT", MOST_ONGOING)


def fill(store: Store, states: list[State], current: int | None = None) -> list[Poll]:
    """Make a room whose polls have these states, the one at `current` its current poll."""
    with store.transaction():
        for poll in store.each(Poll):
            store.remove(poll)
        for room in store.each(Room):
            store.remove(room)
        polls = [store.add(Poll(0, "lobby", "?", CANDIDATES, state=state)) for state in states]
        shown = None if current is None else polls[current].id
        store.add(Room(0, "lobby", "Room", "public", current_poll=shown))
    return polls


@settings(max_examples=examples(30), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(states=STATES, drafts=st.booleans(), data=st.data())
def test_polls_that_are_left_out_come_after_the_cursor(
    store: Store, states: list[State], drafts: bool, data: st.DataObject
) -> None:
    current = data.draw(st.sampled_from([None, *range(len(states))]))
    polls = fill(store, states, current)
    visible = [poll for poll in polls if drafts or poll.state != "draft"]

    sent, following = recent_polls(store, find_room(store, "lobby"), drafts=drafts)

    left_out = [poll for poll in visible if poll not in sent]
    assert sent == [poll for poll in visible if poll in sent]
    assert all(poll.id < (following or 0) for poll in left_out)
    for states_, most in ((ONGOING, MOST_ONGOING), (ENDED, MOST_ENDED), (("draft",), MOST_ONGOING)):
        newest = [poll for poll in visible if poll.state in states_][-most:]
        assert set(newest) <= set(sent)


def test_polls_are_few_however_many_there_are(store: Store) -> None:
    fill(store, [*get_args(State)] * 10, current=3)
    room = find_room(store, "lobby")

    everybody, hosts = (recent_polls(store, room, drafts=each).polls for each in (False, True))

    assert len(everybody) == MOST_ENDED + MOST_ONGOING + 1
    assert len(hosts) == len(everybody) + MOST_ONGOING


def test_current_poll_is_sent_however_old_it_is_but_no_draft(store: Store) -> None:
    polls = fill(store, ["closed", *["closed"] * 5, "draft"], current=0)
    room = find_room(store, "lobby")

    assert recent_polls(store, room, drafts=False).polls == [polls[0], *polls[4:6]]
    draft = replace(room, current_poll=polls[6].id)
    assert polls[6] not in recent_polls(store, draft, drafts=False).polls
    assert recent_polls(store, room, drafts=False).next == polls[4].id


def test_cursor_is_null_when_all_are_sent(store: Store) -> None:
    fill(store, ["open", "closed", "void", "draft"])

    assert recent_polls(store, find_room(store, "lobby"), drafts=False).next is None
