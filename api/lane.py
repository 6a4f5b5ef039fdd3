"""The lane: answers the requests that a whole hall sends at once, in the event loop, without Flask.

It answers only requests in the usual form. It leaves the others to Flask, which has the same routes
over the same functions: another content type, an unexpected query, an unknown method.
"""

import re
from collections.abc import Callable
from functools import lru_cache, partial
from io import BytesIO
from time import perf_counter
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from werkzeug.http import parse_options_header

from api.ballots import put_ballot
from api.cors import Origins
from api.current import Reads
from api.edge import REQUEST_ID, ROUTE, Edge
from api.httpd import Request
from api.legacy.routes import cast_vote, only_id, show_candidates
from api.plain import PlainResponse, format_headers, status_of
from api.problems import refuse
from api.proxies import behind_proxies
from api.requests import FORM_BYTES, FORMS
from api.routes.auth import show_account
from api.routes.outcomes import show_results
from api.routes.pages import show_health
from api.routes.polls import show_poll
from api.routes.rooms import show_room
from api.services import Services
from api.sharing import Sharing
from db import Unavailable
from voting.model.polls import Poll

Environ = dict[str, Any]
Act = Callable[..., PlainResponse]
Respond = Callable[[PlainResponse | None, Exception | None], Callable[[], None]]
CACHED_ROUTES = 256


class Route(NamedTuple):
    """A route of the lane.

    method, template: its name in the measures
    act: returns the response
    votes: `act` must run in the transaction of a batch
    may_wait: returns whether `act` could have to wait now, so that Flask has to answer; None if
    it never has to
    stored: whether it reads the store
    arguments: what `act` and `may_wait` are given of the path
    """

    method: str
    template: str
    act: Act
    votes: bool = False
    may_wait: Callable[..., bool] | None = None
    stored: bool = True
    arguments: tuple[Any, ...] = ()


def _is_closed(parts: Services, poll_id: int) -> bool:
    """Return whether a poll is closed, or there is none: reading its results may have to wait."""
    poll = parts.store.get(Poll, poll_id)
    return poll is None or poll.state == "closed"


_OF_POLL = re.compile(r"/polls/([0-9]{1,18})((?:/\w+)?)").fullmatch
_OF_ROOM = re.compile(r"/rooms/([0-9A-Za-z]+)").fullmatch
_ROUTES = {
    (route.method, route.template): route
    for route in (
        Route("GET", "/healthz", show_health, stored=False),
        Route("GET", "/auth/me", show_account),
        Route("GET", "/candidates", show_candidates),
        Route("GET", "/rooms/<code>", show_room),
        Route("GET", "/polls/<int:poll_id>", show_poll),
        Route("GET", "/polls/<int:poll_id>/results", show_results, may_wait=_is_closed),
        Route("PUT", "/polls/<int:poll_id>/ballot", put_ballot, votes=True),
    )
}


