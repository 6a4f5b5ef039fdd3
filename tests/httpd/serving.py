"""Apps on the server, in a process of their own: `serve` for tests to speak to, `main` for it."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from wsgiref.validate import validator

import gevent
from gevent.event import Event

from api.httpd import Limits, Request, Server, listen
from tests.server import ROOT

LAST = "Connection: close"
SHORT = Limits(
    idle_seconds=30,
    head_seconds=1,
    body_seconds=1,
    handler_seconds=1,
    writing_seconds=5,
    lingering_seconds=1,
    connections=64,
)


@validator
def app(environ: dict[str, Any], start_response: Any) -> Any:
    """Answer by path; what it does is what PEP 3333 allows an app to do."""
    path, text = environ["PATH_INFO"], [("Content-Type", "text/plain")]
    if path == "/write":
        write = start_response("200 OK", text)
        write(b"one ")
        write(b"two ")
        return [b"three"]
    if path == "/replaced":
        start_response("200 OK", text)
        try:
            int("none")
        except ValueError:
            start_response("503 Service Unavailable", text, sys.exc_info())
        return [b"replaced"]
    if path == "/too-late":
        return fail_late(start_response("200 OK", text), start_response)
    if path == "/empty":
        start_response("200 OK", text)
        return []
    if path == "/unchanged":
        start_response("304 Not Modified", [])
        return []
    if path == "/lines":
        body = b"|".join(environ["wsgi.input"].readline() for _ in range(3))
    elif path == "/each":
        body = b"|".join(environ["wsgi.input"])
    elif path == "/remote":
        body = environ["REMOTE_ADDR"].encode()
    else:
        body = environ["wsgi.input"].read(10) + environ["wsgi.input"].read(1_000_000)
    start_response("200 OK", [*text, ("Content-Length", str(len(body)))])
    return [body]


def fail_late(write: Any, start_response: Any) -> list[bytes]:
    write(b"begun")
    try:
        int("none")
    except ValueError:
        start_response("500 Internal Server Error", [], sys.exc_info())
    return [b"never"]


def bare_app(environ: dict[str, Any], start_response: Any) -> Any:
    """Do what the validator would not let pass, or what takes long; else as `app`."""
    match environ["PATH_INFO"]:
        case "/silent":
            return []
        case "/twice":
            start_response("200 OK", [])
            start_response("200 OK", [])
        case "/fails":
            raise RuntimeError
        case "/texts":
            start_response("200 OK", [])
            return ["text"]
        case "/short":
            start_response("200 OK", [("Content-Length", "9")])
            return [b"short"]
        case "/long":
            start_response("200 OK", [("Content-Length", "3")])
            return iter([b"lon", b"ger"])
        case "/codings":
            start_response("200 OK", [("Transfer-Encoding", "chunked")])
            return [b"0\r\n\r\n"]
        case "/stuck":
            Event().wait()
        case "/stall":
            start_response("200 OK", [])(b"begun ")
            time.sleep(
                2.5
            )  # no other request is served meanwhile, and none of gevent's clocks ticks
            return [b"done"]
        case "/slow":
            gevent.sleep(0.5)
            start_response("200 OK", [])
            return [b"slow"]
        case "/none":
            start_response("200 OK", [])
            return []
        case "/one":
            start_response("200 OK", [])
            return [b"one"]
        case "/three":
            start_response("200 OK", [])
            return [b"th", b"r", b"ee"]
        case "/closed":
            start_response("200 OK", [("Content-Length", "6")])
            return Closed()
        case "/count":
            start_response("200 OK", [])
            return [b"%d" % Closed.count]
    return app(environ, start_response)


class Closed:
    """Pieces of a response, with a count of those that were closed."""

    count = 0

    def __iter__(self) -> Iterator[bytes]:
        yield b"abc"
        yield b"def"

    def close(self) -> None:
        Closed.count += 1


stopped = Event()


def lane(request: Request) -> bool:
    """Answer /lane at once, /later from a greenlet; fail at /broken; stop the server at /stop, once
    a line has come on its standard input, before which nothing else is read.
    """
    match request.environ["PATH_INFO"]:
        case "/lane":
            request.respond("200 OK", "X-Lane: yes\r\n", request.body or b"lane")
        case "/nothing":
            request.respond("204 No Content", "")
        case "/later":
            gevent.spawn_later(0.05, request.respond, "200 OK", "", b"later")
        case "/stop":
            print("asked", flush=True)
            sys.stdin.readline()
            stopped.set()
            request.respond("204 No Content", "")
        case "/broken":
            raise RuntimeError
        case _:
            return False
    return True


def make_request(path: str, *fields: str, method: str = "GET", version: str = "1.1") -> bytes:
    """Return a request's head; what follows it is the body."""
    lines = f"{method} {path} HTTP/{version}", "Host: x", *fields, "", ""
    return "\r\n".join(lines).encode()


@contextmanager
def serve(
    host: str = "127.0.0.1", *, arguments: Sequence[str] = (), **options: Any
) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """Serve the app; yield the process and its port, 0 for a UNIX socket."""
    process = subprocess.Popen(
        [sys.executable, *(arguments or ("-m", "tests.httpd.serving", host))],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **options,
    )
    assert process.stdout is not None
    try:
        yield process, int(process.stdout.readline())
    finally:
        process.kill()
        process.communicate()


def main(host: str) -> None:
    listener = listen(host, 0)
    address = listener.getsockname()
    server = Server(listener, bare_app, lane=lane, limits=SHORT)
    gevent.signal_handler(signal.SIGTERM, stopped.set)
    server.start()
    print(address[1] if isinstance(address, tuple) else 0, flush=True)
    stopped.wait()
    server.stop(5)


if __name__ == "__main__":
    main(sys.argv[1])
