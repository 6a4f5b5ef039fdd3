"""The contents of the reference page: operations, events and schemas of the two documents."""

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask import render_template

from api.documents.json_schema import Json

FIRST = ("rooms", "polls", "auth")
"""The tags that most clients need first. The others follow by name."""


@dataclass(frozen=True)
class Shown:
    """One operation: `gives` and `asks` are schemas by media type, `refuses` codes by status."""

    name: str
    method: str
    path: str
    summary: str
    signed_in: str
    parameters: list[Json]
    asks: dict[str, Json]
    example: str
    gives: list[tuple[str, str, Json]]
    refuses: list[tuple[str, list[str]]]


def reference_page(openapi: Json, asyncapi: Json) -> str:
    """Return the page of both documents as HTML."""
    sections: defaultdict[str, list[Shown]] = defaultdict(list)
    for path, operations in openapi["paths"].items():
        for method, operation in operations.items():
            sections[operation["tags"][0]].append(_shown(openapi, path, method, operation))
    return render_template(
        "reference.html",
        about=openapi["info"]["description"],
        live=asyncapi["info"]["description"],
        sections=dict(sorted(sections.items(), key=_place_of)),
        client_events=list(_events(asyncapi, "receive")),
        server_events=list(_events(asyncapi, "send")),
        schemas=sorted(
            {**asyncapi["components"]["schemas"], **openapi["components"]["schemas"]}.items()
        ),
        name_of=name_of,
        dumps=_pretty,
    )


def name_of(reference: str) -> str:
    """Return the name in a `$ref`."""
    return reference.rpartition("/")[2]


def _place_of(section: tuple[str, list[Shown]]) -> tuple[int, str]:
    """Return the place of a tag's section on the page."""
    tag = section[0]
    return FIRST.index(tag) if tag in FIRST else len(FIRST), tag


def _shown(openapi: Json, path: str, method: str, operation: Json) -> Shown:
    asks = {
        media: content["schema"]
        for media, content in operation.get("requestBody", {}).get("content", {}).items()
    }
    gives, refuses = [], []
    for status, response in operation["responses"].items():
        if "$ref" in response:
            refuses.append((status, name_of(response["$ref"]).split(".")[1:]))
            continue
        for media, content in response.get("content", {"": {}}).items():
            gives.append((status, media, content.get("schema", {})))
    return Shown(
        name=operation["operationId"],
        method=method.upper(),
        path=path,
        summary=operation["summary"],
        signed_in=_signed_in(operation["security"]),
        parameters=operation["parameters"],
        asks=asks,
        example=_example(openapi, asks.get("application/json")),
        gives=gives,
        refuses=refuses,
    )


def _signed_in(security: list[Json]) -> str:
    """Return whether a token is needed: `no`, `optional` or `yes`."""
    if not security:
        return "no"
    return "optional" if {} in security else "yes"


def _example(openapi: Json, schema: Json | None) -> str:
    """Return an example of a body; "" if there is none."""
    if schema is None:
        return ""
    schema = next(iter(schema.get("anyOf", [schema])))
    if "$ref" in schema:
        schema = openapi["components"]["schemas"][name_of(schema["$ref"])]
    examples = schema.get("examples")
    return _pretty(examples[0]) if examples else "{}"


def _events(asyncapi: Json, action: str) -> Iterator[Json]:
    """Yield the events of one direction. `ack` is the schema of a successful ack, if any."""
    messages = asyncapi["components"]["messages"]
    for operation in asyncapi["operations"].values():
        if operation["action"] != action:
            continue
        message = messages[name_of(operation["messages"][0]["$ref"])]
        reply = operation.get("reply")
        ack = messages[name_of(reply["messages"][0]["$ref"])]["payload"] if reply else None
        yield {
            "name": message["name"],
            "summary": message.get("summary", ""),
            "payload": message["payload"],
            "example": _pretty(message["examples"][0]["payload"]),
            "ack": ack and ack["anyOf"][0],
        }


def _pretty(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)
