"""Everybody there is to a room, by what the contract calls them, for the tables of who may what."""

from tests.http.rooms.house import House, Room

MEMBERS = ("guest", "observer", "voter", "tablet", "host", "admin")
OUTSIDERS = ("stranger", "other guest", "visitor", "other host")
EVERYBODY = (*OUTSIDERS, "screen", *MEMBERS)
SIGNED_IN = tuple(who for who in EVERYBODY if who != "stranger")
ACCOUNTS = ("visitor", "other host", "observer", "voter", "host", "admin")
HOSTS = ("host", "admin")
VOTERS = ("voter", "tablet", "host")
NAMELESS = (*OUTSIDERS, "screen")
NAMES = ("Member", "Guest", "Tablet")
"""What the names of a room's people begin with."""


def everybody(house: House, room: Room, other: Room, visibility: str) -> dict[str, str | None]:
    """Return a token of each: those of `room`, and those of another room, which is public."""
    tokens: dict[str, str | None] = {
        "stranger": None,
        "other guest": house.guest(other),
        "visitor": house.newcomer(),
        "other host": other.host,
        "screen": house.screen(room),
        "observer": house.member(room, "observer"),
        "voter": house.member(room),
        "tablet": house.tablet(room),
        "host": room.host,
        "admin": house.administrator,
    }
    return tokens | ({"guest": house.guest(room)} if visibility == "public" else {})
