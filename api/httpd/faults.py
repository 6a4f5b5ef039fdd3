"""The faults of requests, and the responses that the server sends to them."""

from collections.abc import Callable
from http import HTTPStatus

Fault = Callable[[int], tuple[str, bytes]]
"""Returns the header lines ("Name: value\r\n"…) and the body of a response of the server itself."""


class Malformed(Exception):
    """The request is malformed. `status`: that of the response."""

    def __init__(self, status: int = 400) -> None:
        super().__init__(status)
        self.status = status


def plain_fault(status: int) -> tuple[str, bytes]:
    """Return a response with one line of text."""
    return "Content-Type: text/plain\r\n", f"{status_line(status)}\n".encode()


def status_line(status: int) -> str:
    """Return a status with its phrase: "400 Bad Request"."""
    return f"{status} {HTTPStatus(status).phrase}"
