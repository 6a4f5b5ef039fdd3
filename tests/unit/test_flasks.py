"""Our Flask routes a path that it knows as it routes one that it sees first."""

import pytest
from flask import Flask

from api.flasks import KEPT, App


def make_app(kind: type[Flask]) -> Flask:
    app = kind(__name__, static_folder=None)
    app.add_url_rule("/polls/<int:poll>", "poll", lambda poll: f"poll {poll}")
    app.add_url_rule("/polls/<int:poll>", "change", lambda poll: f"changed {poll}", methods=["PUT"])
    app.add_url_rule("/rooms/", "rooms", lambda: "rooms")
    return app


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "OPTIONS"])
@pytest.mark.parametrize("path", ["/polls/1", "/polls/2", "/polls/x", "/rooms/", "/rooms?a=1"])
def test_path_is_answered_as_flask_does_when_it_is_asked_again(method: str, path: str) -> None:
    told = []
    for client in (make_app(App).test_client(), make_app(Flask).test_client()):
        for host in ("a.example", "b.example", "a.example"):
            answer = client.open(path, method=method, headers={"Host": host})
            told.append((answer.status, answer.data, sorted(answer.headers), answer.location))

    assert told[:3] == told[3:]


def test_redirect_keeps_the_query_of_each_request() -> None:
    client = make_app(App).test_client()

    places = [client.get(f"/rooms?page={page}").location for page in (1, 2)]

    assert [str(place)[-7:] for place in places] == ["?page=1", "?page=2"]


def test_paths_are_forgotten_when_there_are_too_many() -> None:
    app = make_app(App)
    client = app.test_client()

    answers = {client.get(f"/polls/{number}").text for number in range(KEPT + 2)}

    assert len(answers) == KEPT + 2
    assert isinstance(app, App)
    assert len(app._found) <= KEPT
