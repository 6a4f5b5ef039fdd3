"""How frames are sent to a client: the interface, and all transports but `WebSocket`."""

from collections.abc import Callable
from typing import Any, Protocol

from gevent.event import Event

from api.httpd import Unread
from api.wire.frames import encode_text, text_of
from api.wire.outbox import Outbox
from api.wire.packets import CLOSE, NOOP, SEPARATOR, Garbage


class Transport(Protocol):
    """How frames are sent to a client."""

    def send(self, frame: bytes) -> None: ...

    def replace(self, key: str, frame: bytes, /) -> bool:
        """Send the newest frame of a key; return whether an older one is never sent."""

    def close(self, code: int) -> None: ...


class Gone:
    """The transport of a client that has gone."""

    def send(self, frame: bytes) -> None: ...

    def replace(self, _key: str, _frame: bytes) -> bool:
        return False

    def close(self, code: int) -> None: ...


GONE = Gone()


class Polling:
    """Frames wait for the client's next request. `give_up` is called if too much waits."""

    __slots__ = ("_awaited", "_over", "_unread", "give_up", "outbox")

    def __init__(self, give_up: Callable[[], None], unread: "Unread[Polling]") -> None:
        self.outbox = Outbox()
        self.give_up, self._unread, self._over = give_up, unread, False
        self._awaited: Event | None = None

    def send(self, frame: bytes) -> None:
        if self.outbox.full:
            self.give_up()
            return
        self.outbox.put(frame)
        for polling in self._unread.hold(self, self.outbox.size):
            polling.give_up()
        self.wake()

    def replace(self, key: str, frame: bytes) -> bool:
        skipped = self.outbox.replace(key, frame)
        self.wake()
        return skipped

    def close(self, _code: int) -> None:
        self.outbox.finish(encode_text(CLOSE))
        self._over = True
        self._unread.stop(self)
        self.wake()

    def hand_over(self) -> Outbox:
        """Return the frames that wait, for another transport. A waiting request is ended."""
        self._unread.stop(self)
        self.wake()
        return self.outbox

    def wake(self) -> None:
        """Have a waiting request answered with the frames that there are."""
        if self._awaited is not None:
            self._awaited.set()

    def poll(self, seconds: float) -> str:
        """Return the frames that wait, as soon as there are any; an empty response is a NOOP.

        Raises `Garbage` if another request waits already.
        """
        if self._awaited is not None:
            raise Garbage
        if not self.outbox and not self._over:
            self._awaited = Event()
            self._awaited.wait(seconds)
            self._awaited = None
        texts = []
        while frames := self.outbox.take():
            texts += [text_of(frame) for frame in frames]
        self._unread.stop(self)
        return SEPARATOR.join(texts) or NOOP


def answer(text: str) -> dict[str, Any]:
    """Return a response for a polling client, as engineio's server expects it."""
    headers = [("Content-Type", "text/plain; charset=UTF-8"), ("Cache-Control", "no-store")]
    return {"status": "200 OK", "headers": headers, "response": text.encode()}
