"""Decides who asks when the request is whole: token, rights, form and change in one transaction.

A body may take as long as its client likes, and a right may end meanwhile. So a view that asks
for a body that isn't here yet is abandoned, the body is received, and the view runs again from
its beginning. It holds for every route that can change something: `api.flasks.App` sees to it.

A view in a transaction must not wait for anything. One that has to, for a password to be hashed
say, is `waiting`: it gets no transaction, and decides again in one of its own after its wait.
"""

from collections.abc import Callable, Iterable
from functools import cache, partial, wraps
from io import BytesIO
from typing import Any, TypeVar

from werkzeug.exceptions import ClientDisconnected, RequestEntityTooLarge
from werkzeug.wsgi import get_input_stream

from api.services import services
from voting.refusals import BodyEncoded

PIECE_BYTES = 16 << 10
READS = {"GET", "HEAD", "OPTIONS"}

Environ = dict[str, Any]
View = TypeVar("View", bound=Callable[..., Any])


class Pending(BaseException):
    """Something has to be done before the view can go on: `work`, outside the transaction.

    No Exception: what handles errors lets it pass, and its transaction waits for no disk.
    """

    def __init__(self, work: Callable[[], object]) -> None:
        super().__init__()
        self.work = work


def changes(methods: Iterable[str]) -> bool:
    """Tell whether a route with these methods can change something."""
    return not READS.issuperset(method.upper() for method in methods)


@cache
def in_transaction(view: Callable[..., Any]) -> Callable[..., Any]:
    """Return a view that acts in one transaction; one that waits makes its own. Always the same
    for a view: an endpoint may have several routes."""
    return _patient(view) if getattr(view, "waits", False) else _in_transaction(view)


def waiting(view: View) -> View:
    """Mark a view that waits, and therefore makes its own transactions."""
    view.waits = True  # type: ignore[attr-defined]
    return view


def body_of(environ: Environ, limit: int) -> bytes:
    """Return the body of a request.

    Raises `Pending` while it isn't here, `RequestEntityTooLarge` beyond `limit` bytes: at once
    where its length is known; `BodyEncoded`.
    """
    check_encoding(environ)
    stream = environ["wsgi.input"]
    if type(stream) is not BytesIO:
        if _length_of(environ) > limit:
            raise RequestEntityTooLarge
        raise Pending(partial(_receive, environ, limit))
    body: bytes = stream.getvalue()
    if len(body) > limit:
        raise RequestEntityTooLarge
    return body


def check_encoding(environ: Environ) -> None:
    """Refuse a body that isn't sent as it is. Raises `BodyEncoded`. Source: RFC 9110, 8.4."""
    encoding = environ.get("HTTP_CONTENT_ENCODING")
    if encoding and encoding.strip().lower() != "identity":
        raise BodyEncoded


def _in_transaction(view: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(view)
    def act(**arguments: Any) -> Any:
        while True:
            try:
                with services().store.transaction():
                    return view(**arguments)
            except Pending as pending:
                pending.work()

    return act


def _patient(view: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(view)
    def act(**arguments: Any) -> Any:
        while True:
            try:
                return view(**arguments)
            except Pending as pending:
                pending.work()

    return act


def _receive(environ: Environ, limit: int) -> None:
    """Replace the stream with the body that comes by it, cut one byte beyond `limit`."""
    stream, body = get_input_stream(environ), BytesIO()
    try:
        while (left := limit + 1 - body.tell()) and (piece := stream.read(min(left, PIECE_BYTES))):
            body.write(piece)
    except OSError as error:
        raise ClientDisconnected from error
    if body.tell() < min(_length_of(environ), limit + 1):
        raise ClientDisconnected
    body.seek(0)
    environ["wsgi.input"], environ["wsgi.input_terminated"] = body, True


def _length_of(environ: Environ) -> int:
    """Return how long the body says it is, 0 where it doesn't."""
    length = environ.get("CONTENT_LENGTH", "")
    return int(length) if length.isdecimal() else 0
