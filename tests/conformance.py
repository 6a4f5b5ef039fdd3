"""Holds what the server says, wherever a test hears it, to the documents that describe it.

Every answer that comes to `requests` and every event and ack that a live client gets is compared;
a test that heard something undescribed fails at its end.
"""

import json
import re
import threading
from functools import lru_cache
from typing import Any
from urllib.parse import quote, urlsplit

import requests
from flask import Flask
from jsonschema import Draft202012Validator, FormatChecker

from api.app import BLUEPRINTS
from api.documents.asyncapi import SENT_EVENTS, asyncapi_document, key_of
from api.documents.openapi import EXAMPLES, openapi_document, path_of
from api.flasks import App
from api.operations import Operation

Json = dict[str, Any]
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")

FOR_ALL = {"pages", "documents", "/candidates", "/pictures/{key}"}
"""The groups of routes, and the routes, whose responses any cache may keep."""
SECURE = {"X-Content-Type-Options", "Referrer-Policy", "Permissions-Policy"}
SECURE |= {"Content-Security-Policy", "X-Request-ID"}
"""The headers of every response."""

faults: list[str] = []
"""What was heard that no document describes, since somebody looked."""

_mutex, _loading = threading.Lock(), threading.Lock()
"""Python 3.11 can't compile the rules of a map in several threads at once."""


def note(fault: str) -> None:
    """Remember a fault for the end of the test."""
    with _mutex:
        faults.append(fault)


@lru_cache(1)
def openapi() -> Json:
    """Return the OpenAPI document as the server makes it."""
    document: Json = json.loads(json.dumps(openapi_document(_app())))
    return document


def routes() -> set[str]:
    """Return every method and path that the server takes."""
    return {
        f"{method} {path_of(rule)}"
        for rule in _app().url_map.iter_rules()
        for method in (rule.methods or set()) & set(METHODS)
    }


def address(path: str, **ids: Any) -> str:
    """Return a path with its parameters filled: with these ids, or the documents' own examples."""
    names = re.findall(r"\{(\w+)\}", path)
    values = {name: ids.get(name) or quote(str(EXAMPLES["."][name])) for name in names}
    return path.format(**values)


def bodies() -> list[tuple[str, str, Operation]]:
    """Return the method, path and description of every route that asks for a body."""
    app = _app()
    return [
        (method, path_of(rule), operation)
        for rule in app.url_map.iter_rules()
        for method in sorted((rule.methods or set()) & set(METHODS))
        if (operation := getattr(app.view_functions[rule.endpoint], "operation", None))
        and operation.asks
    ]


@lru_cache(1)
def _app() -> Flask:
    app = App("described", static_folder=None)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    return app


