"""Every state of a connection ends, and one state never takes over the time of another."""

import socket
from collections.abc import Iterator
from dataclasses import fields

import gevent
import pytest

from api.httpd import Limits, listen
from api.httpd.connection import Connection
from api.httpd.faults import plain_fault
from api.httpd.shared import Shared
from api.httpd.states import LINGERING, STATES, State, States

OVER = Limits(**{each.name: 0 for each in fields(Limits) if each.name.endswith("_seconds")})


class Thing:
    """What has a state."""

    state: State | None = None


@pytest.mark.parametrize("state", STATES, ids=[state.name for state in STATES])
def test_state_has_a_deadline(state: State) -> None:
    states, thing = States(OVER), Thing()

    states.enter(thing, state)

    assert getattr(Limits(), state.limit) > 0
    assert states.expire() == [(thing, state)]
    assert states.expire() == []


@pytest.mark.parametrize("before", STATES, ids=[state.name for state in STATES])
@pytest.mark.parametrize("state", STATES, ids=[state.name for state in STATES])
def test_thing_is_in_the_last_state_alone(before: State, state: State) -> None:
    states, thing = States(OVER), Thing()
    states.enter(thing, before)
    states.enter(thing, state)

    assert list(states) == [thing]
    assert states.expire() == [(thing, state)]


def test_whole_body_ends_whatever_state_its_connection_is_in() -> None:
    limits = Limits(whole_body_seconds=0)
    for state in STATES:
        states, thing = States(limits), Thing()
        states.enter(thing, state)
        states.bodies.start(thing)

        assert [each for each, _ in states.expire()] == [thing]


@pytest.fixture
def ended() -> list[bool]:
    """One for each connection that has ended."""
    return []


@pytest.fixture
def connection(ended: list[bool]) -> Iterator[tuple[Connection, socket.socket]]:
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    theirs.settimeout(5)
    with listen("127.0.0.1", 0) as listener:
        shared = Shared(
            listener,
            lambda *_: [],
            lambda: ended.append(True),
            lane=None,
            websocket_path=None,
            fault=plain_fault,
            limits=Limits(),
            others=None,
        )
        yield Connection(shared, ours, ("192.0.2.1", "9")), theirs
    theirs.close()


@pytest.mark.parametrize("state", STATES, ids=[state.name for state in STATES])
def test_connection_ends_when_its_state_does(
    connection: tuple[Connection, socket.socket], state: State
) -> None:
    ours, theirs = connection
    ours.shared.states.enter(ours, state)

    ours.expire(state)
    if ours.state is LINGERING:
        ours.expire(LINGERING)

    assert (ours.socket, ours.state) == (None, None)
    assert read_all(theirs).startswith(b"HTTP/1.1 408" if state.name == "head" else b"")


def read_all(sock: socket.socket) -> bytes:
    heard = b""
    while piece := sock.recv(65_536):
        heard += piece
    return heard


def test_connection_is_forgotten_when_it_ends(
    connection: tuple[Connection, socket.socket], ended: list[bool]
) -> None:
    ours, _ = connection

    ours.close()
    gevent.sleep(0)

    assert list(ours.shared.states) == []
    assert ended == [True]
