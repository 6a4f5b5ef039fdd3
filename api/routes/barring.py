"""Bars over HTTP: the people that a room's hosts have barred from voting."""

from flask import Blueprint, Response, jsonify

from api.operations import PAGED, answers
from api.requests import asker, require_holder
from api.routes.lists import Page, page
from api.services import services
from voting.barring import bar_person, end_bar
from voting.model.rooms import Bar, Room
from voting.people import enter_as_host
from voting.text import normalise_room_code

barring = Blueprint("barring", __name__, url_prefix="/rooms/<code>/barred")


@barring.get("")
@answers(Page[Bar], to="host", takes=PAGED)
def get_barred(code: str) -> Response:
    """Return who is barred."""
    room, store = _hosted(code), services().store
    return jsonify(page(lambda within: store.group(Bar, room.code, "room", within)))


@barring.put("/<person>")
@answers(Bar, to="host", refuses="wrong_state")
def put_barred(code: str, person: str) -> Response:
    """Bar an account or a guest: later ballots are refused, and cast ballots stay."""
    parts, room = services(), _hosted(code)
    return jsonify(bar_person(parts.store, room, person, parts.clock(), asker()))


@barring.delete("/<person>")
@answers(None, to="host")
def delete_barred(code: str, person: str) -> tuple[str, int]:
    """Let somebody vote again."""
    parts, room = services(), _hosted(code)
    end_bar(parts.store, room, person, parts.clock(), asker())
    return "", 204


def _hosted(code: str) -> Room:
    return enter_as_host(services().store, normalise_room_code(code), require_holder())[0]
