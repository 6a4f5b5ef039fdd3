"""A restore drill: proves that a backup can be restored, and that what it holds agrees.

It restores the backup into a folder of its own, opens that as a start of the server would, counts
every closed poll again from its ballots, and checks each record against its digest and the room's
log. Neither the backup nor the server's store is touched.
"""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from db.journal import Corrupt, JournalError, offline
from db.journal.contents import Report
from db.tables import BALLOTS
from db.tinydb_store import TinyDBStore
from db.upgrading import require_ours
from db.work_folder import work_folder
from voting.electorate import fix_missing
from voting.ending import finish_endings
from voting.log import head
from voting.model.log import LogEntry
from voting.model.polls import Poll
from voting.model.records import RecordName
from voting.model.rooms import Room
from voting.recording import recorded_of, whole_record
from voting.rooms import finish_deletions
from voting.store import Store
from voting.verify.logs import LogReading, check_log, check_record_in, read_log
from voting.verify.reading import MISSHAPEN, Check
from voting.verify.records import check_record, read_record

COPY = "rollcall-drill-"
"""How the names of the folders begin, in the temporary folder."""


@dataclass(frozen=True)
class Drill:
    """What a drill found.

    logs, polls: how many rooms' logs and closed polls were checked; ballots: those of these polls
    closed: polls that were open in the backup and that a restore closes
    faults: what does not agree, in sentences; none if the backup can be relied on
    """

    report: Report
    logs: int
    polls: int
    ballots: int
    closed: tuple[int, ...]
    faults: tuple[str, ...]


def drill(source: Path, now: datetime, progress: offline.Progress) -> Drill:
    """Restore a backup into a temporary folder, and check everything in it.

    Raises `Corrupt`, `JournalError` or OSError if it can't be restored or opened.
    """
    if not source.is_file():
        raise FileNotFoundError(f"{source} is no file")
    with work_folder(COPY) as folder:
        try:
            return _drill_in(folder, source, now, progress)
        except (*MISSHAPEN, OverflowError) as error:
            raise Corrupt(f"{source} has documents that can't be read: {error!r}") from error


def _drill_in(folder: Path, source: Path, now: datetime, progress: offline.Progress) -> Drill:
    path = folder / "rollcall.json"
    restored = offline.restore(path, source, now, progress, look=partial(require_ours, source))
    store = TinyDBStore(path, now)
    try:
        strays = restored.report.documents.get(BALLOTS, 0) - _count_ballots(store)
        ongoing = [poll.id for poll in store.each(Poll) if poll.ongoing]
        finish_deletions(store)
        fix_missing(store, now)
        finish_endings(store, now)
        closed = [poll for poll in store.each(Poll) if poll.state == "closed"]
        logs = {room.code: _read_log(store, room.code) for room in store.each(Room)}
        faults = [*_faults(store, closed, logs)]
        faults += [restored.lost] if restored.lost else []
        faults += [f"{strays} ballots belong to no poll"] if strays else []
        ballots = sum(len(store.ballots(poll.id)) for poll in closed)
    finally:
        store.close()
    forced = tuple(poll.id for poll in closed if poll.id in ongoing)
    return Drill(restored.report, len(logs), len(closed), ballots, forced, tuple(faults))


def _faults(store: Store, closed: list[Poll], logs: dict[str, LogReading]) -> Iterator[str]:
    for code, log in logs.items():
        yield from _wrong(f"log of room {code}", check_log(log))
        yield from _wrong(f"log of room {code}", _check_polls(store, log))
    for poll in closed:
        yield from _wrong(f"poll {poll.id}", _check_poll(store, poll, logs))


def _check_poll(store: Store, poll: Poll, logs: dict[str, LogReading]) -> Iterator[Check]:
    """Yield whether a closed poll's record agrees with itself, the log, and what is beside it."""
    record = _plain(whole_record(store, poll))
    yield from check_record(read_record(record), None, None)
    if "record_version" in record:
        yield from check_record_in(logs[poll.room], record)
    yield from _check_beside(store, poll)


def _check_polls(store: Store, log: LogReading) -> Iterator[Check]:
    """Yield whether each poll that a room's log names has ended as the log says. All have ended:
    a restore closes those that were open, and only drafts can be deleted.
    """
    ends = dict[int, str]()
    for entry in log.entries:
        if entry["kind"] in ("poll_opened", "poll_closed", "poll_voided"):
            void = entry["kind"] == "poll_voided" or ends.get(entry["data"]["poll"]) == "void"
            ends[entry["data"]["poll"]] = "void" if void else "closed"
    for poll_id, end in ends.items():
        poll = store.get(Poll, poll_id)
        found = "missing" if poll is None or poll.room != log.room else poll.state
        yield Check(found == end, f"poll {poll_id} is {found}, and {end} by the log")


def _check_beside(store: Store, poll: Poll) -> Iterator[Check]:
    """Yield whether what the store keeps of a closed poll beside its record agrees with it."""
    ballots, recorded = store.ballots(poll.id), recorded_of(poll)
    if poll.secrecy == "secret":
        linked = sum(bool(each.voter or each.person) for each in ballots)
        yield Check(not linked, f"{linked} ballots of a secret poll are not sealed")
    if recorded is not None:
        bases, quorum = recorded["bases"], asdict(poll.quorum)
        for each in ("present_at_open", "present_at_close", "present", "required"):
            said = f"{each} is {quorum[each]}, and {bases[each]} in the record"
            yield Check(quorum[each] == bases[each], said)
    people = {each.receipt: each.person for each in ballots}
    for kept in store.group(RecordName, poll.id, "poll"):
        same = kept.person is None or people.get(kept.receipt) == kept.person
        yield Check(same, f"ballot {kept.receipt} is another person's than its name")


def _count_ballots(store: Store) -> int:
    return sum(sum(1 for _ in store.iter_ballots(poll.id)) for poll in store.each(Poll))


def _wrong(what: str, checks: Iterator[Check]) -> Iterator[str]:
    """Yield the sentences of the checks that fail."""
    try:
        yield from (f"{what}: {each.sentence}" for each in checks if each.agrees is False)
    except (JournalError, *MISSHAPEN) as error:
        yield f"{what}: it can't be checked: {error!r}"


def _read_log(store: Store, code: str) -> LogReading:
    entries = _plain(store.group(LogEntry, code))
    for each in entries:
        del each["id"], each["room"]
    return read_log({"room": code, "head": {**head(store, code)}, "entries": entries})


def _plain(document: Any) -> Any:
    """Return a document as a reader of its JSON has it."""
    return json.loads(msgspec.json.encode(document))
