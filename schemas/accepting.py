"""Quick tests that accept most values that fit a Cerberus schema.

The tests are compiled from the Cerberus schema itself. They only accept. Cerberus judges what they
don't accept, and every schema with a rule that they don't know, and finds the faults.
"""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

Test = Callable[[Any], bool]

TYPES = {
    "integer": int,
    "string": str,
    "boolean": bool,
    "list": list,
    "dict": dict,
    "datetime": datetime,
}


def accept_or_leave(make: Callable[[dict[str, Any]], Test], rules: dict[str, Any]) -> Test:
    """Return the test that `compile_test` or `compile_rules` makes; where a rule is one that only
    Cerberus knows, a test that accepts nothing.
    """
    try:
        return make(rules)
    except (LookupError, TypeError):
        return lambda _value: False


def compile_test(definition: dict[str, Any]) -> Test:
    """Return a test of whether an object fits. It may miss one that does, and accepts no other.

    Raises LookupError or TypeError for a schema with other rules.
    """
    fields = {name: compile_rules(rules) for name, rules in definition.items()}
    required = {name for name, rules in definition.items() if rules.get("required")}

    def fits(value: dict[str, Any]) -> bool:
        for name, item in value.items():
            test = fields.get(name)
            if test is None or not test(item):
                return False
        return required <= value.keys() if required else True

    return fits


def compile_rules(rules: dict[str, Any]) -> Test:
    kind = TYPES[rules["type"]]
    made = (_RULES[rule](limit) for rule, limit in rules.items() if rule not in ("type", "schema"))
    tests = [test for test in made if test is not None]
    inner = rules.get("schema")
    if inner is not None:
        tests.append(compile_test(inner) if kind is dict else _each(inner))

    def fits(value: Any) -> bool:
        if type(value) is not kind:  # exactly: True is no integer
            return False
        for test in tests:  # noqa: SIM110 (a generator would double the cost)
            if not test(value):
                return False
        return True

    return fits


def _each(rules: dict[str, Any], of: Callable[[Any], Any] = iter) -> Test:
    test = compile_rules(rules)
    return lambda values: all(map(test, of(values)))


def _match(pattern: str) -> Test:
    compiled = re.compile(pattern if pattern.endswith("$") else pattern + "$")  # as Cerberus does
    return lambda text: compiled.match(text) is not None


def _check(check: Callable[[str, Any, Callable[..., None]], None]) -> Test:
    def passes(value: Any) -> bool:
        faults: list[object] = []
        check("", value, lambda *fault: faults.append(fault))
        return not faults

    return passes


_RULES: dict[str, Callable[[Any], Test | None]] = {
    "required": lambda _: None,
    "meta": lambda _: None,
    "nullable": lambda _: None,
    "empty": lambda may: None if may else bool,
    "min": lambda least: lambda value: value >= least,
    "max": lambda most: lambda value: value <= most,
    "minlength": lambda least: lambda value: len(value) >= least,
    "maxlength": lambda most: lambda value: len(value) <= most,
    "allowed": lambda values: lambda value: value in values,
    "regex": _match,
    "check_with": _check,
    "keysrules": _each,
    "valuesrules": lambda rules: _each(rules, dict.values),
}
