"""Canonical JSON is that of RFC 8785, and refuses what readers of JSON differ in."""

from typing import Any

import pytest

from voting.canonical import canonical


@pytest.mark.parametrize(
    ("value", "form"),
    [
        # RFC 8785, 3.2.2 and 3.2.3: its strings, literals and the order of its keys
        (
            {
                "string": "\u20ac$\u000f\u000aA'\u0042\u0022\u005c\\\"/",
                "literals": [None, True, False],
            },
            '{"literals":[null,true,false],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
        ),
        (
            {
                "\u20ac": "Euro Sign",
                "\r": "Carriage Return",
                "\ufb33": "Hebrew Letter Dalet With Dagesh",
                "1": "One",
                "\U0001f600": "Emoji: Grinning Face",
                "\u0080": "Control",
                "\u00f6": "Latin Small Letter O With Diaeresis",
            },
            '{"\\r":"Carriage Return","1":"One","\x80":"Control",'
            '"ö":"Latin Small Letter O With Diaeresis","€":"Euro Sign",'
            '"😀":"Emoji: Grinning Face","\ufb33":"Hebrew Letter Dalet With Dagesh"}',
        ),
        # https://github.com/cyberphone/json-canonicalization, testdata: weird, structures
        (
            {"</script>": "Browser Challenge", "\u0080": "Control\u007f", "1": "One"},
            '{"1":"One","</script>":"Browser Challenge","\x80":"Control\x7f"}',
        ),
        ({"1": {"f": {"f": "hi", "F": 5}, "\n": 56}, "": "empty", "a": {}, "A": {}, "b": []}, None),
        ([56, {"d": True, "10": None, "1": []}], '[56,{"1":[],"10":null,"d":true}]'),
        ("\b\f\t\x00\x1f\x7f", '"\\b\\f\\t\\u0000\\u001f\x7f"'),
        ([0, -1, 2**53 - 1, True, ()], "[0,-1,9007199254740991,true,[]]"),
    ],
)
def test_canonical_form_is_that_of_the_published_example(value: Any, form: str | None) -> None:
    expected = form or '{"":"empty","1":{"\\n":56,"f":{"F":5,"f":"hi"}},"A":{},"a":{},"b":[]}'

    assert canonical(value) == expected.encode()


@pytest.mark.parametrize(
    "value",
    [1.0, float("nan"), [0.5], {"a": 1e9}, 2**53, {1: 2}, {"a": b""}, "\ud800", {"\ud800": 1}],
)
def test_canonical_form_refuses_what_readers_differ_in(value: Any) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        canonical(value)
