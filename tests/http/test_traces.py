"""Traces: what a collector of OpenTelemetry receives, and that it names nobody."""

import gzip
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from api.edge import REQUEST_ID
from api.tracing import Tracing
from tests.server import Server

TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
SECONDS = 20


class Collector:
    """A collector that speaks OTLP over HTTP, on loopback."""

    def __init__(self) -> None:
        collector = self
        self.spans: list[Span] = []
        self.resources: list[dict[str, str]] = []
        self.received: bytes = b""
        self._came = threading.Condition()

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                sent = self.rfile.read(int(self.headers["Content-Length"]))
                packed = self.headers.get("Content-Encoding") == "gzip"
                collector.note(gzip.decompress(sent) if packed else sent)
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    def note(self, sent: bytes) -> None:
        with self._came:
            self.received += sent
            for each in ExportTraceServiceRequest.FromString(sent).resource_spans:
                pairs = {one.key: one.value.string_value for one in each.resource.attributes}
                self.resources.append(pairs)
                self.spans += [span for scope in each.scope_spans for span in scope.spans]
            self._came.notify_all()

    def find(self, name: str) -> Span:
        """Return the first span of a name, once it has come."""

        def found() -> Span | None:
            return next((each for each in self.spans if each.name == name), None)

        with self._came:
            assert self._came.wait_for(found, SECONDS), [each.name for each in self.spans]
            span = found()
        assert span is not None
        return span


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[Collector]:
    collector = Collector()
    url = f"http://127.0.0.1:{collector.http.server_port}"
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", url)
    monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "50")
    yield collector
    collector.http.shutdown()
    collector.http.server_close()


@pytest.fixture
def server(tmp_path: Path, collector: Collector) -> Iterator[Server]:
    server = Server(tmp_path, TRACES="on", RATE_LIMITS="off").start()
    yield server
    server.kill()


def attributes(span: Span) -> dict[str, Any]:
    return {each.key: each.value.string_value or each.value.int_value for each in span.attributes}


def test_vote_has_a_span_that_continues_the_clients_trace(
    server: Server, collector: Collector
) -> None:
    token = server.sign_up("ann")

    given = {"traceparent": f"00-{TRACE}-{PARENT}-01"}
    answer = server.request("PUT", "/polls/1/ballot", token, json={"choices": [1]}, headers=given)

    span = collector.find("PUT /polls/<int:poll_id>/ballot")
    assert answer.status_code == 201
    assert (span.trace_id.hex(), span.parent_span_id.hex()) == (TRACE, PARENT)
    assert span.kind == Span.SPAN_KIND_SERVER
    assert span.end_time_unix_nano > span.start_time_unix_nano
    assert attributes(span) == {
        "http.request.method": "PUT",
        "http.route": "/polls/<int:poll_id>/ballot",
        "http.response.status_code": 201,
        "url.scheme": "http",
        "rollcall.request_id": answer.headers["X-Request-ID"],
    }
    assert collector.resources[0]["service.name"] == "rollcall"


def test_batch_of_votes_has_a_span(server: Server, collector: Collector) -> None:
    token = server.sign_up("ann")

    server.request("GET", "/vote?id=1", token)  # without a body it always comes whole

    assert attributes(collector.find("commit votes")) == {"rollcall.votes": 1}


def test_spans_name_no_person_and_no_path(server: Server, collector: Collector) -> None:
    token = server.sign_up("ann")

    server.request("GET", "/secret-path?secret=query", token)
    server.request("PURGE", "/rooms/lobby", token)
    server.request("GET", "/rooms/lobby/polls", token)

    collector.find("GET /rooms/<code>/polls")
    collector.find("GET none")
    collector.find("_OTHER none")
    secrets = (b"secret", b"PURGE", b"ann@example.org", b"127.0.0.1", token.encode())
    assert [each for each in secrets if each in collector.received] == []


@pytest.mark.parametrize(
    ("status", "code"), [("503", Status.STATUS_CODE_ERROR), ("409", Status.STATUS_CODE_UNSET)]
)
def test_only_errors_of_the_server_are_errors_of_a_span(
    collector: Collector, status: str, code: int
) -> None:
    environ = {"REQUEST_METHOD": "GET", "wsgi.url_scheme": "http", REQUEST_ID: "1"}

    Tracing("").note_response(environ, "/rooms", status, 0.25)

    span = collector.find("GET /rooms")
    assert span.status.code == code
    assert span.end_time_unix_nano - span.start_time_unix_nano == 250_000_000


def test_last_spans_are_sent_at_the_stop(
    tmp_path: Path, collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "3600000")
    server = Server(tmp_path, TRACES="on", WORKER="a")
    server.forked = False  # what runs at an interpreter's exit counts here
    server.start()
    server.request("GET", "/healthz")

    server.stop()

    assert "GET /healthz" in [each.name for each in collector.spans]
    assert collector.resources[0]["service.instance.id"] == "a"


def test_collector_that_is_away_holds_up_nobody(tmp_path: Path, collector: Collector) -> None:
    collector.http.shutdown()
    collector.http.server_close()
    server = Server(tmp_path, TRACES="on").start()

    try:
        assert [server.request("GET", "/healthz").status_code for _ in range(200)] == [200] * 200
        assert server.stop() == 0
    finally:
        server.kill()


def test_collector_that_does_not_answer_holds_up_no_stop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "3600")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", address)
        server = Server(tmp_path, TRACES="on")
        server.forked = False  # what runs at an interpreter's exit counts here
        server.start()
        server.request("GET", "/healthz")

        stop = threading.Thread(target=server.stop)
        stop.start()
        stop.join(SECONDS)  # without a limit of its own, a stop waits for 30 s

        assert not stop.is_alive()
