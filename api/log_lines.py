"""The lines of the log: for people, or as JSON for programs; each says which request it is about.

No line contains a path, a query, a person or an address. An unexpected error is logged by its type
and its traceback, without its message, because that may quote what somebody sent.
"""

import json
import logging
import sys
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import gevent
from flask import has_request_context, request

from api.edge import REQUEST_ID, route_of
from api.settings import LogFormat
from db import JournalError

OPEN = (JournalError, OSError)
"""Errors whose messages are logged: they name files and faults of the disk, nothing of clients."""

logger = logging.getLogger(__name__)


class RequestFilter(logging.Filter):
    """Adds the id, method and route of the current request to a line of the log, and the name of
    the worker that writes it, if it has one.
    """

    def __init__(self, worker: str = "") -> None:
        super().__init__()
        self._worker = worker

    def filter(self, record: logging.LogRecord) -> bool:
        record.request, record.worker = None, self._worker
        environ = getattr(record, "environ", request.environ if has_request_context() else {})
        if request_id := environ.get(REQUEST_ID):
            record.request = {
                "id": request_id,
                "method": environ["REQUEST_METHOD"],
                "route": route_of(environ),
            }
        return True


class TextFormatter(logging.Formatter):
    """A line for people, and below it the traceback of an error."""

    def format(self, record: logging.LogRecord) -> str:
        about = getattr(record, "request", None)
        shown = f" [{about['id']} {about['method']} {about['route']}]" if about else ""
        worker = getattr(record, "worker", "")
        named = f"worker {worker} " if worker else ""
        text = f"{record.levelname} {named}{record.name}{shown}: {record.getMessage()}"
        if record.exc_info and record.exc_info[1] is not None:
            text = "\n".join([text, *describe_error(record.exc_info[1])])
        return text


class JSONFormatter(logging.Formatter):
    """One JSON object a line: at, level, logger, message, and request and error if there are."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if worker := getattr(record, "worker", ""):
            line["worker"] = worker
        if about := getattr(record, "request", None):
            line["request"] = about
        if record.exc_info and record.exc_info[1] is not None:
            line["error"] = [*describe_error(record.exc_info[1])]
        return json.dumps(line, ensure_ascii=False)


FORMATTERS: dict[LogFormat, type[logging.Formatter]] = {
    "text": TextFormatter,
    "json": JSONFormatter,
}


def describe_error(error: BaseException) -> Iterator[str]:
    """Yield the lines of code that an error and its causes passed, and what each error is."""
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if cause is not None:
        yield from describe_error(cause)
        yield "and then:"
    for frame in traceback.extract_tb(error.__traceback__):
        yield f'  File "{frame.filename}", line {frame.lineno}, in {frame.name}'
    message = f": {error}" if isinstance(error, OPEN) else ""
    yield f"{type(error).__name__}{message}"


def start_logging(form: LogFormat = "text", worker: str = "") -> None:
    """Log to standard error in a form, also what ends a greenlet; each line names the worker."""
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(RequestFilter(worker))
    handler.setFormatter(FORMATTERS[form]())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    gevent.get_hub().print_exception = log_greenlet


def log_greenlet(_context: object, *error: Any) -> None:
    """Log an error that ended a greenlet. gevent would print the greenlet's arguments, too."""
    logger.error("a greenlet failed", exc_info=error)
