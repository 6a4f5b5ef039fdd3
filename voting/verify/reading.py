"""What the checks share: JSON that every reader reads alike, and what a check has found."""

from __future__ import annotations

import json
import sys
from collections.abc import Collection, Iterable
from typing import Any, NamedTuple

MISSHAPEN = (AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""What is raised for a file that isn't what it should be."""


class Check(NamedTuple):
    """A sentence, and whether it agrees with the rest; None: it could not be checked."""

    agrees: bool | None
    sentence: str


def read_hex(text: str, size: int) -> bytes:
    """Return `size` bytes that are written in lower-case hex. Raises ValueError for another form:
    what is hashed has one form only.
    """
    held = bytes.fromhex(text)
    if held.hex() != text or len(held) != size:
        raise ValueError(f"{text!r} is not {size} bytes in hex")
    return held


def unchecked(sentence: str) -> Check:
    """Return what was not checked, in words."""
    return Check(None, f"not checked: {sentence}")


def check_none(what: str, found: Collection[str]) -> Check:
    """Return that there is none of something that must not be, or which there are."""
    return Check(not found, f"{what}: {', '.join(found) or 'none'}")


def check_keys(strange: Iterable[str]) -> Check:
    """Return that a document has the keys of its kind: none of them is strange."""
    return check_none("keys: missing or unknown", sorted(strange))


def read_json(raw: bytes) -> Any:
    """Return the value of a JSON text. Raises ValueError if an object has a key twice: readers of
    JSON differ in which of the two counts.
    """
    return json.loads(raw, object_pairs_hook=_refuse_twins)


def _refuse_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(dict(pairs)) < len(pairs):
        raise ValueError("a key stands twice")
    return dict(pairs)


def say(line: str) -> None:
    """Write a line, without what doesn't print: a name must not move the terminal's cursor."""
    sys.stdout.write("".join(filter(str.isprintable, line)) + "\n")
