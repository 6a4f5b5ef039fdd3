"""What the doctor asks: PostgreSQL, the port, the public address for a proxy's headers."""

import errno
import os
import secrets
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from email.message import Message
from http.client import HTTPConnection, HTTPException, HTTPResponse, parse_headers
from pathlib import Path
from threading import Thread
from urllib.parse import urlsplit

from api.httpd import CannotListen, listen
from api.settings import Settings
from cli.checks import Finding, Machine, fault, ok, warning
from cli.client import UNIX, connect, own_url, prefix_of
from cli.output import Refused
from db.journal import JournalError
from db.opening import find_unsafe

SECONDS, CERTIFICATE_DAYS = 10, 14
FORGED = "203.0.113.7"
"""An address that a client might claim to have; RFC 5737 reserves it."""
UPGRADE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
}
KEEP_HOST = "have the proxy pass it, with its port: proxy_set_header Host $http_host"
SOCKET_PATH = "/socket.io/?EIO=4&transport=websocket"
FAILURES = (OSError, HTTPException, Refused)


def check_database(machine: Machine) -> Iterator[Finding]:
    """Ask PostgreSQL whether it can be used, and keeps what it has committed."""
    if machine.settings is None or isinstance(machine.settings.database, Path):
        return
    try:
        unsafe = find_unsafe(machine.settings.database)
    except JournalError as error:
        do = "is PostgreSQL up, and does the role own the database? docs/scaling.md says how"
        yield fault("database", " ".join(str(error).split()), do)
        return
    for name in unsafe:
        says = f"{name} is off: a crash of PostgreSQL loses votes"
        yield fault("database", says, f"set {name} = on in postgresql.conf")
    if not unsafe:
        yield ok("database", "PostgreSQL answers")


def check_port(machine: Machine) -> Iterator[Finding]:
    """Find out who answers where the server listens, or whether it could listen there."""
    if machine.settings is None:
        return
    url = own_url()
    try:
        response, _ = _get(url, "/healthz")
    except FAILURES:
        yield from _check_free(machine.settings, url)
        return
    machine.served = response.headers.get("X-Request-ID") is not None
    if machine.served:
        yield ok("port", f"a server answers at {url}")
    else:
        yield fault("port", f"another program answers at {url}", "choose another ROLLCALL_PORT")


def _check_free(settings: Settings, url: str) -> Iterator[Finding]:
    if settings.host.startswith(UNIX):
        folder = os.path.dirname(settings.host.removeprefix(UNIX)) or "."
        if os.access(folder, os.W_OK):
            yield ok("port", f"nobody answers at {url} yet")
        else:
            says = f"this user can't make a socket in {folder}"
            do = "make it this user's, with the proxy's group (deploy/rollcall-tmpfiles.conf)"
            yield fault("port", says, do)
        return
    try:
        listen(settings.host, settings.port).close()
    except CannotListen as error:
        do = "choose another ROLLCALL_HOST or ROLLCALL_PORT"
        if getattr(error.__cause__, "errno", None) == errno.EACCES:
            do = "ports below 1024 are root's: put a proxy in front"
        yield fault("port", f"{url} can't be listened at: {error}", do)
    else:
        yield ok("port", f"nobody answers at {url} yet")


def check_public_url(machine: Machine) -> Iterator[Finding]:
    """Check the address that people use: certificate, server, WebSocket."""
    settings = machine.settings
    if settings is None:
        return
    if settings.public_url is None:
        if settings.trusted_proxies:
            do = "set ROLLCALL_PUBLIC_URL=https://vote.example.org: QR codes name it"
            yield warning("public address", "none is set", do)
        return
    url, secure = settings.public_url, settings.public_url.startswith("https:")
    if not secure:
        do = "passwords and ballots can be read on their way; docs/deploy.md says how to get TLS"
        yield warning("public address", f"{url} is not encrypted", do)
    if not machine.served:
        yield from _check_through_proxy(settings, url)
        return
    try:
        response, days = _get(url, "/healthz")
    except FAILURES as error:
        yield _unreachable(url, error)
        return
    if response.headers.get("X-Request-ID") is None:
        says = f"{url} is answered by another program, with status {response.status}"
        yield fault("public address", says, "look at the proxy's configuration and log")
        return
    yield ok("public address", f"the server answers at {url}")
    if days is not None:
        yield _judge_certificate(days)
    if secure and response.headers.get("Strict-Transport-Security") is None:
        says = "the server doesn't know that people come by https"
        do = "set ROLLCALL_TRUSTED_PROXIES=1, and have the proxy set X-Forwarded-Proto"
        yield fault("proxy", says, do)
    yield _check_websocket(url)


def _judge_certificate(days: float) -> Finding:
    says = f"its certificate ends in {days:.0f} days"
    if days > CERTIFICATE_DAYS:
        return ok("public address", says)
    return warning("public address", says, "renew it before the vote")


def _unreachable(url: str, error: Exception) -> Finding:
    do = "is its name in the DNS, the proxy up, the port open?"
    if isinstance(error, ssl.SSLError):
        do = "browsers will refuse it, too: get a certificate that they know (docs/deploy.md)"
    return fault("public address", f"{url} can't be reached: {error}", do)


