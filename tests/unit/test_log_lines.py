"""The lines of the log: their two forms, and that they quote nothing that clients send."""

import json
import logging

import gevent
import pytest

from api.log_lines import JSONFormatter, RequestFilter, TextFormatter, start_logging
from api.pictures import Pictures
from db import StorageFull
from voting.faults import Invalid

SECRET = "ann@example.org"


def record_of(error: BaseException | None, **more: object) -> logging.LogRecord:
    """Return a record as `logger.error` makes it."""
    info = None if error is None else (type(error), error, error.__traceback__)
    made = logging.LogRecord("api.some", logging.ERROR, __file__, 1, "it failed", (), info)
    vars(made).update(more)
    return made


def fail(error: Exception) -> Exception:
    """Return an error that was raised while another was handled."""
    error.__context__ = KeyError(SECRET)
    with pytest.raises(type(error)):
        raise error
    return error


def test_text_names_the_request_and_the_code_but_not_what_was_sent() -> None:
    request = {"id": "1-2", "method": "PUT", "route": "/polls/<int:poll_id>"}

    line = TextFormatter().format(record_of(fail(ValueError(SECRET)), request=request))

    assert line.startswith("ERROR api.some [1-2 PUT /polls/<int:poll_id>]: it failed\n")
    assert "test_log_lines.py" in line
    assert "KeyError\nand then:\n" in line
    assert line.endswith("ValueError")
    assert SECRET not in line


def test_faults_of_the_disk_are_logged_in_full() -> None:
    assert (
        TextFormatter()
        .format(record_of(StorageFull("the disk is full")))
        .endswith("StorageFull: the disk is full")
    )
    assert "No such file" in TextFormatter().format(record_of(fail(OSError(2, "No such file"))))


def test_json_is_one_object_a_line() -> None:
    made = record_of(fail(ValueError(SECRET)), environ={}, request=None)

    line = JSONFormatter().format(made)
    read = json.loads(line)

    assert "\n" not in line
    assert SECRET not in line
    assert (read["level"], read["logger"], read["message"]) == ("error", "api.some", "it failed")
    assert read["at"].endswith("+00:00")
    assert (read["error"][-1], "request" in read) == ("ValueError", False)


def test_json_names_the_request() -> None:
    request = {"REQUEST_METHOD": "GET", "PATH_INFO": f"/{SECRET}", "rollcall.request_id": "1-2"}
    made = record_of(None, environ=request)
    RequestFilter().filter(made)

    read = json.loads(JSONFormatter().format(made))

    assert read["request"] == {"id": "1-2", "method": "GET", "route": "none"}


def test_greenlet_that_fails_is_logged_without_its_arguments(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    handlers, level = logging.root.handlers[:], logging.root.level
    monkeypatch.setattr(gevent.get_hub(), "print_exception", None)
    try:
        start_logging("json")
        gevent.spawn(lambda each: each[SECRET], {}).join()
        printed = capfd.readouterr().err
    finally:
        logging.basicConfig(handlers=handlers, level=level, force=True)

    # What earlier tests left running may write too.
    lines = [json.loads(line) for line in printed.splitlines() if line.startswith("{")]
    assert ("a greenlet failed", "KeyError") in [
        (line["message"], line.get("error", [""])[-1]) for line in lines
    ]
    assert SECRET not in printed


def test_error_in_a_thread_that_its_caller_handles_is_not_logged(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    logged = list[object]()
    monkeypatch.setattr(gevent.get_hub(), "print_exception", lambda *each: logged.append(each))

    with pytest.raises(Invalid):
        Pictures().shrink(b"GIF89a", "image/png", "u1")

    assert logged == []
