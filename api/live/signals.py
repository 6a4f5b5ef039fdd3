"""Signals: the services call them when something changes, and their listeners are called.

A signal exists before its listeners, so services can be made without any.
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

    def __call__(self, *arguments: Any) -> None:
        for listener in self._listeners:
            listener(*arguments)


class Signals(NamedTuple):
    """tallied: called with the set of ids of polls whose tally has changed
    voted: called with the person (`u12`) who has cast a ballot
    presence: called with a room's code, the diff, and whether members see names
    """

    tallied: Signal
    voted: Signal
    presence: Signal
