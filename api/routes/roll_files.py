"""The roll as files: importing lists from spreadsheets or JSON, and exporting tables."""

import csv
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial
from itertools import chain, count
from typing import Any

import gevent
from flask import Blueprint, Response, jsonify, request
from werkzeug.exceptions import UnsupportedMediaType

from api.acting import waiting
from api.operations import DRY_RUN, Parameter, answers
from api.requests import read_bytes, require_holder
from api.roll_previews import Labelled, RollChange, change_document, file_document
from api.routes.entering import enter_room_as_host
from api.services import services
from api.tables import CSV, XLSX, csv_answer, xlsx_answer
from schemas.encodings import ENCODINGS, encoding_of_charset
from schemas.roll_columns import FIELDS, MARKED, Choice
from schemas.roll_csv import RollFile
from schemas.rooms import ROLL, ROLL_ROW, ROLL_ROWS
from schemas.validation import parse_json
from voting.faults import Fault, Faults, Invalid
from voting.model.rooms import Room, Row
from voting.people import Standing, enter_as_host, person_of
from voting.refusals import Refusal
from voting.roll import columns_of
from voting.roll_plans import Change, apply_roll, is_current, plan_roll, revision_of

ROLL_BYTES = 2 << 20
SLICE_ROWS, SLICE_LETTERS = 10, 4_000
"""How many rows, and characters of free columns, are read before other requests are served."""
PLANS = 3
"""How often a change is planned beside others' changes of the roll."""
SEPARATORS = (b",", b";", b"|", b"{", b"[", b"\t", b"\n", b"\r")
ROW_SEPARATORS = 15
"""How many of these a row has on average at most: a body of more is refused before it is read."""
TOO_MANY = Fault("rows", "too_long", ROLL_ROWS)
COLUMNS_LETTERS = 4_000_000
"""Letters of all rows' free columns in one roll, each column's name counted in each row."""

ROLL_FORMS = (ROLL, ROLL.definition["rows"], "text/csv")

READ_AS = (
    DRY_RUN,
    Parameter("encoding", {"enum": list(ENCODINGS)}, "The file's encoding, where it isn't clear."),
    *(
        Parameter(
            f"{field}_column",
            {"type": "string"},
            f"The header of the column with the {field}; empty: no column has it.",
        )
        for field in FIELDS
    ),
    Parameter("ignored_columns", {"type": "string"}, "The headers to leave out, as a CSV line."),
)

roll_files = Blueprint("roll_files", __name__, url_prefix="/rooms/<code>")


@roll_files.post("/roll")
@answers(RollChange, to="host", asks=ROLL_FORMS, takes=READ_AS, refuses="wrong_state")
@waiting
def post_roll(code: str) -> Response:
    """Merge rows into the roll."""
    return _import(code, replacing=False)


@roll_files.put("/roll")
@answers(RollChange, to="host", asks=ROLL_FORMS, takes=READ_AS, refuses="wrong_state")
@waiting
def put_roll(code: str) -> Response:
    """Replace the roll, except for the sender's own row."""
    return _import(code, replacing=True)


@roll_files.get("/roll.csv")
@answers(CSV, to="host")
def get_roll_csv(code: str) -> Response:
    """Return the roll as CSV with its free columns. It can be imported again."""
    return csv_answer(*_table(code))


@roll_files.get("/roll.xlsx")
@answers(XLSX, to="host")
def get_roll_xlsx(code: str) -> Response:
    """Return the roll as a spreadsheet."""
    return xlsx_answer(*_table(code))


def _table(code: str) -> tuple[list[str], Iterator[list[Any]]]:
    store, (room, _) = services().store, enter_room_as_host(code)
    rows = store.group(Row, room.code)
    columns = columns_of(rows)
    cells = (
        [
            *(getattr(row, field) for field in FIELDS),
            *map(row.columns.get, columns),
            *(int(getattr(row, mark)) for mark in MARKED),
        ]
        for row in rows
    )
    return [*FIELDS, *columns, *MARKED], cells


def _import(code: str, *, replacing: bool) -> Response:
    room, _ = enter_room_as_host(code)
    file = _read_file() if request.mimetype == "text/csv" else None
    rows: list[Labelled] = []
    try:
        return jsonify(_change_roll(room, file, rows, replacing=replacing))
    except Invalid as error:
        if file is not None:
            error.file = file_document(file, rows)
        raise


def _change_roll(
    room: Room, file: RollFile | None, rows: list[Labelled], *, replacing: bool
) -> RollChange:
    store, limit = services().store, services().roll_changes
    preview, person = request.args.get("dry_run", "0") != "0", person_of(require_holder())
    faults = Faults()
    _parse(_read_json() if file is None else file.rows(faults), faults, rows)
    if file is not None and file.guessed and not preview:
        raise Invalid(Fault("encoding", "guessed", file.encoding.upper()))
    columned = any(row.get("columns") for _, row in rows)
    limit.take(person, len(rows), store.size(Row, room.code) if columned else 0)
    change = _make_change(room, rows, faults, replacing=replacing, preview=preview)
    return change_document(change, file, rows if preview else None)


