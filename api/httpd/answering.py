"""The responding side of a connection: a response is sent in parts or as a whole. Then the next
request is read, or the connection ends.
"""

import logging
import socket

from gevent.event import Event

from api.httpd.bodies import Body
from api.httpd.channel import Channel
from api.httpd.faults import status_line
from api.httpd.messages import Request, date_line
from api.httpd.parsing import Parser
from api.httpd.shared import Shared
from api.httpd.states import BODY, HANDLER, HEAD, IDLE, WRITING, State

logger = logging.getLogger(__name__)


class ClientGone(ConnectionError):
    """The client has closed, or reads no response any more."""


class Answering(Channel):
    """The state of a connection while it responds to a request."""

    __slots__ = ("_begun", "_body", "_keep", "_last", "_parser", "_request", "_rest", "_waiter")

    def __init__(self, shared: Shared, sock: socket.socket) -> None:
        super().__init__(shared, sock)
        self._rest = b""  # it has come, and is parsed once what comes before is answered
        self._parser: Parser | None = None
        self._request: Request | None = None
        self._body: Body | None = None
        self._waiter: Event | None = None
        self._begun = self._keep = self._last = False

    @property
    def stopping(self) -> bool:
        """Whether the server accepts no more requests."""
        return self.shared.stopping

    def send_last(self, head: bytes, body: bytes = b"", *, keep: bool) -> None:
        """Send a response, or its last part. The kernel must have all of it before more is read."""
        self._last, self._keep = True, keep
        if self.send(head, body):
            self._finish()

    def write(self, head: bytes, body: bytes = b"") -> None:
        """Send a part of a response; return once the kernel has all of it. Call it only from a
        greenlet.

        Raises `ClientGone`.
        """
        self._begun = True
        self._waiter = waiter = Event()
        if self.send(head, body):
            self._sent()
        if self.socket is not None:
            waiter.wait()
        if self.socket is None:
            raise ClientGone

    def fault(self, status: int) -> None:
        """Send a response of the server itself, and end the connection after it."""
        quiet = False
        if self._request is not None:
            quiet = self._request.environ["REQUEST_METHOD"] == "HEAD"
            self._request.abandon()
        self._lose_body()
        fields, body = self.shared.fault(status)
        head = (
            f"HTTP/1.1 {status_line(status)}\r\n{fields}{date_line()}"
            f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        )
        self.send_last(head.encode("latin-1"), b"" if quiet else body, keep=False)

    def expire(self, state: State) -> None:
        """End the connection after a deadline. A client that waits for a response is sent one."""
        waits = state in (BODY, HANDLER) and self._request is not None and not self._begun
        if state is HANDLER and self._request is not None:
            logger.error("a request was not answered in time: %s", self._request.name)
        if state.status is not None and (state is HEAD or waits):
            self.fault(state.status)
        else:
            self.close()

    def give_up(self) -> None:
        """End the connection, because the server ends. A client that waits for a response is sent
        503, unless a part of its response was sent.
        """
        if self.state in (HANDLER, BODY) and self._request is not None and not self._begun:
            self.fault(503)
        self.close()

    def detach(self) -> tuple[socket.socket, bytes]:
        """Give the socket away, with the bytes that have already come. Raises `ClientGone`."""
        early = self._rest
        sock = self.release()
        if sock is None:
            raise ClientGone
        return sock, early

    def release(self) -> socket.socket | None:
        sock = super().release()
        request, self._request = self._request, None
        if request is not None:
            request.abandon()
        self._lose_body()
        if self._waiter is not None:
            self._waiter.set()
        return sock

    def _lose_body(self) -> None:
        """Give up the body. Neither its rest nor anything after it can be read."""
        body, self._body, self._parser, self._rest = self._body, None, None, b""
        if self._request is not None:
            self._request.keep = False
        if body is not None:
            self.shared.states.bodies.stop(self)
            body.end(lost=True)

    def _sent(self) -> None:
        if self._waiter is not None:
            waiter, self._waiter = self._waiter, None
            waiter.set()
            self.shared.states.enter(self, BODY if self._receives_body() else HANDLER)
            self.receive()
        elif self._last:
            self._finish()

    def _receives_body(self) -> bool:
        """Return whether it is the client's turn to send more of the body."""
        expects = self._request is not None and self._request.expects
        return self._body is not None and not self._body.full and not expects

    def _finish(self) -> None:
        """Continue with the next request, or end the connection."""
        self._request, self._last, self._begun = None, False, False
        if not self._keep:
            self._lose_body()
            self.linger()
        elif self._body is not None:
            self._body.discard()
            self.shared.states.enter(self, BODY)
        elif self._parser is None and not self._rest and not self.shared.stopping:
            self.shared.states.enter(self, IDLE)  # nothing of the next has come, as is usual
            if not self._reading:
                self.receive()
            return
        elif self.state is WRITING:  # the client has read all of it
            self.shared.states.enter(self, IDLE)
        self.go_on()

    def go_on(self) -> None:
        """Process what has come, until a request waits for its response or nothing is left."""
        raise NotImplementedError
