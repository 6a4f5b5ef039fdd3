"""What a room's acts write into its log: ids, counts and digests, and never a name."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from voting.chain import digest_of
from voting.log import OPERATOR, append, time_text
from voting.model.log import LogEntry
from voting.model.polls import Poll
from voting.model.rooms import Room, Row
from voting.people import count_rows
from voting.record import rules_known
from voting.store import Store


def log_roll(
    store: Store,
    room: Room,
    now: datetime,
    actor: str,
    *,
    added: Sequence[Row] = (),
    changed: Sequence[tuple[Row, Row]] = (),
    removed: Sequence[Row] = (),
) -> None:
    """Log a change of a roll, if it is one, and of its hosts; call it once the change is made.

    The entry holds which rows changed and in which fields, and no value of a row but its role.

    changed: rows before and after
    """
    if not (added or changed or removed):
        return
    data = _roll_data(added, changed, removed)
    data["voters"] = count_rows(store, room.code, "host", "voter")
    append(store, room.code, "roll_changed", actor, data, now)
    before = [*(old for old, _ in changed), *removed]
    after = [*added, *(new for _, new in changed)]
    were = {row.person for row in before if row.role == "host"}
    are = {row.person for row in after if row.role == "host"}
    log_hosts(store, room, now, actor, added=sorted(are - were), removed=sorted(were - are))


def log_restored(store: Store, room: Room, rows: Sequence[Row], now: datetime, actor: str) -> None:
    """Log which rows came back as the same voters, if any."""
    if rows:
        data = {
            "count": len(rows),
            "rows": ranges_of(row.id for row in rows),
            "voters": count_rows(store, room.code, "host", "voter"),
        }
        append(store, room.code, "member_restored", actor, data, now)


def _roll_data(
    added: Sequence[Row], changed: Sequence[tuple[Row, Row]], removed: Sequence[Row]
) -> dict[str, Any]:
    edits = [(new, _fields_changed(old, new)) for old, new in changed]
    change = {
        "added": [[row.id, row.role] for row in added],
        "changed": [[row.id, row.role, names] for row, names in edits],
        "removed": [row.id for row in removed],
    }
    return {
        "added": len(added),
        "changed": len(changed),
        "removed": len(removed),
        "fields": sorted({name for _, names in edits for name in names}),
        "rows": {
            "added": ranges_of(row.id for row in added),
            "changed": ranges_of(row.id for row, _ in edits),
            "removed": ranges_of(row.id for row in removed),
        },
        "digest": digest_of(change),
    }


def _fields_changed(old: Row, new: Row) -> list[str]:
    before = vars(old)
    return sorted([name for name, value in vars(new).items() if value != before[name]])


def log_hosts(
    store: Store,
    room: Room,
    now: datetime,
    actor: str,
    *,
    added: Sequence[str] = (),
    removed: Sequence[str] = (),
) -> None:
    """Log which persons have become hosts of a room, and which are hosts no more, if any."""
    if added or removed:
        data = {"added": [*added], "removed": [*removed]}
        append(store, room.code, "hosts_changed", actor, data, now)


def log_opening(store: Store, poll: Poll, now: datetime, actor: str) -> None:
    """Log that a poll was opened: by which rules, for whom, and how many were present."""
    fixed = poll.electorate
    data = {
        "poll": poll.id,
        "meeting": poll.meeting,
        "rules": digest_of(rules_known(poll)),
        "electorate": None if fixed is None else fixed["digest"],
        "eligible": None if fixed is None else fixed["size"],
        "present": poll.quorum.present_at_open,
        "required": poll.quorum.required,
    }
    append(store, poll.room, "poll_opened", actor, data, now)


def log_change(store: Store, before: Poll, after: Poll, now: datetime, actor: str) -> None:
    """Log what has changed in an opened poll; a draft's rules are logged when it opens."""
    data: dict[str, Any] = {}
    if before.closes_at != after.closes_at:
        data["closes_at"] = after.closes_at and time_text(after.closes_at)
    if before.results != after.results:
        data["results"] = after.results
    if data and after.state != "draft":
        append(store, after.room, "poll_changed", actor, {"poll": after.id, **data}, now)


def log_close(store: Store, poll: Poll, now: datetime, actor: str) -> None:
    """Log that a poll was closed: its record's digest, which covers the verdict, and the verdict,
    which waits for the publishing where the results do.
    """
    outcome = poll.outcome or {}
    verdict = None if poll.results == "host" and not poll.published else poll.verdict
    data = {"poll": poll.id, "digest": outcome["digest"], "verdict": verdict}
    append(store, poll.room, "poll_closed", actor, data, now)


def log_restore(store: Store, now: datetime) -> None:
    """Log in every room that a backup was restored, and how far its log had come before that.

    It is logged once, also if the start breaks off.
    """
    with store.transaction():
        for room in store.each(Room):
            data = {"epoch": store.epoch, "replaced": store.replaced_logs.get(room.code)}
            log = store.group(LogEntry, room.code)
            if not any(each.kind == "backup_restored" and each.data == data for each in log):
                append(store, room.code, "backup_restored", OPERATOR, data, now)


def ranges_of(ids: Iterable[int]) -> list[list[int]]:
    """Return ids as the ranges that they fill, each its first and its last."""
    ranges: list[list[int]] = []
    for each in sorted(ids):
        if ranges and ranges[-1][1] == each - 1:
            ranges[-1][1] = each
        else:
            ranges.append([each, each])
    return ranges
