"""Traces of OpenTelemetry: a span for each response, and one for each batch of votes.

It needs the extra `rollcall[traces]`, so only `ROLLCALL_TRACES=on` imports it. Where the spans go,
which are kept and what the service is called is set by OpenTelemetry's own variables
(`OTEL_EXPORTER_OTLP_ENDPOINT`, `OTEL_TRACES_SAMPLER`, `OTEL_SERVICE_NAME` …). A span has the
template of a route, and no path, query, address or person. Source: OpenTelemetry's semantic
conventions for HTTP spans.
"""

import atexit
import os
from time import time_ns
from typing import Any

import gevent
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, OTELResourceDetector, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import SpanKind, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from api.edge import METHODS, REQUEST_ID

NAME = "rollcall"
EXPORTED, EXPORTED_SPANS = "OTEL_BSP_MAX_EXPORT_BATCH_SIZE", 64
"""How many spans are encoded at once, if that variable doesn't say: nothing else runs meanwhile."""

EXIT_SECONDS = 2


class Tracing:
    """Makes spans of what has just ended, and sends them in the background; the rest at the exit.

    worker: the name of this process, "" without one
    """

    def __init__(self, worker: str) -> None:
        own = Resource.create(
            {SERVICE_NAME: NAME} | ({"service.instance.id": worker} if worker else {})
        )
        resource = own.merge(OTELResourceDetector().detect())
        self._provider = TracerProvider(resource=resource, shutdown_on_exit=False)
        atexit.register(self._send_rest)
        at_once = None if EXPORTED in os.environ else EXPORTED_SPANS
        self._provider.add_span_processor(
            BatchSpanProcessor(OTLPSpanExporter(), max_export_batch_size=at_once)
        )
        self._tracer = self._provider.get_tracer(NAME)
        self._propagator = TraceContextTextMapPropagator()

    def _send_rest(self) -> None:
        """Send what waits. Spans that a slow collector has not taken by then are dropped: clients
        wait for the next process meanwhile.
        """
        with gevent.Timeout(EXIT_SECONDS, exception=False):
            self._provider.shutdown()

    def note_response(
        self, environ: dict[str, Any], route: str, status: str, seconds: float
    ) -> None:
        """Make the span of a request that was answered after so many seconds. It continues the
        trace that the client names in `traceparent`.
        """
        ended, method, given = time_ns(), environ["REQUEST_METHOD"], environ.get("HTTP_TRACEPARENT")
        method = method if method in METHODS else "_OTHER"
        span = self._tracer.start_span(
            f"{method} {route}",
            given and self._propagator.extract({"traceparent": given}),
            SpanKind.SERVER,
            {
                "http.request.method": method,
                "http.route": route,
                "http.response.status_code": int(status),
                "url.scheme": environ["wsgi.url_scheme"],
                "rollcall.request_id": environ[REQUEST_ID],
            },
            start_time=ended - int(seconds * 1e9),
        )
        if status >= "500":
            span.set_status(StatusCode.ERROR)
        span.end(ended)

    def note_batch(self, votes: int, seconds: float) -> None:
        """Make the span of a batch of votes, from its transaction to the disk."""
        ended = time_ns()
        span = self._tracer.start_span(
            "commit votes",
            kind=SpanKind.INTERNAL,
            attributes={"rollcall.votes": votes},
            start_time=ended - int(seconds * 1e9),
        )
        span.end(ended)
