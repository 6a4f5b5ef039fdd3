"""Rooms and their polls over HTTP."""

from flask import Blueprint, Response, jsonify

from api.services import services
from schemas.polls import Room
from schemas.refusals import NotFound
from schemas.text import fold_room_code

rooms = Blueprint("rooms", __name__, url_prefix="/rooms")


@rooms.get("/<code>")
def get_room(code: str) -> Response:
    return jsonify(_room(code))


@rooms.get("/<code>/polls")
def get_polls(code: str) -> Response:
    room = _room(code)
    shown = [poll for poll in services().store.polls(room.code) if poll.state != "draft"]
    return jsonify({"items": shown, "next": None})


def _room(code: str) -> Room:
    room = services().store.room(fold_room_code(code))
    if room is None or room.visibility != "public":
        raise NotFound
    return room
