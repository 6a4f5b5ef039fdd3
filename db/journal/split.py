"""A mapping in many small dicts. It never moves all its items at once.

A dict that grows copies itself: 27 ms at 700,000 items, during which nothing else runs.
"""

from collections.abc import Callable, Iterator, Mapping, MutableMapping
from typing import Any, Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")

PAGE_BITS = 12


def page_of(number: int) -> int:
    """Return the dict of a number. Those of ids that ascend are filled one after the other."""
    return number >> PAGE_BITS


def split(items: Mapping[K, V], place_of: Callable[[Any], int]) -> "Split[K, V]":
    """Return items in small dicts."""
    made = Split[K, V](place_of)
    for key, value in items.items():
        made[key] = value
    return made


class Split(MutableMapping[K, V], Generic[K, V]):
    """The items, each in the dict that `place_of` computes."""

    __slots__ = ("_place_of", "_places", "_size")

    def __init__(self, place_of: Callable[[Any], int]) -> None:
        self._place_of = place_of
        self._places: dict[int, dict[K, V]] = {}
        self._size = 0

    def __getitem__(self, key: K) -> V:
        return self._places[self._place_of(key)][key]

    def get(self, key: K, default: Any = None) -> Any:
        place = self._places.get(self._place_of(key))
        return default if place is None else place.get(key, default)

    def __contains__(self, key: object) -> bool:
        return key in self._places.get(self._place_of(key), ())

    def __setitem__(self, key: K, value: V) -> None:
        place = self._places.setdefault(self._place_of(key), {})
        before = len(place)
        place[key] = value
        self._size += len(place) - before

    def __delitem__(self, key: K) -> None:
        number = self._place_of(key)
        place = self._places[number]
        del place[key]
        self._size -= 1
        if not place:
            del self._places[number]

    def __len__(self) -> int:
        return self._size

    def __iter__(self) -> Iterator[K]:
        for place in self._places.values():
            yield from place

    def items(self) -> Iterator[tuple[K, V]]:  # type: ignore[override]
        for place in self._places.values():
            yield from place.items()

    def values(self) -> Iterator[V]:  # type: ignore[override]
        for place in self._places.values():
            yield from place.values()

    def clear(self) -> None:
        self._places, self._size = {}, 0
