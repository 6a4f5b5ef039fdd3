"""The roll over HTTP: listing, merging and replacing it, claim codes and claiming."""

from datetime import datetime
from typing import NotRequired, TypedDict, get_args

from flask import Blueprint, Response, jsonify, render_template, request
from werkzeug.exceptions import HTTPException

from api.operations import DRY_RUN, PAGED, answers
from api.requests import asking_holder, read_body
from api.routes.entering import enter_room_as_host, preview_room
from api.routes.lists import Filter, Listing, Page, Part, page
from api.services import services
from schemas.rooms import CLAIM, ROLL_CODES, ROW_CHANGE
from voting.attendance import check_in
from voting.model.accounts import Account
from voting.model.rooms import Role, Room, Row
from voting.people import Holder, enter, find_room
from voting.refusals import Refusal
from voting.restoring import RemovedMember, list_removed, restore_row
from voting.roll import change_row, claim_row, find_claimable, find_row, make_codes, remove_row
from voting.text import new_claim_code, normalise_room_code

ROWS = Listing(
    lambda row: (row.name, row.email, row.ref, *row.columns.values()),
    {"name": lambda row: row.name, "email": lambda row: row.email, "ref": lambda row: row.ref},
    {
        "role": Filter(get_args(Role), lambda row: row.role),
        "claimed": Filter(("0", "1"), lambda row: str(int(row.claimed))),
        "checked_in": Filter(("0", "1"), lambda row: str(int(row.checked_in))),
    },
)

roll = Blueprint("roll", __name__, url_prefix="/rooms/<code>")


class ClaimCode(TypedDict):
    """A row's one-time code. It is shown only once."""

    id: int
    name: str
    ref: str | None
    code: str


class ClaimCodes(TypedDict):
    """The codes that were made."""

    items: list[ClaimCode]


class Claim(TypedDict):
    """The claimed row, with a token if no account claimed it; a preview has the room's name, logo
    and colour.
    """

    row: Row
    room_name: NotRequired[str]
    room_logo: NotRequired[str | None]
    room_colour: NotRequired[str | None]
    token: NotRequired[str]
    expires_at: NotRequired[datetime]


@roll.get("/roll")
@answers(Part[Row], to="host", takes=ROWS.takes)
def get_roll(code: str) -> Response:
    """Return the roll."""
    (room, _), store = enter_room_as_host(code), services().store
    return jsonify(page(lambda within: store.group(Row, room.code, within=within), ROWS))


@roll.patch("/roll/<int:row_id>")
@answers(Row, to="host", asks=ROW_CHANGE, refuses="wrong_state")
def patch_row(code: str, row_id: int) -> Response:
    """Change a row, or check its person in or out."""
    parts, (room, host) = services(), enter_room_as_host(code)
    fields = read_body(ROW_CHANGE)
    if "columns" in fields:
        parts.roll_changes.take(host.person, 1, parts.store.size(Row, room.code))
    present = fields.pop("checked_in", None)
    actor = str(host.person)
    row = change_row(parts.store, room, row_id, fields, parts.clock(), actor)
    if present is not None:
        check_in(parts.store, room, row, parts.clock(), actor, present=present)
        row = find_row(parts.store, room, row_id)
    return jsonify(row)


@roll.delete("/roll/<int:row_id>")
@answers(None, to="host", refuses="wrong_state")
def delete_row(code: str, row_id: int) -> tuple[str, int]:
    """Remove a row: it bars later ballots and keeps a cast one."""
    parts, (room, host) = services(), enter_room_as_host(code)
    remove_row(parts.store, room, row_id, parts.clock(), str(host.person))
    return "", 204


@roll.get("/roll/removed")
@answers(Page[RemovedMember], to="host", takes=PAGED)
def get_removed(code: str) -> Response:
    """Return those who were removed from the roll."""
    (room, _), store = enter_room_as_host(code), services().store
    return jsonify(page(lambda within: list_removed(store, room, within)))


@roll.post("/roll/<int:row_id>/restore")
@answers(Row, to="host", refuses="invalid_request")
def post_restore(code: str, row_id: int) -> Response:
    """Restore a removed row: the same voter, with its claim."""
    parts, (room, host) = services(), enter_room_as_host(code)
    parts.roll_changes.take(host.person, 1, parts.store.size(Row, room.code))
    return jsonify(restore_row(parts.store, room, row_id, parts.clock(), str(host.person)))


@roll.post("/roll/codes")
@answers((ClaimCodes, "text/html"), to="host", asks=ROLL_CODES)
def post_codes(code: str) -> Response | str:
    """Make one-time claim codes, as a sheet to print if the client prefers HTML."""
    parts, (room, host) = services(), enter_room_as_host(code)
    ids = read_body(ROLL_CODES).get("ids")
    rows = parts.store.size(Row, room.code) if ids is None else len(ids)
    parts.roll_changes.take(host.person, rows)
    made = make_codes(parts.store, room, ids, parts.clock(), str(host.person), new_claim_code)
    if request.accept_mimetypes.best_match(["application/json", "text/html"]) == "text/html":
        return render_template("codes.html", room=room, made=made)
    codes = [ClaimCode(id=row.id, name=row.name, ref=row.ref, code=code) for row, code in made]
    return jsonify(ClaimCodes(items=codes))


@roll.post("/claim")
@answers(Claim, to="see", takes=(DRY_RUN,), asks=CLAIM, refuses="wrong_state")
def post_claim(code: str) -> Response:
    """Bind a row to the sender's account, or to the device; a preview only shows the row."""
    parts, holder = services(), asking_holder()
    account = holder if isinstance(holder, Account) else None
    # a code lets people in who can't see the room
    room = find_room(parts.store, normalise_room_code(code))
    claim = _read_claim(room, holder)
    if request.args.get("dry_run", "0") != "0":
        row = find_claimable(parts.store, room, claim)
        return jsonify({"row": row, **preview_room(room)})
    row = claim_row(parts.store, room, claim, account, parts.clock())
    if account is not None:
        return jsonify(Claim(row=row))
    token, expires_at = parts.tokens.issue(row, parts.clock())
    return jsonify(Claim(row=row, token=token, expires_at=expires_at))


def _read_claim(room: Room, holder: Holder | None) -> str:
    """Return the code that was sent. Its faults are named only to people who may see the room."""
    try:
        return str(read_body(CLAIM)["code"])
    except (HTTPException, Refusal):
        enter(services().store, room.code, holder)
        raise
