"""A connection: reads one request after the other, each once the one before is answered."""

import logging
import socket
from io import BytesIO
from typing import Any

import gevent

from api.httpd import wsgi
from api.httpd.answering import Answering
from api.httpd.bodies import Body
from api.httpd.bounds import DISCARD_BYTES, PIECE_BYTES
from api.httpd.faults import Malformed
from api.httpd.heads import read_head
from api.httpd.messages import Request
from api.httpd.parsing import Parser
from api.httpd.shared import Shared
from api.httpd.states import BODY, HANDLER, HEAD, IDLE, LINGERING, NEW, WRITING

logger = logging.getLogger(__name__)

TURN_REQUESTS = 16
"""How many requests of one connection are processed before other connections have their turn."""


class Connection(Answering):
    """The connection of one client. It has a parser and a request only while it needs them."""

    __slots__ = ("_came", "_headed", "_taking", "remote")

    def __init__(self, shared: Shared, sock: socket.socket, remote: tuple[str, str]) -> None:
        super().__init__(shared, sock)
        self.remote = remote
        self._headed = self._taking = False
        self._came = 0  # bytes since the body's deadline began anew
        shared.states.enter(self, NEW)
        self.receive()

    def _read(self) -> None:
        state = self.state
        if state is HANDLER or state is WRITING:
            self.pause()
            return
        try:
            data = b"" if self.socket is None else self.socket.recv(PIECE_BYTES)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if state is LINGERING:
            self._drain(data)
        elif data:
            self._rest = self._rest + data if self._rest else data
            self.go_on()
        elif self._body is not None and self._request is not None:
            self._lose_body()
            self.shared.states.enter(self, HANDLER)  # it may still read what it is answered
        else:
            self.close()

    def take_over(self, read: bytes) -> None:
        """Begin with what another process has read."""
        self._rest = read
        self.go_on()

    def go_on(self) -> None:
        if self._taking:
            return
        self._taking, turns = True, TURN_REQUESTS
        try:
            while self._rest and turns and self._wants():
                turns -= 1
                self._take()
        except Malformed as fault:
            self._reject(fault.status)
        except Exception:
            logger.exception("a request could not be read")
            self._reject(500)
        finally:
            self._taking = False
        if self._wants():
            self._await()

    def _wants(self) -> bool:
        """Return whether more bytes can be processed."""
        state = self.state
        if self._request is not None and state is not BODY:
            return False
        return self.socket is not None and state is not LINGERING and state is not WRITING

    def _await(self) -> None:
        """Wait for the next turn, or for the client."""
        if self._rest:
            self.pause()  # neither more of it is read meanwhile, nor its end
            self.shared.soon(self.go_on)
            return
        if self._body is None:
            if self._parser is None:
                if self.shared.stopping:
                    self.close()
                    return
                self.shared.states.enter(self, IDLE)
            elif not self._headed:
                self._headed = True  # a head has one deadline, in however many pieces it comes
                self.shared.states.enter(self, HEAD)
        self.receive()

    def _reject(self, status: int) -> None:
        """Respond to a malformed request, or have the app do so that is reading its body."""
        if self._body is None:
            self.fault(status)
        elif self._request is not None:
            self._lose_body()
            self.shared.states.enter(self, HANDLER)
        else:
            self._lose_body()
            self.linger()

    # -- a body that comes while the app runs, at most as fast as the app reads it ------

    def _begin_body(self, request: Request) -> None:
        """Let the app read a body that hasn't come completely."""
        environ, shared = request.environ, self.shared
        body = self._body = environ["wsgi.input"] = Body(self._want_body)
        self._came = 0
        body.put(request.body)
        expects = environ.get("HTTP_EXPECT", "").lower() == "100-continue"
        request.expects = expects and environ["SERVER_PROTOCOL"] != "HTTP/1.0"
        shared.states.bodies.start(self)
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

    def _take_body(self, body: Body, parser: Parser) -> None:
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
            states.bodies.stop(self)
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

    # -- a request ----------------------------------------------------------------------

    def _take(self) -> None:
        """Process bytes of a body or of a head."""
        if self._body is not None and self._parser is not None:
            self._take_body(self._body, self._parser)
            return
        if self._parser is None:
            if self._take_known(self._rest):
                return
            self._parser, self._headed = self.shared.parsers.take(), False
        end = self._parser.feed_head(self._rest)
        if self._parser.headed:
            self._take_request(self._parser, self._rest, end)
        else:
            self._rest = self._rest[end:]

    def _take_known(self, data: bytes) -> bool:
        """Take a request that has come whole, if its head is known; return whether it was taken."""
        shared = self.shared
        known = shared.heads.find(data)
        if known is None:
            return False
        environ, end, length = known
        if len(data) < end + length:
            return False
        environ["REMOTE_ADDR"], environ["REMOTE_PORT"] = self.remote
        if shared.others is not None and self._pass_on(environ, data):
            return True
        request = self._request = Request(self, environ, keep=True)
        request.body, self._rest = data[end : end + length], data[end + length :]
        self._dispatch(request)
        return True

    def _take_request(self, parser: Parser, data: bytes, end: int) -> None:
        """Take a request whose head is complete, with the bytes of its body that have come."""
        shared = self.shared
        environ = shared.environ.copy()
        environ["REMOTE_ADDR"], environ["REMOTE_PORT"] = self.remote
        length, chunked = read_head(parser.head, environ)
        if shared.others is not None and self._pass_on(environ, parser.head + data[end:]):
            return
        if length > shared.limits.body_bytes:
            raise Malformed(413)
        if parser.keep and not chunked:
            shared.heads.note(parser.head, environ, length)
        request = Request(self, environ, keep=parser.keep)
        if length and end + length <= len(data):
            begin, end = end, end + length
            request.body = data[begin:end]
            parser.feed_whole_body(request.body)
        elif length or chunked:
            parser.begin_body(length, chunked=chunked)
            while end < len(data) and not parser.complete:
                end = parser.feed_body(data, end)
            request.body = b"".join(parser.pieces)
            parser.pieces.clear()
        self._rest = data[end:]
        self._request = request
        if "HTTP_UPGRADE" in environ:
            self._take_upgrade(request, bodiless=not length and not chunked)
        if parser.complete:
            self._parser = None
            shared.parsers.give_back(parser)
            self._dispatch(request)
        else:
            self._begin_body(request)
            gevent.spawn_raw(wsgi.run, shared.app, request)

    def _pass_on(self, environ: dict[str, Any], read: bytes) -> bool:
        """Pass the connection on to the process that has to answer, if that is another one."""
        sock, others = self.socket, self.shared.others
        if sock is None or others is None:
            return False
        if not others.pass_on(environ, sock.fileno(), read, self.remote):
            return False
        self.release()
        sock.close()
        return True

    def _take_upgrade(self, request: Request, *, bodiless: bool) -> None:
        request.upgrades = bodiless and self.shared.takes_upgrade(request.environ)
        if request.upgrades:
            request.keep = False  # refused, it ends: what follows may be no HTTP
            request.environ["httpd.detach"] = self.detach
        else:
            del request.environ["HTTP_UPGRADE"]  # RFC 9110, 7.8: a server may ignore it

    def _dispatch(self, request: Request) -> None:
        """Have the lane respond to a whole request, or the app in a greenlet of its own."""
        if self._answer_in_lane(request):
            return
        request.environ["wsgi.input"] = BytesIO(request.body)
        self.shared.states.enter(self, HANDLER)
        gevent.spawn_raw(wsgi.run, self.shared.app, request)

    def _answer_in_lane(self, request: Request) -> bool:
        shared = self.shared
        if shared.lane is None or request.upgrades or len(request.body) > shared.limits.lane_bytes:
            return False
        try:
            taken = shared.lane(request)
        except Exception:
            logger.exception("a request failed in the lane")
            self.fault(500)
            return True
        if taken and request.connection is not None:
            shared.states.enter(self, HANDLER)
        return taken or request.connection is None
