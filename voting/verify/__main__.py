"""Checks records, proofs and a room's log: does each agree with itself, and with the others?

    python -m voting.verify record.json [--receipt R] [--rule schulze]
    python -m voting.verify log.json record.json proof.json …

Each file is recognised by what it holds. Ends with 0 where everything agrees, 1 where something
doesn't, 2 where a file can't be read. It says in words what it could not check.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, get_args

from voting.methods import Rule
from voting.verify.logs import LogReading, check_log, check_record_in, read_log
from voting.verify.proofs import ProofReading, check_proof, read_proof
from voting.verify.reading import MISSHAPEN, Check, read_json, say
from voting.verify.records import Reading, check_record, read_record

AnyReading = Reading | ProofReading | LogReading
MARKS = {True: "ok   ", False: "WRONG", None: "  ?  "}


def main(arguments: Sequence[str] | None = None) -> int:
    """Check the files that the arguments name, print the findings, return the exit code."""
    parser = argparse.ArgumentParser("python -m voting.verify", description="Check records.")
    parser.add_argument("files", type=Path, nargs="+", help="records, proofs, a room's log")
    parser.add_argument("--receipt", help="tell what the ballot with this receipt holds")
    parser.add_argument("--rule", choices=get_args(Rule), help="count ranked ballots so as well")
    options = parser.parse_args(arguments)
    readings: list[AnyReading] = []
    reports: list[tuple[str, list[Check]]] = []
    for path in options.files:
        try:
            readings.append(read_file(path.read_bytes()))
            checks = check_file(readings[-1], options.receipt, options.rule)
            reports.append((str(path), [*checks]))
        except (OSError, *MISSHAPEN) as error:
            say(f"{path} can't be read as a record, a proof or a log: {error!r}")
            return 2
    try:
        reports.append(("together", [*check_together(readings)]))
    except MISSHAPEN as error:
        say(f"These files can't be held against each other: {error!r}")
        return 2
    agree = [report(title, checks) for title, checks in reports]
    whole = all(agree)
    say("Everything agrees." if whole else "Not everything agrees.")
    return 0 if whole else 1


def read_file(raw: bytes) -> AnyReading:
    """Return what a file says, by what it holds. Raises one of `MISSHAPEN` for what is none."""
    document = read_json(raw)
    if "path" in document:
        return read_proof(document)
    return read_log(document) if "entries" in document else read_record(document)


def check_file(reading: AnyReading, receipt: str | None, rule: str | None) -> Iterator[Check]:
    """Yield what a file claims, and whether it agrees with the rest of it."""
    if isinstance(reading, ProofReading):
        return check_proof(reading, receipt)
    if isinstance(reading, LogReading):
        return check_log(reading)
    return check_record(reading, receipt, rule)


def check_together(readings: Sequence[AnyReading]) -> Iterator[Check]:
    """Yield whether files agree with each other."""
    records = [each.record for each in readings if isinstance(each, Reading)]
    logs = [each for each in readings if isinstance(each, LogReading)]
    for each in readings:
        if isinstance(each, ProofReading):
            yield from check_proof_in(each, records, logs)
    for record in records:
        if "record_version" not in record:
            yield Check(None, f"not checked: poll {record['poll']} was closed before the log began")
            continue
        for log in logs:
            yield from check_record_in(log, record)
    if records and not logs:
        yield Check(
            None, "not checked: what was done before the close: give the room's log as well"
        )


def check_proof_in(
    proof: ProofReading, records: Sequence[dict[str, Any]], logs: Sequence[LogReading]
) -> Iterator[Check]:
    """Yield whether a proof's root is the digest that records and logs of its poll have."""
    poll, root = proof.ballot["poll"], proof.proof["root"]
    digests = [("record", each["digest"]) for each in records if each["poll"] == poll]
    for log in logs:
        closes = log.of_poll("poll_closed", poll)
        digests += [("log", each["data"]["digest"]) for each in closes]
    for kind, digest in digests:
        yield Check(root == digest, f"proof: its root is the digest of poll {poll} in the {kind}")
    if not digests:
        yield Check(
            None,
            f"not checked: that the proof's root is the digest of poll {poll} which everybody "
            "sees: compare it with the results, or give the record or the log as well",
        )


def report(title: str, checks: Sequence[Check]) -> bool:
    """Print what was checked, and return whether all of it agrees."""
    if checks:
        say(f"{title}:")
    for agrees, sentence in checks:
        say(f"{MARKS[agrees]}  {sentence}")
    return all(agrees is not False for agrees, _ in checks)


if __name__ == "__main__":
    sys.exit(main())
