"""How many may vote in a poll, and how many must be present."""

from voting.model.accounts import Account
from voting.model.polls import Poll
from voting.model.rooms import Room
from voting.people import count_rows, has_roll
from voting.store import Store


def count_eligible(store: Store, poll: Poll) -> int | None:
    """Return how many may vote in a poll: of an opened one its electorate, of a draft the roll as
    it is now. None where nobody knows, because the poll isn't for the roll.
    """
    if poll.eligibility != "roll":
        return None
    if poll.electorate is None:
        return count_rows(store, poll.room, "host", "voter")
    return poll.electorate["size"] + poll.electorate["admitted"]


def quorum_required(store: Store, room: Room, eligible: int | None = None) -> int | None:
    """Return how many must be present, at least; None where there is no quorum.

    eligible: of how many a share is taken, where a poll knows it; else of the roll as it is now,
        or without a roll of all accounts

    Six of ten are at least a half and a bit, and more than a half; five are at least a half.
    """
    quorum = room.quorum
    if quorum is None:
        return None
    if "count" in quorum:
        return quorum["count"] + (quorum.get("rule") == "more_than")
    base = eligible
    if base is None and has_roll(store, room):
        base = count_rows(store, room.code, "host", "voter")
    elif base is None:
        base = store.count(Account)
    if quorum.get("rule") == "more_than":
        return quorum["num"] * base // quorum["den"] + 1
    return -(-quorum["num"] * base // quorum["den"])
