"""The one predicate of origins, for sockets and for answers over HTTP alike."""

from typing import Any

import pytest
from flask import Flask

from api.cors import Origins

DEFAULT = ("http://localhost:*", "http://127.0.0.1:*")
OWN = {"wsgi.url_scheme": "https", "HTTP_HOST": "vote.example.org"}


@pytest.mark.parametrize(
    ("allowed", "origin", "allows"),
    [
        (DEFAULT, "http://localhost:3000", True),
        (DEFAULT, "http://localhost", True),
        (DEFAULT, "HTTP://LOCALHOST:3000", True),
        (DEFAULT, "http://127.0.0.1:65535", True),
        (DEFAULT, "https://localhost:3000", False),
        (DEFAULT, "http://localhost.evil.example", False),
        (DEFAULT, "http://localhost:3000.evil.example", False),
        (DEFAULT, "http://localhost:", False),
        (DEFAULT, "http://localhost:123456", False),
        (DEFAULT, "http://127-0.0.1:3000", False),
        (DEFAULT, "http://evil.example/http://localhost:3000", False),
        (DEFAULT, "null", False),
        (DEFAULT, "*", False),
        (DEFAULT, "", False),
        (("https://a.example",), "https://a.example", True),
        (("https://a.example",), "https://a.example:444", False),
        (("https://a.example",), "https://axexample", False),
        (("http://[::1]:*",), "http://[::1]:3000", True),
        ((), "http://localhost:3000", False),
        (("null",), "null", True),
        (("null",), "nullify", False),
        (("capacitor://localhost",), "capacitor://localhost", True),
        (("capacitor://localhost",), "ionic://localhost", False),
    ],
)
def test_origin_is_judged_the_same_by_sockets_and_answers(
    allowed: tuple[str, ...], origin: str, allows: bool
) -> None:
    origins = Origins(allowed)
    app = Flask(__name__)
    origins.install(app)
    app.add_url_rule("/", "root", lambda: "")

    by_socket = origins.allows(origin, OWN)
    by_answer = granted(app, origin)

    assert by_socket is allows
    assert by_answer == (origin if allows else None)


def granted(app: Flask, origin: str) -> Any:
    """Return the origin that an answer says may read it."""
    answer = app.test_client().get("/", headers={"Origin": origin})
    return answer.headers.get("Access-Control-Allow-Origin")


def test_origin_of_the_server_itself_is_always_allowed() -> None:
    origins = Origins(())

    for scheme in ("http", "https", "ws", "wss"):
        assert origins.allows(f"{scheme}://vote.example.org", OWN)
        assert not origins.allows(f"{scheme}://vote.example.org:444", OWN)
    assert origins.allows("https://VOTE.example.org", OWN)
    assert not origins.allows("capacitor://vote.example.org", OWN)
    assert not origins.allows("https://", {**OWN, "HTTP_HOST": ""})


def test_origin_is_refused_when_a_line_follows_it() -> None:
    assert not Origins(DEFAULT).allows("http://localhost:3000\n", OWN)


def test_socket_is_allowed_when_it_names_no_origin() -> None:
    assert Origins(()).allows(None, OWN)  # no browser: nobody's cookies or pages are at stake
