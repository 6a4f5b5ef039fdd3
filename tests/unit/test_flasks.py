"""Our Flask routes a path that it knows as it routes one that it sees first."""

from pathlib import Path

import pytest
from flask import (
    Blueprint,
    Flask,
    abort,
    current_app,
    has_request_context,
    request,
    session,
    url_for,
)

from api.app import create_app
from api.flasks import KEPT, App
from api.settings import read_settings


def make_app(kind: type[Flask]) -> Flask:
    app = kind(__name__, static_folder=None)
    app.add_url_rule("/polls/<int:poll>", "poll", lambda poll: f"poll {poll}")
    app.add_url_rule("/polls/<int:poll>", "change", lambda poll: f"changed {poll}", methods=["PUT"])
    app.add_url_rule("/rooms/", "rooms", lambda: "rooms")
    return app


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "OPTIONS"])
@pytest.mark.parametrize("path", ["/polls/1", "/polls/2", "/polls/x", "/rooms/"])
def test_path_is_answered_as_flask_does_when_it_is_asked_again(method: str, path: str) -> None:
    told = []
    for client in (make_app(App).test_client(), make_app(Flask).test_client()):
        for host in ("a.example", "b.example", "a.example"):
            answer = client.open(path, method=method, headers={"Host": host})
            told.append((answer.status, answer.data, sorted(answer.headers), answer.location))

    assert told[:3] == told[3:]


def test_redirect_has_the_query_of_each_request_and_no_host() -> None:
    client = make_app(App).test_client()

    places = [client.get(f"/rooms?page={page}").location for page in (1, 2)]

    assert places == ["/rooms/?page=1", "/rooms/?page=2"]


def test_paths_are_forgotten_when_there_are_too_many() -> None:
    app = make_app(App)
    client = app.test_client()

    answers = {client.get(f"/polls/{number}").text for number in range(KEPT + 2)}

    assert len(answers) == KEPT + 2
    assert isinstance(app, App)
    assert len(app._found) <= KEPT


def make_hooked(kind: type[Flask], told: list[str]) -> Flask:
    """Return an app in which something comes before, between or instead of some views."""
    app = kind(__name__, static_folder=None)
    hooked, torn, plain = (Blueprint(name, __name__) for name in ("hooked", "torn", "plain"))
    hooked.before_request(lambda: told.append("before"))
    hooked.url_value_preprocessor(lambda _endpoint, values: told.append(f"values {values}"))
    hooked.add_url_rule("/hooked/<word>", "view", lambda word: word)
    torn.teardown_request(lambda error: told.append(f"torn down {error}"))
    torn.add_url_rule("/torn/<word>", "view", lambda word: word)
    for blueprint in (hooked, torn, plain, app):
        for place in ("first", "last"):
            blueprint.after_request(lambda answer, place=place: told.append(place) or answer)
    plain.add_url_rule("/plain/<word>", "view", lambda word: (current_app.name + word, 202))
    plain.add_url_rule("/refused", "refused", lambda: abort(418))
    plain.add_url_rule("/broken", "broken", lambda: str(1 // 0))
    plain.add_url_rule("/unforeseen", "unforeseen", lambda: str(int("none")))
    app.register_error_handler(ZeroDivisionError, lambda _error: ("by zero", 500))
    for blueprint in (hooked, torn, plain):
        app.register_blueprint(blueprint)
    return app


@pytest.mark.parametrize(
    "path", ["/hooked/a", "/torn/a", "/plain/a", "/refused", "/broken", "/unforeseen", "/nowhere"]
)
def test_hooks_and_handlers_are_asked_as_flask_asks_them(path: str) -> None:
    stories = []
    for kind in (App, Flask):
        told: list[str] = []
        client = make_hooked(kind, told).test_client()
        stories.append([(client.get(path).status, client.get(path).text) for _ in range(2)])
        stories.append(told)

    assert stories[:2] == stories[2:]


def make_mirror(kind: type[Flask]) -> Flask:
    """Return an app whose view tells all that a view may ask of its request."""
    app, mirror = kind(__name__, static_folder=None), Blueprint("mirror", __name__)

    def tell(word: str) -> dict[str, object]:
        return {
            "word": word,
            "view": (request.endpoint, request.blueprints, request.view_args, request.method),
            "place": (request.url, request.root_path, request.path, request.host, request.scheme),
            "said": (request.args, sorted(request.headers), request.mimetype, request.json),
            "who": (request.remote_addr, request.server, request.shallow),
            "whole": sorted(key for key in request.environ if not key.startswith("werkzeug")),
            "app": (current_app.name, session.accessed, url_for("mirror.tell", word="x")),
        }

    mirror.add_url_rule("/<word>", "tell", tell, methods=["PUT", "POST"])
    app.register_blueprint(mirror, url_prefix="/mirror")
    return app


def test_view_sees_its_own_request_and_nothing_of_one_before() -> None:
    stories = []
    for kind in (App, Flask):
        client = make_mirror(kind).test_client()
        stories.append(
            [
                client.open(
                    f"/mirror/a%20b?page={number}",
                    method=method,
                    json={"number": number},
                    headers={"X-Number": str(number)},
                    environ_overrides={"REMOTE_ADDR": f"192.0.2.{number}"},
                ).text
                for number in range(3)
                for method in ("PUT", "POST")
            ]
        )

    assert stories[0] == stories[1]
    assert len(set(stories[0])) == 6


def test_request_within_a_request_leaves_the_outer_as_it_was() -> None:
    app = App(__name__, static_folder=None)

    def nest(depth: int) -> str:
        inner = app.test_client().get(f"/{depth - 1}").text if depth else ""
        return f"{request.path}{inner}{request.path}"

    app.add_url_rule("/<int:depth>", "nest", nest)
    for _ in range(2):
        assert app.test_client().get("/2").text == "/2/1/0/0/1/2"
    assert not has_request_context()


def test_nothing_is_to_be_torn_down_with_an_app_context(tmp_path: Path) -> None:
    """It stays for all requests of a connection."""
    data = tmp_path / "rollcall.json"
    rollcall = create_app(read_settings({"ROLLCALL_DATABASE_URL": f"tinydb:///{data}"}))
    rollcall.store.close()

    assert rollcall.app.teardown_appcontext_funcs == []