class Lane:
    """Answers requests of the HTTP server.

    sharing: None if nothing is limited
    hops: how many proxies are trusted
    """

    def __init__(
        self, parts: Services, edge: Edge, origins: Origins, sharing: Sharing | None, hops: int
    ) -> None:
        self._parts, self._edge, self._origins, self._sharing = parts, edge, origins, sharing
        self._behind_proxies = behind_proxies(lambda *_: (), hops)
        self._hops = hops
        self._reads = Reads(parts.store)

    def __call__(self, request: Request) -> bool:
        """Answer a request, now or once its vote is durable; return False to leave it to Flask."""
        environ, began = request.environ, perf_counter()
        environ["wsgi.input"] = BytesIO(request.body)
        route = find_route(self._parts, environ, request.body)
        if route is None:
            return False
        if self._hops:
            self._behind_proxies(environ, _start_nothing)
        if self._sharing is not None and not self._sharing.goes_now(environ):
            return False
        self._edge.assign_id(environ)
        environ[ROUTE] = route.template
        act = partial(route.act, self._parts, environ, *route.arguments)
        respond = partial(self._respond, request, route.template, began)
        if route.votes:
            self._parts.batches.add(act, respond)
        elif route.stored and not self._parts.store.settled:
            self._reads.add(partial(_read, act, respond))
        else:
            respond(*_attempt(act))()
        return True

    def _respond(
        self,
        request: Request,
        template: str,
        began: float,
        plain: PlainResponse | None,
        error: Exception | None,
    ) -> Callable[[], None]:
        """Make a response; return what sends it."""
        environ = request.environ
        if plain is None:
            plain = refuse(error or AssertionError("no response"), environ)
        more = f"X-Request-ID: {environ[REQUEST_ID]}\r\n"
        if (origin := environ.get("HTTP_ORIGIN")) is not None:
            more += self._origins.head_for(origin)
        status = status_of(plain.status)
        headers = format_headers(plain, environ["wsgi.url_scheme"], more)
        prepared = request.prepare(status, headers, plain.body)
        return partial(self._send, request, prepared, template, status[:3], began)

    def _send(
        self, request: Request, prepared: Any, template: str, status: str, began: float
    ) -> None:
        request.send(prepared)
        self._edge.measure(request.environ, template, status, perf_counter() - began)


def find_route(parts: Services, environ: Environ, body: bytes) -> Route | None:
    """Return the route of a request; None to leave it to Flask."""
    path, method = environ["PATH_INFO"], environ["REQUEST_METHOD"]
    if path == "/vote" and method in ("GET", "POST"):
        read_id = _reader_of_id(environ, body if method == "POST" else b"")
        return read_id and Route(method, path, cast_vote, votes=True, arguments=(read_id,))
    if environ["QUERY_STRING"] and path != "/candidates":
        return None
    route = _find(path, method)
    if route is None or route.may_wait is None:
        return route
    return None if route.may_wait(parts, *route.arguments) else route


@lru_cache(CACHED_ROUTES)
def _find(path: str, method: str) -> Route | None:
    """Return the route of a path, with the arguments that the path has."""
    arguments: tuple[Any, ...] = ()
    if found := _OF_POLL(path):
        template, arguments = f"/polls/<int:poll_id>{found[2]}", (int(found[1]),)
    elif found := _OF_ROOM(path):
        template, arguments = "/rooms/<code>", (found[1],)
    elif "<" in path:
        return None  # a template, but not a path
    else:
        template = path
    route = _ROUTES.get((method, template))
    return route and route._replace(arguments=arguments)


def _reader_of_id(environ: Environ, body: bytes) -> Callable[[], str | None] | None:
    """Return a function that reads the candidate's id in `/vote` from the query or a form; None if
    the body is something else. It is called once the sender is known.
    """
    sent = environ["QUERY_STRING"]
    if "HTTP_CONTENT_ENCODING" in environ:
        return None
    if body:
        media_type = parse_options_header(environ.get("CONTENT_TYPE", ""))[0].lower()
        if media_type != FORMS[0] or body.lstrip().startswith(b"{") or len(body) > FORM_BYTES:
            return None
        sent = f"{sent}&{body.decode('latin-1')}"
    return lambda: only_id([text for name, text in parse_qsl(sent, True) if name == "id"])


def _start_nothing(*_: Any) -> Callable[[bytes], object]:
    raise AssertionError("ProxyFix answers nothing")


def _read(
    act: Callable[[], PlainResponse], respond: Respond, current: bool, error: Exception | None
) -> Callable[[], None]:
    """Return what sends the response to a read. Where newer data may be missing (not `current`), a
    read is answered from what there is, but never refused because of it.
    """
    plain = None
    if error is None:
        plain, error = _attempt(act)
        if plain is None and not current:
            error = Unavailable("the database does not answer")
    return respond(plain, error)


def _attempt(act: Callable[[], PlainResponse]) -> tuple[PlainResponse | None, Exception | None]:
    try:
        return act(), None
    except Exception as error:  # noqa: BLE001 (it becomes the response)
        return None, error
