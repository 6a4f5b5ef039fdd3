"""Loops go on for as long as the server runs."""

import logging
from collections.abc import Callable

import gevent
import pytest

from api import loops
from api.loops import every, repeat


class Stopped(BaseException):
    """The greenlet was killed."""


def pauses(count: int) -> Callable[[], None]:
    """Return what pauses so often, and then ends the loop as a killed greenlet ends."""
    left = iter(range(count))

    def pause() -> None:
        if next(left, None) is None:
            raise Stopped

    return pause


def test_loop_pauses_before_each_act() -> None:
    acts: list[None] = []

    with pytest.raises(Stopped):
        repeat(pauses(3), lambda: acts.append(None), "it failed")

    assert len(acts) == 3


def test_loop_logs_an_act_that_fails_and_goes_on(caplog: pytest.LogCaptureFixture) -> None:
    acts: list[None] = []

    def act() -> None:
        acts.append(None)
        if len(acts) == 1:
            raise OSError("the disk is full")

    with caplog.at_level(logging.ERROR), pytest.raises(Stopped):
        repeat(pauses(2), act, "finishing failed")

    assert len(acts) == 2
    logged = [each for each in caplog.records if each.name == loops.logger.name]
    assert [each.message for each in logged] == ["finishing failed"]
    assert "the disk is full" in caplog.text


def test_loop_may_begin_without_a_pause() -> None:
    slept: list[float] = []
    begun = every(5, at_once=True)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gevent, "sleep", slept.append)
        for _ in range(3):
            begun()
        every(7)()

    assert slept == [0, 5, 5, 7]
