"""Copies of a room: another room with its settings, and its polls as drafts."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from voting.agenda import list_drafts
from voting.model.accounts import Account
from voting.model.polls import Poll
from voting.model.rooms import Picture, Room
from voting.motions import complete_rules
from voting.pictures import free_pictures, pictures_of
from voting.polls import COPIED, check_rules
from voting.rest import Rest, in_parts
from voting.rooms import create_room
from voting.store import Store, Within

SETTINGS = (
    "visibility",
    "guests",
    "quorum",
    "quorum_rule",
    "trust_email",
    "hold_minutes",
    "timezone",
    "mute_minutes",
    "embed_origins",
    "colour",
)
POLLS_COPIED = 100
"""Of how many polls a copy has drafts: the newest."""
PICTURES_AT_ONCE = 10
"""How many pictures one transaction copies: they are large, and votes wait for it."""


def copy_room(  # noqa: PLR0917 (as `create_room`)
    store: Store,
    source: Room,
    fields: Mapping[str, Any],
    maker: Account,
    now: datetime,
    new_code: Callable[[], str],
    new_key: Callable[[], str],
    rest: Rest,
) -> Room:
    """Make a room like another, with its maker as host; return it once it is on disk.

    The polls of the other become drafts in the order of that evening, without their times. Polls
    that followed another and polls that were declared void are left out; so are people, messages
    and results. The logo and the candidates' pictures are copied, as many as all rooms together may
    still have.

    fields: settings that differ
    new_key: makes the key of a picture
    rest: is called between parts of the pictures, to serve others
    """
    with store.transaction():
        polls = _list_polls(store, source.code)
        wanted = [*([source.logo] if source.logo else []), *pictures_of(polls)]
        keys = {key: new_key() for key in dict.fromkeys(wanted[: free_pictures(store)])}
        kept = {name: getattr(source, name) for name in SETTINGS}
        kept["logo"] = keys.get(source.logo or "")
        room = create_room(store, {**kept, **fields}, maker, now, new_code)
        for poll in polls:
            store.add(_as_draft(poll, room.code, keys))
    _copy_pictures(store, room.code, keys, now, rest)
    return room


def _copy_pictures(
    store: Store, code: str, keys: dict[str, str], now: datetime, rest: Rest
) -> None:
    """Keep pictures in a room under new keys, a few in a transaction.

    keys: the new one by that of the picture
    """
    for some in in_parts(keys.items(), PICTURES_AT_ONCE):
        with store.transaction():
            for key, new in some:
                if (picture := store.find(Picture, "key", key)) is not None:
                    store.add(Picture(0, code, new, picture.data, now))
        rest()


def _list_polls(store: Store, code: str) -> list[Poll]:
    newest = store.group(Poll, code, within=Within(limit=-POLLS_COPIED))
    opened = [poll for poll in newest if poll.state not in ("draft", "void")]
    known = {poll.id for poll in newest}
    drafts = [poll for poll in list_drafts(store, code) if poll.id in known]
    return [poll for poll in (*opened, *drafts) if poll.follows is None]


def _as_draft(poll: Poll, code: str, keys: Mapping[str, str]) -> Poll:
    rules = {name: getattr(poll, name) for name in COPIED}
    candidates = tuple(
        replace(each, id=0, poll=0, picture=keys.get(each.picture or ""))
        for each in poll.candidates
    )
    return check_rules(complete_rules(Poll(0, code, candidates=candidates, **rules), ()))
