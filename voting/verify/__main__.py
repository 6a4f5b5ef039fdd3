"""Checks records, proofs, electorates and logs: does each agree with itself and the others?

    python -m voting.verify record.json [--receipt R] [--rule schulze]
    python -m voting.verify log.json record.json proof.json … [--head 41:5e0c…]

Each file is recognised by what it holds. Ends with 0 where everything agrees, 1 where something
doesn't, 2 where a file can't be read. It says in words what it could not check.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from string import hexdigits
from typing import TypeAlias, get_args

from voting.chain import Head
from voting.methods import Rule
from voting.verify.electorates import ElectorateReading, check_electorate, read_electorate
from voting.verify.logs import LogReading, check_log, read_log
from voting.verify.proofs import ProofReading, check_proof, read_proof
from voting.verify.reading import MISSHAPEN, Check, read_json, say
from voting.verify.records import check_record, read_record
from voting.verify.together import AnyReading, check_together

HEAD_DIGITS = 8
"""How many digits of a hash the screen shows."""
Report: TypeAlias = tuple[str, list[Check]]
"""What was checked of a file, or in the end of all together, by its name."""
MARKS = {True: "ok   ", False: "WRONG", None: "  ?  "}


def main(arguments: Sequence[str] | None = None) -> int:
    """Check the files that the arguments name, print the findings, return the exit code."""
    parser = argparse.ArgumentParser("python -m voting.verify", description="Check records.")
    parser.add_argument("files", type=Path, nargs="+", help="records, proofs, electorates, logs")
    parser.add_argument("--receipt", help="show the ballot with this receipt")
    parser.add_argument(
        "--head",
        type=read_head,
        action="append",
        default=[],
        help="a head of the log that was kept, as number:hash, or with 8 digits of the hash",
    )
    parser.add_argument("--rule", choices=get_args(Rule), help="count ranked ballots so as well")
    options = parser.parse_args(arguments)
    try:
        reports = check_files(options.files, options.receipt, options.rule, options.head)
    except Unreadable as error:
        say(str(error))
        return 2
    whole, lines = word_reports(reports)
    for line in lines:
        say(line)
    return 0 if whole else 1


class Unreadable(Exception):
    """A file is not one that can be checked."""


def check_files(
    paths: Sequence[Path], receipt: str | None, rule: str | None, heads: Sequence[Head]
) -> list[Report]:
    """Return what was checked of each file, and in the end of all together. Raises `Unreadable`."""
    readings: list[AnyReading] = []
    reports: list[Report] = []
    for path in paths:
        try:
            readings.append(read_file(path.read_bytes()))
            reports.append((str(path), [*check_file(readings[-1], receipt, rule)]))
        except (OSError, *MISSHAPEN) as error:
            raise Unreadable(
                f"{path} can't be read as a record, a proof, an electorate or a log: "
                f"{reason_of(error)}"
            ) from error
    try:
        reports.append(("together", [*check_together(readings, heads)]))
    except MISSHAPEN as error:
        raise Unreadable(f"These files can't be held against each other: {error!r}") from error
    return reports


def reason_of(error: Exception) -> str:
    """Return why a file can't be read, in words where there are some."""
    if isinstance(error, KeyError):
        return f"it lacks {error}"
    return repr(error) if isinstance(error, AttributeError | TypeError) else str(error)


def read_head(text: str) -> Head:
    """Return a head that is written `number:hash`, where of the hash the first digits are enough.

    Raises ValueError for another form.
    """
    number, _, digits = text.partition(":")
    digits = digits.replace(" ", "").lower()
    if len(digits) < HEAD_DIGITS or not {*digits} <= {*hexdigits}:
        raise ValueError(f"{text!r} is no head")
    return {"n": int(number), "hash": digits}


def read_file(raw: bytes) -> AnyReading:
    """Return the reading of a file, whose kind its keys show. Raises one of `MISSHAPEN`."""
    document = read_json(raw)
    if "exported_at" in document:
        raise ValueError("it is an export, which has such files in it; download these themselves")
    if "path" in document:
        return read_proof(document)
    if "members" in document:
        return read_electorate(document)
    return read_log(document) if "entries" in document else read_record(document)


def check_file(reading: AnyReading, receipt: str | None, rule: str | None) -> Iterator[Check]:
    """Yield what a file claims, and whether it agrees with the rest of it."""
    if isinstance(reading, ProofReading):
        return check_proof(reading, receipt)
    if isinstance(reading, LogReading):
        return check_log(reading)
    if isinstance(reading, ElectorateReading):
        return check_electorate(reading)
    return check_record(reading, receipt, rule)


def word_reports(reports: Sequence[Report]) -> tuple[bool, list[str]]:
    """Return whether everything agrees, and the lines that say what was checked."""
    whole = all(check.agrees is not False for _, checks in reports for check in checks)
    lines = []
    for title, checks in reports:
        lines += [f"{title}:"] if checks else []
        lines += [f"{MARKS[agrees]}  {sentence}" for agrees, sentence in checks]
    return whole, [*lines, "Everything agrees." if whole else "Not everything agrees."]


if __name__ == "__main__":
    sys.exit(main())
