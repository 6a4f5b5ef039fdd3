"""Documents as the store holds them, and their changes. Pure.

A document is a JSON object. It is copied when it comes in, and never mutated once it is published.
"""

from collections.abc import Iterable, Mapping, MutableMapping
from math import isfinite
from sys import intern
from typing import Any

import msgspec

Document = dict[str, Any]
Stored = Document | msgspec.Raw | None
"""A document, as it is or in JSON as a file has it; None for one that was removed."""
ByTable = Mapping[str, Mapping[int, Document]]
"""Documents by table and id."""
REMOVED = msgspec.Raw(b"null")
"""That a document was removed, in JSON."""

_PLAIN = frozenset({str, int, bool, type(None)})


class Change(msgspec.Struct, frozen=True):
    """A change of one document: before and after, None if there was or is none.

    If `document_id` is None, it is a change of the table: {} if it exists, None if not.
    """

    table: str
    document_id: int | None
    before: Document | None
    after: Document | None


def detach(value: Any) -> Any:
    """Return a copy of a JSON value that shares nothing mutable with it.

    Keys become strings and are interned, tuples become lists, as JSON would return them.

    Raises TypeError for types that JSON doesn't have, ValueError for NaN and infinities.
    """
    if type(value) is dict or isinstance(value, Mapping):  # asking an ABC takes 0.5 µs
        return {
            intern(key) if type(key) is str else _key(key): (
                item if type(item) in _PLAIN else detach(item)
            )
            for key, item in value.items()
        }
    if isinstance(value, list | tuple):
        return [item if type(item) in _PLAIN else detach(item) for item in value]
    if type(value) in _PLAIN:
        return value
    if isinstance(value, float):
        if not isfinite(value):
            raise ValueError(f"{value} is not JSON")
        return float(value)
    if isinstance(value, str | int):  # an enum's member, say
        return str.__str__(value) if isinstance(value, str) else int(value)
    raise TypeError(f"{type(value).__name__} can't be kept as JSON")


def read_document(line: bytes | msgspec.Raw) -> Document:
    """Return the document in JSON."""
    document: Document = msgspec.json.decode(line)
    return settle(document)


def as_document(stored: Stored) -> Document | None:
    """Return a document that may be in JSON yet."""
    if not isinstance(stored, msgspec.Raw):
        return stored
    return None if stored == REMOVED else read_document(stored)


_EMPTY: list[Any] = []
_SINGLE: dict[int, list[Any]] = {}


def settle(document: Document) -> Document:
    """Let a document that nobody else holds share its short lists, which are never mutated.

    A million ballots have a few kinds of choices; a list of its own costs each 70 bytes.
    """
    for key, value in document.items():
        if type(value) is list:
            document[key] = share_list(value)
    return document


def share_list(items: list[Any]) -> list[Any]:
    """Return a list of the same items that all documents share, if it is short."""
    if not items:
        return _EMPTY
    if len(items) == 1 and type(items[0]) is int and 0 <= items[0] < 1_000:
        return _SINGLE.setdefault(items[0], items)
    return items


def _key(key: Any) -> str:
    if key is None or isinstance(key, bool):
        return {None: "null", True: "true", False: "false"}[key]
    if isinstance(key, str | int | float):
        return str(key)
    raise TypeError(f"{type(key).__name__} can't be a key in JSON")


def last_states(changes: Iterable[Change]) -> dict[str, dict[str, Document | None] | None]:
    """Return a transaction's changes for the journal: the last state of each document."""
    tables: dict[str, dict[str, Document | None]] = {}
    dropped: dict[str, bool] = {}
    for change in changes:
        table = tables.setdefault(change.table, {})
        if change.document_id is None:
            dropped[change.table] = change.after is None
        else:
            table[str(change.document_id)] = change.after
    return {name: None if dropped.get(name) else table for name, table in tables.items()}


def take_back(tables: dict[str, MutableMapping[int, Document]], change: Change) -> None:
    """Undo the latest change in a copy of the tables' documents."""
    if change.document_id is None:
        if change.before is None:
            tables.pop(change.table, None)
        else:
            tables.setdefault(change.table, {})
        return
    table = tables.setdefault(change.table, {})
    if change.before is None:
        table.pop(change.document_id, None)
    else:
        table[change.document_id] = change.before
