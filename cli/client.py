"""Asks a running server over HTTP, as the account that has signed in."""

import json
import os
import socket
import ssl
from collections.abc import Iterator
from contextlib import suppress
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click

from api.settings import BadSetting, read_settings
from cli.output import NoAnswer, Refused
from db.journal import files

SECONDS = 60
"""How long a server may be silent."""
PIECE_BYTES = 64 << 10
UNIX = "unix:"
EVERYWHERE = {str(IPv4Address(0)): "127.0.0.1", str(IPv6Address(0)): "::1"}
REACHED = (OSError, HTTPException)
"""What is raised if no whole response comes."""


url_option = click.option(
    "--url",
    envvar="ROLLCALL_URL",
    help="The server to ask.  [ROLLCALL_URL; default: this machine's, by its settings]",
)


class Client:
    """Asks one server. Each request has a connection of its own."""

    def __init__(self, url: str | None) -> None:
        self.url = (url or own_url()).rstrip("/")
        self.token = os.environ.get("ROLLCALL_TOKEN") or _read_tokens().get(self.url)

    @classmethod
    def signed_in(cls, url: str | None) -> "Client":
        """Return the client of somebody who has signed in. Raises `Refused` if nobody has."""
        client = cls(url)
        if client.token is None:
            raise Refused(
                f"sign in first: rollcall login EMAIL --url {client.url} (or set ROLLCALL_TOKEN)"
            )
        return client

    def ask(self, method: str, path: str, fields: Any = None, *, table: bytes | None = None) -> Any:
        """Return the JSON of a response, or its text.

        fields: the body as JSON; table: the body as CSV

        Raises `Refused` for a problem, `NoAnswer`.
        """
        body = table if fields is None else json.dumps(fields).encode()
        kind = "text/csv" if table is not None else "application/json"
        response, connection = self._send(method, path, body, kind)
        try:
            text = response.read()
        except REACHED as error:
            raise self._silent(error) from error
        finally:
            connection.close()
        is_json = "json" in response.headers.get("Content-Type", "")
        try:
            document = json.loads(text) if is_json else text.decode()
        except ValueError as error:
            raise self._silent(error) from error
        if response.status >= 400:
            raise refusal_of(response.status, document)
        return document

    def download(self, path: str) -> Iterator[bytes]:
        """Yield the body of a response. Raises `Refused`; `NoAnswer` also where it is cut off."""
        response, connection = self._send("GET", path, None, "")
        try:
            if response.status >= 400:
                raise refusal_of(response.status, json.loads(response.read()))
            while piece := response.read(PIECE_BYTES):
                yield piece
            if response.length:
                raise HTTPException(f"{response.length} bytes are missing")
        except (*REACHED, ValueError) as error:
            raise self._silent(error) from error
        finally:
            connection.close()

    def _send(
        self, method: str, path: str, body: bytes | None, kind: str
    ) -> tuple[HTTPResponse, HTTPConnection]:
        headers = {"Accept": "application/json", "Accept-Language": "en"}
        if body is not None:
            headers["Content-Type"] = kind
        if self.token is not None:
            headers["Authorization"] = f"Bearer {self.token}"
        connection = connect(self.url)
        try:
            connection.request(method, prefix_of(self.url) + path, body, headers)
            return connection.getresponse(), connection
        except REACHED as error:
            connection.close()
            raise self._silent(error) from error

    def _silent(self, error: Exception) -> NoAnswer:
        return NoAnswer(
            f"no server answers at {self.url}: {error}. Is it running? --url names another"
        )


class UnixConnection(HTTPConnection):
    """HTTP over a UNIX socket."""

    def __init__(self, path: str, timeout: float) -> None:
        super().__init__("localhost", timeout=timeout)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


def connect(url: str, seconds: float = SECONDS) -> HTTPConnection:
    """Return a connection that is not open yet. Raises `Refused` for what is no address."""
    if url.startswith(UNIX):
        return UnixConnection(url.removeprefix(UNIX), seconds)
    with suppress(ValueError, HTTPException):
        parts = urlsplit(url)
        host, port = (parts.hostname or "").encode("idna").decode(), parts.port
        if parts.scheme == "http" and host:
            return HTTPConnection(host, port, timeout=seconds)
        if parts.scheme == "https" and host:
            return HTTPSConnection(
                host, port, timeout=seconds, context=ssl.create_default_context()
            )
    raise Refused(f"{url!r} is no address; https://vote.example.org is")


def prefix_of(url: str) -> str:
    """Return the path below which a server's routes are; a UNIX socket's address has none."""
    return "" if url.startswith(UNIX) else urlsplit(url).path


def own_url() -> str:
    """Return where the server of this machine's settings listens. Raises `Refused`."""
    try:
        settings = read_settings()
    except BadSetting as error:
        raise Refused(str(error)) from error
    if settings.host.startswith(UNIX):
        return settings.host
    host = EVERYWHERE.get(settings.host, settings.host)
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.port}"


def refusal_of(status: int, document: Any) -> Refused:
    """Return the error for a response that is a problem, with every fault that it names."""
    if not isinstance(document, dict) or "code" not in document:
        return Refused(f"the server answered {status}: {str(document)[:200]}")
    faults = [f"{each['field'] or 'body'}: {each['detail']}" for each in document.get("errors", ())]
    if document.get("more"):
        faults.append("and more")
    shown = "\n  ".join([f"{document['detail']} ({document['code']})", *faults])
    return Refused(f"{shown}\nSign in again: rollcall login EMAIL" if status == 401 else shown)


def save_token(url: str, token: str | None) -> Path:
    """Keep a server's token where only this user reads it, or forget it; return the file."""
    path, tokens = _tokens_file(), _read_tokens()
    tokens.pop(url, None)
    if token is not None:
        tokens[url] = token
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        files.replace(path, [json.dumps(tokens).encode()])
    except OSError as error:
        raise Refused(f"{path} can't be written: {error}") from error
    return path


def _read_tokens() -> dict[str, str]:
    try:
        return dict(json.loads(_tokens_file().read_text("utf-8")))
    except (OSError, ValueError):
        return {}


def _tokens_file() -> Path:
    home = os.environ.get("XDG_CONFIG_HOME")
    return (Path(home) if home else Path.home() / ".config") / "rollcall" / "tokens.json"
