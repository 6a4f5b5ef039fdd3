"""Checks whether files agree with each other: records, proofs, logs, and heads that were kept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

from voting.chain import NO_HASH, Head, start_of
from voting.verdicts import decide_election
from voting.verify.electorates import ElectorateReading, check_electorate_in
from voting.verify.logs import LogReading, check_record_in
from voting.verify.proofs import ProofReading
from voting.verify.reading import Check, check_none, unchecked
from voting.verify.records import Reading

AnyReading = Reading | ProofReading | LogReading | ElectorateReading


def check_together(readings: Sequence[AnyReading], heads: Sequence[Head]) -> Iterator[Check]:
    """Yield whether files agree with each other, and with heads that were kept elsewhere."""
    records = [each for each in readings if isinstance(each, Reading)]
    logs = [each for each in readings if isinstance(each, LogReading)]
    for each in readings:
        if isinstance(each, ProofReading):
            yield from check_proof_in(each, records, logs)
        if isinstance(each, ElectorateReading):
            yield from check_electorate_among(each, records, logs)
    for first, second in combinations(records, 2):
        yield from check_twins(first, second)
    for earlier, later in combinations(sorted(logs, key=lambda log: len(log.entries)), 2):
        if earlier.room == later.room:
            begins = later.entries[: len(earlier.entries)] == earlier.entries
            yield Check(begins, f"logs of room {later.room}: the longer one continues the other")
    for head in heads:
        yield from check_head(head, logs)
    for each in records:
        check = check_record_v1_in if each.version == 1 else check_record_v2_in
        yield from check(each, logs)
    if records and not logs:
        yield unchecked("what was done before the close: give the room's log as well")


def check_proof_in(
    proof: ProofReading, records: Sequence[Reading], logs: Sequence[LogReading]
) -> Iterator[Check]:
    """Yield whether a proof's root is the digest that records and logs of its poll have."""
    poll, root = proof.ballot["poll"], proof.proof["root"]
    digests = [("record", each.record["digest"]) for each in records if each.record["poll"] == poll]
    for log in logs:
        closes = log.of_poll("poll_closed", poll)
        digests += [("log", each["data"]["digest"]) for each in closes]
    for kind, digest in digests:
        yield Check(root == digest, f"proof: its root is the digest of poll {poll} in the {kind}")
    if not digests:
        yield unchecked(
            f"that the proof's root is the digest of poll {poll} which everybody sees: compare it "
            "with the results, or give the record or the log as well"
        )


def check_electorate_among(
    reading: ElectorateReading, records: Sequence[Reading], logs: Sequence[LogReading]
) -> Iterator[Check]:
    """Yield whether an electorate is the one that records and logs of its poll commit to."""
    electorate, poll = reading.electorate, reading.electorate["poll"]
    own = [each for each in records if each.record["poll"] == poll and each.version > 1]
    entries = [
        entry
        for log in logs
        for kind in ("poll_opened", "electorate_fixed")
        for entry in log.of_poll(kind, poll)
    ]
    for each in own:
        yield from check_electorate_in(reading, each.record)
    for entry in entries:
        agrees = entry["data"]["electorate"] == electorate["digest"]
        yield Check(agrees, f"electorate of poll {poll}: the one of entry {entry['n']}")
    if not own and not entries:
        yield unchecked(f"that this is the electorate of poll {poll}: give the record or the log")


def check_twins(first: Reading, second: Reading) -> Iterator[Check]:
    """Yield whether two records are the same, if they are of the same poll: it has only one."""
    one, other = first.record, second.record
    rooms = {each.record["room"] for each in (first, second) if each.version > 1}
    if one["poll"] == other["poll"] and len(rooms) < 2:
        same = one["digest"] == other["digest"]
        yield Check(same, f"poll {one['poll']}: both of its records have one digest")


def check_head(head: Head, logs: Sequence[LogReading]) -> Iterator[Check]:
    """Yield whether one of the logs continues a head: has its entry, at its place.

    head: of its hash the first digits are enough
    """
    noted = f"head {head['n']}:{head['hash']}"
    if not logs:
        yield unchecked(f"{noted}: give the room's log as well")
        return
    starts = (NO_HASH, *(start_of(log.room)["hash"] for log in logs))
    continued = head["n"] == 0 and any(start.startswith(head["hash"]) for start in starts)
    continued |= any(
        entry["hash"].startswith(head["hash"])
        for log in logs
        for entry in log.entries_at(head["n"])
    )
    yield Check(continued, f"{noted}: the log continues it")


def check_record_v2_in(reading: Reading, logs: Sequence[LogReading]) -> Iterator[Check]:
    """Yield whether a record agrees with the logs of its room."""
    record = reading.record
    own = [log for log in logs if log.room == record["room"]]
    if logs:
        found = f"poll {record['poll']}: of {len(logs)} logs, {len(own)} are of its room"
        yield Check(bool(own), found)
    for log in own:
        yield from check_record_in(log, record)


def check_record_v1_in(reading: Reading, logs: Sequence[LogReading]) -> Iterator[Check]:
    """Yield whether logs know only the publishing of a poll that was closed before they began."""
    poll, result = reading.record["poll"], reading.record["result"]
    for log in logs:
        about = [each for each in log.entries if each["data"].get("poll") == poll]
        acts = [str(each["n"]) for each in about if each["kind"] != "results_published"]
        yield check_none(f"poll {poll}: a record of version 1, and entries about it", acts)
        for entry in log.of_poll("results_published", poll):
            agrees = entry["data"]["verdict"] == decide_election(result["winners"], result["tied"])
            yield Check(agrees, f"poll {poll}, entry {entry['n']}: published with this verdict")
    yield unchecked(f"poll {poll} was closed before the log began")
