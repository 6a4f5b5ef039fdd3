"""The entrance: failures in numbers are answered late, and delay nobody with the right password."""

from collections.abc import Callable, Iterator
from typing import Any

import gevent
import pytest

from api import gate
from api.cors import Origins
from api.gate import Gate

AT_ONCE, CROWD = 100, 150


class Entrance:
    """A gate before an app that accepts the right password."""

    def __init__(self) -> None:
        self.asked, self.refusal = 0, "401 Unauthorized"
        self.gate = Gate(self.answer, Origins(()))

    def answer(self, environ: dict[str, Any], start: Callable[..., Any]) -> list[bytes]:
        self.asked += 1
        start("200 OK" if environ["right"] else self.refusal, [])
        return []

    def sign_in(self, address: str, *, right: bool) -> Any:
        environ = {"REQUEST_METHOD": "POST", "PATH_INFO": "/auth/login", "REMOTE_ADDR": address}
        return self.gate(environ | {"right": right}, lambda *_: None)


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hold failures for longer than any test takes."""
    monkeypatch.setattr(gate, "FAILURES", (0.001, AT_ONCE))
    monkeypatch.setattr(gate, "TURN_SECONDS", 1_000)


@pytest.fixture
def crowded() -> Iterator[tuple[Entrance, list[gevent.Greenlet]]]:
    """Return an entrance where a crowd of one address failed, and the crowd."""
    entrance = Entrance()
    crowd = [gevent.spawn(entrance.sign_in, "10.0.0.1", right=False) for _ in range(CROWD)]
    while entrance.asked < CROWD:
        gevent.sleep(0.01)
    yield entrance, crowd
    gevent.killall(crowd)


def test_failures_of_one_address_are_held_back_beyond_some(
    crowded: tuple[Entrance, list[gevent.Greenlet]],
) -> None:
    _, crowd = crowded

    answered = sum(each.ready() for each in crowd)

    assert answered == AT_ONCE


@pytest.mark.parametrize(("address", "right"), [("10.0.0.1", True), ("10.0.0.2", False)])
def test_nobody_else_is_held_back(
    crowded: tuple[Entrance, list[gevent.Greenlet]], address: str, right: bool
) -> None:
    entrance, crowd = crowded

    entrance.sign_in(address, right=right)

    assert not all(each.ready() for each in crowd)


def test_refusals_of_the_server_itself_are_not_held_back() -> None:
    """A server that stops refuses hundreds, and waits for each."""
    entrance = Entrance()
    entrance.refusal = "503 Service Unavailable"

    crowd = [gevent.spawn(entrance.sign_in, "10.0.0.1", right=False) for _ in range(CROWD)]
    while entrance.asked < CROWD:
        gevent.sleep(0.01)
    gevent.sleep(0)

    assert [each for each in crowd if not each.ready()] == []


def test_those_at_the_gate_are_told_when_to_come_back_after_its_end() -> None:
    entrance, told = Entrance(), []
    environ = {"REQUEST_METHOD": "POST", "PATH_INFO": "/auth/login", "REMOTE_ADDR": "10.0.0.1"}

    entrance.gate.turns.end()
    entrance.gate(environ, lambda status, headers, _=None: told.append((status, dict(headers))))

    assert told[0][0] == "503 Service Unavailable"
    assert int(told[0][1]["Retry-After"]) > 0
    assert entrance.asked == 0
