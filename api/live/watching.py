"""What one who joins a room is shown, and a ballot that comes by socket."""

import secrets
from dataclasses import dataclass
from typing import Any

from api.documents import poll_document, room_document
from api.polls import cast_document, parse_key
from api.problems import Problem, problem_of
from api.services import Services
from api.times import iso
from schemas.accounts import Account
from schemas.polls import Poll
from voting.casting import Fresh, Vote, cast_ballot, check_open, find_ballot
from voting.refusals import NotFound, Refusal


@dataclass(frozen=True)
class Watcher:
    """A connection in a room: `account` is None for strangers and screens."""

    account: Account | None
    sid: str


def join_snapshot(parts: Services, code: str, watcher: Watcher) -> dict[str, Any]:
    """Return all of a room that the watcher may see, but presence. Raises `NotFound`."""
    room = parts.store.room(code)
    if room is None or room.visibility != "public":
        raise NotFound
    polls = [poll for poll in parts.store.polls(code) if poll.state != "draft"]
    now = parts.clock()
    account = watcher.account
    return {
        "server_time": iso(now),
        "you": {
            "person": account and account.person,
            "role": _role(account),
            "polls": {str(poll.id): _standing(parts, poll, account) for poll in polls},
        },
        "room": room_document(room),
        "polls": [poll_document(poll) for poll in polls],
        "results": {str(poll.id): parts.results.document(poll.id, now) for poll in polls},
        "messages": [],
    }


def cast_from_socket(
    parts: Services, account: Account | None, fields: dict[str, Any]
) -> dict[str, Any]:
    """Cast a ballot as `PUT /polls/{id}/ballot` does; return the same answer."""
    if account is None:
        raise Problem("unauthenticated")
    key = parse_key(fields["key"]) if "key" in fields else None
    fresh = Fresh(parts.clock(), secrets.randbits(53), secrets.token_hex(16))
    vote = Vote(tuple(fields["choices"]), key)
    return cast_document(cast_ballot(parts.store, fields["poll"], account, vote, fresh))


def _role(account: Account | None) -> str:
    if account is None:
        return "stranger"
    return "host" if account.administrator else "voter"


def _standing(parts: Services, poll: Poll, account: Account | None) -> dict[str, Any]:
    """Return whether one has voted, and whether one can: `reason` is the refusal's code."""
    if account is None:
        return {"voted": False, "can_vote": False, "reason": "unauthenticated"}
    voted, reason = find_ballot(parts.store, poll, account) is not None, None
    if voted and not poll.allow_change:
        reason = "already_voted"
    try:
        check_open(poll, parts.clock())
    except Refusal as refusal:
        reason = problem_of(refusal).code
    return {"voted": voted, "can_vote": reason is None, "reason": reason}
