"""Signals: the services call them when something changes, and whoever has connected is called.

A signal exists before its listeners do, so services need none to be made.
"""

from collections.abc import Callable
from typing import Any, NamedTuple


class Signal:
    """Calls its listeners one after the other. They must not block."""

    def __init__(self) -> None:
        self._listeners: list[Callable[..., None]] = []

    def connect(self, listener: Callable[..., None]) -> None:
        """Add a listener; it is called from now on."""
        self._listeners.append(listener)

    def __call__(self, *said: Any) -> None:
        for listener in self._listeners:
            listener(*said)


class Signals(NamedTuple):
    """tallied: called with the set of ids of polls whose tally has changed
    voted: called with the person (`u12`) who has cast a ballot
    presence: called with a room's code, the diff, and whether members see names
    """

    tallied: Signal
    voted: Signal
    presence: Signal
