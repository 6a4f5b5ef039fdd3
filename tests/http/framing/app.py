"""A WSGI app on the project's own HTTP server that notes each request it takes. Prints its port.

With the argument `lane`, requests that are here whole are answered in the event loop, and the app
has only the others. A request is taken once its body is here. `GET /seen` returns what was taken
since the last time, by the port that the client asked from: `[[port, request, X-Id], …]`;
`GET /settle` is not noted.
"""

import json
import sys
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from tests.http.serving import serve

SHOWN = {"/host": "HTTP_HOST", "/field": "HTTP_X_A", "/upgrade": "HTTP_UPGRADE"}
"""Paths whose requests are described with the value of a field."""
CONTROL = ("/seen", "/settle")
taken: list[tuple[str, str, str]] = []


def describe(environ: dict[str, Any], body: bytes) -> str:
    """Return a request in one line: `POST /path?query=the-field body`, the texts escaped."""
    path, query = environ["PATH_INFO"], environ["QUERY_STRING"]
    text = f"{environ['REQUEST_METHOD']} {quote(path.encode('latin-1'), safe='/*')}"
    if query:
        text += f"?{query}"
    if path in SHOWN:
        value = environ.get(SHOWN[path], "-").replace(", ", ",")
        text += f"={quote(value.encode('latin-1'), safe=',')}"
    return f"{text} {quote(body)}" if body else text


def answer(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """Answer with a request's description, in a field as well: HEAD has no body."""
    path = environ["PATH_INFO"]
    if path in CONTROL:
        text = json.dumps(taken).encode() if path == "/seen" else b""
        if path == "/seen":
            taken.clear()
        start_response("200 OK", [("Content-Length", str(len(text)))])
        return [text]
    try:
        body = environ["wsgi.input"].read()
    except OSError:
        start_response("400 Bad Request", [("Content-Length", "0"), ("Connection", "close")])
        return []
    described = take(environ, body)
    text = described.encode()
    start_response("200 OK", [("Content-Length", str(len(text))), ("X-Taken", described)])
    return [text]


def take(environ: dict[str, Any], body: bytes) -> str:
    """Note a request; return its description."""
    described = describe(environ, body)
    taken.append((str(environ["REMOTE_PORT"]), described, environ.get("HTTP_X_ID", "")))
    return described


def answer_in_lane(request: Any) -> bool:
    """Answer as the app does; what a test asks is the app's."""
    if request.environ["PATH_INFO"] in CONTROL:
        return False
    described = take(request.environ, request.body)
    request.respond("200 OK", f"X-Taken: {described}\r\n", described.encode())
    return True


if __name__ == "__main__":
    serve(answer, answer_in_lane if "lane" in sys.argv else None)
