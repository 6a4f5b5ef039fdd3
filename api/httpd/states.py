"""The states of a connection, each with its deadline. A connection is always in exactly one.

A state is entered in one place, `States.enter`, and ends by progress or by its deadline.
"""

from dataclasses import dataclass
from time import monotonic
from typing import Any

from api.httpd.bounds import Limits
from api.httpd.deadlines import Deadlines
from api.httpd.unread import Unread


@dataclass(frozen=True, eq=False, slots=True)
class State:
    """What a connection waits for.

    limit: the name of its seconds in `Limits`
    status: that of the response after the deadline, if none has begun; None for no response
    """

    name: str
    limit: str
    status: int | None = None


NEW = State("new", "head_seconds")
"""Nothing of the first request has come."""
IDLE = State("idle", "idle_seconds")
"""Nothing of the next request has come."""
HEAD = State("head", "head_seconds", 408)
"""A request's head is coming."""
BODY = State("body", "body_seconds", 408)
"""A request's body is coming, and there is room for it."""
HANDLER = State("handler", "handler_seconds", 503)
"""The app or the lane must respond, or continue its response. Nothing is read."""
WRITING = State("writing", "writing_seconds")
"""The client must read the response. Nothing is read from it."""
LINGERING = State("lingering", "lingering_seconds")
"""The last response was sent. The client must close, and what it still sends is discarded."""
STATES = (NEW, IDLE, HEAD, BODY, HANDLER, WRITING, LINGERING)


class States:
    """The deadlines of all connections, by state; `bodies`: those of whole bodies."""

    def __init__(self, limits: Limits) -> None:
        self.unread: Unread[Any] = Unread(limits.writing_seconds, limits.unread_bytes)
        self.bodies: Deadlines[Any] = Deadlines(limits.whole_body_seconds)
        self._waits: dict[State, Deadlines[Any]] = {
            state: self.unread if state is WRITING else Deadlines(getattr(limits, state.limit))
            for state in STATES
        }

    def __iter__(self) -> Any:
        return (each for waits in self._waits.values() for each in list(waits))

    def enter(self, connection: Any, state: State) -> None:
        """Put a connection into a state, and start its deadline. It is written out, because each
        request takes it twice.
        """
        before = connection.state
        if before is WRITING and state is not WRITING:
            self.unread.stop(connection)
        elif before is not None:
            self._waits[before].due.pop(connection, None)
        connection.state = state
        waits = self._waits[state]
        waits.due[connection] = monotonic() + waits.seconds

    def leave(self, connection: Any) -> None:
        """Forget a connection."""
        if connection.state is not None:
            self._waits[connection.state].stop(connection)
            self.bodies.stop(connection)
            connection.state = None

    def pop_oldest(self) -> Any | None:
        """Remove and return the connection that has waited longest for a request, if any."""
        for state in (IDLE, NEW, HEAD, LINGERING):
            if (connection := self._waits[state].pop_oldest()) is not None:
                return connection
        return None

    def expire(self) -> list[tuple[Any, State]]:
        """Remove the connections whose deadline is over, and return each with its state."""
        over = [(each, state) for state, waits in self._waits.items() for each in waits.expire()]
        return over + [(each, BODY) for each in self.bodies.expire()]
