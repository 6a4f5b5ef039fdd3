"""Checks a public record by itself, with no server: is it whole, does it count to its result?

    python -m voting.verify record.json [--receipt R] [--rule schulze]

Ends with 0 where everything agrees, 1 where something doesn't, 2 where the file is no record.
Needs Python and the modules that it imports, nothing else. It can't know of ballots that were
left out: for that voters look for their receipts.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from voting.methods import Marks, Method, Outcome, Rules, Turnout, count
from voting.record import canonical, digest, marks_document, read_marks, result_document

MISSHAPEN = (AttributeError, LookupError, RecursionError, TypeError, ValueError)


@dataclass(frozen=True)
class Reading:
    """What a record says: `names` by candidate, `marks` by ballot, not checked yet."""

    record: dict[str, Any]
    rules: Rules
    turnout: Turnout
    names: dict[int, str]
    marks: list[Marks]

    def count(self, rule: str | None = None) -> Outcome:
        """Count the ballots, whose marks must be allowed."""
        return count(self.rules, tuple(self.names), self.marks, self.turnout, rule)


def main(arguments: Sequence[str] | None = None) -> int:
    """Check the record that the arguments name, tell what was found, return the exit code."""
    parser = argparse.ArgumentParser("python -m voting.verify", description="Check a record.")
    parser.add_argument("record", type=Path, help="the file that /polls/<id>/record gives")
    parser.add_argument("--receipt", help="tell what the ballot with this receipt holds")
    parser.add_argument("--rule", choices=["schulze"], help="count ranked ballots so as well")
    options = parser.parse_args(arguments)
    try:
        reading = read_record(options.record.read_bytes())
        checks = [*check_record(reading, options.receipt, options.rule)]
    except (OSError, *MISSHAPEN) as error:
        say(f"{options.record} is no record that can be checked so: {error!r}")
        return 2
    for agrees, sentence in checks:
        say(f"{'ok   ' if agrees else 'WRONG'}  {sentence}")
    whole = all(agrees for agrees, _ in checks)
    say("Everything agrees." if whole else "Not everything agrees.")
    return 0 if whole else 1


def read_record(raw: bytes) -> Reading:
    """Return what a record says. Raises one of `MISSHAPEN` for what is none."""
    record = json.loads(raw, object_pairs_hook=_refuse_twins)
    method, terms = record["method"], record["rules"]
    if method not in get_args(Method):
        raise ValueError(f"there is no method {method}")
    return Reading(
        record,
        Rules(method, terms["seats"], terms["score_max"], terms["threshold"]),
        Turnout(terms["present"], terms["eligible"]),
        {int(each["id"]): str(each["name"]) for each in record["candidates"]},
        [read_marks(each) for each in record["ballots"]],
    )


def check_record(
    reading: Reading, receipt: str | None, rule: str | None
) -> Iterator[tuple[bool, str]]:
    """Yield a sentence for all that a record claims, and whether it agrees with the rest.

    Raises one of `MISSHAPEN` where it can't be told.
    """
    record, counted = reading.record, digest(reading.record)
    yield (
        record["digest"] == counted,
        f"digest: the record says {record['digest']}, its content gives {counted}",
    )
    receipts = [ballot["receipt"] for ballot in record["ballots"]]
    yield receipts == sorted({*receipts}), "receipts: each on one ballot, and in order"
    yield {*(record["names"] or ())} <= {*receipts}, "names: each at a receipt on a ballot"
    yield len(reading.names) == len(record["candidates"]), "candidates: each has its own id"
    if receipt is not None:
        found = [ballot for ballot in record["ballots"] if ballot["receipt"] == receipt]
        held = " and ".join(canonical(ballot).decode() for ballot in found) or "on no ballot"
        yield len(found) == 1, f"receipt {receipt}: {held}"
    spoilt = [each["receipt"] for each in record["ballots"] if not is_allowed(each, reading)]
    yield not spoilt, f"marks: ballots that the poll doesn't allow: {', '.join(spoilt) or 'none'}"
    if not spoilt:
        yield from check_result(reading, rule)


def check_result(reading: Reading, rule: str | None) -> Iterator[tuple[bool, str]]:
    """Yield the same for the result, which is counted again, and tell what the count gives."""
    claimed, counted = reading.record["result"], result_document(reading.count())
    for key in sorted({*claimed, *counted}):
        said, found = (canonical(result.get(key)).decode() for result in (claimed, counted))
        yield said == found, f"{key}: the record says {said}, the ballots give {found}"
    for by in dict.fromkeys((None, rule)):
        outcome = reading.count(by)
        winners, tied = (
            ", ".join(f"{reading.names[each]} ({each})" for each in those) or "nobody"
            for those in (outcome.winners, outcome.tied)
        )
        yield True, f"counted{' by ' + by if by else ''}: winners {winners}; tied {tied}"
    if reading.turnout != Turnout():
        present, eligible = reading.turnout.present, reading.turnout.eligible
        yield True, f"present {present}, eligible {eligible}: no ballot can prove these"


def is_allowed(ballot: dict[str, Any], reading: Reading) -> bool:
    """Return whether a ballot holds what the poll's method and rules allow, and nothing else."""
    rules, marks = reading.rules, read_marks(ballot)
    form = {"receipt": ballot["receipt"], **marks_document(rules.method, marks)}
    if canonical(ballot) != canonical(form) or not {*marks} <= {*reading.names}:
        return False
    if isinstance(marks, Mapping):
        return all(0 <= points <= rules.score_max for points in marks.values())
    most = 1 if rules.method == "plurality" else reading.record["rules"]["max_choices"]
    return len({*marks}) == len(marks) <= (most or len(reading.names))


def _refuse_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(dict(pairs)) < len(pairs):
        raise ValueError("a key stands twice")  # of which readers of JSON differ in which counts
    return dict(pairs)


def say(line: str) -> None:
    """Write a line, without what doesn't print: a name must not move the terminal's cursor."""
    sys.stdout.write("".join(filter(str.isprintable, line)) + "\n")


if __name__ == "__main__":
    sys.exit(main())
