"""`/metrics` for Prometheus: for administrators, and with the token that is set for it."""

import hmac

from flask import Blueprint, Response, current_app
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, ProcessCollector
from prometheus_client.exposition import generate_latest

from api.figures import Figures
from api.operations import answers
from api.requests import require_account, sent_token
from voting.refusals import Forbidden

NAME = "metrics"

metrics = Blueprint(NAME, __name__)


@metrics.get("/metrics")
@answers("text/plain", to="account")
def get_metrics() -> Response:
    """Return the server's metrics for Prometheus, to administrators or with the token for it."""
    _, registry, token = current_app.extensions[NAME]
    sent = sent_token() or ""
    known = token and hmac.compare_digest(sent.encode(), token.encode())
    if not known and not require_account().administrator:
        raise Forbidden
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def registry_of(figures: Figures) -> CollectorRegistry:
    """Return all that is measured."""
    registry = CollectorRegistry()
    registry.register(figures)
    ProcessCollector(registry=registry)
    return registry
