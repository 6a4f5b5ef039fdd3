"""What a person is in a room, and what that allows: seeing it, taking part, hosting, voting."""

from collections.abc import Container
from typing import Any, NamedTuple

from voting.model.accounts import Account
from voting.model.persons import Kind, read_person
from voting.model.polls import Poll
from voting.model.rooms import Guest, Part, RemovedRow, Role, Room, Row
from voting.refusals import Forbidden, NotEligible, NotFound
from voting.store import Store

Holder = Account | Row | Guest | Room
"""What a token stands for; a room for its screens."""
_TYPES: dict[Kind, type[Holder]] = {"u": Account, "r": Row, "g": Guest, "s": Room}


class Standing(NamedTuple):
    """A holder in one room.

    A visitor has an account, but no row on the room's roll, and sees what a stranger sees.
    """

    holder: Holder | None
    row: Row | None
    role: Part

    @property
    def host(self) -> bool:
        return self.role == "host"

    @property
    def member(self) -> bool:
        """Whether they may see names."""
        return self.role in ("host", "voter", "observer", "guest")

    @property
    def person(self) -> str | None:
        """The holder as clients see it: `u12`, `r31` or `g5`."""
        return person_of(self.holder)

    @property
    def attendee(self) -> str | None:
        """The person whose attendance is recorded: the row if there is one, else `person`."""
        return self.person if self.row is None else self.row.person

    @property
    def public_person(self) -> str | None:
        """The person that others see: the row's account if it is claimed by one, else `person`."""
        return (self.row and self.row.claimant) or self.person

    @property
    def name(self) -> str:
        """Their name in the room."""
        if isinstance(self.holder, Guest):
            return self.holder.nickname
        return getattr(self.row or self.holder, "name", "")


def person_of(holder: Holder | None) -> str | None:
    """Return `u12`, `r31`, `g5`, or `s4` for a room's screens; None for nobody."""
    return None if holder is None else holder.person


def key_of(person: str) -> tuple[Any, int]:
    """Return the type and the id of a person. Raises `ValueError` if the text is not a person."""
    kind, number = read_person(person)
    return _TYPES[kind], number


def holder_of(store: Store, person: str) -> Holder | None:
    """Return the holder of a person; None if it was deleted. Raises as `key_of`."""
    holder: Holder | None = store.get(*key_of(person))
    return holder


def find_person(store: Store, room: Room, person: str) -> Account | Row | Guest:
    """Return who may be in a room: any account, and rows and guests of it. Raises `NotFound`."""
    try:
        holder = holder_of(store, person)
    except ValueError as error:
        raise NotFound from error
    elsewhere = isinstance(holder, Row | Guest) and holder.room != room.code
    if elsewhere or not isinstance(holder, Account | Row | Guest):
        raise NotFound
    return holder


def name_of(store: Store, room: Room, person: str) -> str:
    """Return what a person is called in a room, or was when they were removed from its roll; ""
    for one who was deleted.
    """
    holder = holder_of(store, person)
    if isinstance(holder, Guest) and holder.room == room.code:
        return holder.nickname  # also when the room takes no guests any more
    standing = standing_in(store, room, holder)
    if standing.row is None:
        for each in reversed(_removed_rows(store, person)):
            if each.room == room.code:
                return str(each.kept["name"])
    return standing.name


def _removed_rows(store: Store, person: str) -> list[RemovedRow]:
    """Return the removed rows that are, or belonged to, a person."""
    kind, number = read_person(person)
    if kind == "u":
        return store.group(RemovedRow, number, "account")
    removed = store.get(RemovedRow, number) if kind == "r" else None
    return [] if removed is None else [removed]


def has_roll(store: Store, room: Room) -> bool:
    """Return whether a room has a roll, which needs at least one voter."""
    return store.size(Row, room.code) > 0 and count_rows(store, room.code, "voter") > 0


def count_rows(store: Store, code: str, *roles: Role) -> int:
    """Return how many rows of a room's roll have one of these roles, in O(1)."""
    count = 0
    for role in roles:
        for claimed in (False, True):
            count += store.size(Row, (code, role, claimed), "seat")
    return count


