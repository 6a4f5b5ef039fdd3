"""The refusals of the wire, as data. `Engine.respond` and `Server.refusal_for` word them."""


class TooOften(Exception):
    """The client sends more than it may. It may send again after `seconds`."""

    def __init__(self, seconds: int) -> None:
        super().__init__(seconds)
        self.seconds = seconds


class Refused(Exception):
    """A request is refused with `status`.

    reason: engineio's own words, "" if the status is enough
    field: the part of the request that the refusal is about
    seconds: when to try again, 0 if that is useless
    """

    def __init__(self, status: int, reason: str = "", field: str = "", seconds: int = 0) -> None:
        super().__init__(status, reason)
        self.status, self.reason, self.field, self.seconds = status, reason, field, seconds
