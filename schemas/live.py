"""What clients may send over sockets."""

from schemas.ballots import BALLOT
from schemas.validation import Schema

_ROOM = {"type": "string", "required": True, "maxlength": 32}

JOIN = Schema({"room": _ROOM, "as": {"type": "string", "allowed": ["screen"]}})
LEAVE = Schema({"room": _ROOM})
PRESENCE = Schema(
    {
        "room": _ROOM,
        "status": {"type": "string", "required": True, "allowed": ["online", "away", "left"]},
    }
)
CHAT = Schema(
    {
        "room": _ROOM,
        "text": {"type": "string", "required": True, "empty": False, "maxlength": 2000},
        "key": {"type": "string", "empty": False, "maxlength": 36},
        "echo": {"type": "boolean"},
    }
)
FAR = 10**40
"""A bound beyond every id, so that a number without a poll is `not_found` and not a fault."""
CAST = Schema(
    {
        "poll": {"type": "integer", "required": True, "min": -FAR, "max": FAR},
        "key": {"type": "string", "maxlength": 36},
        **BALLOT.definition,
    },
    exactly_one=BALLOT.exactly_one,
)
CHECK = Schema({})
