"""A client that sends a case's bytes, in pieces or not, and reads all that comes back."""

import http.client
import json
import socket
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from tests.http.framing.cases import Case, Outcome

NEXT = b"GET /next HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
"""What a client sends behind a case: it has to be answered if, and only if, the connection is kept.
"""
SECONDS = 20
"""After how long without an answer or an end a test fails."""


@dataclass(frozen=True)
class Answer:
    """A response: its status, and the request that the app took it for, "" where the app was not
    asked."""

    status: int
    taken: str


class Exchange:
    """A connection on which the pieces of a case are sent. `ends`: the client then ends its side,
    as it does where a case stops in the middle."""

    def __init__(
        self, port: int, case: Case, pieces: Iterable[bytes], *, ends: bool = False
    ) -> None:
        self.case, self.pieces, self._ends = case, iter(pieces), ends or not case.whole
        self._socket = socket.create_connection(("127.0.0.1", port), SECONDS)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.port = str(self._socket.getsockname()[1])

    def send(self) -> bool:
        """Send a piece; False where there is none left."""
        with suppress(OSError):  # the server has closed the connection: what it said is read later
            if (piece := next(self.pieces, None)) is not None:
                self._socket.sendall(piece)
                return True
            if self._ends:
                self._socket.shutdown(socket.SHUT_WR)
        return False

    def close(self) -> None:
        self._socket.close()

    def read(self) -> list[Answer]:
        """Return the responses, up to the end of the connection. Raises TimeoutError for none."""
        heard = b""
        with suppress(ConnectionResetError):
            while piece := self._socket.recv(65_536):
                heard += piece
        self._socket.close()
        return read_answers(heard)


class _Bytes(BytesIO):
    """What `http.client` reads responses from, as if each had a connection of its own."""

    def makefile(self, _mode: str) -> "_Bytes":
        return self

    def close(self) -> None:
        """Stay open for the next response."""


def read_answers(heard: bytes) -> list[Answer]:
    """Return the final responses in what was heard. Raises HTTPException for other bytes."""
    stream, answers = _Bytes(heard), []
    while stream.tell() < len(heard):
        response = http.client.HTTPResponse(stream, method=_method(heard[stream.tell() :]))  # type: ignore[arg-type]
        response.begin()  # passes over 100 Continue
        response.read()
        answers.append(Answer(response.status, response.headers.get("X-Taken", "")))
    return answers


def _method(heard: bytes) -> str:
    """Return the method of the request that a response is for."""
    return "HEAD" if b"\r\nX-Taken: HEAD " in heard.partition(b"\r\n\r\n")[0] else "GET"


def expected(case: Case, outcome: Outcome) -> tuple[list[str], tuple[int, ...]]:
    """Return what the app takes on the whole, and the statuses of what it is not asked for."""
    following = ["GET /next"] if case.whole and outcome.kept else []
    return [*outcome.taken, *following], outcome.refused


def fault_of(case: Case, answers: list[Answer], taken: list[str]) -> str:
    """Return what is wrong with the responses to a case and what the app took of it; "" if none."""
    good = [answer.taken for answer in answers if answer.taken]
    others = [answer.status for answer in answers if not answer.taken]
    statuses = [answer.status for answer in answers]
    for outcome in case.outcomes:
        wanted, refused = expected(case, outcome)
        ends = others == [] if not refused else len(others) == 1 and others[0] in refused
        last = not refused or (bool(answers) and not answers[-1].taken)
        if good == taken == wanted and ends and last:
            return ""
    return f"{case.name} (RFC {case.rfc}): answered {statuses}, taken {taken}"


class Control:
    """A connection on which a test asks the app what it has taken."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=SECONDS)

    def seen(self) -> list[list[str]]:
        """Return what the app has taken since the last time: port, request, id."""
        self._connection.request("GET", "/seen")
        seen: list[list[str]] = json.loads(self._connection.getresponse().read())
        return seen

    def settle(self) -> None:
        """Return once the server has read all that was sent to it before: its loop has come
        around."""
        for _ in range(2):
            self._connection.request("GET", "/settle")
            response = self._connection.getresponse()
            response.read()
            assert response.status == 200, "a good request is refused"

    def close(self) -> None:
        self._connection.close()


def exchange_all(
    port: int, control: Control, jobs: list[tuple[Case, list[bytes]]], *, end: bool = False
) -> list[str]:
    """Send the pieces of all cases, a piece of each at a time; return what is wrong."""
    exchanges = [Exchange(port, case, pieces, ends=end) for case, pieces in jobs]
    sending = exchanges
    while sending:
        sending = [each for each in sending if each.send()]
        if any(len(pieces) > 1 for _, pieces in jobs):
            control.settle()
    answers = [(each, _answers(each)) for each in exchanges]
    control.settle()
    taken: dict[str, list[str]] = {}
    for asking, request, _ in control.seen():
        taken.setdefault(asking, []).append(request)
    faults = [
        heard if isinstance(heard, str) else fault_of(each.case, heard, taken.get(each.port, []))
        for each, heard in answers
    ]
    return [fault for fault in faults if fault]


def _answers(exchange: Exchange) -> Any:
    """Return the responses, or what is wrong with them."""
    try:
        return exchange.read()
    except (TimeoutError, http.client.HTTPException) as error:
        return f"{exchange.case.name} (RFC {exchange.case.rfc}): {error!r}"
