"""What a host is sent about an import of a roll: its changes, and how the file was read."""

from typing import Any, NotRequired, TypedDict

from schemas.roll_columns import MARKED, Field
from schemas.roll_csv import RollFile
from voting.roll_plans import Change
from voting.text import name_key

PREVIEWED, PREVIEWED_REMOVED = 5, 12
"""How many names a preview shows of a file, and how many of the rows that it would remove."""

Labelled = tuple[str, Any]
"""A row that was sent, after its name in faults: `rows.0`, `line.3`."""


class RollColumn(TypedDict):
    """A column of a file and its field; null if the column is free or ignored."""

    called: str
    field: Field | None
    ignored: bool


class RollFileRead(TypedDict):
    """How a roll file was read. `guessed`: its bytes don't prove the encoding."""

    encoding: str
    guessed: bool
    names: list[str]
    columns: list[RollColumn]


class RollChange(TypedDict):
    """How many rows an import changes, and the file's `encoding`. A preview (`dry_run`) also has
    whether the encoding is a guess, the first names, the file's columns, and the first 12 names
    that the import would remove.
    """

    added: int
    changed: int
    removed: int
    encoding: str | None
    guessed: NotRequired[bool]
    names: NotRequired[list[str]]
    columns: NotRequired[list[RollColumn]]
    removed_names: NotRequired[list[str]]


def change_document(
    change: Change, file: RollFile | None, previewed: list[Labelled] | None
) -> RollChange:
    """Return how much an import changes.

    file: None if the rows came as JSON
    previewed: the rows, if this is a preview
    """
    document: RollChange = {
        "added": len(change.added),
        "changed": len(change.changed),
        "removed": len(change.removed),
        "encoding": None if file is None else file.encoding,
    }
    if previewed is not None:
        document["guessed"] = file is not None and file.guessed
        document["names"] = _first_names(previewed)
        document["columns"] = [] if file is None else _columns(file)
        document["removed_names"] = [row.name for row in change.removed[:PREVIEWED_REMOVED]]
    return document


def file_document(file: RollFile, rows: list[Labelled]) -> RollFileRead:
    """Return how a file was read, so that a host can check it."""
    return {
        "encoding": file.encoding,
        "guessed": file.guessed,
        "names": _first_names(rows),
        "columns": _columns(file),
    }


def _first_names(rows: list[Labelled]) -> list[str]:
    return [fields["name"] for _, fields in rows[:PREVIEWED]]


def _columns(file: RollFile) -> list[RollColumn]:
    return [
        {"called": column.called, "field": column.field, "ignored": column.ignored}
        for column in file.columns
        if name_key(column.called) not in MARKED or column.field is not None
    ]