def _make_change(
    room: Room, rows: list[Labelled], faults: Faults, *, replacing: bool, preview: bool
) -> Change:
    """Plan a change while others are served, and make it in one transaction. A plan is made again
    if the roll has changed meanwhile; the last one is made in the transaction."""
    store, rest, now = services().store, _make_rest(), services().clock()
    plan = partial(plan_roll, store, room, rows, replacing=replacing, now=now)
    for _ in range(PLANS):
        host, revision, refusal = _host_of(room), revision_of(store, room), None
        change = Change([], [], [], [], revision)
        try:
            change = plan(host=host, rest=rest)
        except Refusal as error:
            refusal = error
        stored = [] if preview else change.stored
        with store.prepared(stored, rest), store.transaction():
            if _host_of(room).row == host.row and is_current(store, room, change):
                return _finish(room, change, refusal, faults, preview=preview)
    with store.transaction():
        try:
            change = plan(host=_host_of(room))
        except Refusal as error:
            refusal = error
        return _finish(room, change, refusal, faults, preview=preview)


def _host_of(room: Room) -> Standing:
    return enter_as_host(services().store, room.code, require_holder())[1]


def _finish(
    room: Room, change: Change, refusal: Refusal | None, faults: Faults, *, preview: bool
) -> Change:
    """Make a change, or raise why it is refused; call it in a transaction."""
    store, person = services().store, person_of(require_holder())
    if isinstance(refusal, Invalid):
        faults.add(*refusal.faults)
    elif refusal is not None:
        raise refusal
    faults.check()
    services().roll_changes.take(person, len(change.removed))
    if not preview:
        apply_roll(store, room, change, services().clock(), str(person))
    return change


def _make_rest() -> Callable[[], None]:
    """Return what serves others each time that some rows have been looked at."""
    looked = count(1)

    def rest() -> None:
        if next(looked) % SLICE_ROWS == 0:
            gevent.sleep(0)

    return rest


def _read_file() -> RollFile:
    encoding = request.args.get("encoding")
    charset = request.mimetype_params.get("charset")
    if encoding is None and charset is not None:
        encoding = encoding_of_charset(charset) or charset
    if encoding is not None and encoding not in ENCODINGS:
        raise Invalid(Fault("encoding", "not_allowed", list(ENCODINGS)))
    asked = {field: request.args.get(f"{field}_column") for field in FIELDS}
    try:
        ignored = next(csv.reader([request.args.get("ignored_columns", "")]), [])
    except csv.Error as error:
        raise Invalid(Fault("ignored_columns", "not_csv")) from error
    chosen = {field: name for field, name in asked.items() if name is not None}
    return RollFile(_read_bytes(), encoding, Choice(chosen, ignored))


def _read_bytes() -> bytes:
    raw = read_bytes(ROLL_BYTES)
    if sum(map(raw.count, SEPARATORS)) > ROLL_ROWS * ROW_SEPARATORS:
        raise Invalid(TOO_MANY)
    return raw


def _read_json() -> Iterable[Labelled]:
    raw = _read_bytes()  # too large a body is refused as that, whatever it is
    if request.mimetype != "application/json":
        raise UnsupportedMediaType
    document = parse_json(raw)
    document = document if isinstance(document, dict) else {"rows": document}
    given: Any = document.get("rows")
    ROLL.parse({**document, "rows": []} if isinstance(given, list) else document)
    if len(given) > ROLL_ROWS:
        raise Invalid(TOO_MANY)
    return ((f"rows.{position}", row) for position, row in enumerate(given))


def _parse(given: Iterable[Labelled], faults: Faults, rows: list[Labelled]) -> None:
    """Add to `rows` those without faults, as the schema has them; others are answered meanwhile.

    Raises `Invalid` where their free columns are too much in all.
    """
    letters = rested_at = 0
    for position, (label, fields) in enumerate(given):
        if position % SLICE_ROWS == 0 or letters > rested_at + SLICE_LETTERS:
            gevent.sleep(0)
            rested_at = letters
        try:
            row = ROLL_ROW.parse(fields)
        except Invalid as error:
            faults.add(*(_labelled(label, fault) for fault in error.faults))
            continue
        letters += sum(map(len, chain.from_iterable(row.get("columns", {}).items())))
        if letters > COLUMNS_LETTERS:
            raise Invalid(Fault("columns", "too_long", COLUMNS_LETTERS))
        rows.append((label, row))


def _labelled(label: str, fault: Fault) -> Fault:
    """Return a fault of a row as one of the whole roll."""
    return replace(fault, field=f"{label}.{fault.field}" if fault.field else label)
