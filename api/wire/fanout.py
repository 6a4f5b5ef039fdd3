"""Which clients are in which Socket.IO room, and sending to whole rooms.

A packet is encoded and framed once, and written straight to each socket. Membership is indexed in
both directions, so the cost of leaving depends only on the rooms that the client is in.
"""

from collections.abc import Iterable, Iterator
from typing import Any

import gevent
import socketio
from gevent.lock import BoundedSemaphore
from socketio.packet import EVENT

from api.wire.frames import encode_text
from api.wire.packets import MESSAGE
from api.wire.peers import Peer

Rooms = str | Iterable[str] | None

NAMESPACE = "/"
SLICE = 200
CONNECTING, CONNECTED, LEAVING = "connecting", "connected", "leaving"


class Fanout(socketio.Manager):  # type: ignore[misc]
    """Socket.IO's manager for the one namespace. Each client is also in a room of its own name."""

    def __init__(self) -> None:
        super().__init__()
        self.rooms: dict[str, Any] = {NAMESPACE: {}}
        self._peers: dict[str, Peer] = {}
        self._by_engine: dict[str, Peer] = {}
        self._members: dict[str, dict[str, Peer]] = {}
        self._turn = BoundedSemaphore()
        self.skipped = 0
        """How often a frame was superseded before its client read it."""

    # -- sending ------------------------------------------------------------------------

    def emit(self, event: str, data: Any, namespace: str, room: Rooms = None, **how: Any) -> None:
        """Send to a room, several, or everybody; `how`: skip_sid, callback. Never yields."""
        if how.get("callback") is not None:
            super().emit(event, data, namespace, room, **how)
            return
        frame, skipped = self._frame(event, data), how.get("skip_sid")
        for sid, peer in self._audience(room).items():
            if sid != skipped and not (isinstance(skipped, list) and sid in skipped):
                peer.transport.send(frame)

    def emit_latest(self, event: str, data: Any, to: Rooms, key: str) -> None:
        """Send rooms a value that supersedes all earlier ones of the same key; yields."""
        frame = self._frame(event, data)
        with self._turn:
            for sent, peer in enumerate(self._audience(to).values(), 1):
                self.skipped += peer.transport.replace(key, frame)
                if sent % SLICE == 0:
                    gevent.sleep(0)

    def _frame(self, event: str, data: Any) -> bytes:
        arguments = list(data) if isinstance(data, tuple) else [] if data is None else [data]
        packet = self.server.packet_class(EVENT, data=[event, *arguments])
        return encode_text(MESSAGE + packet.encode())

    def _audience(self, rooms: Rooms) -> dict[str, Peer]:
        """Return a copy of the clients that are in a room, or in one of several."""
        if rooms is None:
            return dict(self._peers)
        audience: dict[str, Peer] = {}
        for room in [rooms] if isinstance(rooms, str) else rooms:
            audience |= self._members.get(room, {})
            if room in self._peers:
                audience[room] = self._peers[room]
        return audience

    def get_participants(self, namespace: str, room: Any) -> Iterator[tuple[str, str]]:
        """Yield the ids of those in a room, Socket.IO's and Engine.IO's."""
        for sid, peer in self._audience(room).items():
            yield sid, peer.eio_sid

    # -- coming and going ---------------------------------------------------------------

    def pre_connect(self, eio_sid: str, namespace: str) -> str | None:
        """Give a client its sid; None if it has one already, or has gone."""
        peer = self.server.eio.sockets.get(eio_sid)
        if peer is None or peer.name or namespace != NAMESPACE:
            return None
        peer.name, peer.state = self.server.eio.generate_id(), CONNECTING
        self._peers[peer.name] = self._by_engine[eio_sid] = peer
        return str(peer.name)

    def connect(self, sid: str, namespace: str) -> str:
        """Mark a client as connected, after its handler has accepted it."""
        peer = self._peers.get(sid)
        if peer is not None and peer.state == CONNECTING:
            peer.state = CONNECTED
            self.server.eio.arriving.stop(peer)
        return sid

    def is_connected(self, sid: str, namespace: str) -> bool:
        return sid in self._peers and self._peers[sid].state == CONNECTED

    def sid_from_eio_sid(self, eio_sid: str, namespace: str) -> str | None:
        peer = self._by_engine.get(eio_sid)
        return None if peer is None else peer.name

    def eio_sid_from_sid(self, sid: str, namespace: str) -> str | None:
        peer = self._peers.get(sid)
        return None if peer is None else peer.eio_sid

    def pre_disconnect(self, sid: str, namespace: str) -> str | None:
        """Mark a client as leaving. Its rooms are kept until its handler has run."""
        self._peers[sid].state = LEAVING
        return self.eio_sid_from_sid(sid, namespace)

    def disconnect(self, sid: str, namespace: str, **_: Any) -> None:
        """Forget a client. If its transport stays, it must connect again soon."""
        peer = self._peers.pop(sid, None)
        if peer is None:
            return
        del self._by_engine[peer.eio_sid]
        for room in list(peer.rooms):
            self._part(peer, room)
        self.callbacks.pop(sid, None)
        peer.name = peer.state = ""
        if not peer.closed:
            self.server.eio.arriving.start(peer)

    def forget_callbacks(self, sid: str) -> None:
        """Drop a client's callbacks for acks. Later ones continue the numbering."""
        if sid in self.callbacks:
            self.callbacks[sid] = {0: self.callbacks[sid][0]}

    # -- rooms --------------------------------------------------------------------------

    def enter_room(self, sid: str, namespace: str, room: str, **_: Any) -> None:
        """Put a client into a room. Raises ValueError if it isn't connected."""
        peer = self._peers.get(sid)
        if peer is None or room in self._peers:
            raise ValueError("the client is not connected, or the room is a client's own")
        self._members.setdefault(room, {})[sid] = peer
        peer.rooms.add(room)

    def leave_room(self, sid: str, namespace: str, room: str) -> None:
        peer = self._peers.get(sid)
        if peer is not None and room in peer.rooms:
            self._part(peer, room)

    def close_room(self, room: str, namespace: str) -> None:
        for peer in list(self._members.get(room, {}).values()):
            self._part(peer, room)

    def get_rooms(self, sid: str, namespace: str) -> list[str]:
        peer = self._peers.get(sid)
        return [] if peer is None else [sid, *peer.rooms]

    def _part(self, peer: Peer, room: str) -> None:
        members = self._members[room]
        del members[peer.name]
        peer.rooms.discard(room)
        if not members:
            del self._members[room]
