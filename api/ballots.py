"""Casting for every way in: `PUT /polls/{id}/ballot` by the lane or Flask, sockets, `/vote`.

Call these functions inside the transaction that stores the ballot.
"""

import os
from collections.abc import Callable, Container
from functools import partial
from struct import Struct
from typing import Any, TypedDict
from uuid import UUID

from api.jsons import Time, encode_plain, iso
from api.plain import JSON, PlainResponse, client_has
from api.requests import json_bytes, known_rooms, session_of
from api.services import Services
from schemas.ballots import read_ballot
from voting.casting import Casting, NewBallot, Vote, enter_as_voter, store_ballot
from voting.faults import Fault, Invalid
from voting.people import Holder
from voting.refusals import Stale

RECEIPT_BYTES, DRAWN_AT_ONCE = 16, 128
DRAW = Struct(f">{RECEIPT_BYTES}sQ")
"""The random bytes of a ballot: its receipt, and 64 bits of which the first 53 are its id."""
Environ = dict[str, Any]


class CastDocument(TypedDict):
    """A ballot that is on disk; `changed` is true if it replaced another."""

    receipt: str
    poll: int
    changed: bool
    server_time: Time


def put_ballot(parts: Services, environ: Environ, poll_id: int, casting: Casting) -> PlainResponse:
    """Cast the ballot of a request; return 201 the first time, then 200.

    Raises as `session_of` and `cast_in_transaction`.
    """
    session, holder = session_of(parts, environ, casting.now)
    read_vote = partial(_read_vote, environ)
    document, first = cast_in_transaction(
        parts, casting, poll_id, holder, read_vote, known=known_rooms(environ)
    )
    parts.voted(session.person)
    return PlainResponse(201 if first else 200, JSON, encode_plain(document) + b"\n")


def cast_in_transaction(
    parts: Services,
    casting: Casting,
    poll_id: int,
    holder: Holder | None,
    read_vote: Callable[[], Vote],
    *,
    known: Container[str],
) -> tuple[CastDocument, bool]:
    """Cast a ballot in the present transaction; return its document, and whether it is the voter's
    first. The caller calls `parts.voted` then.

    read_vote: reads what the sender votes for; called only if they may vote in the poll
    known: the rooms whose codes they have shown to know

    Raises as `enter_as_voter`, `read_vote` and `store_ballot`.
    """
    now = casting.now
    eligible = enter_as_voter(casting, poll_id, holder, known)
    cast = store_ballot(parts.store, eligible, read_vote(), NewBallot(now, *draw()))
    document: CastDocument = {
        "receipt": cast.receipt,
        "poll": poll_id,
        "changed": cast.changed,
        "server_time": iso(now),
    }
    return document, cast.first


def make_draw(random: Callable[[int], bytes]) -> Callable[[], tuple[int, str]]:
    """Return a function that draws a ballot's random id (53 bits, as JSON's integers have) and its
    receipt (hex).

    random: returns so many random bytes. Each call is a system call, so it is asked for the bytes
    of `DRAWN_AT_ONCE` ballots
    """
    left: list[tuple[int, str]] = []

    def draw() -> tuple[int, str]:
        if not left:
            drawn = DRAW.iter_unpack(random(DRAWN_AT_ONCE * DRAW.size))
            left.extend([(number >> 11, receipt.hex()) for receipt, number in drawn])
        return left.pop()

    return draw


draw = make_draw(os.urandom)


def _read_vote(environ: Environ) -> Vote:
    marks, key = read_ballot(json_bytes(environ)), environ.get("HTTP_IDEMPOTENCY_KEY")
    conditional = "HTTP_IF_MATCH" in environ or "HTTP_IF_NONE_MATCH" in environ
    return Vote(
        marks,
        None if key is None else parse_key(key, "idempotency_key"),
        partial(_check_receipt, environ) if conditional else None,
    )


def _check_receipt(environ: Environ, receipt: str | None) -> None:
    """Raises `Stale` if a request doesn't allow that a ballot, or none, is replaced."""
    if receipt is not None:
        client_has(environ, receipt)
    elif "HTTP_IF_MATCH" in environ:
        raise Stale


def parse_key(text: str, field: str) -> str:
    """Return an idempotency key in the form that is stored. Raises `Invalid` if it is no UUID."""
    try:
        return str(UUID(text))
    except ValueError as error:
        raise Invalid(Fault(field, "format", "uuid")) from error
