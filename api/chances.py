"""What somebody may do in a room, and in its polls."""

from collections.abc import Iterable
from typing import TypedDict

from api.problems import code_of
from api.services import Services
from voting.barring import refuse_barred
from voting.casting import check_open, check_presence, has_voted
from voting.electorate import refuse_outsiders
from voting.model.polls import Poll
from voting.model.rooms import Part, Room
from voting.muting import Silence, silence_of
from voting.people import Standing, voter_of
from voting.recent_polls import recent_polls
from voting.refusals import AlreadyVoted, Refusal, Unauthenticated


class Chance(TypedDict):
    """Whether the client has voted in a poll, and whether it can. `reason` is the
    refusal's code.
    """

    voted: bool
    can_vote: bool
    reason: str | None


class You(TypedDict):
    """The client's person, row of the roll and role in a room, whether it is muted there, and what
    it may do in polls, by id. `row` is null for people who are not on the roll.
    """

    person: str | None
    row: int | None
    role: Part
    muted: Silence | None
    polls: dict[str, Chance]


def you_document(parts: Services, room: Room, standing: Standing) -> You:
    """Return a person's role in a room, and what they may do in its recent polls except drafts."""
    polls = recent_polls(parts.store, room, drafts=False).polls
    return you_in(parts, room, standing, polls)


def you_in(parts: Services, room: Room, standing: Standing, polls: Iterable[Poll]) -> You:
    """Return a person's role in a room, and what they may do in `polls`, none of them a draft."""
    return {
        "person": standing.person,
        "row": None if standing.row is None else standing.row.id,
        "role": standing.role,
        "muted": silence_of(parts.store, room, standing, parts.clock()),
        "polls": {str(poll.id): _chance(parts, poll, room, standing) for poll in polls},
    }


def _chance(parts: Services, poll: Poll, room: Room, standing: Standing) -> Chance:
    voted = standing.holder is not None and has_voted(parts.store, poll, standing)
    try:
        if standing.holder is None:
            raise Unauthenticated
        voter_of(poll, standing)
        refuse_outsiders(parts.store, poll, standing)
        refuse_barred(parts.store, poll, standing)
        check_open(poll, parts.clock())
        check_presence(parts.store, poll, room, standing, parts.clock())
        if voted and not poll.allow_change:
            raise AlreadyVoted
    except Refusal as refusal:
        return {"voted": voted, "can_vote": False, "reason": code_of(refusal)}
    return {"voted": voted, "can_vote": True, "reason": None}
