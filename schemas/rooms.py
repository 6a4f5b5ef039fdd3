"""What clients send about rooms, rolls, guests and meetings."""

from importlib.resources import files
from typing import Any, get_args

from schemas.accounts import CODE, EMAIL, LINE, NAME
from schemas.ballots import ID
from schemas.pictures import PICTURE_KEY
from schemas.validation import Schema
from voting.model.rooms import CELL_LETTERS, COLUMN_LETTERS, COLUMNS, Visibility
from voting.verdicts import QuorumRule

REF_LENGTH = 64
GUEST_KEY = 64
MEETING_TITLE_LENGTH = 200
ORIGINS = 8
ORIGIN = r"https?://(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)*(:[0-9]{1,5})?\Z"
"""An origin as a Content-Security-Policy names it; nothing in it can end the directive."""
ROLL_ROWS = 20_000
ROOM_CODE_LENGTH = 16
"""With what people put between the letters."""
_NO_PLACE = {"Factory", "localtime", "posixrules"}
ZONES = frozenset(files("tzdata").joinpath("zones").read_text("utf-8").split()) - _NO_PLACE
"""The names of the IANA database, alike on every machine. Python's own list has what the machine's
files have as well, `localtime` say, which says nothing to a browser elsewhere.
"""


def _check_zone(fail_at: str, zone: Any, fail: Any) -> None:
    if isinstance(zone, str) and zone not in ZONES:
        fail(fail_at, "not_allowed")


def _check_quorum(fail_at: str, quorum: Any, fail: Any) -> None:
    if quorum is None:
        return
    num, den = quorum.get("num", 0), quorum.get("den", 1)
    rule, kinds = quorum.get("rule"), set(quorum) - {"rule"}
    numbers = isinstance(num, int) and isinstance(den, int)
    more_than_all = numbers and (num > den or (num == den and rule == "more_than"))
    if more_than_all or kinds not in ({"count"}, {"num", "den"}):
        fail(fail_at, "format")


_SETTINGS: dict[str, Any] = {
    "name": {**NAME, "required": False},
    "visibility": {"type": "string", "allowed": list(get_args(Visibility))},
    "quorum": {
        "type": "dict",
        "nullable": True,
        "check_with": _check_quorum,
        "meta": {
            "anyOf": [
                {"enum": [None]},
                {
                    "required": ["count"],
                    "not": {"anyOf": [{"required": ["num"]}, {"required": ["den"]}]},
                },
                {"required": ["num", "den"], "not": {"required": ["count"]}},
            ]
        },
        "schema": {
            "count": {"type": "integer", "min": 1, "max": 1_000_000},
            "num": {"type": "integer", "min": 1, "max": 10_000},
            "den": {"type": "integer", "min": 1, "max": 10_000},
            "rule": {"type": "string", "allowed": ["more_than", "at_least"]},
        },
    },
    "quorum_rule": {"type": "string", "allowed": list(get_args(QuorumRule))},
    "trust_email": {"type": "boolean"},
    "hold_minutes": {"type": "integer", "min": 0, "max": 24 * 60},
    "guests": {"type": "boolean"},
    "mute_minutes": {"type": "integer", "min": 1, "max": 24 * 60, "nullable": True},
    "timezone": {"type": "string", "check_with": _check_zone, "meta": {"format": "time-zone"}},
    "embed_origins": {
        "type": "list",
        "maxlength": ORIGINS,
        "schema": {"type": "string", "maxlength": 200, "regex": ORIGIN},
    },
    "colour": {"type": "string", "nullable": True, "regex": r"#[0-9a-f]{6}\Z"},
}
GUEST_NAME = {**NAME, "maxlength": 40}
ROOM = Schema(
    {
        **_SETTINGS,
        "name": NAME,
        "host": {**GUEST_NAME, "required": False},
        "copy_of": {**LINE, "maxlength": ROOM_CODE_LENGTH},
    }
)
"""`host` is the name of a host who has no account, `copy_of` the code of a room to be copied."""
ROOM_CHANGE = Schema({**_SETTINGS, "logo": PICTURE_KEY, "current_poll": {**ID, "nullable": True}})

_ROW: dict[str, Any] = {
    "name": NAME,
    "email": {**EMAIL, "required": False, "nullable": True},
    "ref": {**LINE, "nullable": True, "maxlength": REF_LENGTH},
    "role": {"type": "string", "allowed": ["host", "voter", "observer"]},
    "columns": {
        "type": "dict",
        "maxlength": COLUMNS,
        "keysrules": {**LINE, "maxlength": COLUMN_LETTERS},
        "valuesrules": {**LINE, "maxlength": CELL_LETTERS},
    },
}
ROLL_ROW = Schema(_ROW)
_ROWS = {"type": "dict", "schema": _ROW}
ROLL = Schema({"rows": {"type": "list", "required": True, "maxlength": ROLL_ROWS, "schema": _ROWS}})
ROW_CHANGE = Schema(
    {**_ROW, "name": {**NAME, "required": False}, "checked_in": {"type": "boolean"}}
)
ROLL_CODES = Schema({"ids": {"type": "list", "maxlength": ROLL_ROWS, "schema": ID}})
CLAIM = Schema({"code": CODE})
MEETING = Schema({"title": {**LINE, "maxlength": MEETING_TITLE_LENGTH}})
_LINK: dict[str, Any] = {"key": {"type": "string", "empty": False, "maxlength": GUEST_KEY}}
GUEST = Schema({"nickname": GUEST_NAME, **_LINK})
"""`key` is that of the guests' link."""
GUEST_LINK = Schema(_LINK)
KEEP = Schema({"token": {"type": "string", "required": True, "empty": False, "maxlength": 1024}})
