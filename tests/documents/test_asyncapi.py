"""`/asyncapi.json` has every event that the code handles or emits, and no other."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from api.app import create_app
from api.documents.asyncapi import CLIENT_EVENTS, SENT_EVENTS
from api.documents.openapi import VERSION
from api.settings import read_settings
from tests import conformance
from tests.conformance import asyncapi, openapi
from tests.server import ROOT, Server

HOW = "Describe the event in api/documents/asyncapi.py, and in docs/api.md."
BY_SOCKETIO = {"connect", "connect_error", "disconnect", "*"}


def names_in_code() -> set[str]:
    """Return all texts in the live code that are emitted or look like an event."""
    files = [*(ROOT / "api" / "live").glob("*.py"), *(ROOT / "api" / "legacy").glob("*.py")]
    trees = [ast.parse(path.read_text()) for path in files]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    texts = {str(node.value) for node in nodes if isinstance(node, ast.Constant)}
    emitted = {
        str(node.args[0].value)
        for node in nodes
        if isinstance(node, ast.Call)
        and getattr(node.func, "attr", "").endswith("emit")
        and isinstance(node.args[0], ast.Constant)
    }
    return {text for text in texts if re.fullmatch(r"[a-z]+:[a-z]+", text)} | emitted


def references(value: Any) -> Iterator[str]:
    """Return every reference in a document."""
    if isinstance(value, dict):
        yield from [value["$ref"]] if "$ref" in value else []
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from references(each)


def resolve(pointer: str) -> Any:
    """Return what a reference is to; raises KeyError where there is nothing."""
    found: Any = asyncapi()
    for step in pointer.removeprefix("#/").split("/"):
        found = found[step]
    return found


def test_document_has_every_event_that_is_handled_and_no_other(tmp_path: Path) -> None:
    rollcall = create_app(
        read_settings({"ROLLCALL_DATABASE_URL": f"tinydb:///{tmp_path}/rollcall.json"})
    )
    handled = set(rollcall.app.extensions["socketio"].server.handlers["/"])
    rollcall.store.close()

    assert CLIENT_EVENTS.keys() - BY_SOCKETIO == handled - BY_SOCKETIO, HOW


def test_document_has_every_event_that_is_emitted_and_no_other() -> None:
    assert SENT_EVENTS.keys() - BY_SOCKETIO == names_in_code() - CLIENT_EVENTS.keys(), HOW


def test_references_lead_somewhere() -> None:
    assert all(resolve(pointer) for pointer in set(references(asyncapi())))


def test_operations_are_as_asyncapi_has_them() -> None:
    document = asyncapi()

    assert (document["asyncapi"], document["info"]["version"]) == ("3.0.0", VERSION)
    for name, operation in document["operations"].items():
        assert operation["action"] == name.partition(".")[0]
        assert resolve(operation["channel"]["$ref"])["address"] == "/"
        assert len(operation["messages"]) == 1
    sent = {each["messages"][0]["$ref"] for each in document["operations"].values()}
    acks = {
        each["reply"]["messages"][0]["$ref"]
        for each in document["operations"].values()
        if "reply" in each
    }
    listed = {
        f"#/channels/socket/messages/{key}" for key in document["channels"]["socket"]["messages"]
    }
    assert sent | acks == listed


@pytest.mark.parametrize("key", asyncapi()["components"]["messages"])
def test_message_has_an_example_that_fits(key: str) -> None:
    message = asyncapi()["components"]["messages"][key]
    root = {**message["payload"], "components": asyncapi()["components"]}

    for example in message["examples"]:
        Draft202012Validator(root).validate(example["payload"])


def test_both_documents_say_the_same_of_what_both_describe() -> None:
    events, routes = asyncapi()["components"]["schemas"], openapi()["components"]["schemas"]

    assert all(events[name] == routes[name] for name in events.keys() & routes.keys())


@pytest.mark.parametrize("name", asyncapi()["components"]["schemas"])
def test_schema_has_an_example_that_fits(name: str) -> None:
    root = {"$ref": f"#/components/schemas/{name}", "components": asyncapi()["components"]}

    for example in asyncapi()["components"]["schemas"][name]["examples"]:
        Draft202012Validator(root).validate(example)


def test_server_gives_the_document(shared_server: Server) -> None:
    assert shared_server.request("GET", "/asyncapi.json").json() == asyncapi()


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("tally:update", {}),
        ("room:deleted", {"code": "K7M2QX", "more": 1}),
        ("no:such", {}),
        ("session:ended", {"code": 1}),
    ],
)
def test_conformance_notices_an_event_that_is_not_as_described(name: str, data: Any) -> None:
    conformance.check_event(name, data)

    assert len(conformance.faults) >= 1
    conformance.faults.clear()


@pytest.mark.parametrize(
    "ack", [None, {}, {"ok": True}, {"ok": False}, {"ok": False, "error": {}}, {"ok": 2}]
)
def test_conformance_notices_an_ack_that_is_not_as_described(ack: Any) -> None:
    conformance.check_ack("chat:send", ack)

    assert len(conformance.faults) >= 1
    conformance.faults.clear()
