"""What is logged and told of a request: its id and its route, never its path."""

import logging

import pytest
from flask import Flask

from api import problems
from api.edge import Edge
from api.log_lines import RequestFilter


def test_unexpected_error_is_sent_and_logged_with_the_same_id(
    caplog: pytest.LogCaptureFixture,
) -> None:
    app = Flask(__name__)
    problems.install(app)
    app.wsgi_app = Edge(app.wsgi_app, trusted=False)  # type: ignore[method-assign]

    @app.get("/rooms/<code>")
    def fail(code: str) -> str:
        raise KeyError(code)

    caplog.handler.addFilter(RequestFilter())

    answer = app.test_client().get("/rooms/SECRET?token=SECRET")

    seen = answer.get_json()
    assert answer.status_code == 500
    assert seen["code"] == "internal"
    assert seen["request_id"] == answer.headers["X-Request-ID"]
    (record,) = (each for each in caplog.records if each.name == problems.logger.name)
    about = {"id": seen["request_id"], "method": "GET", "route": "/rooms/<code>"}
    assert record.request == about
    assert "SECRET" not in answer.text


def test_line_of_the_log_is_of_no_request_outside_of_one() -> None:
    record = logging.makeLogRecord({})

    assert RequestFilter().filter(record)
    assert record.request is None
