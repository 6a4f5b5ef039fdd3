"""Faults: what is wrong with what a client sent, as data. Other modules word them."""

from dataclasses import dataclass
from typing import Any

from voting.refusals import Refusal

FAULTS, FIELD_LETTERS = 20, 80
"""How many faults of a request are sent, and how many characters of each path."""

Path = tuple[object, ...]
"""The keys and positions from a document to a part of it."""


@dataclass(frozen=True)
class Fault:
    """One fault of what a client sent. `field` is a dotted path, "" for the whole."""

    field: str
    code: str
    constraint: Any = None


class Invalid(Refusal):
    """What a client sent has faults. `file` says how the file with the faults was read."""

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
        """Raise `Invalid` if there are faults."""
        if self._found:
            raise Invalid(*self._found)


def shorten(field: str) -> str:
    """Return a field's path, cut if it is longer than any that a schema has."""
    return field if len(field) <= FIELD_LETTERS else f"{field[: FIELD_LETTERS - 1]}…"
