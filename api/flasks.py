"""Flask, with what is the same for every request of a path done once."""

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

from flask import Flask, Request
from flask.sessions import NullSession, SessionInterface
from werkzeug.exceptions import HTTPException
from werkzeug.routing import MapAdapter, Rule

KEPT = 1_024
ROUTED = ("REQUEST_METHOD", "PATH_INFO", "HTTP_HOST", "SCRIPT_NAME", "wsgi.url_scheme")
"""All of a request that its route depends on."""


class Found(MapAdapter):
    """What a request was routed by, with the route that was found."""

    found: tuple[Rule, Mapping[str, Any]]

    def match(self, *asked: Any, **named: Any) -> Any:
        """Return the route to who asks for that of the request itself, as Flask does."""
        if not asked and named == {"return_rule": True}:
            return self.found
        return super().match(*asked, **named)


class NoSessions(SessionInterface):
    """No cookie is ever set or read: who asks says so in a token."""

    none = NullSession()

    def open_session(self, app: Flask, request: Request) -> NullSession:  # noqa: ARG002 (Flask's)
        return self.none


class Routed(Request):
    """A request whose blueprints are found once, and that has no files to close but those read."""

    @cached_property
    def blueprints(self) -> list[str]:
        return super().blueprints

    def close(self) -> None:
        if "files" in vars(self):
            super().close()


class App(Flask):
    """Looks a path's route up once; no view and no hook is a coroutine."""

    request_class = Routed
    session_interface = NoSessions()

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._found: dict[tuple[Any, ...], Found] = {}

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        return func  # Flask's looks every time whether it is a coroutine

    def create_url_adapter(self, request: Request | None) -> MapAdapter | None:
        if request is None or "HTTP_UPGRADE" in request.environ:
            return super().create_url_adapter(request)
        asked = tuple(map(request.environ.get, ROUTED))
        return self._found.get(asked) or self._find(request, asked)

    def _find(self, request: Request, asked: tuple[Any, ...]) -> MapAdapter | None:
        adapter = super().create_url_adapter(request)
        if adapter is None:
            return None
        try:
            found = adapter.match(return_rule=True)
        except HTTPException:  # Flask finds it again, and answers
            return adapter
        if len(self._found) >= KEPT:  # anybody can name a path
            self._found.clear()
        told = {name: value for name, value in vars(adapter).items() if name != "websocket"}
        known = Found(**{**told, "query_args": None})
        known.found = found
        self._found[asked] = known
        return known
