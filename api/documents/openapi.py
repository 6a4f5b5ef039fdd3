"""The OpenAPI 3.1 document, made from the routes' descriptions."""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from http import HTTPStatus
from pathlib import Path
from types import ModuleType
from typing import Any

from flask import Flask
from werkzeug.routing import Rule

from api.documents.json_schema import Components, Json, schema_of_body
from api.operations import (
    IF_MATCH,
    IF_NONE_MATCH,
    OPTIONAL_TOKEN,
    SERVES,
    Media,
    Operation,
    Parameter,
)
from api.problems import CODES, MEDIA_TYPE, Problem, word_problem
from api.requests import FORMS
from schemas import accounts, ballots, live, polls, rooms
from schemas.validation import Schema

VERSION = "0.1.0"
MODULES = (accounts, ballots, live, polls, rooms)
"""The modules with the Cerberus schemas."""
EXAMPLES: Json = json.loads((Path(__file__).parent / "examples.json").read_text("utf-8"))
DESCRIPTION = """\
Voting and presence for live rooms. Ids are integers; a person is a string: `u12` an account, `g5` a
guest, `r31` a row of a roll. Times are RFC 3339. Texts are trimmed and put into NFC before their
length counts. Every refusal is a problem (RFC 9457) whose `code` never changes. What one may not
see is 404. After 503 or 507 to a ballot the outcome is unknown: repeat it. Events over Socket.IO
are in [asyncapi.json](/asyncapi.json).
"""
PATHS: Json = {
    "code": {"type": "string", "description": "A room's code, however it is typed, or `lobby`."},
    "poll_id": {"type": "integer", "minimum": 1},
    "row_id": {"type": "integer", "minimum": 1},
    "meeting_id": {"type": "integer", "minimum": 1},
    "message_id": {"type": "integer", "minimum": 1},
    "user_id": {"type": "integer", "minimum": 1},
    "invitation_id": {"type": "integer", "minimum": 1},
    "name": {"type": "string"},
    "key": {"type": "string"},
    "person": {"type": "string", "description": "A person: `u12`, `g5`, `r31`."},
}
HEADERS: Json = {
    "ETag": "What this answer is a version of, for the one who asked.",
    "Location": "Where what was made is found.",
    "Retry-After": "In how many seconds to ask again.",
    "WWW-Authenticate": "`Bearer`.",
    "Content-Language": "The language of `detail`.",
}
SECURITY: Json = {
    "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
    "bare": {
        "type": "apiKey",
        "in": "header",
        "name": "Authorization",
        "description": "The token without a scheme.",
    },
}


def openapi_document(app: Flask) -> Json:
    """Return the document of all routes of an app that have a description."""
    builder = _Builder()
    paths: defaultdict[str, Json] = defaultdict(dict)
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
        view = app.view_functions[rule.endpoint]
        operation: Operation | None = getattr(view, "operation", None)
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}) if operation else ():
            path = path_of(rule)
            paths[path][method.lower()] = {
                "operationId": re.sub(r"\W+", "_", f"{method.lower()}{path}").strip("_"),
                "tags": [rule.endpoint.partition(".")[0]],
                "summary": (view.__doc__ or "").strip(),
                **builder.describe(operation, method, rule),  # type: ignore[arg-type]
            }
    return {
        "openapi": "3.1.0",
        "info": {"title": "Rollcall", "version": VERSION, "description": DESCRIPTION},
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": with_examples(builder.components.schemas),
            "responses": dict(sorted(builder.refusals.items())),
            "headers": {
                name: {"description": text, "schema": {"type": "string"}}
                for name, text in HEADERS.items()
            },
            "securitySchemes": SECURITY,
        },
    }


def path_of(rule: Rule) -> str:
    """Return a route's path as OpenAPI writes it."""
    return re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)


def new_components() -> Components:
    """Return the components of every refusal. A Cerberus schema is named after its constant."""
    components = Components(dict(_names(MODULES)))
    components.of(Problem)
    for name, kind in (("Problem", "problems"), ("FieldFault", "faults")):
        components.schemas[name]["properties"]["code"] = {"enum": sorted(CODES[kind])}
    return components


def with_examples(schemas: dict[str, Json]) -> dict[str, Json]:
    """Return named schemas, each with an example, composed of those of its parts if possible."""
    return {
        name: {**schema, "examples": [example_of({"$ref": f"/{name}"}, schemas)]}
        for name, schema in sorted(schemas.items())
    }


