"""Our Flask: what it does that Flask doesn't, for every route, however it is added."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Blueprint, Flask, session
from flask.views import MethodView
from werkzeug.test import TestResponse

from api.acting import Pending, waiting
from api.flasks import App
from api.services import NAME


def make_app() -> App:
    app = App(__name__, static_folder=None)
    app.extensions[NAME] = SimpleNamespace(store=Store())
    app.add_url_rule("/polls/<int:poll>", "poll", lambda poll: f"poll {poll}")
    app.add_url_rule("/rooms/", "rooms", lambda: "rooms")
    app.add_url_rule("/seen", "seen", lambda: str(session.get("seen")))
    app.add_url_rule("/vote", "vote", lambda: "voted", head=False)
    return app


def ask(method: str, path: str, **headers: str) -> TestResponse:
    return make_app().test_client().open(path, method=method, headers=headers)


@pytest.mark.parametrize(
    ("digits", "status"), [("1", 200), ("9" * 18, 200), ("9" * 19, 404), ("\u0661", 404)]
)
def test_id_has_at_most_18_digits(digits: str, status: int) -> None:
    assert ask("GET", f"/polls/{digits}").status_code == status


@pytest.mark.parametrize("host", ["a.example", "b.example"])
def test_redirect_has_the_request_s_query_and_no_host(host: str) -> None:
    answer = ask("GET", "/rooms?page=2", Host=host)

    assert answer.location == "/rooms/?page=2"
    assert host not in answer.text


def test_app_overrides_nothing_that_flask_keeps_to_itself() -> None:
    overridden = [getattr(Flask, name).__doc__ for name in vars(App) if hasattr(Flask, name)]

    assert not any(":internal:" in str(received) for received in overridden)


def test_cookies_are_neither_read_nor_set() -> None:
    answer = ask("GET", "/seen", Cookie="session=eyJzZWVuIjoxfQ.x.y")

    assert answer.text == "None"
    assert "Set-Cookie" not in answer.headers


def test_route_without_head_refuses_it_and_allows_what_is_left() -> None:
    answers = {method: ask(method, "/vote") for method in ("GET", "HEAD", "PUT")}

    assert [answer.status_code for answer in answers.values()] == [200, 405, 405]
    assert {*answers["PUT"].allow} == {*answers["HEAD"].allow} == {"GET", "OPTIONS"}


class Store:
    """Knows whether a transaction is open, and how many there were."""

    worker: str | None = None

    def __init__(self) -> None:
        self.open, self.count = False, 0

    @contextmanager
    def transaction(self) -> Iterator[None]:
        assert not self.open
        self.open, self.count = True, self.count + 1
        try:
            yield
        finally:
            self.open = False

    reading = transaction

    def catch_up(self) -> None:
        """Nobody else writes."""

    @contextmanager
    def settling(self) -> Iterator[None]:
        """All is durable at once."""
        yield


class Resource(MethodView):
    """A view whose methods Flask finds by itself."""

    init_every_request = False

    def __init__(self, tell: Callable[[], str]) -> None:
        self._tell = tell

    def post(self) -> str:
        return self._tell()


def add_to_app(app: App, tell: Any) -> None:
    app.add_url_rule("/thing", "thing", tell, methods=["POST"])


def add_in_lower_case(app: App, tell: Any) -> None:
    app.add_url_rule("/thing", "thing", tell, methods=["get", "post"])


def add_by_decorator(app: App, tell: Any) -> None:
    app.post("/thing")(tell)


def add_to_blueprint(app: App, tell: Any) -> None:
    blueprint = Blueprint("things", __name__)
    blueprint.post("/thing")(tell)
    app.register_blueprint(blueprint)


def add_twice(app: App, tell: Any) -> None:
    for path in ("/thing", "/thing/<int:number>"):
        app.add_url_rule(path, "thing", tell, methods=["POST"])


def add_methods_of_view(app: App, tell: Any) -> None:
    app.add_url_rule("/thing", view_func=Resource.as_view("thing", tell))


WAYS = [
    *(add_to_app, add_in_lower_case, add_by_decorator),
    *(add_to_blueprint, add_twice, add_methods_of_view),
]


def serve(add: Callable[[App, Any], None], view: Any) -> tuple[App, Store]:
    app, store = App(__name__, static_folder=None), Store()
    app.extensions[NAME] = SimpleNamespace(store=store)
    add(app, view(store))
    return app, store


@pytest.mark.parametrize("add", WAYS)
def test_route_that_can_change_something_acts_in_a_transaction(add: Any) -> None:
    app, store = serve(add, lambda store: lambda: str(store.open))

    assert app.test_client().post("/thing").text == "True"
    assert store.count == 1


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_route_that_only_reads_acts_in_none(method: str) -> None:
    app, store = serve(lambda app, tell: app.get("/thing")(tell), lambda store: lambda: "read")

    assert app.test_client().open("/thing", method=method).status_code == 200
    assert store.count == 0


def test_route_that_only_reads_sees_what_other_processes_have_committed() -> None:
    app, store = serve(lambda app, tell: app.get("/thing")(tell), lambda store: lambda: "read")
    store.worker = "1"

    assert app.test_client().get("/thing").status_code == 200
    assert store.count == 1


def test_view_decides_again_in_a_new_transaction_after_what_it_needs_is_done() -> None:
    seen: list[Any] = []

    def view_of(store: Store) -> Any:
        def view() -> str:
            if not seen:
                raise Pending(lambda: seen.append(store.open))
            return str(store.open)

        return view

    app, store = serve(add_to_app, view_of)

    assert app.test_client().post("/thing").text == "True"
    assert (seen, store.count) == ([False], 2)


def test_view_that_waits_makes_its_own_transaction() -> None:
    app, store = serve(add_to_app, lambda store: waiting(lambda: str(store.open)))

    assert app.test_client().post("/thing").text == "False"
    assert store.count == 0
