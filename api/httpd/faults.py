"""What can be wrong with a request, and what the server sends then by itself."""

from collections.abc import Callable
from http import HTTPStatus

Fault = Callable[[int], tuple[str, bytes]]
"""Returns header lines ("Name: value\\r\\n"…) and the body of a response of the server's own."""


class Malformed(Exception):
    """The request can't be read. `status`: what its sender is told."""

    def __init__(self, status: int = 400) -> None:
        super().__init__(status)
        self.status = status


def plain_fault(status: int) -> tuple[str, bytes]:
    """Return a line of text."""
    return "Content-Type: text/plain\r\n", f"{status_line(status)}\n".encode()


def status_line(status: int) -> str:
    """Return a status with its phrase: "400 Bad Request"."""
    return f"{status} {HTTPStatus(status).phrase}"
