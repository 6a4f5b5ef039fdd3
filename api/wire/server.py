"""Socket.IO's server: its packets, and events that are handled in the event loop."""

import logging
import re
import sys
from collections.abc import Callable
from io import BytesIO
from typing import Any

import socketio
from socketio.packet import ACK, BINARY_EVENT, CONNECT, DISCONNECT, EVENT, Packet

from api.wire.engine import Engine
from api.wire.fanout import NAMESPACE, Fanout
from api.wire.packets import Garbage
from api.wire.refusals import TooOften

_ASKS_ACK = re.compile(r"[25](?:\d{1,9}-)?(?:/[^,]{0,99},)?(\d{1,15})\[").match
"""Matches an event whose client waits for an ack, with the id of that."""
_EVENT = re.compile(r'2\d{0,15}\["([^"\\]{1,40})",').match
"""Matches an event of the one namespace, with its name."""
RESERVED = ("connect", "disconnect", "*")
"""Names that clients may not give to events: the library's own names of handlers."""
KEPT = (
    *("HTTP_ACCEPT_LANGUAGE", "HTTP_HOST", "HTTP_ORIGIN", "HTTP_USER_AGENT", "PATH_INFO"),
    *("REMOTE_ADDR", "REQUEST_METHOD", "SCRIPT_NAME", "SERVER_NAME", "SERVER_PORT"),
    *("SERVER_PROTOCOL", "flask.app", "wsgi.errors", "wsgi.url_scheme", "wsgi.version"),
)

logger = logging.getLogger(__name__)


class Text(Packet):  # type: ignore[misc]
    """A Socket.IO packet. Nothing binary is sent, so values are not searched for it. Of received
    binary values only the place is kept, and they are refused like any value of a wrong type.
    """

    uses_binary_events = False
    packet_type: int
    data: Any

    def __init__(self, *arguments: Any, encoded_packet: str | None = None, **named: Any) -> None:
        if encoded_packet == "":
            raise Garbage  # the library would take it for an event
        super().__init__(*arguments, encoded_packet=encoded_packet, **named)

    def decode(self, encoded_packet: str) -> int:
        """Decode a packet. It waits for no attachments. Raises `Garbage`."""
        try:
            super().decode(encoded_packet)
        except (ValueError, RecursionError) as error:
            raise Garbage from error
        kind, arguments = self.packet_type, self.data
        if kind in (CONNECT, DISCONNECT):
            return 0
        if not isinstance(arguments, list):
            raise Garbage
        if kind in (EVENT, BINARY_EVENT) and arguments and isinstance(arguments[0], str):
            name = f"no {arguments[0]}" if arguments[0] in RESERVED else arguments[0]
            values = [
                b"" if isinstance(it, dict) and "_placeholder" in it else it for it in arguments
            ]
            self.packet_type, self.data = EVENT, [name, *values[1:]]
        elif kind != ACK or not self.id:  # 0 is where the manager keeps its count
            raise Garbage
        return 0


Quick = Callable[[str, list[Any], Callable[[dict[str, Any]], None]], None]
"""`handle(sid, sent, answer)` is called in the event loop and must not wait. `answer` is called
once, now or later, with the ack.
"""


class Server(socketio.Server):  # type: ignore[misc]
    """Socket.IO's server.

    refusal_for: returns the ack of a refused event
    kept: the keys of a client's first environ to keep beside `KEPT`
    """

    refusal_for: Callable[[str, TooOften], dict[str, Any]]

    def __init__(self, *, kept: tuple[str, ...] = (), **options: Any) -> None:
        super().__init__(client_manager=Fanout(), serializer=Text, **options)
        self._kept_names = *KEPT, *kept
        self.eio.refuse, self.eio.at_once = self._refuse, self._take_at_once
        self._quick: dict[str, Quick] = {}
        self._note = self.eio.handlers["connect"]
        self.eio.on("connect", self._note_client)

    def _engineio_server_class(self) -> type[Engine]:
        return Engine

    def get_environ(self, sid: str, namespace: str | None = None) -> dict[str, Any] | None:
        """Return a copy, because Flask keeps the request, and so the last payload, in it."""
        environ = super().get_environ(sid, namespace)
        return environ and {**environ, "wsgi.input": BytesIO()}

    def _note_client(self, eio_sid: str, environ: dict[str, Any]) -> None:
        """Register a client with a small part of its first environ. Equal texts are stored once."""
        kept = {key: environ[key] for key in self._kept_names if key in environ}
        texts = {key: sys.intern(it) for key, it in kept.items() if isinstance(it, str)}
        self._note(eio_sid, kept | texts)

    def handle_at_once(self, event: str, handle: Quick) -> None:
        """Handle an event of WebSockets in the event loop, without a greenlet, if no earlier
        message of its client still waits. Otherwise the event's ordinary handler is called.
        """
        self._quick[event] = handle

    def _take_at_once(self, eio_sid: str, message: str, done: Callable[[], None]) -> bool:
        found = _EVENT(message)
        handle = None if found is None else self._quick.get(found[1])
        if handle is None:
            return False
        sid = self.manager.sid_from_eio_sid(eio_sid, NAMESPACE)
        if not self.manager.is_connected(sid, NAMESPACE):
            return False
        try:
            packet = Text(encoded_packet=message)
        except Garbage:
            return False

        def answer(ack: dict[str, Any]) -> None:
            if packet.id is not None:
                self.eio.send(eio_sid, Text(ACK, [ack], id=packet.id).encode())
            done()

        try:
            handle(sid, packet.data[1:], answer)
        except Exception:  # a fault here, not the client's: the next message is handled
            logger.exception("a message could not be handled")
            done()
        return True

    def _refuse(self, eio_sid: str, message: str, refusal: TooOften) -> None:
        """Ack an event that exceeds the limit. Other packets get no response."""
        sid, asks = self.manager.sid_from_eio_sid(eio_sid, NAMESPACE), _ASKS_ACK(message)
        if asks is not None and self.manager.is_connected(sid, NAMESPACE):
            refused = [self.refusal_for(sid, refusal)]
            self.eio.send(eio_sid, Text(ACK, refused, id=int(asks[1])).encode())
