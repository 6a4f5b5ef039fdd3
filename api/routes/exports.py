"""Exports over HTTP: a room with all that it holds, and all that is held of one person."""

from flask import Blueprint, Response

from api.answers import download
from api.exports import RoomExport, export_room
from api.operations import answers
from api.person_exports import PersonExport, export_person
from api.requests import require_holder
from api.routes.entering import enter_room_as_host
from api.services import services
from voting.model.rooms import Room
from voting.refusals import Forbidden

exports = Blueprint("exports", __name__)


@exports.get("/rooms/<code>/export")
@answers(RoomExport, to="host")
def get_room_export(code: str) -> Response:
    """Download everything that a room holds; after that it can be deleted and nothing is lost."""
    parts, (room, host) = services(), enter_room_as_host(code)
    parts.reading.people.wait(str(host.person))
    return download(export_room(parts, room, host), f"rollcall-room-{room.code}")


@exports.get("/auth/me/export")
@answers(PersonExport, to="token", refuses="forbidden")
def get_own_export() -> Response:
    """Download all that is held of the sender: an account, a guest or a member of a roll."""
    parts, holder = services(), require_holder()
    if isinstance(holder, Room):
        raise Forbidden  # a screen is nobody
    parts.reading.people.wait(holder.person)
    return download(export_person(parts, holder), f"rollcall-{holder.person}")
