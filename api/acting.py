"""Runs each view that can change something in one transaction, with the complete request.

So token, rights, body and change belong to one moment. A client may take long to send a body, and a
right may end in the meantime. Therefore a view that reads a body which has not arrived yet is
abandoned (`Pending`); the body is received, and the view runs again from its beginning.
`api.flasks.App` wraps the views.

A view in a transaction must not wait for anything. A view that has to, for example to hash a
password, is marked `waiting`: it gets no transaction, and makes its own after the wait.
"""

from collections.abc import Callable, Iterable
from functools import cache, partial, wraps
from io import BytesIO
from typing import Any, TypeVar, cast

from flask import request
from werkzeug.exceptions import ClientDisconnected, RequestEntityTooLarge
from werkzeug.wsgi import get_input_stream

from api.costs import note_body
from api.current import follow
from api.services import services
from voting.refusals import BodyEncoded

PIECE_BYTES = 16 << 10
READS = {"GET", "HEAD", "OPTIONS"}

Environ = dict[str, Any]
View = TypeVar("View", bound=Callable[..., Any])


class Pending(BaseException):
    """Raised by a view to have `work` done outside the transaction, and to run again after it.

    It is not an `Exception`, so handlers of errors let it pass, and the transaction that it ends
    doesn't wait for the disk.
    """

    def __init__(self, work: Callable[[], object]) -> None:
        super().__init__()
        self.work = work


def changes(methods: Iterable[str]) -> bool:
    """Return whether a route with these methods can change something."""
    return not READS.issuperset(method.upper() for method in methods)


@cache
def in_transaction(view: Callable[..., Any]) -> Callable[..., Any]:
    """Return a view that runs in one transaction, or unchanged if it is marked `waiting`.

    The same view always gives the same result, because an endpoint may have several routes.
    """
    if getattr(view, "waits", False):
        return _with_pending_work(_current(view))
    return _in_transaction(view)


@cache
def reading(view: View) -> View:
    """Return a view that only reads, and ends once what it has read is durable. Others may write
    meanwhile, because it may wait. Where processes share a store, it begins once everything can be
    read that was committed before, and what is older refuses nobody.
    """

    @wraps(view)
    def act(**arguments: Any) -> Any:
        store = services().store
        with store.settling() if store.worker is None else store.reading():
            return view(**arguments)

    return cast(View, act)


def waiting(view: View) -> View:
    """Mark a view that has to wait and makes its own transactions."""
    view.waits = True  # type: ignore[attr-defined]
    return view


def casting(view: View) -> View:
    """Mark a view that casts a ballot."""
    view.casts = True  # type: ignore[attr-defined]
    return view


def body_of(environ: Environ, limit: int) -> bytes:
    """Return the body of a request.

    Raises `Pending` until it has arrived, `BodyEncoded`, or `RequestEntityTooLarge` if it is longer
    than `limit` bytes: at once if its length is known.
    """
    if "HTTP_CONTENT_ENCODING" in environ:
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
    """Refuse a compressed body. Raises `BodyEncoded`. Source: RFC 9110, 8.4."""
    encoding = environ.get("HTTP_CONTENT_ENCODING")
    if encoding and encoding.strip().lower() != "identity":
        raise BodyEncoded


def _in_transaction(view: Callable[..., Any]) -> Callable[..., Any]:
    casts = getattr(view, "casts", False)  # old clients cast by GET

    @wraps(view)
    def act(**arguments: Any) -> Any:
        store = services().store
        reads = request.method in READS and not casts
        with store.reading() if reads else store.transaction():
            return view(**arguments)

    return _with_pending_work(_counted(act) if casts else act)


def _current(view: Callable[..., Any]) -> Callable[..., Any]:
    """Return a view that begins once everything can be read that was committed before."""

    @wraps(view)
    def act(**arguments: Any) -> Any:
        follow(services().store)
        return view(**arguments)

    return act


def _counted(act: Callable[..., Any]) -> Callable[..., Any]:
    """Return a view that counts its votes as `api.batches` counts others."""

    @wraps(act)
    def count(**arguments: Any) -> Any:
        outcomes = services().batches.outcomes
        try:
            result = act(**arguments)
        except Exception as error:
            outcomes[type(error)] += 1
            raise
        outcomes[type(None)] += 1
        return result

    return count


def _with_pending_work(view: Callable[..., Any]) -> Callable[..., Any]:
    """Return a view that does the work of each `Pending` and begins again, until it returns."""

    @wraps(view)
    def act(**arguments: Any) -> Any:
        while True:
            try:
                return view(**arguments)
            except Pending as pending:
                pending.work()

    return act


def _receive(environ: Environ, limit: int) -> None:
    """Replace the stream by the body that it has, one byte more than `limit` at most."""
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
    note_body(environ)


def _length_of(environ: Environ) -> int:
    """Return the Content-Length, 0 without one."""
    length = environ.get("CONTENT_LENGTH", "")
    return int(length) if length.isdecimal() else 0
