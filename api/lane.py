"""The lane: answers the requests that a whole hall sends at once, in the event loop, without Flask.

It answers only requests in the usual form. It leaves the others to Flask, which has the same routes
over the same functions: another content type, an unexpected query, an unknown method.
"""

from collections.abc import Callable
from functools import lru_cache, partial
from io import BytesIO
from time import perf_counter
from typing import Any, NamedTuple, Protocol
from urllib.parse import parse_qsl

from werkzeug.http import parse_options_header

from api.ballots import put_ballot
from api.cors import Origins
from api.edge import REQUEST_ID, ROUTE, Edge, format_common_headers
from api.legacy.routes import cast_vote, only_id, show_candidates
from api.plain import PlainResponse, format_headers, status_of
from api.problems import refuse
from api.proxies import behind_proxies
from api.requests import FORM_BYTES, FORMS
from api.routes.outcomes import show_results
from api.services import Services
from api.sharing import Sharing
from voting.model.polls import Poll

Environ = dict[str, Any]
Act = Callable[[Services, Environ], PlainResponse]
ID_DIGITS, KEPT_ROUTES = 18, 256


class Request(Protocol):
    """What the HTTP server passes to the lane: `api.httpd.Request`."""

    environ: Environ
    body: bytes

    def respond(self, status: str, headers: str, body: bytes = b"") -> None: ...


class Route(NamedTuple):
    """A route of the lane.

    template: its name in the measures
    act: returns the response
    votes: `act` must run in the transaction of a batch
    results_of: the poll whose results `act` returns
    """

    template: str
    act: Act
    votes: bool = False
    results_of: int | None = None


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
        act = partial(route.act, self._parts, environ)

        def respond(plain: PlainResponse | None, error: Exception | None) -> None:
            if plain is None:
                plain = refuse(error or AssertionError("no response"), environ)
            self._respond(request, plain, route.template, began)

        if route.votes:
            self._parts.batches.add(act, respond)
        else:
            respond(*_attempt(act))
        return True

    def _respond(self, request: Request, plain: PlainResponse, template: str, began: float) -> None:
        environ = request.environ
        every = format_common_headers(environ["wsgi.url_scheme"])
        if (origin := environ.get("HTTP_ORIGIN")) is not None:
            every += self._origins.head_for(origin)
        head = format_headers(plain, f"{every}X-Request-ID: {environ[REQUEST_ID]}\r\n")
        request.respond(status_of(plain.status), head, plain.body)
        method, seconds = environ["REQUEST_METHOD"], perf_counter() - began
        self._edge.measure(method, template, str(plain.status), seconds)


def find_route(parts: Services, environ: Environ, body: bytes) -> Route | None:
    """Return the route of a request; None to leave it to Flask."""
    path, method = environ["PATH_INFO"], environ["REQUEST_METHOD"]
    if path.startswith("/polls/"):
        route = None if environ["QUERY_STRING"] else _find_of_poll(path, method)
        if route is not None and route.results_of is not None:
            poll = parts.store.get(Poll, route.results_of)
            if poll is None or poll.state == "closed":
                return None  # strangers who read the results of a closed poll may have to wait
        return route
    if path == "/candidates" and method == "GET":
        return Route(path, show_candidates)
    if path == "/vote" and method in ("GET", "POST"):
        read_id = _reader_of_id(environ, body if method == "POST" else b"")
        return read_id and Route(path, partial(cast_vote, read_id=read_id), votes=True)
    return None


@lru_cache(KEPT_ROUTES)
def _find_of_poll(path: str, method: str) -> Route | None:
    digits, _, rest = path[len("/polls/") :].partition("/")
    if not (digits.isascii() and digits.isdecimal() and len(digits) <= ID_DIGITS):
        return None
    poll_id = int(digits)
    if rest == "ballot" and method == "PUT":
        act: Act = partial(put_ballot, poll_id=poll_id)
        return Route("/polls/<int:poll_id>/ballot", act, votes=True)
    if rest == "results" and method == "GET":
        act = partial(show_results, poll_id=poll_id)
        return Route("/polls/<int:poll_id>/results", act, results_of=poll_id)
    return None


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


def _attempt(act: Callable[[], PlainResponse]) -> tuple[PlainResponse | None, Exception | None]:
    try:
        return act(), None
    except Exception as error:  # noqa: BLE001 (it becomes the response)
        return None, error
