"""How people and screens get into a room, over HTTP: the QR code, guests, the screens' tokens."""

import io
import secrets
from datetime import datetime
from functools import lru_cache
from hmac import compare_digest
from typing import Any, TypedDict

import segno
from flask import Blueprint, Response, current_app, jsonify, request
from werkzeug.exceptions import HTTPException

from api.hall import join_home
from api.operations import DRY_RUN, answers
from api.requests import asker, read_body, require_holder
from api.routes.entering import RoomPreview, enter_room, enter_room_as_host, preview_room
from api.services import services
from schemas.rooms import GUEST, GUEST_LINK, KEEP
from schemas.validation import Schema
from voting.guest_hosts import keep_room
from voting.model.accounts import Account
from voting.model.rooms import Guest, Room, Row
from voting.people import Holder, enter, find_room
from voting.refusals import Forbidden, NotFound, Refusal, TokenExpired, TokenInvalid
from voting.rooms import add_guest, end_screens, set_guest_key
from voting.text import normalise_room_code

DRAWN = 256
"""How many QR codes are remembered."""

joining = Blueprint("joining", __name__, url_prefix="/rooms/<code>")


class GuestSignIn(TypedDict):
    """A guest's session, which is valid in one room."""

    token: str
    expires_at: datetime
    guest: Guest


class GuestLink(TypedDict):
    """The key of a room's link for guests, `/r/CODE#guest=KEY`; null if there is none."""

    key: str | None


class ScreenToken(TypedDict):
    """A token for the room's screens."""

    token: str
    expires_at: datetime


@joining.post("/guests")
@answers(
    {201: GuestSignIn, 200: RoomPreview},
    to="all",
    takes=(DRY_RUN,),
    asks=(GUEST, GUEST_LINK),
    refuses="forbidden not_found nickname_taken rate_limited",
)
def post_guest(code: str) -> tuple[Response, int, dict[str, str]]:
    """Join as a guest, in a room for members by its link's key; a preview only shows the room."""
    preview = request.args.get("dry_run", "0") != "0"
    parts, (room, fields) = services(), _read_guest(code, GUEST_LINK if preview else GUEST)
    if preview:
        return jsonify(preview_room(room)), 200, {}
    guest = add_guest(parts.store, room, fields["nickname"], parts.clock())
    token, expires_at = parts.tokens.issue(guest, parts.clock())
    document = GuestSignIn(token=token, expires_at=expires_at, guest=guest)
    return jsonify(document), 201, {"Location": f"/rooms/{room.code}"}


def _read_guest(code: str, body: Schema) -> tuple[Room, dict[str, Any]]:
    """Return the room that a guest wants to join, and the body. Raises `Forbidden` where the room
    takes no guests, `NotFound` without a room or without the key that one for members asks for.
    """
    room = services().store.find(Room, "code", normalise_room_code(code))
    if room is not None and room.is_open:
        if not room.guests:
            raise Forbidden
        return room, read_body(body)
    try:
        fields = read_body(body)
    except (HTTPException, Refusal) as error:
        raise NotFound from error  # nobody learns that there is such a room
    if room is None or not room.admits_guests or not _has_key(room, fields):
        raise NotFound
    return room, fields


def _has_key(room: Room, fields: dict[str, Any]) -> bool:
    sent, kept = fields.get("key", ""), room.guest_key or ""
    return compare_digest(sent.encode("utf-8", "replace"), kept.encode())


@joining.get("/guest-link")
@answers(GuestLink, to="host")
def get_guest_link(code: str) -> Response:
    """Return the key of the link by which guests join a room for members."""
    room, _ = enter_room_as_host(code)
    return jsonify(GuestLink(key=room.guest_key))


@joining.post("/guest-link")
@answers({201: GuestLink}, to="host")
def post_guest_link(code: str) -> tuple[Response, int, dict[str, str]]:
    """Make a link by which guests join a room for members; an earlier one ends, its guests stay."""
    parts, (room, _) = services(), enter_room_as_host(code)
    key = secrets.token_urlsafe(16)
    set_guest_key(parts.store, room, key, parts.clock(), asker())
    return jsonify(GuestLink(key=key)), 201, {"Location": f"/rooms/{room.code}"}


@joining.delete("/guest-link")
@answers(None, to="host")
def delete_guest_link(code: str) -> tuple[str, int]:
    """End the link; guests may no longer be in a room for members."""
    parts, (room, _) = services(), enter_room_as_host(code)
    set_guest_key(parts.store, room, None, parts.clock(), asker())
    return "", 204


@joining.post("/keep")
@answers(Row, to="host", asks=KEEP, refuses="wrong_state")
def post_keep(code: str) -> Response:
    """Become host by account of a room that one hosts by a device's token, which ends."""
    parts, account = services(), require_holder()
    room = find_room(parts.store, normalise_room_code(code))
    try:
        if not isinstance(account, Account):
            raise Forbidden
        host = _holder_of(read_body(KEEP)["token"])
        return jsonify(keep_room(parts.store, room, host, account, parts.clock()))
    except (HTTPException, Refusal):
        enter(parts.store, room.code, account)  # only people who see the room learn what is wrong
        raise


def _holder_of(token: str) -> Holder:
    """Return whom a token in a body stands for. Raises `Forbidden`: the sender's own is good."""
    parts = services()
    try:
        return parts.tokens.authenticate(parts.store, token, parts.clock())[1]
    except (TokenInvalid, TokenExpired) as error:
        raise Forbidden from error


@joining.post("/screen-token")
@answers({201: ScreenToken}, to="host")
def post_screen_token(code: str) -> tuple[Response, int, dict[str, str]]:
    """Make a token for the room's screens."""
    parts, (room, _) = services(), enter_room_as_host(code)
    token, expires_at = parts.tokens.issue(room, parts.clock())
    document = ScreenToken(token=token, expires_at=expires_at)
    return jsonify(document), 201, {"Location": f"/rooms/{room.code}"}


@joining.delete("/screen-token")
@answers(None, to="host")
def delete_screen_tokens(code: str) -> tuple[str, int]:
    """End the tokens of the room's screens."""
    room, _ = enter_room_as_host(code)
    end_screens(services().store, room)
    return "", 204


@joining.get("/qr.svg")
@answers("image/svg+xml", to="see")
def get_qr(code: str) -> Response:
    """Return a QR code of the room's address."""
    room, _ = enter_room(code)
    config = current_app.config
    home = join_home(request.host_url.rstrip("/"), config["PUBLIC_URL"], config["HALL_PORT"])
    return Response(_drawn(f"{home}/r/{room.code}"), mimetype="image/svg+xml")


@lru_cache(DRAWN)
def _drawn(address: str) -> bytes:
    image, drawn = io.BytesIO(), segno.make(address, micro=False)
    # the title is for screen readers
    drawn.save(image, kind="svg", scale=8, border=2, title=address)
    return image.getvalue()
