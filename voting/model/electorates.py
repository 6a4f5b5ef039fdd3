"""Electorates: who has a vote in a poll for the roll, at its opening and admitted later."""

from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import TypedDict, final

from voting.model.rooms import PRIVATE

Member = tuple[int, int]
"""A row's id and its weight: how many votes its ballot counts."""


@final
class ElectorateCount(TypedDict):
    """A poll's electorate: its digest and its size at the opening, and how many were admitted."""

    digest: str
    size: int
    admitted: int


@dataclass(frozen=True)
class Electorate:
    """The rows of a roll that had a vote when their poll opened; its id is the poll's.

    members: runs of rows that follow each other, as `write_members` writes them: a roll of
        20,000 takes a few letters, in each of hundreds of polls
    """

    id: int
    room: str = field(metadata=PRIVATE)
    members: str
    size: int
    digest: str

    def holds(self, row_id: int) -> bool:
        """Return whether a row is a member. It takes no longer for a large electorate."""
        firsts, lasts = self._bounds
        position = bisect_right(firsts, row_id) - 1
        return position >= 0 and row_id <= lasts[position]

    @cached_property
    def _bounds(self) -> tuple["array[int]", "array[int]"]:
        runs = list(_read_runs(self.members))
        return array("q", (run[0] for run in runs)), array("q", (run[1] for run in runs))


@dataclass(frozen=True)
class Admission:
    """A row that a host admitted to an electorate while its poll went on; `actor` is the host."""

    id: int = field(metadata=PRIVATE)
    room: str = field(metadata=PRIVATE)
    poll: int
    row: int
    weight: int
    admitted_at: datetime
    actor: str

    @property
    def key(self) -> str:
        """What is unique: a row is admitted to a poll once."""
        return admission_key(self.poll, self.row)


def admission_key(poll_id: int, row_id: int) -> str:
    """Return the key under which the admission of a row to a poll is stored."""
    return f"{poll_id}/{row_id}"


def write_members(members: Iterable[Member]) -> str:
    """Return members, in the order of their rows, as text: `3-17 20 22-25:2`, where the last four
    have a weight of 2.
    """
    runs: list[str] = []
    first = last = weight = -1
    for row, each in members:
        if row != last + 1 or each != weight:
            runs += _write_run(first, last, weight)
            first, weight = row, each
        last = row
    return " ".join(runs + _write_run(first, last, weight))


def read_members(text: str) -> Iterator[Member]:
    """Yield the members that `write_members` has written."""
    for first, last, weight in _read_runs(text):
        for row in range(first, last + 1):
            yield row, weight


def _write_run(first: int, last: int, weight: int) -> list[str]:
    if first < 0:
        return []
    span = str(first) if first == last else f"{first}-{last}"
    return [span if weight == 1 else f"{span}:{weight}"]


def _read_runs(text: str) -> Iterator[tuple[int, int, int]]:
    for run in text.split():
        span, _, weight = run.partition(":")
        first, _, last = span.partition("-")
        yield int(first), int(last or first), int(weight or 1)
