"""A crowd of Socket.IO clients in one process: as little of the protocol as they need, by hand.

Source: RFC 6455, and the Engine.IO (4) and Socket.IO (5) protocols.
"""

import asyncio
import json
import os
import struct
from typing import Any

WITHIN = 120.0


class Phone:
    """One connection over a raw WebSocket; it keeps what it is told of presence."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self._acks: dict[int, asyncio.Future[Any]] = {}
        self._next = 0
        self.received: list[tuple[str, Any]] = []
        self._reading = asyncio.create_task(self._read())
        self._greeted: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    @classmethod
    async def connect(cls, port: int, token: str | None = None) -> "Phone":
        """Open a connection, signed in where there is a token."""
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(
            b"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
        )
        head = await reader.readuntil(b"\r\n\r\n")
        assert b" 101 " in head, head
        phone = cls(reader, writer)
        phone._say("40" + (json.dumps({"token": token}) if token else ""))
        await asyncio.wait_for(phone._greeted, WITHIN)
        return phone

    async def call(self, event: str, data: Any) -> Any:
        """Say something; return the ack."""
        number, self._next = self._next, self._next + 1
        self._acks[number] = asyncio.get_running_loop().create_future()
        self._say(f"42{number}" + json.dumps([event, data]))
        (ack,) = await asyncio.wait_for(self._acks[number], WITHIN)
        del self._acks[number]
        return ack

    async def join(self, room: str, **more: Any) -> Any:
        """Join a room; return the snapshot."""
        answer = await self.call("room:join", {"room": room, **more})
        assert answer["ok"], answer
        return answer

    def abort(self) -> None:
        """Let the connection go without a word."""
        self._reading.cancel()
        self._writer.transport.abort()

    def _say(self, text: str) -> None:
        data, mask = text.encode(), os.urandom(4)
        head = bytes([0x81])
        head += bytes([0x80 | len(data)]) if len(data) < 126 else struct.pack("!BH", 254, len(data))
        key = (mask * (len(data) // 4 + 1))[: len(data)]
        masked = (int.from_bytes(data) ^ int.from_bytes(key)).to_bytes(len(data))
        self._writer.write(head + mask + masked)

    async def _read(self) -> None:
        while True:
            head = await self._reader.readexactly(2)
            size = head[1]
            if size == 126:
                (size,) = struct.unpack("!H", await self._reader.readexactly(2))
            elif size == 127:
                (size,) = struct.unpack("!Q", await self._reader.readexactly(8))
            self._take((await self._reader.readexactly(size)).decode())

    def _take(self, text: str) -> None:
        if text == "2":
            self._say("3")
        elif text.startswith("40"):
            self._greeted.set_result(None)
        elif text.startswith("42"):
            event, data = json.loads(text[2:])
            self.received.append((event, data))
        elif text.startswith("43"):
            number, _, rest = text[2:].partition("[")
            self._acks[int(number)].set_result(json.loads("[" + rest))


class People:
    """Who is in a room as one client knows it: the snapshot, and the diffs after it."""

    def __init__(self, phone: Phone, snapshot: dict[str, Any]) -> None:
        self._phone = phone
        self._presence = snapshot["presence"]

    def merge(self) -> tuple[set[str], int]:
        """Return who is here, and how many are told to be; a gap in `seq` fails."""
        here = {person["id"] for person in self._presence["people"]}
        seq, online = self._presence["seq"], self._presence["online"]
        for event, diff in self._phone.received:
            if event == "presence:diff" and diff["seq"] > seq:
                assert diff["seq"] == seq + 1
                seq, online = diff["seq"], diff["online"]
                here = (here | {person["id"] for person in diff["joins"]}) - set(diff["leaves"])
        return here, online
