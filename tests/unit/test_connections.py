"""Connections are found by id, person and room, and leave no trace when they go."""

from datetime import timedelta
from functools import partial

import pytest

from api.buckets import Buckets
from api.live.connections import PER_PERSON, Connection, Connections, Watch
from api.tokens import Session
from tests.unit.lobby import NOW
from voting.model.accounts import Account
from voting.people import Standing
from voting.refusals import RateLimited

STRANGER = Standing(None, None, "stranger")


def connection(sid: str, person: str | None = None) -> Connection:
    session = person and Session(f"t-{sid}", person, 0, NOW + timedelta(hours=1), (Account, 1))
    return Connection(
        sid, "en", "token", session or None, partial(Buckets(1, 1).take, person or sid)
    )


def test_connection_is_found_by_what_it_is_while_it_lasts() -> None:
    connections = Connections()
    mine, other, stranger = connection("a", "u1"), connection("b", "u1"), connection("c")
    for each in (mine, other, stranger):
        connections.add(each)
        connections.watch(each, "lobby", Watch(STRANGER, screen=False))

    before = {each.sid for each in connections.of("u1")}
    watching = {each.sid for each in connections.watching("lobby")}
    gone = connections.remove("a")

    assert (before, watching) == ({"a", "b"}, {"a", "b", "c"})
    assert gone is mine
    assert [each.sid for each in connections.of("u1")] == ["b"]
    assert {each.sid for each in connections.watching("lobby")} == {"b", "c"}
    assert [each.sid for each, _ in connections.signed_in()] == ["b"]
    assert connections.remove("a") is None


def test_nothing_is_kept_when_all_have_gone() -> None:
    connections = Connections()
    for number in range(10):
        connections.add(connection(str(number), f"u{number % 3}"))
        connections.watch(connections[str(number)], "lobby", Watch(STRANGER, screen=False))

    for number in range(10):
        connections.remove(str(number))

    assert all(not kept for kept in vars(connections).values())


def test_person_is_refused_when_they_have_too_many_connections() -> None:
    connections = Connections()
    for number in range(PER_PERSON):
        connections.add(connection(str(number), "u1"))

    with pytest.raises(RateLimited):
        connections.add(connection("more", "u1"))
    connections.add(connection("other", "u2"))
    for number in range(100):
        connections.add(connection(f"s{number}"))
    connections.remove("0")
    connections.add(connection("more", "u1"))

    assert len(connections.of("u1")) == PER_PERSON


@pytest.mark.parametrize("screen", [False, True])
def test_watch_reports_what_is_new_once(screen: bool) -> None:
    watch = Watch(STRANGER, screen=screen)
    you = {"person": None, "role": "stranger", "muted": None, "polls": {"1": {"voted": False}}}

    changed = [watch.renew(you), watch.renew(dict(you)), watch.renew({**you, "role": "host"})]

    assert changed == [True, False, True]
