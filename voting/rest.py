"""Long work is done in parts, and rests between them, so that others can be served meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import TypeAlias, TypeVar

T = TypeVar("T")
Rest: TypeAlias = Callable[[], None]
"""Called often in long work."""


def no_rest() -> None:
    """Rest not at all."""


def rested(items: Iterable[T], rest: Rest) -> Iterator[T]:
    """Yield items, with a rest before each."""
    for each in items:
        rest()
        yield each


def in_parts(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Yield items in lists of `size`; the last one may be shorter."""
    left = iter(items)
    while part := [*islice(left, size)]:
        yield part
