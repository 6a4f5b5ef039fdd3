"""Receives a body that comes while the app runs, at most as fast as the app reads it."""

import socket

from api.httpd.answering import Answering
from api.httpd.bodies import Body
from api.httpd.bounds import DISCARD_BYTES, PIECE_BYTES
from api.httpd.messages import Request
from api.httpd.parsing import Parser
from api.httpd.shared import Shared
from api.httpd.states import BODY, HANDLER


class Receiving(Answering):
    """The state of a connection while a body comes."""

    __slots__ = ("_came",)

    def __init__(self, shared: Shared, sock: socket.socket) -> None:
        super().__init__(shared, sock)
        self._came = 0  # bytes since the body's deadline began anew

    def begin_body(self, request: Request) -> None:
        """Let the app read a body that hasn't come completely."""
        environ, shared = request.environ, self.shared
        body = self._body = environ["wsgi.input"] = Body(self._want_body)
        self._came = 0
        body.put(request.body)
        expects = environ.get("HTTP_EXPECT", "").lower() == "100-continue"
        request.expects = expects and environ["SERVER_PROTOCOL"] != "HTTP/1.0"
        shared.states.begin_body(self)
        shared.states.enter(self, BODY if self._receives_body() else HANDLER)

    def _want_body(self) -> None:
        """Receive more of the body, because the app waits for it."""
        if self._request is not None and self._request.expects:
            self._request.expects = False
            self.send_continue()
        if self._body is not None and self.state is HANDLER:
            self._came = 0
            self.shared.states.enter(self, BODY)
            self.go_on()

    def take_body(self, body: Body, parser: Parser) -> None:
        """Process the bytes of the body that have come. Raises `Malformed`."""
        data, end = self._rest, 0
        while end < len(data) and not parser.complete:
            end = parser.feed_body(data, end)
        self._rest = data[end:]
        for piece in parser.pieces:
            self._came += len(piece)
            body.put(piece)
        parser.pieces.clear()
        states = self.shared.states
        if parser.complete:
            self._body = self._parser = None
            self.shared.parsers.give_back(parser)
            states.end_body(self)
            body.end()
            if self._request is not None:
                states.enter(self, HANDLER)
        elif (body.discarded or 0) > DISCARD_BYTES:
            self.linger()
        elif body.full:
            states.enter(self, HANDLER)
        elif self._came >= PIECE_BYTES:
            self._came = 0
            states.enter(self, BODY)
