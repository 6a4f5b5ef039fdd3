"""Where ballots are: how a poll's are found, counted and numbered.

In files, each poll has a part for the ballots as they were cast and one for sealed ballots, which
have no voter (`db.journal.filed`). The ballots of a poll that has ended are only read from there.
PostgreSQL's engine has them in a table.
"""

import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Protocol

from db.engine import Engine
from db.journal import JournaledStorage
from db.journal.documents import Document
from db.journal.filed import Filing, as_filed, first_id
from db.journal.filed_part import NEAR
from db.rows import Json, ballot_row
from db.tables import BALLOTS, POLLS
from voting.methods import marks_counts
from voting.model.ballots import Ballot
from voting.model.polls import ENDED
from voting.record import read_marks
from voting.store import Duplicate

HEX_DIGITS = 10
"""So many digits of a pseudonym, or of a sealed ballot's receipt, are in a ballot's id."""


class Ballots(Protocol):
    """The ballots of a store, by poll."""

    def numbered(self, ballot: Ballot) -> Ballot:
        """Return a new ballot with its id. Raises `Duplicate` if its voter has another."""

    def find(self, poll_id: int, voter: str) -> tuple[int, Json] | None:
        """Return a voter's ballot with its id; None if there is none."""

    def rows(self, poll_id: int) -> Iterator[tuple[int, Json]]:
        """Yield a poll's ballots with their ids; ballots may come and go meanwhile."""

    def size(self, poll_id: int) -> int:
        """Return how many ballots a poll has."""

    def counts(self, poll_id: int) -> Mapping[str, int]:
        """Return what a poll's ballots count together: see `marks_counts`."""

    def replace(self, poll_id: int, ballots: Iterable[Ballot], /) -> bool:
        """Replace a poll's ballots by others; see `Store.replace_ballots`."""

    def clear(self, poll_id: int, /) -> None:
        """Remove a poll's ballots as far as that takes no time for each."""

    def rest(self, poll_id: int) -> None:
        """Note that a poll has ended: its ballots are only read from now on."""


class TableBallots:
    """Ballots in a table of an engine that has them in memory, under their random ids."""

    def __init__(self, engine: Engine) -> None:
        self._engine, self._table = engine, engine.table(BALLOTS)

    def numbered(self, ballot: Ballot) -> Ballot:
        if ballot.id in self._table.documents:
            raise ValueError("two random ids are the same")  # 53 bits: repeating is safe
        return ballot

    def find(self, poll_id: int, voter: str) -> tuple[int, Json] | None:
        found = self._table.find("voter", voter)
        return None if found is None or found[1]["poll"] != poll_id else found

    def rows(self, poll_id: int) -> Iterator[tuple[int, Json]]:
        for key in self._engine.members(BALLOTS, "poll", poll_id):
            row = self._table.documents.get(key)
            if row is not None:
                yield key, row

    def size(self, poll_id: int) -> int:
        return len(self._table.group("poll", poll_id).ids)

    def counts(self, poll_id: int) -> Mapping[str, int]:
        counts = Counter[str]()
        for _, row in self.rows(poll_id):
            counts.update(_count(row))
        return counts

    def replace(self, _poll_id: int, _ballots: Iterable[Ballot]) -> bool:
        return False

    def clear(self, poll_id: int) -> None:
        """Do nothing."""

    def rest(self, poll_id: int) -> None:
        """Do nothing."""


class FiledBallots:
    """Ballots in files of their own. Their ids say where each is."""

    def __init__(self, storage: JournaledStorage) -> None:
        self._storage = storage
        self._state = as_filed(storage.table(BALLOTS))
        self._filed = self._state.filed

    def numbered(self, ballot: Ballot) -> Ballot:
        place = _place(ballot.poll, sealed=ballot.voter is None)
        first = first_id(place, number_of(ballot.voter or ballot.receipt))
        if not (taken := self._filed.near(first)):
            return Ballot(first, *ballot[1:])
        for key in taken if ballot.voter is not None else ():
            if self._filed[key]["voter"] == ballot.voter:
                raise Duplicate("voter")
        key = self._state.free_id(first)
        if ballot.voter is not None and key >= first + NEAR:
            raise ValueError("the pseudonyms of too many voters are alike")
        return ballot._replace(id=key)

    def find(self, poll_id: int, voter: str) -> tuple[int, Json] | None:
        first = first_id(_place(poll_id, sealed=False), number_of(voter))
        for key in self._filed.near(first):
            row = self._filed.get(key)
            if row is not None and row["voter"] == voter:
                return key, row
        return None

    def rows(self, poll_id: int) -> Iterator[tuple[int, Json]]:
        for place in _places(poll_id):
            part = self._filed.parts.get(place)
            if part is not None:
                yield from part.items()

    def size(self, poll_id: int) -> int:
        sizes = self._state.sizes
        return sum(sizes[place] for place in _places(poll_id))

    def counts(self, poll_id: int) -> Mapping[str, int]:
        counts = Counter[str]()
        for place in _places(poll_id):
            part = self._filed.parts.get(place)
            if part is not None:
                counts.update(part.counts(_count))
        return counts

    def replace(self, poll_id: int, ballots: Iterable[Ballot]) -> bool:
        old, new = _places(poll_id)
        return self._storage.move(BALLOTS, old, new, _sealed_rows(new, ballots))

    def clear(self, poll_id: int) -> None:
        places = _places(poll_id)
        for old, new in (places, places[::-1]):
            part = self._filed.parts.get(old)
            if part is not None and part.size > 1:  # a part goes with its last document
                row = next(row for _, row in part.items())
                self._storage.move(BALLOTS, old, new, [(first_id(new, 0), row)])

    def rest(self, poll_id: int) -> None:
        for place in _places(poll_id):
            self._storage.rest(BALLOTS, place)


def _sealed_rows(place: int, ballots: Iterable[Ballot]) -> Iterator[tuple[int, Json]]:
    last = 0
    for ballot in ballots:
        last = max(last + 1, first_id(place, number_of(ballot.receipt)))
        yield last, ballot_row(ballot)


def _places(poll_id: int) -> tuple[int, int]:
    return _place(poll_id, sealed=False), _place(poll_id, sealed=True)


def _place(poll_id: int, *, sealed: bool) -> int:
    return 2 * poll_id + sealed


def number_of(text: str) -> int:
    """Return a number that sorts as the hexadecimal text does; any other text has one, too."""
    try:
        return abs(int(text[:HEX_DIGITS], 16))
    except ValueError:
        return zlib.crc32(text.encode())


def _filed_under(row: Document) -> tuple[int, int]:
    voter = row["voter"]
    number = number_of(row["receipt"] if voter is None else voter)
    return _place(row["poll"], sealed=voter is None), number


def _count(row: Document) -> Mapping[str, int]:
    return marks_counts(read_marks(row))


def _is_at_rest(place: int, documents: Callable[[str], Mapping[int, Document]]) -> bool:
    poll = documents(POLLS).get(place // 2)
    return poll is None or poll["state"] in ENDED


FILED = {BALLOTS: Filing(_filed_under, _count, _is_at_rest)}
