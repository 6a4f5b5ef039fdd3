"""Who has voted and who hasn't, for hosts: never what, and not who where that would tell it."""

from collections.abc import Callable
from contextlib import suppress
from typing import TypedDict

from voting.model.accounts import Account
from voting.model.ballots import Ballot
from voting.model.polls import Poll
from voting.model.rooms import Attendance, Guest, Room, Row
from voting.people import Holder, standing_in, voter_of
from voting.refusals import NotEligible
from voting.rooms import count_eligible
from voting.store import Store
from voting.tallies import results_hidden


class VoterDocument(TypedDict):
    """Somebody who may vote, and whether they have."""

    id: str
    name: str
    voted: bool


class TurnoutDocument(TypedDict):
    """How many have voted of how many; who, where that tells no ballot."""

    voted: int
    eligible: int | None
    people: list[VoterDocument] | None


def count_turnout(
    store: Store, poll: Poll, room: Room, rest: Callable[[], None] = lambda: None
) -> TurnoutDocument:
    """Return how many have voted, and who.

    In a secret poll who has voted is told only while it is open and nobody has seen its tally:
    with one, also of before it was hidden, each new name would tell a ballot. None too where the
    poll's key is lost.

    rest: called for each of all accounts; it lets others go on
    """
    people = None
    if _is_tellable(store, poll):
        with suppress(KeyError):  # it ended meanwhile, and its key went
            people = _people(store, poll, room, rest)
    now = store.get(Poll, poll.id)
    return {
        "voted": store.size(Ballot, poll.id, "poll"),
        "eligible": count_eligible(store, poll, room),
        "people": people if now is not None and _is_tellable(store, now) else None,
    }


def _is_tellable(store: Store, poll: Poll) -> bool:
    """Tell whether who has voted may be told."""
    hidden = poll.state in ("open", "paused") and results_hidden(poll, host=True)
    unseen = hidden and not poll.tally_told
    return (poll.secrecy == "named" or unseen) and poll.id in store.keyed_polls()


def _people(store: Store, poll: Poll, room: Room, rest: Callable[[], None]) -> list[VoterDocument]:
    """Return voters; of all accounts only those who voted or have to do with the room."""
    rows, here = store.group(Row, room.code), store.group(Attendance, room.code)
    holders: list[Holder] = [*rows]
    if poll.eligibility != "roll":
        unclaimed = (row for row in rows if row.account is None)
        holders = [*store.each(Account), *unclaimed, *store.group(Guest, room.code)]
    known = {each.who for each in here} | {row.person for row in rows}
    people: list[VoterDocument] = []
    for holder in holders:
        rest()
        standing = standing_in(store, room, holder)
        try:
            if room.visibility != "public" and not standing.member:
                continue
            voter = voter_of(poll, standing)
        except NotEligible:
            continue
        voted = store.find(Ballot, "voter", store.pseudonym(poll.id, voter)) is not None
        if voted or standing.who in known:
            people.append({"id": str(standing.person), "name": standing.name, "voted": voted})
    return people
