"""The room or the poll of a route's path, and what the sender is there."""

from typing import TypedDict

from api.requests import asking_holder, known_rooms, present_environ, require_holder
from api.services import services
from voting.model.polls import Poll
from voting.model.rooms import Room
from voting.people import Standing, enter, enter_as_host, enter_poll
from voting.refusals import Forbidden
from voting.text import normalise_room_code


class RoomPreview(TypedDict):
    """What a slip or a link shows of its room to people who have not joined it yet."""

    room_name: str
    room_logo: str | None
    room_colour: str | None


def preview_room(room: Room) -> RoomPreview:
    """Return what a room looks like before one joins it."""
    return {"room_name": room.name, "room_logo": room.logo, "room_colour": room.colour}


def enter_room(code: str) -> tuple[Room, Standing]:
    """Return a room, and what the sender is in it. Raises `NotFound`, or as `asking_holder`."""
    return enter(services().store, normalise_room_code(code), asking_holder())


def enter_room_as_member(code: str) -> tuple[Room, Standing]:
    """Return the same to a member, who may see names. Raises `Forbidden`, or as `enter_room`."""
    room, standing = enter_room(code)
    if not standing.member:
        raise Forbidden
    return room, standing


def enter_room_as_host(code: str) -> tuple[Room, Standing]:
    """Return the same to a host. Raises `NotFound`, `Forbidden`, or as `require_holder`."""
    return enter_as_host(services().store, normalise_room_code(code), require_holder())


def find_poll_to_see(poll_id: int) -> tuple[Poll, Standing]:
    """Return a poll, and what the sender is in its room. Raises as `enter_room`."""
    known = known_rooms(present_environ())
    poll, _, standing = enter_poll(services().store, poll_id, asking_holder(), known)
    return poll, standing


def find_poll_as_host(poll_id: int) -> Poll:
    """Return a poll to its host. Raises `NotFound`, `Forbidden`, or as `require_holder`."""
    known = known_rooms(present_environ())
    poll, _, standing = enter_poll(services().store, poll_id, require_holder(), known)
    if not standing.host:
        raise Forbidden
    return poll
