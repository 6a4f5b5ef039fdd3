"""The web app's files and the health of the server."""

from pathlib import Path
from typing import Literal, TypedDict

from flask import Blueprint, Response, jsonify, request, send_from_directory
from werkzeug.exceptions import HTTPException

from api.answers import compress, send_file
from api.operations import FILE_REFUSES, answers
from api.plain import PlainResponse, as_flask, json_response
from api.problems import respond
from api.services import services
from db import Unavailable
from voting.refusals import NotFound

STATIC = Path(__file__).parents[1] / "static"
SHELL = Path(__file__).parents[1] / "shell"
POLICY = "default-src 'self'; frame-ancestors 'none'; base-uri 'none'"

pages = Blueprint("pages", __name__)


@pages.get("/")
@pages.get("/signin")
@pages.get("/account")
@pages.get("/admin")
@pages.get("/reset")
@pages.get("/r/<code>")
@pages.get("/r/<code>/developer")
@pages.get("/r/<code>/log")
@pages.get("/r/<code>/meetings")
@pages.get("/r/<code>/screen")
@answers(
    {200: "text/html", 206: "text/html"}, to="all", refuses=FILE_REFUSES, etag=True, any_query=True
)
def get_app(code: str | None = None) -> Response:  # noqa: ARG001 (the app reads its address)
    """Return the page of the web app."""
    if not (STATIC / "index.html").exists():
        raise NotFound
    answer = send_file(STATIC, "index.html", 0)
    answer.headers["Content-Security-Policy"] = POLICY
    return answer


@pages.app_errorhandler(404)
def show_missing(error: HTTPException) -> Response:
    """Show the app to browsers at an unknown address; other clients get the problem."""
    accepts = request.accept_mimetypes
    is_person = (
        request.method in ("GET", "HEAD") and accepts["text/html"] > accepts["application/json"]
    )
    if request.url_rule is None and is_person and (STATIC / "index.html").exists():
        answer = send_from_directory(STATIC, "index.html", conditional=False, etag=False)
        answer.headers["Content-Security-Policy"] = POLICY
        answer.status_code = 404
    else:
        answer = respond(error)
    answer.vary.add("Accept")
    return answer


@pages.get("/assets/<path:name>")
@answers({200: "*/*", 206: "*/*"}, to="all", refuses=FILE_REFUSES, etag=True, any_query=True)
def get_asset(name: str) -> Response:
    """Return a file of the web app."""
    answer = send_file(STATIC / "assets", name, 31_536_000)
    answer.cache_control.immutable = True
    answer.vary.add("Accept-Encoding")
    if answer.status_code == 200 and request.accept_encodings["gzip"]:
        answer.direct_passthrough = False
        answer.set_data(compress(answer.get_data()))
        answer.content_encoding = "gzip"
        del answer.headers["ETag"]
    return answer


@pages.get("/sw.js")
@pages.get("/manifest.webmanifest")
@pages.get("/icon.svg")
@answers({200: "*/*", 206: "*/*"}, to="all", refuses=FILE_REFUSES, etag=True, any_query=True)
def get_shell_file() -> Response:
    """Return a file with which browsers install the web app: service worker, manifest or icon."""
    answer = send_file(SHELL, request.path[1:], 0)
    answer.headers["Content-Security-Policy"] = POLICY  # a service worker fetches under its own
    if request.path.endswith(".webmanifest"):
        answer.mimetype = "application/manifest+json"
    return answer


class Health(TypedDict):
    """The state of the server."""

    status: Literal["up", "ready"]


@pages.get("/healthz")
@answers(Health, to="all", any_query=True)
def get_health() -> Response:
    """Return that the process is running."""
    return as_flask(show_health())


def show_health(*_: object) -> PlainResponse:
    """Return that the process is running, without looking at the store."""
    return json_response(Health(status="up"))


@pages.get("/readyz")
@answers(Health, to="all", refuses="unavailable", any_query=True)
def get_readiness() -> Response:
    """Return that the server can store."""
    if services().store.failure is not None:
        raise Unavailable
    return jsonify(Health(status="ready"))
