"""What the wire refuses, as data: `Engine.respond` and `Server.refusal_for` put it into words."""


class TooOften(Exception):
    """A client sends more than it may; it may send again after `seconds`."""

    def __init__(self, seconds: int) -> None:
        super().__init__(seconds)
        self.seconds = seconds


class Refused(Exception):
    """A request is refused with `status`.

    reason: engineio's own words, "" where the status says all
    field: the part of the request that it is about
    seconds: when to try again, 0 where that is no use
    """

    def __init__(self, status: int, reason: str = "", field: str = "", seconds: int = 0) -> None:
        super().__init__(status, reason)
        self.status, self.reason, self.field, self.seconds = status, reason, field, seconds
