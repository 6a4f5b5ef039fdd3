"""The tally of a room as a page that other sites may show in a frame.

It decides who may frame it. What it shows comes over Socket.IO, as for the hall's screen.
"""

from flask import Blueprint, Response

from api.operations import answers
from api.routes.pages import STATIC
from api.services import services
from voting.model.rooms import Room
from voting.refusals import NotFound
from voting.text import normalise_room_code

embedding = Blueprint("embedding", __name__)


@embedding.get("/r/<code>/embed")
@answers("text/html", to="all", refuses="not_found", any_query=True)
def get_embed(code: str) -> Response:
    """Return the page that shows a room's tally, which sites that the room names may frame."""
    # no cache keeps it: a change of the setting holds at once
    page = STATIC / "embed.html"
    if not page.exists():
        raise NotFound
    room = services().store.find(Room, "code", normalise_room_code(code))
    answer = Response(page.read_bytes(), mimetype="text/html")
    answer.headers["Content-Security-Policy"] = frame_policy(room)
    return answer


def frame_policy(room: Room | None) -> str:
    """Return the policy of the page for a room; None for one that doesn't exist.

    A room for members is never framed: the header would show that the room exists.
    """
    framers = room.embed_origins if room is not None and room.is_open else ()
    ancestors = " ".join(framers) or "'none'"
    return f"default-src 'self'; frame-ancestors {ancestors}; base-uri 'none'"