def _check_websocket(url: str) -> Finding:
    try:
        with closing(connect(url, SECONDS)) as connection:
            headers = {**UPGRADE, "Origin": "{0.scheme}://{0.netloc}".format(urlsplit(url))}
            connection.request("GET", prefix_of(url) + SOCKET_PATH, headers=headers)
            response = connection.getresponse()
            status = response.status
            refused = status == 400 and b"origin" in response.read()
    except FAILURES as error:
        return _unreachable(url, error)
    if status == 101:
        return ok("proxy", "a WebSocket gets through")
    if refused:
        says = f"pages at {url} can't connect: the proxy doesn't pass the host that browsers name"
        return fault("proxy", says, KEEP_HOST)
    do = "have the proxy pass Upgrade and Connection, with HTTP/1.1 (deploy/nginx.conf)"
    return warning("proxy", f"no WebSocket gets through: status {status}", do)


def _get(url: str, path: str, **headers: str) -> tuple[HTTPResponse, float | None]:
    """Return a response, and for how many days its certificate is still valid."""
    with closing(connect(url, SECONDS)) as connection:
        connection.request("GET", prefix_of(url) + path, headers=headers)
        days = _days_of(connection)
        response = connection.getresponse()
        response.read()
        return response, days


def _days_of(connection: HTTPConnection) -> float | None:
    sock = connection.sock
    if not isinstance(sock, ssl.SSLSocket):
        return None
    ends = (sock.getpeercert() or {}).get("notAfter")
    return (
        (ssl.cert_time_to_seconds(ends) - time.time()) / 86_400 if isinstance(ends, str) else None
    )


# -- a proxy's headers ------------------------------------------------------------------


def _check_through_proxy(settings: Settings, url: str) -> Iterator[Finding]:
    """Listen where the server would, ask at the public address, and judge what arrives."""
    token = secrets.token_hex(8)
    try:
        listener = listen(settings.host, settings.port)
    except CannotListen:
        return  # check_port has found that
    arrived: list[Message] = []
    thread = Thread(target=_answer_once, args=(listener, token, arrived), daemon=True)
    thread.start()
    try:
        _get(url, f"/healthz?{token}", **{"X-Forwarded-For": FORGED})
    except FAILURES as error:
        yield _unreachable(url, error)
    thread.join(SECONDS)
    listener.close()
    if settings.host.startswith(UNIX):
        with suppress(OSError):
            os.unlink(settings.host.removeprefix(UNIX))
    if arrived:
        yield from judge_headers(settings, url, arrived[0])
    else:
        says = f"what is asked at {url} doesn't arrive at {own_url()}"
        yield fault("proxy", says, "point the proxy at that address")


def _answer_once(listener: socket.socket, token: str, arrived: list[Message]) -> None:
    """Answer requests until the one with the token was there; keep its headers."""
    listener = socket.socket(fileno=listener.detach())
    listener.settimeout(SECONDS)
    with suppress(OSError, HTTPException), listener:
        while not arrived:
            accepted, _ = listener.accept()
            with accepted, accepted.makefile("rb") as file:
                accepted.settimeout(SECONDS)
                line = file.readline(4_096)
                headers = parse_headers(file)
                accepted.sendall(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
                if token.encode() in line:
                    arrived.append(headers)


def judge_headers(settings: Settings, url: str, headers: Message) -> Iterator[Finding]:
    """Yield what is wrong with a proxy's headers, by the number of proxies that is trusted."""
    given = ", ".join(headers.get_all("X-Forwarded-For") or [])
    addresses = [each.strip() for each in given.split(",") if each.strip()]
    added = addresses[1:] if addresses[:1] == [FORGED] else addresses
    trusted, proxies = settings.trusted_proxies, len(added)
    says = f"X-Forwarded-For arrives as {given or 'nothing'}; {trusted} proxies are trusted"
    if proxies == trusted:
        yield ok("proxy", says)
    elif proxies > trusted:
        do = f"set ROLLCALL_TRUSTED_PROXIES={proxies}, or everybody shares one client's limits"
        yield fault("proxy", says, do)
    else:
        do = f"set ROLLCALL_TRUSTED_PROXIES={proxies}, or have each proxy add the client's address"
        yield fault("proxy", f"{says}: clients can choose their address", do)
    scheme = (headers.get("X-Forwarded-Proto") or "http").rpartition(",")[2].strip()
    if trusted and scheme != urlsplit(url).scheme:
        says = f"X-Forwarded-Proto arrives as {headers.get('X-Forwarded-Proto') or 'nothing'}"
        yield fault("proxy", says, f"have the proxy set it to {urlsplit(url).scheme}")
    host = headers.get("X-Forwarded-Host") or headers.get("Host") or "nothing"
    if host != urlsplit(url).netloc:
        says = f"the host arrives as {host}, not as {urlsplit(url).netloc}"
        yield fault("proxy", says, KEEP_HOST)
