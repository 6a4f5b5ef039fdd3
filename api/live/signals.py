"""Signals: what the services say to whoever listens, known before anybody does."""

from collections.abc import Callable
from typing import Any, NamedTuple


class Signal:
    """Calls all who listen, in the caller's turn; they must not wait."""

    def __init__(self) -> None:
        self._listeners: list[Callable[..., None]] = []

    def connect(self, listener: Callable[..., None]) -> None:
        """Call a listener from now on."""
        self._listeners.append(listener)

    def __call__(self, *said: Any) -> None:
        for listener in self._listeners:
            listener(*said)


class Signals(NamedTuple):
    """tallied: the ids of polls whose tally has changed, a set
    voted: who (`u12`) has cast a ballot
    presence: a room's code, the diff, and whether members are told names
    """

    tallied: Signal
    voted: Signal
    presence: Signal
