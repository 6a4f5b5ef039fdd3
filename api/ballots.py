"""Casting over HTTP: the plain functions of `PUT /polls/{id}/ballot`, whoever received the request.

Each is called in the transaction in which its ballot is kept.
"""

import os
from collections.abc import Callable
from typing import Any, TypedDict
from uuid import UUID

from api.jsons import Time, encode_plain, iso
from api.plain import PlainResponse
from api.requests import JSON, json_bytes, session_of
from api.services import Services
from schemas.ballots import read_ballot
from voting.casting import Fresh, Vote, enter_as_voter, keep_ballot
from voting.faults import Fault, Invalid
from voting.people import Holder, person_of

RECEIPT_BYTES, DRAW_BYTES, DRAWN_AT_ONCE = 16, 16 + 7, 128
Environ = dict[str, Any]


class CastDocument(TypedDict):
    """A ballot that is on disk; `changed` tells that it took another's place."""

    receipt: str
    poll: int
    changed: bool
    server_time: Time


def put_ballot(parts: Services, environ: Environ, poll_id: int) -> PlainResponse:
    """Cast the ballot that a request brings: 201 the first time. Raises as `cast`."""
    _, holder = session_of(parts, environ)
    document, first = cast(parts, poll_id, holder, lambda: _read_vote(environ))
    return PlainResponse(201 if first else 200, JSON, encode_plain(document) + b"\n")


def cast(
    parts: Services, poll_id: int, holder: Holder | None, read: Callable[[], Vote]
) -> tuple[CastDocument, bool]:
    """Cast a ballot, in the transaction that it came in; return its document, and whether it is
    the voter's first.

    read: called for the vote once it is clear that its sender may vote in the poll
    """
    now, voter = parts.clock(), enter_as_voter(parts.store, poll_id, holder)
    fresh = Fresh(now, *draw())
    done = keep_ballot(parts.store, voter, read(), fresh)
    parts.voted(str(person_of(holder)))
    return {
        "receipt": done.receipt,
        "poll": poll_id,
        "changed": done.changed,
        "server_time": iso(now),
    }, done.first


def make_draw(random: Callable[[int], bytes]) -> Callable[[], tuple[int, str]]:
    """Return a function that draws a ballot's id (53 bits: JSON's integers) and its receipt (hex).

    It asks `random` for the bytes of `DRAWN_AT_ONCE` ballots at a time: one system call for all.
    """
    left: list[bytes] = []

    def draw() -> tuple[int, str]:
        if not left:
            drawn = random(DRAWN_AT_ONCE * DRAW_BYTES)
            left.extend(drawn[at : at + DRAW_BYTES] for at in range(0, len(drawn), DRAW_BYTES))
        piece = left.pop()
        return int.from_bytes(piece[RECEIPT_BYTES:], "big") >> 3, piece[:RECEIPT_BYTES].hex()

    return draw


draw = make_draw(os.urandom)


def _read_vote(environ: Environ) -> Vote:
    marks, key = read_ballot(json_bytes(environ)), environ.get("HTTP_IDEMPOTENCY_KEY")
    return Vote(marks, None if key is None else parse_key(key, "idempotency_key"))


def parse_key(text: str, field: str) -> str:
    """Return an idempotency key in one form. Raises `Invalid` for what is no UUID."""
    try:
        return str(UUID(text))
    except ValueError as error:
        raise Invalid(Fault(field, "format", "uuid")) from error
