"""A loop that stays awake for a moment, on a fake clock."""

from collections.abc import Callable

import pytest

from api.busy_wait import SECONDS, BusyWait
from tests.unit.clock import Clock


class Idle:
    """gevent's idle watcher: called as long as it is active and nothing else happens."""

    active = False
    started = 0

    def start(self, look: Callable[[], None]) -> None:
        self.active, self.look = True, look
        self.started += 1

    def stop(self) -> None:
        self.active = False


class Loop:
    def __init__(self) -> None:
        self.watcher = Idle()

    def idle(self) -> Idle:
        return self.watcher


@pytest.fixture
def loop() -> Loop:
    return Loop()


@pytest.fixture
def busy_wait(loop: Loop, clock: Clock) -> BusyWait:
    return BusyWait(loop, clock)


def test_loop_sleeps_until_it_is_told_to_stay_awake(loop: Loop, busy_wait: BusyWait) -> None:
    assert not loop.watcher.active
    busy_wait.begin(100.0)
    assert loop.watcher.active


def test_loop_sleeps_again_when_the_moment_is_over(
    loop: Loop, busy_wait: BusyWait, clock: Clock
) -> None:
    busy_wait.begin(clock.now)
    clock.now += SECONDS / 2
    loop.watcher.look()
    awake = loop.watcher.active
    clock.now += SECONDS
    loop.watcher.look()

    assert (awake, loop.watcher.active) == (True, False)


def test_moment_begins_anew_for_the_next_who_waits(
    loop: Loop, busy_wait: BusyWait, clock: Clock
) -> None:
    busy_wait.begin(clock.now)
    clock.now += SECONDS / 2
    busy_wait.begin(clock.now)
    clock.now += SECONDS * 0.75
    loop.watcher.look()

    assert loop.watcher.active
    assert loop.watcher.started == 1