def strict(schema: Any) -> Any:
    """Return schemas that take no member that they don't name: a document leaves none out."""
    if isinstance(schema, list):
        return [strict(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {key: strict(value) for key, value in schema.items() if key != "examples"}
    if "properties" in closed and "description" in closed:  # those made of types
        closed.setdefault("additionalProperties", False)
    return closed


@lru_cache(256)
def answer_validator(pointer: str) -> Draft202012Validator:
    """Return what checks values against the schema at a place of the OpenAPI document."""
    schema = {"$ref": f"#/{pointer}", **_strict_openapi()}
    return Draft202012Validator(schema, format_checker=FormatChecker())


@lru_cache(1)
def _strict_openapi() -> Json:
    document = openapi()
    return {"paths": strict(document["paths"]), "components": strict(document["components"])}


@lru_cache(1)
def _templates() -> list[tuple[re.Pattern[str], str]]:
    """Return the paths' patterns, those without parameters first; ids are numbers."""
    paths = sorted(openapi()["paths"], key=lambda path: (path.count("{"), path))
    ids = [re.sub(r"\{\w+_id\}", "[0-9]+", path) for path in paths]
    patterns = [re.compile(re.sub(r"\{\w+\}", "[^/]+", path) + r"\Z") for path in ids]
    return list(zip(patterns, paths, strict=True))


def find_operation(method: str, url: str) -> tuple[str, str, Json] | None:
    """Return a request's path, where its operation is described, and the description; None for no
    route.
    """
    address = urlsplit(url).path
    with _loading:
        templates = _templates()
    for pattern, path in templates:
        if pattern.match(address) and method.lower() in openapi()["paths"][path]:
            pointer = f"paths/{path.replace('~', '~0').replace('/', '~1')}/{method.lower()}"
            return path, pointer, openapi()["paths"][path][method.lower()]
    return None


def check_answer(answer: requests.Response) -> None:
    """Note what the document doesn't say of an answer: status, media type, body, headers."""
    method, url = str(answer.request.method), str(answer.request.url)
    found = find_operation(method, url) if method in METHODS else None
    if found is None:
        return
    path, pointer, operation = found
    where = f"{method} {urlsplit(url).path} → {answer.status_code}"
    if answer.status_code < 500:  # else the HTTP server alone may have answered, or a proxy
        _check_headers(answer, where, is_private=FOR_ALL.isdisjoint([path, *operation["tags"]]))
    pointer = f"{pointer}/responses/{answer.status_code}"
    described = operation["responses"].get(str(answer.status_code))
    if described is None:
        note(f"{where}: the status is not described: {answer.text[:200]}")
        return
    if "$ref" in described:
        pointer = described["$ref"].removeprefix("#/")
        described = openapi()["components"]["responses"][pointer.rpartition("/")[2]]
    for header in {"ETag", "Location"} & answer.headers.keys() - described.get(
        "headers", {}
    ).keys():
        note(f"{where}: the header {header} is not described")
    _check_content(answer, where, pointer, described.get("content", {}))


def _check_headers(answer: requests.Response, where: str, *, is_private: bool) -> None:
    if missing := SECURE - {name for name in SECURE if name in answer.headers}:
        note(f"{where}: the headers {sorted(missing)} are missing")
    policy = answer.headers.get("Content-Security-Policy", "")
    if not re.match(r"default-src '(self|none)'; .*frame-ancestors ", policy):
        note(f"{where}: the policy is {policy!r}")
    caching, varies = (answer.headers.get(name, "") for name in ("Cache-Control", "Vary"))
    own = caching.startswith("private") and "Authorization" in varies
    if is_private and not (own or caching == "no-store"):
        note(f"{where}: a cache may keep it for others: {caching!r}, varied by {varies!r}")


def _check_content(answer: requests.Response, where: str, pointer: str, content: Json) -> None:
    kind = answer.headers.get("Content-Type", "").partition(";")[0]
    if not content or "*/*" in content:
        if answer.content and not content:
            note(f"{where}: no body is described: {answer.text[:200]}")
        return
    if kind not in content:
        note(f"{where}: {kind or 'no type'} is not described, but {list(content)}")
    elif kind.endswith("json"):
        place = f"{pointer}/content/{kind.replace('/', '~1')}/schema"
        _check(answer_validator(place), where, answer.json())


@lru_cache(1)
def asyncapi() -> Json:
    """Return the AsyncAPI document."""
    document: Json = json.loads(json.dumps(asyncapi_document()))
    return document


@lru_cache(256)
def payload_validator(key: str) -> Draft202012Validator:
    """Return what checks a message's payload; of a good ack, what it brings beside `ok`."""
    payload = asyncapi()["components"]["messages"][key]["payload"]
    if key.endswith(".ack"):
        payload = payload["anyOf"][0]
        payload = payload["allOf"][1] if "allOf" in payload else {"maxProperties": 0}
    return _event_validator(**payload)


def _event_validator(**schema: Any) -> Draft202012Validator:
    components = {"schemas": strict(asyncapi()["components"]["schemas"])}
    return Draft202012Validator(
        {**schema, "components": components}, format_checker=FormatChecker()
    )


@lru_cache(1)
def problem_validator() -> Draft202012Validator:
    """Return what checks the error of a refusing ack."""
    return _event_validator(**{"$ref": "#/components/schemas/Problem"})


def check_event(name: str, data: Any) -> None:
    """Note what the document doesn't say of an event that came."""
    if name in SENT_EVENTS:
        _check(payload_validator(key_of(name)), name, data)
    elif ":" in name:
        note(f"the event {name} is not described")


def check_ack(name: str, ack: Any) -> None:
    """Note what the document doesn't say of an event's ack."""
    key = f"{key_of(name)}.ack"
    match ack:
        case {"ok": True, **rest}:
            if key in asyncapi()["components"]["messages"]:
                _check(payload_validator(key), f"the ack of {name}", rest)
        case {"ok": False, "error": problem, **rest} if not rest:
            _check(problem_validator(), f"the ack of {name}", problem)
        case _:
            note(f"{name}: {ack!r} is no ack")


def _check(validator: Draft202012Validator, what: str, value: Any) -> None:
    for error in validator.iter_errors(value):
        note(f"{what}: {error.json_path}: {error.message[:300]}")


def watch_requests() -> None:
    """Check every answer that `requests` gets from now on."""
    send = requests.Session.send

    def sending(session: requests.Session, request: Any, **options: Any) -> requests.Response:
        answer = send(session, request, **options)
        if not options.get("stream") and urlsplit(str(request.url)).hostname == "127.0.0.1":
            check_answer(answer)
        return answer

    requests.Session.send = sending  # type: ignore[method-assign]
