"""docs/limits.md holds what the code has, and nothing that a client sends is without a limit."""

import importlib
import re
from collections.abc import Iterator
from typing import Any

import pytest

from api.limits import LIMITS
from schemas import accounts, ballots, live, polls, rooms
from schemas.validation import Schema
from tests.server import ROOT

PAGE = (ROOT / "docs" / "limits.md").read_text()
ROWS = re.findall(r"^\| (.+) \| `([a-zA-Z_.]+)` \|$", PAGE, re.MULTILINE)
ENDPOINTS = {limit.endpoint: (limit.amount, limit.seconds) for limit in LIMITS}
SCHEMAS = {
    f"{module.__name__}.{name}": value
    for module in (accounts, ballots, live, polls, rooms)
    for name, value in vars(module).items()
    if isinstance(value, Schema)
}
BOUNDED = ("allowed", "maxlength", "check_with", "regex")


@pytest.mark.parametrize(("row", "where"), ROWS, ids=[where for _, where in ROWS])
def test_page_shows_the_limit_that_the_code_has(row: str, where: str) -> None:
    module, _, name = where.rpartition(".")
    value: Any = (
        ENDPOINTS[where] if where in ENDPOINTS else getattr(importlib.import_module(module), name)
    )
    numbers = value if isinstance(value, tuple) else (value,)

    seen = [float(number) for number in re.findall(r"\d+(?:\.\d+)?", row.split(" | ")[1])]

    assert seen == [float(number) for number in numbers]


def test_page_shows_every_limit_of_requests() -> None:
    assert {where for _, where in ROWS} >= set(ENDPOINTS)


def unbounded(rule: dict[str, Any], path: str) -> Iterator[str]:
    """Yield the texts, lists and dicts below a Cerberus rule that may be of any length, and the
    numbers that may be of any size."""
    kind, within = rule.get("type"), rule.get("schema", {})
    if kind in ("string", "list") and not any(bound in rule for bound in BOUNDED):
        yield path
    if kind == "integer" and not {"min", "max"} <= rule.keys():
        yield path
    if kind == "list":
        yield from unbounded(within, f"{path}.0")
    elif kind == "dict":
        if not within and "maxlength" not in rule:
            yield path
        for name, inner in within.items():
            yield from unbounded(inner, f"{path}.{name}")
        for name in rule.keys() & {"keysrules", "valuesrules"}:
            yield from unbounded(rule[name], f"{path}.{name}")


@pytest.mark.parametrize("schema", SCHEMAS.values(), ids=SCHEMAS)
def test_schema_bounds_the_length_of_all_that_it_takes(schema: Schema) -> None:
    found = [each for name, rule in schema.definition.items() for each in unbounded(rule, name)]

    assert found == []
