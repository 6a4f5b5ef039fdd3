"""Pictures of candidates, and logos of rooms, over HTTP: uploading and showing them."""

from base64 import b64decode, b64encode
from typing import TypedDict

from flask import Blueprint, Response, jsonify, request
from werkzeug.exceptions import UnsupportedMediaType

from api.acting import waiting
from api.operations import answers, switch
from api.pictures import FORMATS, PICTURE_BYTES
from api.requests import number, read_bytes, require_holder
from api.routes.entering import enter_room_as_host
from api.services import services
from voting.model.rooms import Picture
from voting.people import person_of
from voting.pictures import add_picture
from voting.refusals import NotFound
from voting.text import new_picture_key

YEAR_SECONDS = 31_536_000


class NewPicture(TypedDict):
    """An uploaded picture. A candidate or a room has it by its `key`; it is shown at `path`."""

    key: str
    path: str


WHOLE = switch("whole", "1 cuts nothing off, as for a logo.")

pictures = Blueprint("pictures", __name__)


@pictures.post("/rooms/<code>/pictures")
@answers({201: NewPicture}, to="host", asks=tuple(FORMATS), takes=(WHOLE,))
@waiting
def post_picture(code: str) -> tuple[Response, int, dict[str, str]]:
    """Upload a picture of a candidate, or the room's logo; it is made anew, small and square."""
    parts, holder = services(), require_holder()
    enter_room_as_host(code)
    raw = read_bytes(PICTURE_BYTES)
    if request.mimetype not in FORMATS:
        raise UnsupportedMediaType
    whole = number("whole", 0) == 1
    made = parts.pictures.shrink(raw, request.mimetype, str(person_of(holder)), whole=whole)
    with parts.store.transaction():
        room, _ = enter_room_as_host(code)
        data = b64encode(made).decode()
        picture = add_picture(parts.store, room, data, new_picture_key(), parts.clock())
    path = f"/pictures/{picture.key}"
    return jsonify(NewPicture(key=picture.key, path=path)), 201, {"Location": path}


@pictures.get("/pictures/<key>")
@answers("image/jpeg", to="all", refuses="not_found")
def get_picture(key: str) -> Response:
    """Return a picture. Its address is a secret of those who see the room, and it never changes."""
    picture = services().store.find(Picture, "key", key)
    if picture is None:
        raise NotFound
    answer = Response(b64decode(picture.data), mimetype="image/jpeg")
    answer.cache_control.public = answer.cache_control.immutable = True
    answer.cache_control.max_age = YEAR_SECONDS
    return answer
