"""What a framing case is: bytes that a client sends, and what the server has to make of them."""

from dataclasses import dataclass

BAD = (400,)
UNKNOWN_VERSION = (400, 505)
UNKNOWN_CODING = (400, 501)
UNKNOWN_METHOD = (400, 405, 501)
TOO_LONG = (400, 413, 414, 431)
"""Statuses of which a refusal has one, where the RFCs leave the choice."""


@dataclass(frozen=True)
class Outcome:
    """What may follow: the requests that the app takes, in order, as `app.describe` names them;
    then one of the statuses in `refused`, where there are any; then the connection is kept for the
    next request, or closed."""

    taken: tuple[str, ...]
    refused: tuple[int, ...] = ()
    kept: bool = True


@dataclass(frozen=True)
class Case:
    """Bytes, and the outcomes that they may have. `rfc` names the section that says so.

    Where the bytes are `whole`, a client sends its next request behind them; where not, they stop
    in the middle of a request, and the client sends nothing more.
    """

    name: str
    rfc: str
    sent: bytes
    outcomes: tuple[Outcome, ...]
    whole: bool = True


def takes(name: str, rfc: str, sent: bytes, *taken: str, kept: bool = True) -> Case:
    """Return a case of good requests."""
    return Case(name, rfc, sent, (Outcome(taken, kept=kept),))


def refuses(name: str, rfc: str, sent: bytes, *taken: str, statuses: tuple[int, ...] = BAD) -> Case:
    """Return a case of a framing fault behind good requests: the connection has to be closed."""
    return Case(name, rfc, sent, (Outcome(taken, statuses, kept=False),))


def may_refuse(
    name: str, rfc: str, sent: bytes, *taken: str, statuses: tuple[int, ...] = BAD
) -> Case:
    """Return a case of requests that a server may take, or refuse as a whole."""
    return Case(name, rfc, sent, (Outcome((), statuses, kept=False), Outcome(taken)))


def waits(name: str, rfc: str, sent: bytes) -> Case:
    """Return a case that stops in the middle: nothing may be taken of it."""
    return Case(
        name, rfc, sent, (Outcome((), kept=False), Outcome((), (400, 408, 413), False)), False
    )


def lines(*texts: str) -> bytes:
    """Return a request's head: these lines, and the empty one."""
    return "\r\n".join([*texts, "", ""]).encode("latin-1")


def head(line: str, *fields: str) -> bytes:
    """Return a head with a Host."""
    return lines(line, "Host: x", *fields)


def get(path: str = "/", *fields: str, version: str = "1.1") -> bytes:
    """Return a GET."""
    return head(f"GET {path} HTTP/{version}", *fields)


def post(*fields: str, body: bytes = b"", version: str = "1.1", path: str = "/") -> bytes:
    """Return a POST; its fields say how long the body is."""
    return head(f"POST {path} HTTP/{version}", *fields) + body


def chunked(chunks: bytes, path: str = "/") -> bytes:
    """Return a POST with a chunked body."""
    return post("Transfer-Encoding: chunked", body=chunks, path=path)
