"""Bars over HTTP: the people that a room's hosts have barred from voting."""

from flask import Blueprint, Response, jsonify

from api.operations import PAGED, answers
from api.requests import asker
from api.routes.entering import enter_room_as_host
from api.routes.lists import Page, page
from api.services import services
from voting.barring import bar_person, end_bar
from voting.model.rooms import Bar

barring = Blueprint("barring", __name__, url_prefix="/rooms/<code>/barred")


@barring.get("")
@answers(Page[Bar], to="host", takes=PAGED)
def get_barred(code: str) -> Response:
    """Return who is barred."""
    (room, _), store = enter_room_as_host(code), services().store
    return jsonify(page(lambda within: store.group(Bar, room.code, "room", within)))


@barring.put("/<person>")
@answers(Bar, to="host", refuses="wrong_state")
def put_barred(code: str, person: str) -> Response:
    """Bar an account or a guest: later ballots are refused, and cast ballots stay."""
    parts, (room, _) = services(), enter_room_as_host(code)
    return jsonify(bar_person(parts.store, room, person, parts.clock(), asker()))


@barring.delete("/<person>")
@answers(None, to="host")
def delete_barred(code: str, person: str) -> tuple[str, int]:
    """Let somebody vote again."""
    parts, (room, _) = services(), enter_room_as_host(code)
    end_bar(parts.store, room, person, parts.clock(), asker())
    return "", 204
