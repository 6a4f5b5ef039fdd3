"""Remembers heads that llhttp and `read_head` have accepted, so that neither reads them again.

A client sends the same fields with each request; only the request line changes.
"""

from typing import Any

from api.httpd.heads import Environ

KEPT_LINES, KEPT_HEADS, KEPT_BYTES = 256, 8_192, 1_024
"""So many request lines and heads without their lines are kept, of so many bytes at most. There is
room for the phones of a whole hall.
"""
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
_UNUSUAL = ("HTTP_EXPECT", "HTTP_TRANSFER_ENCODING", "HTTP_UPGRADE")
_OF_LINE = ("REQUEST_METHOD", "PATH_INFO", "QUERY_STRING", "SERVER_PROTOCOL")
_BREAK, _END = b"\r\n", b"\r\n\r\n"


class KnownHeads:
    """Heads that were accepted, in two parts: the request line, and the fields. A head is known if
    both parts are.

    Only usual ones are kept: of HTTP/1.1, with a body of known length or none, after which the
    connection goes on. For those, no line changes what the fields mean.

    environ: what the environs of all requests have in common
    """

    def __init__(self, environ: Environ) -> None:
        self._common = environ
        self._lines: dict[bytes, Environ] = {}
        self._fields: dict[bytes, tuple[Environ, int]] = {}

    def find(self, data: bytes) -> tuple[Environ, int, int] | None:
        """Return a new environ for the head that `data` begins with, where it ends, and the length
        of the body after it; None if it isn't known.
        """
        line_end, end = data.find(_BREAK), data.find(_END) + len(_END)
        line = self._lines.get(data[:line_end])
        found = None if line is None else self._fields.get(data[line_end:end])
        if line is None or found is None:
            return None
        environ = line.copy()
        environ.update(found[0])
        return environ, end, found[1]

    def note(self, head: bytes, environ: Environ, length: int) -> None:
        """Keep a head if it is a usual one; the connection goes on after it.

        environ: what the head has become; length: of the body, which does not come in chunks
        """
        method = environ["REQUEST_METHOD"]
        usual = method in _METHODS and environ["SERVER_PROTOCOL"] == "HTTP/1.1"
        usual = usual and head.startswith(f"{method} /".encode())  # the line names no host
        if not usual or len(head) > KEPT_BYTES or not environ.keys().isdisjoint(_UNUSUAL):
            return
        line_end = head.find(_BREAK)
        line = self._common | {each: environ[each] for each in _OF_LINE}
        _keep(self._lines, KEPT_LINES, head[:line_end], line)
        fields = {
            name: value for name, value in environ.items() if name.startswith(("HTTP_", "CONTENT_"))
        }
        _keep(self._fields, KEPT_HEADS, head[line_end:], (fields, length))


def _keep(kept: dict[bytes, Any], most: int, key: bytes, value: Any) -> None:
    if len(kept) >= most:
        del kept[next(iter(kept))]
    kept[key] = value