def standing_in(store: Store, room: Room, holder: Holder | None) -> Standing:
    """Return the standing of a holder in a room."""
    listed = store.size(Row, room.code) > 0  # most rooms list nobody: nothing to look up
    row = _row_of(store, room, holder) if listed or isinstance(holder, Row) else None
    if isinstance(holder, Account) and holder.administrator:
        return Standing(holder, row, "host")
    if row is not None:
        return Standing(holder, row, row.role)
    if isinstance(holder, Guest) and holder.room == room.code and room.admits_guests:
        return Standing(holder, None, "guest")
    if isinstance(holder, Account):
        role: Part = (
            "voter" if room.is_open and not (listed and has_roll(store, room)) else "visitor"
        )
        return Standing(holder, None, role)
    return Standing(None, None, "stranger")


def find_room(store: Store, code: str) -> Room:
    """Return a room without checking rights. Raises `NotFound`."""
    room = store.find(Room, "code", code)
    if room is None:
        raise NotFound
    return room


def enter(store: Store, code: str, holder: Holder | None) -> tuple[Room, Standing]:
    """Return a room and the holder's standing. Raises `NotFound`, also if they may not see it."""
    room = find_room(store, code)
    return room, see_room(store, room, holder)


def see_room(store: Store, room: Room, holder: Holder | None) -> Standing:
    """Return the standing of a holder in a room. Raises `NotFound` if they may not see it."""
    standing = standing_in(store, room, holder)
    if not room.is_open and not standing.member and holder != room:
        raise NotFound
    return standing


def enter_as_screen(store: Store, code: str, holder: Holder | None) -> tuple[Room, Standing]:
    """Return a room as a screen may see it, without names. Raises `NotFound`."""
    room, _ = enter(store, code, holder)
    return room, Standing(None, None, "stranger")


def enter_as_host(store: Store, code: str, holder: Holder | None) -> tuple[Room, Standing]:
    """Return a room to its host. Raises `NotFound`, or `Forbidden` for people who only see it."""
    room, standing = enter(store, code, holder)
    if not standing.host:
        raise Forbidden
    return room, standing


def enter_poll(
    store: Store, poll_id: int, holder: Holder | None, known: Container[str] = ()
) -> tuple[Poll, Room, Standing]:
    """Return a poll, its room, and the holder's standing. Raises as `see_poll`."""
    poll, room = find_poll_and_room(store, poll_id)
    return poll, room, see_poll(store, poll, room, holder, known)


def find_poll(store: Store, poll_id: int) -> Poll:
    """Return a poll without checking rights. Raises `NotFound`."""
    poll = store.get(Poll, poll_id)
    if poll is None:
        raise NotFound
    return poll


def find_poll_and_room(store: Store, poll_id: int) -> tuple[Poll, Room]:
    """Return a poll and its room without checking rights. Raises `NotFound`."""
    poll = find_poll(store, poll_id)
    return poll, find_room(store, poll.room)


def see_poll(
    store: Store, poll: Poll, room: Room, holder: Holder | None, known: Container[str] = ()
) -> Standing:
    """Return the holder's standing at a poll and in its room.

    known: the codes of rooms that the sender has shown to know

    Raises `NotFound`, also for drafts if they aren't host, and in an unlisted room if they have no
    place there and don't know its code: ids of polls can be guessed.
    """
    standing = see_room(store, room, holder)
    if poll.state == "draft" and not standing.host:
        raise NotFound
    of_room = isinstance(holder, Row | Guest) and holder.room == room.code
    belongs = of_room or standing.row is not None or standing.host or holder == room
    if room.visibility == "unlisted" and not belongs and room.code not in known:
        raise NotFound
    return standing


def voter_of(poll: Poll, standing: Standing) -> str:
    """Return the voter: a row, an account's email or a guest. Raises `NotEligible`."""
    holder, row = standing.holder, standing.row
    if row is not None and row.role == "observer":
        raise NotEligible
    if poll.eligibility == "roll" and row is not None:
        return row.voter
    if poll.eligibility != "roll" and isinstance(holder, Account):
        return holder.voter
    if poll.eligibility == "anyone" and row is not None:
        return row.voter
    if poll.eligibility == "anyone" and isinstance(holder, Guest) and standing.role == "guest":
        return holder.voter
    raise NotEligible


def _row_of(store: Store, room: Room, holder: Holder | None) -> Row | None:
    if isinstance(holder, Row):
        return holder if holder.room == room.code else None
    if not isinstance(holder, Account):
        return None
    row = store.find(Row, "account_key", f"{room.code}/{holder.id}")
    if row is None and room.trust_email:
        row = store.find(Row, "email_key", f"{room.code}/{holder.email_key}")
        row = row if row is not None and row.account is None else None
    return row
