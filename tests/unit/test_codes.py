"""The closed list of codes: each has a status and words in both languages, and no other is used."""

import re
import string
from pathlib import Path
from typing import get_args

import pytest

import api
import schemas
import voting
from api.problems import CODES, LANGUAGES, problem_document
from schemas.parts import CerberusValidator
from schemas.validation import Schema
from voting.faults import Fault, Invalid
from voting.model.polls import State
from voting.refusals import PollNotOpen, Refusal, WrongState

CONTRACT = {
    400: "invalid_request",
    401: "unauthenticated bad_credentials token_invalid token_expired",
    403: "forbidden not_eligible not_present results_hidden",
    404: "not_found",
    405: "method_not_allowed",
    409: "email_taken nickname_taken already_voted poll_not_open poll_frozen no_proof wrong_state",
    412: "stale",
    413: "payload_too_large",
    415: "unsupported_media_type",
    422: "idempotency_mismatch",
    429: "rate_limited",
    500: "internal",
    503: "unavailable",
    507: "storage_full",
}
STATUS = {code: status for status, codes in CONTRACT.items() for code in codes.split()}
SCHEMA_TYPES = set(
    re.findall(
        r'"type": "(\w+)"',
        "".join(
            path.read_text("utf-8") for path in Path(str(schemas.__file__)).parent.glob("*.py")
        ),
    )
)
KOREAN = re.compile("[가-힣]")
FILLED = {"limit", "state", "constraint", "retry_after"}


def subclasses(kind: type[Refusal]) -> set[type[Refusal]]:
    """Return a class's heirs, and theirs."""
    return {heir for direct in kind.__subclasses__() for heir in {direct, *subclasses(direct)}}


def fields(text: str) -> set[str]:
    """Return the names that a sentence is filled with."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_problems_have_the_contracts_status() -> None:
    for code, entry in CODES["problems"].items():
        assert entry["status"] == STATUS[code], code


@pytest.mark.parametrize("kind", ["problems", "states", "faults", "variants"])
def test_code_is_worded_in_every_language(kind: str) -> None:
    for code, entry in CODES[kind].items():
        assert entry.keys() - {"status"} == set(LANGUAGES), code
        assert KOREAN.search(entry["ko"]), code
        for language in LANGUAGES:
            assert KOREAN.search(entry[language]) is None or language == "ko", code
            assert fields(entry[language]) <= FILLED, code


@pytest.mark.parametrize("language", LANGUAGES)
def test_type_is_named_in_plain_words(language: str) -> None:
    types = {*CerberusValidator.types_mapping, "object"} & CODES["types"].keys()
    faults = [Fault("a", "wrong_type", each) for each in sorted(types)]

    document = problem_document(Invalid(*faults), language)

    details = [error["detail"] for error in document["errors"]]
    assert types == CODES["types"].keys() == SCHEMA_TYPES | {"object"}
    assert not re.search(r"integer|string|boolean|dict|\btype\b", " ".join(details))


def test_every_refusal_has_words_and_every_problem_somebody_who_raises_it() -> None:
    raised = {kind.code for kind in subclasses(Refusal)}
    by_server = {"unavailable", "storage_full", "internal"}
    by_http = {"method_not_allowed", "payload_too_large", "unsupported_media_type"}

    assert raised <= CODES["problems"].keys()
    assert {kind.variant for kind in subclasses(Refusal)} - {""} == CODES["variants"].keys() - {
        "one_of"
    }
    assert CODES["problems"].keys() == raised | by_server | by_http


def test_every_fault_that_is_named_in_the_code_has_words_and_every_word_is_used() -> None:
    folders = [Path(str(package.__file__)).parent for package in (api, schemas, voting)]
    code = "\n".join(path.read_text("utf-8") for folder in folders for path in folder.rglob("*.py"))

    named = set(re.findall(r'Fault\(\s*[^,]+,\s*"(\w+)"', code))
    noted = set(re.findall(r'\bnote\(.+, "(\w+)"[,)]', code))
    mapped = set(re.findall(r'errors\.\w+\.code: "(\w+)"', code))

    assert named
    assert noted
    assert mapped
    assert named | noted | mapped == CODES["faults"].keys()


def test_every_state_that_a_refusal_names_has_words() -> None:
    folders = [Path(str(package.__file__)).parent for package in (api, voting)]
    code = "\n".join(path.read_text("utf-8") for folder in folders for path in folder.rglob("*.py"))

    named = set(re.findall(r'(?:WrongState|PollNotOpen)\(state="(\w+)"', code))

    assert named | {*get_args(State)} == CODES["states"].keys()


@pytest.mark.parametrize("language", LANGUAGES)
def test_refusal_says_in_words_what_stands_in_the_way(language: str) -> None:
    document = problem_document(WrongState(state="last_host"), language)

    assert CODES["states"]["last_host"][language] in document["detail"]
    assert document["state"] == "last_host"


@pytest.mark.parametrize("language", LANGUAGES)
def test_problem_has_its_members_and_no_others(language: str) -> None:
    refusal = PollNotOpen(state="closed", server_time="2026-11-20T09:00:00.000Z")

    document = problem_document(refusal, language)

    assert document.pop("detail")
    assert document == {
        "type": "urn:rollcall:problem:poll_not_open",
        "title": "Conflict",
        "status": 409,
        "code": "poll_not_open",
        "state": "closed",
        "server_time": "2026-11-20T09:00:00.000Z",
    }


def test_problem_names_each_fault_in_words() -> None:
    invalid = Invalid(Fault("name", "too_long", 80), Fault("", "not_json"))

    english, korean = (problem_document(invalid, language) for language in ("en", "ko"))

    assert [(error["field"], error["code"]) for error in english["errors"]] == [
        ("name", "too_long"),
        ("", "not_json"),
    ]
    assert "80" in english["errors"][0]["detail"]
    assert "80" in korean["errors"][0]["detail"]
    assert KOREAN.search(korean["errors"][0]["detail"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_problem_names_the_values_that_are_allowed(language: str) -> None:
    schema = Schema({"role": {"type": "string", "allowed": ["host", "voter"]}})
    with pytest.raises(Invalid) as refused:
        schema.parse({"role": "king"})
    unnamed = Invalid(Fault("timezone", "not_allowed"))

    (role,) = problem_document(refused.value, language)["errors"]
    (zone,) = problem_document(unnamed, language)["errors"]

    assert (role["code"], zone["code"]) == ("not_allowed", "not_allowed")
    assert role["detail"].endswith(": host, voter")
    assert "None" not in zone["detail"]
