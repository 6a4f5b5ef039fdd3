"""Reads the head of a request into a WSGI environ, strictly.

llhttp has accepted the same bytes before, and both must agree: leniency lets two servers read one
stream differently (RFC 9112, 6.3 and 11.2).
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import unquote

from api.httpd.faults import Malformed

Environ = dict[str, Any]

_NAME = r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
_REQUEST_LINE = re.compile(rf"({_NAME}) ([\x21-\x7e\x80-\xff]+) (HTTP/1\.[01])").fullmatch
_ABSOLUTE = re.compile(r"https?://([^/?#]+)(.*)", re.IGNORECASE).fullmatch
_FIELD = re.compile(rf"({_NAME}):([\t\x20-\x7e\x80-\xff]*)").fullmatch
_HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._~%!$&'()*+,;=-]*)(:\d{0,5})?").fullmatch
_ONCE = ("CONTENT_LENGTH", "HTTP_HOST", "HTTP_TRANSFER_ENCODING")
_LENGTH_DIGITS = 18
KEPT_LINES, KEPT_FIELDS, KEPT_LETTERS = 256, 8_192, 512
"""Lines that come again are read once and cached: so many request lines and fields, of so many
letters at most. The fields have room for the tokens of a whole hall.
"""


class RequestLine(NamedTuple):
    """A request's first line: its decoded path, its query as it came, the host that it names."""

    method: str
    path: str
    query: str
    version: str
    host: str


class Framing(NamedTuple):
    """How a request's body is delimited."""

    length: int
    chunked: bool


def read_head(head: bytes, environ: Environ) -> Framing:
    """Add a head's fields to an environ. Raises `Malformed`."""
    first, *lines = head.decode("latin-1").lstrip("\r\n").removesuffix("\r\n\r\n").split("\r\n")
    line = _known_line(first) if len(first) <= KEPT_LETTERS else _read_line(first)
    method, path, query, version, host = line
    environ["REQUEST_METHOD"], environ["PATH_INFO"] = method, path
    environ["QUERY_STRING"], environ["SERVER_PROTOCOL"] = query, version
    short = not lines or len(max(lines, key=len)) <= KEPT_LETTERS
    pairs = list(map(_known_field if short else _read_field, lines))
    fields = dict(pairs)
    if len(fields) < len(pairs):
        fields = _join(pairs)
    fields.pop("", None)
    environ.update(fields)
    framing = _check(environ, version)
    if host:  # it goes before the field (RFC 9112, 3.2.2)
        if not _known_host(host):
            raise Malformed
        environ["HTTP_HOST"] = host
    return framing


def _join(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return fields of which some came more than once, their values as one (RFC 9110, 5.3). Raises
    `Malformed` for those that may come only once.
    """
    fields: dict[str, str] = {}
    for name, value in pairs:
        if name in _ONCE and name in fields:
            raise Malformed
        comma = "; " if name == "HTTP_COOKIE" else ","
        fields[name] = f"{fields[name]}{comma}{value}" if name in fields else value
    return fields


def is_request_line(data: bytes) -> bool:
    """Return whether bytes begin with a complete, well-formed request line."""
    line, end, _ = data.lstrip(b"\r\n").partition(b"\r\n")
    return bool(end and _REQUEST_LINE(line.decode("latin-1")))


def _read_line(text: str) -> RequestLine:
    found = _REQUEST_LINE(text)
    if found is None:
        raise Malformed
    host, target = _origin_form(found[1], found[2])
    path, _, query = target.partition("?")
    path = unquote(path, "latin-1") if "%" in path else path
    return RequestLine(found[1], path, query, found[3], host)


def _origin_form(method: str, target: str) -> tuple[str, str]:
    """Return a request's target from its path on, and the host that it names ("" for none): a
    request to a proxy may begin with both. Source: RFC 9112, 3.2. Raises `Malformed`.
    """
    if method == "CONNECT":
        raise Malformed(501)
    if target.startswith("/") or (target == "*" and method == "OPTIONS"):
        return "", target
    found = _ABSOLUTE(target)
    if found is None:
        raise Malformed
    return found[1], found[2] if found[2].startswith("/") else f"/{found[2]}"


def _read_field(text: str) -> tuple[str, str]:
    """Return a field's WSGI name and its value. The name is "" for a field to drop: with an
    underscore it could be mistaken for the name with a hyphen. Raises `Malformed`.
    """
    found = _FIELD(text)
    if found is None:
        raise Malformed
    written, value = found[1], found[2].strip(" \t")
    if "_" in written:
        return "", ""
    name = written.upper().replace("-", "_")
    known = name in ("CONTENT_TYPE", "CONTENT_LENGTH")
    return name if known else f"HTTP_{name}", value


_known_line = lru_cache(KEPT_LINES)(_read_line)
_known_field = lru_cache(KEPT_FIELDS)(_read_field)
_known_host = lru_cache(KEPT_LINES)(_HOST)


def _check(environ: Environ, version: str) -> Framing:
    """Refuse a host that is malformed, or missing in HTTP/1.1 (RFC 9112, 3.2), and a body whose end
    could be read in two ways.
    """
    host = environ.get("HTTP_HOST")
    if version == "HTTP/1.1" if host is None else not _known_host(host):
        raise Malformed
    coding, length = environ.get("HTTP_TRANSFER_ENCODING"), environ.get("CONTENT_LENGTH")
    if coding is not None:
        if length is not None or coding.lower() != "chunked" or version == "HTTP/1.0":
            raise Malformed
        return Framing(0, chunked=True)
    return NO_BODY if length is None else _known_length(length)


def _read_length(text: str) -> Framing:
    if not (text.isascii() and text.isdigit() and len(text) <= _LENGTH_DIGITS):
        raise Malformed
    return Framing(int(text), chunked=False)


NO_BODY = Framing(0, chunked=False)
_known_length = lru_cache(KEPT_LINES)(_read_length)
