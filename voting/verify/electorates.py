"""Checks an electorate: does it agree with itself, and with the digest of a record and a log?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from voting.canonical import canonical
from voting.chain import digest_of
from voting.verify.reading import Check, check_keys, unchecked

KEYS = {"poll", "digest", "size", "eligible", "admissions", "members", "names"}
ADMISSION_KEYS = {"row", "weight", "at"}


@dataclass(frozen=True)
class ElectorateReading:
    """An electorate as it was read, not checked yet: `members` are rows with weights."""

    electorate: dict[str, Any]
    members: list[list[int]]
    admissions: list[dict[str, Any]]


def read_electorate(electorate: dict[str, Any]) -> ElectorateReading:
    """Return an electorate's reading. Raises one of `MISSHAPEN` for any other document."""
    members = [[*each] for each in electorate["members"]]
    admissions = [{**each} for each in electorate["admissions"]]
    if not all(len(each) == 2 for each in members):
        raise ValueError("a member is a row and a weight")
    return ElectorateReading(electorate, members, admissions)


def check_electorate(reading: ElectorateReading) -> Iterator[Check]:
    """Yield a sentence for all that an electorate claims, and whether it agrees with the rest."""
    electorate, size = reading.electorate, reading.electorate["size"]
    inner = {key for each in reading.admissions for key in ADMISSION_KEYS ^ each.keys()}
    yield check_keys(KEYS ^ electorate.keys() | inner)
    fixed, later = reading.members[:size], reading.members[size:]
    found = digest_of({"poll": electorate["poll"], "members": fixed})
    claimed = electorate["digest"]
    same = claimed == found
    yield Check(same, f"digest: the list says {claimed}, its {len(fixed)} members: {found}")
    admitted = [[each["row"], each["weight"]] for each in reading.admissions]
    agrees = canonical(later) == canonical(admitted)
    yield Check(agrees, f"admissions: {len(later)}, the members after the first {size}")
    total = canonical([size + len(later), len(reading.members)])
    yield Check(
        total == canonical([electorate["eligible"]] * 2),
        f"eligible: {electorate['eligible']} of {len(reading.members)} members",
    )
    names = electorate["names"] or {}
    rows = {str(row) for row, _ in reading.members}
    yield Check({*names} <= rows, "names: each of a member")
    yield unchecked("the names: only the members' numbers are in the digest")
    yield unchecked("when members were admitted: the record shows it")


def check_electorate_in(reading: ElectorateReading, record: Mapping[str, Any]) -> Iterator[Check]:
    """Yield whether an electorate is the one of a poll's record."""
    electorate, recorded = reading.electorate, record["electorate"]
    for key in ("digest", "size", "admissions"):
        agrees = canonical(electorate[key]) == canonical(recorded[key])
        yield Check(agrees, f"electorate of poll {record['poll']}: {key} as in the record")
