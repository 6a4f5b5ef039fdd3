"""Who has voted and who hasn't, for hosts: never what, and not who where that would tell it."""

from typing import Any

from db import Store
from schemas.accounts import Account
from schemas.ballots import Ballot
from schemas.polls import Poll
from schemas.refusals import NotEligible
from schemas.rooms import Room, Row
from voting.casting import pseudonym
from voting.people import person_of, standing_in, voter_of
from voting.rooms import count_eligible
from voting.tallies import results_hidden


def count_turnout(store: Store, poll: Poll, room: Room) -> dict[str, Any]:
    """Return `{voted, eligible, people}`; `people` is `[{id, name, voted}]` or None.

    In a secret poll who has voted is told only while it is open and nobody sees its tally: with
    the tally, each new name would tell a ballot. None too where the poll's key is lost.
    """
    ballots = len(store.ballots(poll.id))
    hidden = poll.state in ("open", "paused") and results_hidden(poll, host=True)
    tellable = (poll.secrecy == "named" or hidden) and poll.id in store.keyed_polls()
    people = _people(store, poll, room) if tellable else None
    return {"voted": ballots, "eligible": count_eligible(store, poll, room), "people": people}


def _people(store: Store, poll: Poll, room: Room) -> list[dict[str, Any]]:
    holders: list[Account] | list[Row] = store.group(Row, room.code)
    if poll.eligibility != "roll":
        holders = store.each(Account)
    key, people = store.poll_key(poll.id), []
    for holder in holders:
        standing = standing_in(store, room, holder)
        try:
            if room.visibility != "public" and not standing.member:
                continue
            voter = voter_of(poll, standing)
        except NotEligible:
            continue
        voted = store.find(Ballot, "voter", pseudonym(key, voter)) is not None
        people.append({"id": person_of(holder), "name": holder.name, "voted": voted})
    return people
