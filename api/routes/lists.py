"""Lists over HTTP, part by part: the whole list, or searched, filtered and sorted.

A plain page looks at no more than it returns. A search looks at all that the list may hold: in
slices, one search at a time, so that others are served meanwhile.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from heapq import nlargest, nsmallest
from math import inf
from typing import Any, Generic, NamedTuple, TypedDict, TypeVar, overload

from flask import request

from api.operations import LIMITED, Parameter
from api.requests import LIMIT, asker, number
from api.services import services
from api.slices import Rests
from voting.faults import Fault, Invalid
from voting.rest import rested
from voting.store import Within
from voting.text import normalise

SOUGHT_LENGTH = 100
LOOKED_AT_ONCE = 200
NEWEST_FIRST = "-id"

T = TypeVar("T")


class Page(TypedDict, Generic[T]):
    """A part of a list. `next` is the cursor of the next part, null at the end."""

    items: list[T]
    next: int | None


class Part(TypedDict, Generic[T]):
    """A part of a list. `next` is the cursor of the next part; a string if the list is sorted."""

    items: list[T]
    next: int | str | None


Find = Callable[[Within], list[T]]
"""Returns a list's items within bounds of their ids."""


class Filter(NamedTuple):
    """A filter: the allowed values, and the function that returns an item's value."""

    values: tuple[str, ...]
    of: Callable[[Any], str]


@dataclass(frozen=True)
class Listing:
    """What a list is searched, filtered and sorted by.

    newest_first: whether it can be read from its end
    """

    texts: Callable[[Any], Iterable[str | None]]
    sorts: Mapping[str, Callable[[Any], str | None]]
    filters: Mapping[str, Filter] = field(default_factory=dict)
    newest_first: bool = False

    @property
    def takes(self) -> tuple[Parameter, ...]:
        """The parameters of a list's route."""
        orders = [f"{sign}{name}" for name in self.sorts for sign in ("", "-")]
        orders += [NEWEST_FIRST] if self.newest_first else []
        sought = {"type": "string", "maxLength": SOUGHT_LENGTH}
        return (
            LIMITED,
            Parameter("cursor", _CURSOR, "The `next` of the part before, of the same list."),
            Parameter("q", sought, "Only what has this text in it, without case and width."),
            Parameter("sort", {"enum": orders}, "By what; `-` the other way round. Else by age."),
            *(
                Parameter(name, {"enum": list(each.values)}, "Only those.")
                for name, each in self.filters.items()
            ),
        )


_CURSOR = {
    "anyOf": [
        {"type": "integer", "minimum": 0, "maximum": 10**18 - 1},
        {"type": "string", "maxLength": 4_000},
    ]
}


@overload
def page(find: Find[T]) -> Page[T]: ...


@overload
def page(find: Find[T], listing: Listing) -> Part[T]: ...


def page(find: Find[Any], listing: Listing | None = None) -> Page[Any] | Part[Any]:
    """Return a part of a list: `?limit=` of what is left of it, after `?cursor=`.

    Raises `Invalid` for a limit beyond 1 to 200, an invalid cursor, or too long a `q`.
    """
    limit = number("limit", LIMIT)
    order = request.args.get("sort")
    searching = listing is not None and {"q", *listing.filters}.intersection(request.args)
    if listing is None or (order in (None, NEWEST_FIRST) and not searching):
        found = _next_of(find, limit + 1, newest_first=order == NEWEST_FIRST)
        return {"items": found[:limit], "next": found[limit - 1].id if len(found) > limit else None}
    if len(request.args.get("q", "")) > SOUGHT_LENGTH:
        raise Invalid(Fault("q", "too_long", SOUGHT_LENGTH))
    with services().long_reads.turn_of(asker()):
        return _search(find, listing, limit)


def newest() -> Within:
    """Return the bounds of the newest items: `?limit=` of them before `?before=`, if that is sent.

    Raises `Invalid`.
    """
    limit, before = number("limit", LIMIT), number("before", 0)
    return Within(before=before or inf, limit=-limit)


def _next_of(find: Find[Any], limit: int, *, newest_first: bool) -> list[Any]:
    """Return the items after the cursor."""
    cursor = number("cursor", 0)
    if not newest_first:
        return find(Within(after=cursor, limit=limit))
    return find(Within(before=cursor or inf, limit=-limit))[::-1]


def _search(find: Find[Any], listing: Listing, limit: int) -> Part[Any]:
    order = request.args.get("sort", "")
    by = listing.sorts.get(order.removeprefix("-"))
    falling = order.startswith("-")
    if by is None:
        cursor = number("cursor", 0)
        after = ("", cursor) if cursor else None
    else:
        cursor, after = 0, _read_cursor(order)
    fits = _fitting(listing)

    def places() -> Iterator[tuple[Any, int, Any]]:
        for item in _each(find, 0 if falling else cursor):
            if fits(item):
                place = (normalise(by(item) or "") if by else "", item.id, item)
                if after is None or (place[:2] < after if falling else place[:2] > after):
                    yield place

    found = (nlargest if falling else nsmallest)(limit + 1, places())
    following = None
    if len(found) > limit:
        key, item_id, _ = found[limit - 1]
        following = item_id if by is None else _write_cursor(order, key, item_id)
    return {"items": [item for _, _, item in found[:limit]], "next": following}


def _each(find: Find[Any], after: int) -> Iterator[Any]:
    rest = Rests()
    while part := find(Within(after=after, limit=LOOKED_AT_ONCE)):
        yield from rested(part, rest)
        after = part[-1].id


def _fitting(listing: Listing) -> Callable[[Any], bool]:
    """Return a function that decides whether an item fits the request."""
    sought = normalise(request.args.get("q", ""))
    filters = [
        (each.of, request.args[name])
        for name, each in listing.filters.items()
        if name in request.args
    ]

    def fits(item: Any) -> bool:
        return all(of(item) == value for of, value in filters) and any(
            sought in normalise(text) for text in listing.texts(item) if text is not None
        )

    return fits


def _write_cursor(order: str, key: str, item_id: int) -> str:
    return urlsafe_b64encode(json.dumps([order, key, item_id]).encode()).decode()


def _read_cursor(order: str) -> tuple[str, int] | None:
    """Return after which key and id a sorted list goes on. Raises `Invalid` for another list's."""
    text = request.args.get("cursor")
    if text in (None, "", "0"):
        return None
    try:
        match json.loads(urlsafe_b64decode(str(text))):
            case [sorting, str(key), int(item_id)] if sorting == order:
                return key, item_id
    except (ValueError, RecursionError):
        pass
    raise Invalid(Fault("cursor", "format"))
