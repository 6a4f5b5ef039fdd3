"""The core's entities as the documents that are stored, and back."""

from dataclasses import fields
from datetime import datetime
from typing import Any

from db.journal import share_list
from voting.model.ballots import Ballot
from voting.model.polls import Poll
from voting.model.records import RecordName
from voting.record import read_marks

Json = dict[str, Any]

RENAMED = {"tally_told": "tally_shown"}
"""A poll's fields by the names under which earlier versions stored them."""


def read_ballot(key: int, row: Json) -> Ballot:
    return Ballot(
        key,
        row["poll"],
        row["voter"],
        row["receipt"],
        read_marks(row),
        row["person"],
        row["key"],
        tuple(row["superseded"]),
    )


def ballot_row(ballot: Ballot) -> Json:
    """Return the document of a ballot, in the form that the journal takes as it is."""
    _, poll, voter, receipt, marks, person, key, superseded = ballot
    row: Json = {
        "poll": poll,
        "voter": voter,
        "receipt": receipt,
        "person": person,
        "key": key,
        "superseded": share_list(list(superseded)),
    }
    if isinstance(marks, tuple):
        row["choices"] = share_list(list(marks))
    else:
        row["scores"] = {str(candidate): points for candidate, points in marks.items()}
    return row


def read_name(key: int, row: Json) -> RecordName:
    return RecordName(
        key,
        row["poll"],
        row["receipt"],
        row["person"],
        row["name"],
        row["salt"],
        row["name_hash"],
    )


def name_row(kept: RecordName) -> Json:
    """Return the document of a record's name, in the form that the journal takes as it is."""
    return {
        "poll": kept.poll,
        "receipt": kept.receipt,
        "person": kept.person,
        "name": kept.name,
        "salt": kept.salt,
        "name_hash": kept.name_hash,
        "receipt_key": kept.receipt_key,
    }


def row_of(entity: Any) -> Json:
    """Return the document of an entity: its fields without `id`, with times as text."""
    values = (
        (each.name, getattr(entity, each.name)) for each in fields(entity) if each.name != "id"
    )
    row = {
        name: value.isoformat() if isinstance(value, datetime) else value for name, value in values
    }
    if isinstance(entity, Poll):
        row["candidates"] = [candidate.id for candidate in entity.candidates]
        row["quorum"] = vars(entity.quorum)
    return row


def fields_of(row: Json) -> Json:
    """Return the fields of a document for a dataclass: lists as tuples, and texts of times as
    times.
    """
    fields: Json = {}
    for name, value in row.items():
        if value is not None and name.endswith("_at"):
            fields[name] = datetime.fromisoformat(value)
        else:
            fields[name] = tuple(value) if type(value) is list else value
    return fields