def example_of(schema: Json, schemas: dict[str, Json]) -> Any:
    """Return an example of a schema: that in `examples.json`, or one made of its members'."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return EXAMPLES.get(name) or example_of(schemas[name], schemas)
    if "allOf" in schema:
        return {k: v for each in schema["allOf"] for k, v in example_of(each, schemas).items()}
    if "anyOf" in schema and "type" not in schema:
        return example_of(schema["anyOf"][0], schemas)
    if "properties" in schema:
        return {
            name: example_of(member, schemas)
            if "$ref" in member or name not in EXAMPLES["."]
            else EXAMPLES["."][name]
            for name, member in schema["properties"].items()
        }
    if "items" in schema:
        return [example_of(schema["items"], schemas)]
    nothing: Any = {"object": {}, "boolean": True}.get(str(schema.get("type")))
    return schema.get("const", schema.get("enum", [nothing])[0])


class _Builder:
    """Describes operations, and collects the components that they refer to."""

    def __init__(self) -> None:
        self.components = new_components()
        self.refusals: dict[str, Json] = {}

    def describe(self, operation: Operation, method: str, rule: Rule) -> Json:
        """Return the OpenAPI operation of a route's method."""
        conditional = (IF_NONE_MATCH, IF_MATCH) if method == "GET" else (IF_MATCH,)
        takes = operation.takes + (conditional if operation.etag else ())
        document: Json = {
            "security": _security(operation.to),
            "parameters": [
                *(
                    {"in": "path", "required": True, **_path(name)}
                    for name in sorted(rule.arguments)
                ),
                *map(_parameter, takes),
            ],
            "responses": self._answers(operation, method),
        }
        for status, codes in _refusals(operation, method).items():
            document["responses"][str(status)] = self._refusal(status, codes)
        if operation.asks:
            content = {kind: self._asked(kind, shapes) for kind, shapes in operation.asks.items()}
            document["requestBody"] = {"required": True, "content": content}
        return document

    def _answers(self, operation: Operation, method: str) -> Json:
        etag = ["ETag"] if operation.etag else []
        responses: Json = {
            str(status): {
                "description": HTTPStatus(status).phrase,
                **_headers([*etag, *(["Location"] if status == 201 else [])]),
                **({"content": self._given(media)} if media else {}),
            }
            for status, media in operation.gives.items()
        }
        if operation.etag and method == "GET":
            responses["304"] = {
                "description": "The client has the current version.",
                **_headers(etag),
            }
        return responses

    def _given(self, media: Media) -> Json:
        """Describe the bodies of a response. A file of any type has no schema."""
        shaped = {kind: {"schema": self._one_of(shapes)} for kind, shapes in media.items()}
        return shaped if "*/*" not in media else {"*/*": {}}

    def _asked(self, kind: str, shapes: list[Any]) -> Json:
        if kind not in FORMS:
            return {"schema": self._one_of(shapes)}
        form = schema_of_body(shapes[0])
        form["additionalProperties"] = {"type": "string", "pattern": r"^[^\x00]*$"}  # ignored
        form["propertyNames"] = {"pattern": r"^[^\x00]*$"}
        return {"schema": form}

    def _one_of(self, shapes: list[Any]) -> Json:
        schemas = [self.components.of(each) for each in shapes]
        return schemas[0] if len(schemas) == 1 else {"anyOf": schemas}

    def _refusal(self, status: int, codes: list[str]) -> Json:
        name = ".".join([str(status), *codes])
        headers = ["Content-Language"]
        headers += {401: ["WWW-Authenticate"], 429: ["Retry-After"]}.get(status, [])
        constants = {"code": {"enum": codes}, "status": {"const": status}}
        problem = {"$ref": "#/components/schemas/Problem"}
        self.refusals[name] = {
            "description": " ".join(CODES["problems"][code]["en"] for code in codes),
            **_headers(headers),
            "content": {
                MEDIA_TYPE: {
                    "schema": {"allOf": [problem, {"type": "object", "properties": constants}]},
                    "examples": {code: {"value": _problem(code, status)} for code in codes},
                }
            },
        }
        return {"$ref": f"#/components/responses/{name}"}


def _names(modules: Iterable[ModuleType]) -> Iterator[tuple[int, str]]:
    for module in modules:
        for name, value in vars(module).items():
            if isinstance(value, Schema):
                yield id(value), name.title().replace("_", "") + "Body"


def _refusals(operation: Operation, method: str) -> dict[int, list[str]]:
    """Return the codes that a route may give, by status."""
    codes = {"internal", "unavailable", *SERVES[operation.to].split(), *operation.refuses}
    if operation.to != "all":
        codes.add("rate_limited")  # it reads a token, and a person may ask only so often
    if operation.asks:
        codes |= {"invalid_request", "payload_too_large", "unsupported_media_type"}
    if operation.takes or not operation.any_query:
        codes.add("invalid_request")
    if method != "GET":
        codes.add("storage_full")
    if operation.etag or IF_MATCH in operation.takes:
        codes.add("stale")
    found: defaultdict[int, list[str]] = defaultdict(list)
    for coded in sorted(codes):
        code, _, status = coded.partition(":")
        found[int(status or CODES["problems"][code]["status"])].append(code)
    return dict(sorted(found.items()))


def _problem(code: str, status: int) -> Problem:
    return word_problem(code, "en", status, EXAMPLES["problems"].get(code, {}))


def _security(to: str) -> list[Json]:
    if to == "all":
        return []
    return [*([{}] if to in OPTIONAL_TOKEN else []), {"bearer": []}, {"bare": []}]


def _path(name: str) -> Json:
    return {"name": name, "schema": PATHS[name], "example": EXAMPLES["."][name]}


def _parameter(taken: Parameter) -> Json:
    return {
        "name": taken.name,
        "in": taken.place,
        "required": taken.required,
        "description": taken.description,
        "schema": taken.schema,
    }


def _headers(names: list[str]) -> Json:
    headers = {name: {"$ref": f"#/components/headers/{name}"} for name in names}
    return {"headers": headers} if headers else {}
