"""`/openapi.json` is valid, holds every route and no other, and says what can be said."""

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from api.documents.asyncapi import asyncapi_document
from api.documents.openapi import VERSION
from api.problems import CODES
from tests import conformance
from tests.conformance import asyncapi, openapi, routes
from tests.server import ROOT, Server

HOW = """
These routes say nothing of themselves. Put @answers(...) of api/operations.py between
the route and its function, with a docstring of one line; CONTRIBUTING.md shows how.
"""


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Return method, path and description of each operation."""
    for path, methods in openapi()["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), path, operation


OPERATIONS = {f"{method} {path}": operation for method, path, operation in operations()}


def test_document_is_valid_openapi() -> None:
    validate(openapi())

    assert openapi()["openapi"] == "3.1.0"


def test_document_has_every_route_and_no_other() -> None:
    described = set(OPERATIONS)

    assert routes() - described == set(), HOW
    assert described - routes() == set()


def test_document_has_the_projects_version() -> None:
    assert f'\nversion = "{VERSION}"\n' in (ROOT / "pyproject.toml").read_text()


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS)
def test_operation_says_what_it_does_and_whom_it_serves(operation: dict[str, Any]) -> None:
    assert operation["summary"].endswith(".")
    assert "\n" not in operation["summary"]
    assert "security" in operation
    assert "500" in operation["responses"]


def test_operation_ids_are_their_own() -> None:
    ids = [operation["operationId"] for operation in OPERATIONS.values()]

    assert len(ids) == len(set(ids))


def test_every_status_code_is_documented_for_some_operation() -> None:
    sent = {name for code in openapi()["components"]["responses"] for name in code.split(".")[1:]}

    assert CODES["problems"].keys() - sent <= {"method_not_allowed", "rate_limited"}


@pytest.mark.parametrize("name", openapi()["components"]["schemas"])
def test_schema_has_an_example_that_fits(name: str) -> None:
    schema = openapi()["components"]["schemas"][name]
    root = {"$ref": f"#/components/schemas/{name}", "components": openapi()["components"]}

    assert schema["examples"]
    for example in schema["examples"]:
        Draft202012Validator(root).validate(example)


def test_server_gives_the_document_and_its_version_when_asked_again(
    shared_server: Server,
) -> None:
    first = shared_server.request("GET", "/openapi.json")
    etag = first.headers["ETag"]

    again = shared_server.request("GET", "/openapi.json", headers={"If-None-Match": etag})

    assert first.json() == openapi()
    assert first.headers["Content-Type"] == "application/json"
    assert (again.status_code, again.content) == (304, b"")


def test_document_is_printed_for_the_web_app() -> None:
    command = [sys.executable, "-m", "api.documents"]

    printed = json.loads(subprocess.run(command, cwd=ROOT, check=True, capture_output=True).stdout)

    assert printed["openapi"] == openapi()
    assert printed["asyncapi"] == asyncapi_document()


def test_conformance_notices_what_no_document_says(shared_server: Server) -> None:
    health = openapi()["paths"]["/healthz"]["get"]["responses"]
    kept = health.pop("200")

    shared_server.request("GET", "/healthz")

    health["200"] = kept
    assert len(conformance.faults) == 1
    conformance.faults.clear()


def test_module_prints_both_documents_when_run() -> None:
    command = [sys.executable, "-m", "api.documents"]

    printed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, timeout=60).stdout

    assert json.loads(printed) == {"openapi": openapi(), "asyncapi": asyncapi()}
