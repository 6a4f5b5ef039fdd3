"""Checks a room's log: is the chain whole, and do records agree with what was entered?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from voting.canonical import canonical
from voting.chain import NO_HASH, Head, check_chain, digest_of, start_of
from voting.record import KnownRules
from voting.verify.reading import Check, check_keys, unchecked

KEYS = {"room", "entries", "head"}
ENTRY_KEYS = {"n", "at", "kind", "actor", "data", "previous", "hash"}


@dataclass(frozen=True)
class LogReading:
    """A log as it was read, not checked yet."""

    log: dict[str, Any]
    room: str
    entries: list[dict[str, Any]]

    def of_poll(self, kind: str, poll: int) -> list[dict[str, Any]]:
        """Return the entries of a kind that are about a poll."""
        return [
            entry
            for entry in self.entries
            if entry["kind"] == kind and entry["data"].get("poll") == poll
        ]

    def entries_at(self, n: int) -> list[dict[str, Any]]:
        """Return the entry at a place in the log, from 1, in a list; an empty one without it."""
        return self.entries[n - 1 : n] if n > 0 else []


def read_log(log: dict[str, Any]) -> LogReading:
    """Return a log's reading. Raises one of `MISSHAPEN` for any other document."""
    if not isinstance(log["room"], str) or not isinstance(log["entries"], list):
        raise TypeError("a log is of a room, and has entries")
    return LogReading(log, log["room"], log["entries"])


def check_log(reading: LogReading) -> Iterator[Check]:
    """Yield a sentence for all that a log claims, and whether it agrees with the rest."""
    log, entries = reading.log, reading.entries
    yield check_keys(
        KEYS ^ log.keys() | {key for each in entries for key in ENTRY_KEYS ^ each.keys()}
    )
    start = _start(reading)
    broken = check_chain(entries, start)
    held = f"all {len(entries)} entries" if broken is None else f"not entry {broken}"
    yield Check(broken is None, f"chain: from the first on, it holds {held}")
    end = {"n": entries[-1]["n"], "hash": entries[-1]["hash"]} if entries else start
    claimed, found = canonical(log["head"]).decode(), canonical(end).decode()
    yield Check(claimed == found, f"head: the log says {claimed}, its end is {found}")
    if start["hash"] == NO_HASH:
        yield unchecked("of which room this log is: an earlier version began it")
    yield unchecked(
        f"that this is the log of room {reading.room} that everybody has seen: compare its head "
        "with those that phones and minutes have kept (--head)"
    )
    yield unchecked("that each act was entered: the server writes the log")


def _start(reading: LogReading) -> Head:
    """Return the head that the first entry has to continue."""
    if reading.entries and reading.entries[0].get("previous") == NO_HASH:
        return {"n": 0, "hash": NO_HASH}
    return start_of(reading.room)


def check_record_in(reading: LogReading, record: Mapping[str, Any]) -> Iterator[Check]:
    """Yield whether a record of version 2 agrees with the log of its room."""
    poll = record["poll"]
    named = f"poll {poll}"
    closed, voided = (reading.of_poll(kind, poll) for kind in ("poll_closed", "poll_voided"))
    yield Check(len(closed) == 1, f"{named}: closed in {len(closed)} entries of the log")
    yield Check(not voided, f"{named}: declared void in {len(voided)} entries of the log")
    for entry in closed[:1]:
        yield from check_close(record, entry)
    for entry in reading.of_poll("results_published", poll):
        agrees = entry["data"]["verdict"] == record["result"]["verdict"]
        yield Check(agrees, f"{named}, entry {entry['n']}: published with the record's verdict")
    opened = reading.of_poll("poll_opened", poll)
    if not opened:
        yield unchecked(f"{named} was opened before this log began")
    for entry in opened:
        yield from check_opening(record, entry)
    for entry in reading.of_poll("electorate_fixed", poll):
        yield check_electorate(record, entry)
    admitted = [each["data"]["row"] for each in reading.of_poll("admitted", poll)]
    recorded = [each["row"] for each in record["electorate"]["admissions"]]
    yield Check(admitted == recorded, f"{named}: {len(admitted)} admissions, those of the log")


def check_close(record: Mapping[str, Any], entry: Mapping[str, Any]) -> Iterator[Check]:
    """Yield whether a record is the one that was entered when its poll was closed."""
    data, before = entry["data"], {"n": entry["n"] - 1, "hash": entry["previous"]}
    named = f"poll {record['poll']}, entry {entry['n']}"
    verdict = record["result"]["verdict"]
    yield Check(data["digest"] == record["digest"], f"{named}: the log's digest is the record's")
    if data["verdict"] is None:  # the results were to be shown later
        yield unchecked(f"{named}: the verdict was not entered at the close")
    else:
        yield Check(data["verdict"] == verdict, f"{named}: the log has the verdict, {verdict}")
    yield Check(
        canonical(record["log"]) == canonical(before),
        f"{named}: the record names the entry before its close",
    )


def check_electorate(record: Mapping[str, Any], entry: Mapping[str, Any]) -> Check:
    """Return whether a record's electorate is the one that was fixed in an entry."""
    return Check(
        entry["data"]["electorate"] == record["electorate"]["digest"],
        f"poll {record['poll']}, entry {entry['n']}: the electorate is the one fixed there",
    )


def check_opening(record: Mapping[str, Any], entry: Mapping[str, Any]) -> Iterator[Check]:
    """Yield whether a record has the rules and numbers that were entered at the opening."""
    data, bases = entry["data"], record["bases"]
    named = f"poll {record['poll']}, entry {entry['n']}"
    rules = digest_of({key: record[key] for key in KnownRules.__annotations__})
    yield Check(data["rules"] == rules, f"{named}: the rules are those of the opening")
    yield check_electorate(record, entry)
    entered = {"eligible": record["electorate"]["size"], "present": bases["present_at_open"]}
    entered |= {"required": bases["required"], "meeting": record["meeting"]}
    for key, value in entered.items():
        yield Check(data[key] == value, f"{named}: {key} as at the opening, {value}")
