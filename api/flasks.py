"""Flask, with what is the same for every request of a path done once."""

from collections.abc import Callable, Mapping
from functools import cached_property, partial
from typing import Any, NoReturn
from urllib.parse import urlsplit

from flask import Flask, Request, Response
from flask.ctx import RequestContext
from flask.globals import _cv_app, _cv_request
from flask.sessions import NullSession, SessionInterface
from werkzeug.datastructures import EnvironHeaders
from werkzeug.exceptions import HTTPException
from werkzeug.routing import IntegerConverter, MapAdapter, RequestRedirect, Rule

KEPT = 1_024
ROUTED = ("REQUEST_METHOD", "PATH_INFO", "HTTP_HOST", "SCRIPT_NAME", "wsgi.url_scheme")
"""All of a request that its route depends on."""
SHARED = ("method", "scheme", "server", "root_path", "path", "shallow")
"""What requests that are routed alike have in common; all else is of each one's own."""


class Found(MapAdapter):
    """What a request was routed by, with the route that was found.

    shared: what such requests have in common, by name
    view: gives its answer, where nothing else is hooked in but what comes after; else None
    after: what is asked of each answer, in order
    """

    found: tuple[Rule, Mapping[str, Any]]
    shared: Mapping[str, Any]
    view: Callable[[], Any] | None
    after: tuple[Callable[[Response], Response], ...]

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


class Known(RequestContext):
    """The context of a request whose path was asked for before, and has a view without hooks."""

    def __init__(self, app: "App", environ: dict[str, Any], found: Found) -> None:
        self.app, self.url_adapter = app, found
        self.request = request = Routed.__new__(Routed)
        vars(request).update(found.shared)
        request.environ, request.headers = environ, EnvironHeaders(environ)
        request.query_string = environ["QUERY_STRING"].encode("latin-1")
        request.remote_addr = environ.get("REMOTE_ADDR")
        environ["werkzeug.request"] = request
        self.flashes, self._session = None, NoSessions.none
        self._after_request_functions, self._cv_tokens = [], []

    def push(self) -> None:
        self._cv_tokens.append((_cv_request.set(self), None))

    def pop(self, exc: BaseException | None = None) -> None:  # noqa: ARG002 (Flask's)
        token, _ = self._cv_tokens.pop()
        _cv_request.reset(token)
        if not self._cv_tokens:
            self.request.close()
            self.request.environ["werkzeug.request"] = None  # or there would be a cycle


class Id(IntegerConverter):
    """An id in a path. Python refuses to read an integer of more than 4,300 digits."""

    regex = r"[0-9]{1,18}"


class App(Flask):
    """Looks a path's route up once; no view and no hook is a coroutine."""

    request_class = Routed
    session_interface = NoSessions()

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.url_map.converters["int"] = Id
        self._found: dict[tuple[Any, ...], Found] = {}

    def wsgi_app(self, environ: Any, start_response: Any) -> Any:
        """Answer within an app context that ends with the request's greenlet, without a teardown:
        nothing is kept in `g` here."""
        context = _cv_app.get(None)
        if context is None or context.app is not self:
            self.app_context().push()
        found = self._found.get(tuple(map(environ.get, ROUTED)))
        if found is None or found.view is None or "HTTP_UPGRADE" in environ:
            return super().wsgi_app(environ, start_response)
        with Known(self, environ, found):
            try:
                response = self._answer(found.view, found.after)
            except Exception as error:  # noqa: BLE001 (as Flask: it is told, or logged)
                response = self.handle_exception(error)
            return response(environ, start_response)

    def _answer(
        self, view: Callable[[], Any], after: tuple[Callable[[Response], Response], ...]
    ) -> Response:
        """Answer as Flask does, but without a look for hooks, or a signal, where there are none."""
        try:
            answer = view()
        except Exception as error:  # noqa: BLE001 (Flask's own handlers have it)
            answer = self.handle_user_exception(error)
        response = self.make_response(answer)
        for ask in after:
            response = ask(response)
        return response

    def raise_routing_exception(self, request: Request) -> NoReturn:
        """Redirect by a path alone: anybody can name a host."""
        error = request.routing_exception
        if isinstance(error, RequestRedirect):
            error.new_url = urlsplit(error.new_url)._replace(scheme="", netloc="").geturl()
        super().raise_routing_exception(request)

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
        known.found = rule, arguments = found
        names = (rule.endpoint.rpartition(".")[0], None)  # Flask's for a blueprint and the app
        known.after = tuple(
            each for name in names for each in reversed(self.after_request_funcs.get(name, ()))
        )
        known.view = None
        if request.method != "OPTIONS" and not self._is_hooked(names):
            known.view = partial(self.view_functions[rule.endpoint], **arguments)
        known.shared = {
            **{name: getattr(request, name) for name in SHARED},
            "json_module": self.json,
            "url_rule": rule,
            "view_args": arguments,
        }
        self._found[asked] = known
        return known

    def _is_hooked(self, names: tuple[str | None, ...]) -> bool:
        """Tell whether there is anything that Flask does before a view, or when all is told."""
        hooks: Any = (
            self.before_request_funcs,
            self.url_value_preprocessors,
            self.teardown_request_funcs,
        )
        return any(each.get(name) for each in hooks for name in names)
