"""Flask as this server uses it, only by what Flask documents, so that any WSGI server may serve it.

No cookie is read or set, ids are bounded, a redirect stays on this site, and every route that can
change something acts in a transaction.
"""

from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Request, request
from flask.sessions import NullSession, SessionInterface
from werkzeug.routing import IntegerConverter, RequestRedirect, Rule

from api import acting


class NoSessions(SessionInterface):
    """No cookie is ever set or read, because clients identify themselves with a token."""

    def open_session(self, app: Flask, request: Request) -> NullSession:  # noqa: ARG002 (Flask's)
        return NullSession()


class Id(IntegerConverter):
    """An id in a path. Python refuses to read an integer of more than 4,300 digits."""

    regex = r"[0-9]{1,18}"


class Route(Rule):
    """A route. With GET it takes HEAD, unless `head` is false because its GET has effects."""

    def __init__(self, string: str, *, head: bool = True, **options: Any) -> None:
        super().__init__(string, **options)
        if not head and self.methods is not None:
            self.methods.discard("HEAD")


FREE = {"documents", "metrics", "pages"}
"""Blueprints that answer also while the store can't: they show nothing that others have stored."""


class App(Flask):
    """The server's Flask app."""

    session_interface = NoSessions()
    url_rule_class: type[Rule] = Route

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.url_map.converters["int"] = Id
        self.before_request(redirect_on_this_site)
        self.teardown_request(release)

    def add_url_rule(
        self,
        rule: str,
        endpoint: str | None = None,
        view_func: Any = None,
        provide_automatic_options: bool | None = None,
        **options: Any,
    ) -> None:
        """Add a route; its view acts in a transaction if the route can change something, and else
        sees what was committed before, unless it is one of `FREE`.
        """
        methods = options.get("methods") or getattr(view_func, "methods", None) or ("GET",)
        if view_func is not None and acting.changes(methods):
            view_func = acting.in_transaction(view_func)
        elif view_func is not None and (endpoint or "").split(".")[0] not in FREE:
            view_func = acting.reading(view_func)
        super().add_url_rule(rule, endpoint, view_func, provide_automatic_options, **options)


def redirect_on_this_site() -> None:
    """Redirect by a path without a host, because a client can name any host."""
    error = request.routing_exception
    if isinstance(error, RequestRedirect):
        error.new_url = urlsplit(error.new_url)._replace(scheme="", netloc="").geturl()


def release(_error: BaseException | None) -> None:
    """Let what a request held go at once. Flask has no route for sockets, and the exception that
    says so holds its frames, which hold the request, until the garbage collector finds them.
    """
    if request.routing_exception is not None:
        request.routing_exception.__traceback__ = request.routing_exception.__context__ = None
