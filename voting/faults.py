"""Faults: what is wrong with what a client said, as data. Wording is elsewhere."""

from dataclasses import dataclass
from typing import Any

from voting.refusals import Refusal

FAULTS, FIELD_LETTERS = 20, 80
"""How many faults of a request a client is sent, and how much of each one's path."""

Path = tuple[object, ...]
"""The keys and positions from a document to a part of it."""


@dataclass(frozen=True)
class Fault:
    """One thing wrong with what a client said: `field` is a dotted path, "" the whole."""

    field: str
    code: str
    constraint: Any = None


class Invalid(Refusal):
    """What a client said does not fit; every fault is named. `file` is how a file was read that it
    stands in, as clients are sent it.
    """

    code = "invalid_request"
    file: Any = None

    def __init__(self, *faults: Fault) -> None:
        super().__init__()
        self.args = self.faults = faults


class Faults:
    """Collects the faults of a document. Raises `Invalid` as soon as there are too many to send."""

    def __init__(self) -> None:
        self._found: list[Fault] = []

    def note(self, path: Path, code: str, constraint: Any = None) -> None:
        """Add a fault at a path."""
        self.add(Fault(shorten(".".join(shorten(str(step)) for step in path)), code, constraint))

    def add(self, *faults: Fault) -> None:
        """Add faults."""
        self._found += faults
        if len(self._found) > FAULTS:
            self.check()

    def check(self) -> None:
        """Raise `Invalid` if there are any."""
        if self._found:
            raise Invalid(*self._found)


def shorten(field: str) -> str:
    """Return a field's path, cut where it is longer than any that a schema has."""
    return field if len(field) <= FIELD_LETTERS else f"{field[: FIELD_LETTERS - 1]}…"
