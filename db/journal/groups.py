"""The ids of documents whose values by some rule are equal, in order."""

from bisect import bisect_left, bisect_right, insort
from collections.abc import MutableSet
from math import inf

from db.journal.split import SplitIds

Bounds = tuple[int, float, int | None]
"""Ids after one and before another: the first `limit` of them, the last n for -n, all for None."""

ALL: Bounds = (-1, inf, None)


class Group:
    """The ids of the documents of a group, sorted when that is first needed; split if many."""

    __slots__ = ("_ordered", "ids")

    def __init__(self) -> None:
        self.ids: MutableSet[int] = set()
        self._ordered: list[int] | None = None

    def add(self, document_id: int) -> None:
        """Add a document's id."""
        self.ids.add(document_id)
        if len(self.ids) == MANY and isinstance(self.ids, set):
            self.ids = SplitIds(self.ids)
        if self._ordered is not None:
            insort(self._ordered, document_id)

    def discard(self, document_id: int) -> None:
        """Remove an id that is in the group."""
        self.ids.remove(document_id)
        if self._ordered is not None:
            del self._ordered[bisect_left(self._ordered, document_id)]

    def between(self, after: int, before: float, limit: int | None) -> list[int]:
        """Return the ids between two others, ascending: the first `limit`, or the last n for -n.

        In O(1) for each, once they are sorted.
        """
        ordered = self._ordered = sorted(self.ids) if self._ordered is None else self._ordered
        return between(ordered, after, before, limit)


def between(ordered: list[int], after: int, before: float, limit: int | None) -> list[int]:
    """Return those of ascending ids that are within `Bounds`."""
    start, end = bisect_right(ordered, after), bisect_left(ordered, before)
    if limit is None:
        return ordered[start:end]
    if limit < 0:
        return ordered[max(start, end + limit) : end]
    return ordered[start : min(end, start + limit)]


NOBODY = Group()
MANY = 4_096
"""A group of so many ids is split."""
