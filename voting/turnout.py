"""Turnout for hosts: how many have voted and, where that can't reveal a ballot, who."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from typing import TypedDict

from voting.electorate import find_member, members_of
from voting.model.accounts import Account
from voting.model.ballots import Ballot
from voting.model.polls import Poll
from voting.model.rooms import Attendance, Guest, Room, Row
from voting.people import Holder, standing_in, voter_of
from voting.quorums import count_eligible
from voting.refusals import NotEligible
from voting.rest import Rest, no_rest, rested
from voting.store import Store
from voting.tallies import results_hidden
from voting.times import is_due


class VoterDocument(TypedDict):
    """Somebody who may vote, and whether they have.

    Those who were `removed` from the roll can't any more.
    """

    id: str
    name: str
    voted: bool
    removed: bool


class TurnoutDocument(TypedDict):
    """How many of how many have voted; `people` is null where it could reveal a ballot."""

    voted: int
    eligible: int | None
    people: list[VoterDocument] | None


def count_turnout(
    store: Store, poll: Poll, room: Room, now: datetime, rest: Rest = no_rest
) -> TurnoutDocument:
    """Return how many have voted, and who.

    Of a secret poll, the people are listed only while it is open and its tally has never been
    visible: next to a tally, each new name would reveal a ballot. They are not listed either if the
    poll's key is lost.

    rest: called for each account; it lets others go on
    """
    people = None
    if _may_list_people(store, poll, now):
        with suppress(KeyError):  # the poll has ended meanwhile, and its key is gone
            if poll.electorate is not None:
                people = [*_list_electorate(store, poll, rest)]
            else:
                people = _list_people(store, poll, room, rest)
    latest = store.get(Poll, poll.id)
    if latest is None or not _may_list_people(store, latest, now):
        people = None
    return {
        "voted": store.size(Ballot, poll.id, "poll"),
        "eligible": count_eligible(store, poll),
        "people": people,
    }


def _may_list_people(store: Store, poll: Poll, now: datetime) -> bool:
    """Return whether a list of the people who have voted reveals no ballot."""
    going = poll.ongoing and not is_due(poll, now)
    unseen = going and results_hidden(poll, host=True) and not poll.tally_shown
    return (poll.secrecy == "named" or unseen) and poll.id in store.keyed_polls()


def _list_electorate(store: Store, poll: Poll, rest: Rest) -> Iterator[VoterDocument]:
    """Yield the electorate, with those who were removed from the roll since the opening."""
    for row_id, _ in rested(members_of(store, poll), rest):
        row = find_member(store, row_id)
        if row is not None:
            voted = store.ballot_of(poll.id, store.pseudonym(poll.id, row.voter)) is not None
            removed = store.get(Row, row_id) is None
            yield {"id": row.person, "name": row.name, "voted": voted, "removed": removed}


def _list_people(store: Store, poll: Poll, room: Room, rest: Rest) -> list[VoterDocument]:
    """Return the eligible people. Accounts are listed if they have voted or belong to the room."""
    rows, here = store.group(Row, room.code), store.group(Attendance, room.code)
    holders: list[Holder] = [*rows]
    if poll.eligibility != "roll":
        unclaimed = (row for row in rows if row.account is None)
        holders = [*store.each(Account), *unclaimed, *store.group(Guest, room.code)]
    known = {each.who for each in here} | {row.person for row in rows}
    people: list[VoterDocument] = []
    for holder in rested(holders, rest):
        standing = standing_in(store, room, holder)
        try:
            if not room.is_open and not standing.member:
                continue
            voter = voter_of(poll, standing)
        except NotEligible:
            continue
        voted = store.ballot_of(poll.id, store.pseudonym(poll.id, voter)) is not None
        if voted or standing.attendee in known:
            person, name = str(standing.person), standing.name
            people.append({"id": person, "name": name, "voted": voted, "removed": False})
    return people
