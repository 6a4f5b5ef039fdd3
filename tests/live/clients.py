"""Socket.IO clients that remember what they were sent: python-socketio's and the official one."""

import json
import socket
import subprocess
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import socketio
from socketio.exceptions import BadNamespaceError

from tests import conformance

WITHIN = 120.0
JAVASCRIPT = Path(__file__).parent.parent / "js"


class Inbox:
    """What a client was sent, in order. Waiting has a deadline, and its failure shows what came."""

    def __init__(self) -> None:
        self._received: list[tuple[float, str, Any]] = []
        self._more = threading.Condition()

    def put(self, event: str, data: Any) -> None:
        """Remember an event, and compare it with the AsyncAPI document."""
        if event != "connect_error" or (isinstance(data, dict) and data.get("data")):
            conformance.check_event(event, data)  # else no server has sent it
        with self._more:
            self._received.append((time.monotonic(), event, data))
            self._more.notify_all()

    def received(self, event: str) -> list[Any]:
        """Return what was told under one name so far."""
        return [data for _, name, data in self._received if name == event]

    def everything(self) -> list[tuple[str, Any]]:
        """Return all that was told so far: events with their data."""
        return [(name, data) for _, name, data in self._received]

    def times(self, event: str) -> list[float]:
        """Return when that was, in seconds on the monotonic clock."""
        return [moment for moment, name, _ in self._received if name == event]

    def wait(
        self, event: str, fits: Callable[[Any], bool] = lambda _: True, within: float = WITHIN
    ) -> Any:
        """Return the first of an event's data that fits, told already or within so many seconds."""

        def found() -> list[Any]:
            return [data for data in self.received(event) if fits(data)]

        with self._more:
            assert self._more.wait_for(found, within), f"no such {event} in {self._received[-5:]}"
        return found()[0]

    def wait_count(self, event: str, count: int, within: float = WITHIN) -> list[Any]:
        """Return what was told under one name once it is so much."""
        with self._more:
            enough = self._more.wait_for(lambda: len(self.received(event)) >= count, within)
            assert enough, f"only {len(self.received(event))} of {count} {event}"
        return self.received(event)

    def wait_tally(
        self, votes: dict[int, int], after: dict[str, Any] | None = None, within: float = WITHIN
    ) -> Any:
        """Return the first tally, later than `after`, with exactly these votes by candidate."""
        least = (0, 0) if after is None else order_of(after)

        def fits(received: dict[str, Any]) -> bool:
            return order_of(received) > least and votes_of(received) == votes

        return self.wait("tally:update", fits, within)


class Client(Inbox):
    """python-socketio's client, over one transport or upgrading."""

    def __init__(self, url: str, auth: Any = None, transports: list[str] | None = None) -> None:
        super().__init__()
        self._socket = socketio.Client(reconnection=False, handle_sigint=False, json=json)
        self._socket.on("*", self.put)
        self._socket.on("disconnect", lambda reason: self.put("disconnect", reason))
        self._socket.on("connect_error", lambda data: self.put("connect_error", data))
        self._socket.connect(url, auth=auth, transports=transports or ["websocket"])

    def call(self, event: str, *data: Any) -> Any:
        """Say something; return the ack."""
        ack = self._socket.call(event, data, timeout=WITHIN)
        conformance.check_ack(event, ack)
        return ack

    def call_before_the_end(self, event: str, *data: Any) -> Any:
        """Say something; return the ack, or None where the server ends the connection first."""
        with suppress(BadNamespaceError):
            self.emit(event, *data)
        with self._more:
            self._more.wait_for(lambda: self.received("ack") or self.received("disconnect"), WITHIN)
        return next(iter(self.received("ack")), None)

    def emit(self, event: str, *data: Any) -> None:
        """Say something without waiting for the ack; it goes into the inbox as `ack`."""
        self._socket.emit(event, data, callback=lambda ack=None: self.put("ack", ack))

    def join(self, room: str = "lobby", **more: Any) -> Any:
        """Join a room; return the snapshot."""
        answer = self.call("room:join", {"room": room, **more})
        assert answer["ok"], answer
        return answer

    def drop(self) -> None:
        """Let the TCP connection go without a word, as a phone that loses its network."""
        self._socket.eio.ws.sock.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Disconnect."""
        self._socket.disconnect()


class JavaScriptClient(Inbox):
    """The official client in a process of its own; it joins `rooms` at every connection."""

    def __init__(self, node: str, url: str, **options: Any) -> None:
        super().__init__()
        given = {"url": url, "transports": ["websocket"], "rooms": ["lobby"], **options}
        self._process = subprocess.Popen(
            [node, str(JAVASCRIPT / "watcher.js"), json.dumps(given)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def call(self, event: str, *data: Any) -> Any:
        """Say something; return the ack, which is waited for."""
        before = len(self.received("ack"))
        self.say(event, *data)
        ack = self.wait_count("ack", before + 1)[before]
        conformance.check_ack(event, ack)
        return ack

    def say(self, event: str, *data: Any) -> None:
        """Say something without waiting for the ack."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps([event, *data]) + "\n")
        self._process.stdin.flush()

    def close(self) -> None:
        """Disconnect and end the process."""
        self._process.kill()
        self._process.wait()
        self._reader.join()
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            pipe.close()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            event, *data = json.loads(line)
            self.put(event, data[0] if data else None)


def votes_of(results: dict[str, Any]) -> dict[int, int]:
    """Return the votes of those candidates that have some."""
    return {row["candidate"]: row["votes"] for row in results["tally"] if row["votes"]}


def order_of(results: dict[str, Any]) -> tuple[int, int]:
    """Return what results documents are ordered by."""
    return results["epoch"], results["version"]
