"""How people and screens get into a room, over HTTP: the QR code, guests, the screens' tokens."""

import io
from datetime import datetime
from functools import lru_cache
from typing import TypedDict

import segno
from flask import Blueprint, Response, current_app, jsonify, request
from werkzeug.exceptions import HTTPException

from api.hall import join_home
from api.operations import answers
from api.requests import read_body, require_holder
from api.routes.entering import enter_room, enter_room_as_host
from api.services import services
from schemas.rooms import GUEST, KEEP
from voting.guest_hosts import keep_room
from voting.model.accounts import Account
from voting.model.rooms import Guest, Row
from voting.people import Holder, enter, find_room
from voting.refusals import Forbidden, Refusal, TokenExpired, TokenInvalid
from voting.rooms import add_guest, end_screens
from voting.text import normalise_room_code

DRAWN = 256
"""How many QR codes are remembered."""

joining = Blueprint("joining", __name__, url_prefix="/rooms/<code>")


class GuestSignIn(TypedDict):
    """A guest's session, which is valid in one room."""

    token: str
    expires_at: datetime
    guest: Guest


class ScreenToken(TypedDict):
    """A token for the room's screens."""

    token: str
    expires_at: datetime


@joining.post("/guests")
@answers({201: GuestSignIn}, to="all", asks=GUEST, refuses="not_found nickname_taken rate_limited")
def post_guest(code: str) -> tuple[Response, int, dict[str, str]]:
    """Join a public room as a guest, by a nickname."""
    parts = services()
    room, _ = enter(parts.store, normalise_room_code(code), None)
    guest = add_guest(parts.store, room, read_body(GUEST)["nickname"], parts.clock())
    token, expires_at = parts.tokens.issue(guest, parts.clock())
    document: GuestSignIn = {"token": token, "expires_at": expires_at, "guest": guest}
    return jsonify(document), 201, {"Location": f"/rooms/{room.code}"}


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
    parts = services()
    room, _ = enter_room_as_host(code)
    token, expires_at = parts.tokens.issue(room, parts.clock())
    document: ScreenToken = {"token": token, "expires_at": expires_at}
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
    image = io.BytesIO()
    drawn = segno.make(address, micro=False)
    drawn.save(
        image, kind="svg", scale=8, border=2, title=address
    )  # the title is for screen readers
    return image.getvalue()
