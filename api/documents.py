"""Rooms and polls as JSON."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from api.times import iso
from schemas.polls import Poll, Room


def room_document(room: Room) -> dict[str, Any]:
    """Return a room as anyone who may see it sees it."""
    return asdict(room)


def poll_document(poll: Poll) -> dict[str, Any]:
    """Return a poll as anyone who may see it sees it."""
    return {
        key: iso(value) if isinstance(value, datetime) else value
        for key, value in asdict(poll).items()
    }
