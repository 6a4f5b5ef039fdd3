"""`/metrics` for Prometheus: for administrators, and with the token that is set for it."""

import hmac
from collections.abc import Callable, Iterator
from itertools import accumulate

from flask import Blueprint, Response, current_app
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, ProcessCollector
from prometheus_client.exposition import generate_latest
from prometheus_client.metrics_core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from api.edge import SECONDS, Edge
from api.live.live import Live
from api.operations import answers
from api.requests import require_account, sent_token
from api.services import Services
from voting.model.ballots import Ballot
from voting.refusals import Forbidden

NAME = "metrics"

metrics = Blueprint(NAME, __name__)


@metrics.get("/metrics")
@answers("text/plain", to="account")
def get_metrics() -> Response:
    """Return the server's metrics for Prometheus, to administrators or with the token for it."""
    registry, token = current_app.extensions[NAME]
    sent = sent_token() or ""
    known = token and hmac.compare_digest(sent.encode(), token.encode())
    if not known and not require_account().administrator:
        raise Forbidden
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


class Figures(Collector):
    """Values that are looked up only when they are requested."""

    def __init__(self, edge: Edge, parts: Services, live: Live) -> None:
        self._edge, store, presence = edge, parts.store, parts.presence
        backups = parts.backups
        self._gauges: dict[tuple[str, str], Callable[[], float]] = {
            ("rollcall_ballots", "Ballots that are kept."): lambda: store.count(Ballot),
            ("rollcall_connections", "Sockets."): lambda: live.connections,
            ("rollcall_people_online", "People online, once a room."): lambda: presence.online,
            ("rollcall_writable", "1 while the store can write."): lambda: store.failure is None,
        }
        self._counters: dict[tuple[str, str], Callable[[], float]] = {
            ("rollcall_commits", "Batches that became durable, ever."): lambda: store.sequence,
            ("rollcall_ticks", "Ticks of the loops that send changes."): lambda: live.rounds,
        }

        if backups is not None:
            self._gauges |= {
                ("rollcall_backup_seconds", "How long the newest backup took."): lambda: (
                    backups.seconds
                ),
                ("rollcall_backup_bytes", "The newest backup's size."): lambda: backups.size,
                ("rollcall_backup_taken_timestamp_seconds", "When it was taken."): lambda: (
                    backups.taken_at.timestamp() if backups.taken_at else 0
                ),
            }
            self._counters["rollcall_backup_failures", "Backups that could not be taken."] = (
                lambda: backups.failures
            )

    def collect(self) -> Iterator[Metric]:
        yield self._requests()
        for (name, text), read in self._gauges.items():
            yield GaugeMetricFamily(name, text, float(read()))
        for (name, text), read in self._counters.items():
            yield CounterMetricFamily(name, text, float(read()))

    def _requests(self) -> Metric:
        text = "Requests, and how long until their answers began."
        family = HistogramMetricFamily(
            "rollcall_request_seconds", text, labels=("method", "route", "status")
        )
        bounds = [*map(str, SECONDS), "+Inf"]
        for labels, measure in list(self._edge.measures.items()):
            counts = list(zip(bounds, accumulate(measure.counts), strict=True))
            family.add_metric(labels, counts, measure.seconds)
        return family


def registry_of(edge: Edge, parts: Services, live: Live) -> CollectorRegistry:
    """Return all that is measured."""
    registry = CollectorRegistry()
    registry.register(Figures(edge, parts, live))
    ProcessCollector(registry=registry)
    return registry
