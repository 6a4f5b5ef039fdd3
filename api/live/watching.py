"""What one who joins a room is shown, and a ballot that comes by socket."""

from typing import Any

from api.polls import cast, parse_key
from api.problems import code_of
from api.services import Services
from schemas.accounts import Account
from schemas.polls import Poll
from schemas.refusals import NotFound, Refusal, Unauthenticated
from voting.casting import Vote, check_open, find_ballot


def join_snapshot(parts: Services, code: str, account: Account | None) -> dict[str, Any]:
    """Return all of a room but presence, as an account or a stranger sees it. Raises `NotFound`."""
    room = parts.store.room(code)
    if room is None or room.visibility != "public":
        raise NotFound
    polls = [poll for poll in parts.store.polls(code) if poll.state != "draft"]
    now = parts.clock()
    return {
        "server_time": now,
        "you": {
            "person": account and account.person,
            "role": _role(account),
            "polls": {str(poll.id): _standing(parts, poll, account) for poll in polls},
        },
        "room": room,
        "polls": polls,
        "results": {str(poll.id): parts.results.document(poll.id, now) for poll in polls},
        "messages": [],
    }


def cast_from_socket(
    parts: Services, account: Account | None, fields: dict[str, Any]
) -> dict[str, Any]:
    """Cast a ballot as `PUT /polls/{id}/ballot` does; return the same answer."""
    if account is None:
        raise Unauthenticated
    key = parse_key(fields["key"], "key") if "key" in fields else None
    return cast(parts, fields["poll"], account, Vote(tuple(fields["choices"]), key))[0]


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
        reason = code_of(refusal)
    return {"voted": voted, "can_vote": reason is None, "reason": reason}
