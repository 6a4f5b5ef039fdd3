"""Copies of a room: another room with its settings, and its polls as drafts."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from voting.agenda import list_drafts
from voting.model.accounts import Account
from voting.model.polls import Poll
from voting.model.rooms import Room
from voting.motions import complete_rules
from voting.polls import COPIED, check_rules
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
)
POLLS_COPIED = 100
"""Of how many polls a copy has drafts: the newest."""


def copy_room(  # noqa: PLR0917 (as `create_room`)
    store: Store,
    source: Room,
    fields: Mapping[str, Any],
    maker: Account,
    now: datetime,
    new_code: Callable[[], str],
) -> Room:
    """Make a room like another, with its maker as host; return it once it is on disk.

    The polls of the other become drafts in the order of that evening, without their times. Polls
    that followed another and polls that were declared void are left out; so are people, messages
    and results.

    fields: settings that differ
    """
    with store.transaction():
        kept = {name: getattr(source, name) for name in SETTINGS}
        room = create_room(store, {**kept, **fields}, maker, now, new_code)
        for poll in _list_polls(store, source.code):
            store.add(_as_draft(poll, room.code))
        return room


def _list_polls(store: Store, code: str) -> list[Poll]:
    newest = store.group(Poll, code, within=Within(limit=-POLLS_COPIED))
    opened = [poll for poll in newest if poll.state not in ("draft", "void")]
    known = {poll.id for poll in newest}
    drafts = [poll for poll in list_drafts(store, code) if poll.id in known]
    return [poll for poll in (*opened, *drafts) if poll.follows is None]


def _as_draft(poll: Poll, code: str) -> Poll:
    rules = {name: getattr(poll, name) for name in COPIED}
    candidates = tuple(replace(each, id=0, poll=0) for each in poll.candidates)
    return check_rules(complete_rules(Poll(0, code, candidates=candidates, **rules), ()))
