"""The public record, its digest, and that its verifier finds whatever was changed in it."""

import json
import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from voting.methods import Marks, Method, Rules, Turnout, count
from voting.model.polls import Candidate, Poll
from voting.record import canonical, digest, record_document
from voting.verify import main

ROOT = Path(__file__).parents[2]
A, B, C = 1, 2, 3
TURNOUT = Turnout(present=7, eligible=9)
THRESHOLD = {"num": 1, "den": 4, "of": "eligible", "rule": "at_least"}

BALLOTS: dict[Method, list[Marks]] = {
    "plurality": [(A,), (A,), (A,), (B,), ()],
    "approval": [(A, B), (B,), (C, B), ()],
    "score": [{A: 5, B: 3}, {B: 4}, {A: 5, C: 0}, {}, ()],
    "ranked": [(A, B, C), (A, C), (B, C, A), (C, A), (A,), ()],
}

Record = dict[str, Any]


def make_record(method: Method = "plurality", **more: Any) -> Record:
    """A record as the server would give it, read back from its JSON."""
    candidates = tuple(
        Candidate(each, name) for each, name in zip((A, B, C), "가나다", strict=True)
    )
    fields = {"max_choices": 3, "score_max": 5, "threshold": THRESHOLD, **more}
    poll = Poll(7, "lobby", "누구?", candidates, "설명", method=method, **fields)
    ballots = [(f"{9 - i}" * 32, marks) for i, marks in enumerate(BALLOTS[method])]
    rules = Rules(method, poll.seats, poll.score_max, poll.threshold)
    outcome = count(rules, (A, B, C), BALLOTS[method], TURNOUT)
    names = {ballots[0][0]: "김하나", ballots[1][0]: "이둘"}
    record = record_document(poll, ballots, outcome, TURNOUT, names)
    read: Record = json.loads(json.dumps(record))
    assert read == record
    return read


def seal(record: Record) -> Record:
    """Give a changed record the digest of what it holds now."""
    return {**record, "digest": digest(record)}


@pytest.fixture
def verify(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str, list[str]]]:
    """Verify a record (or bytes): the exit code, all that was told, and what was wrong."""

    def run(record: Record | bytes, *arguments: str) -> tuple[int, str, list[str]]:
        path = tmp_path / "record.json"
        path.write_bytes(record if isinstance(record, bytes) else json.dumps(record).encode())
        code = main([str(path), *arguments])
        told = capsys.readouterr().out
        wrong = [line.split()[1].rstrip(":") for line in told.splitlines() if "WRONG" in line]
        return code, told, wrong

    return run


Verify = Callable[..., tuple[int, str, list[str]]]

# --- canonical JSON


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


# --- the record


def test_record_holds_all_that_the_contract_names() -> None:
    record = make_record("score")

    assert set(record) == {
        *("poll", "question", "method", "rules", "candidates"),
        *("ballots", "result", "digest", "names"),
    }
    assert record["question"] == {"title": "누구?", "description": "설명"}
    assert record["rules"] == {
        "seats": 1,
        "max_choices": 3,
        "score_max": 5,
        "threshold": THRESHOLD,
        "present": 7,
        "eligible": 9,
    }
    assert all(set(each) == {"receipt", "scores"} for each in record["ballots"])
    assert record["ballots"][-1] == {"receipt": "9" * 32, "scores": {"1": 5, "2": 3}}
    assert record["result"]["votes"] == {"1": 10, "2": 7, "3": 0}


def test_record_lists_ballots_by_receipt_whatever_order_they_come_in() -> None:
    poll = Poll(7, "lobby", "?", (Candidate(A, "a"),))
    ballots: list[tuple[str, Marks]] = [(f"{i:032x}", (A,)) for i in range(20)]
    outcome = count(Rules("plurality"), (A,), [(A,)] * 20, TURNOUT)
    shuffled = random.Random(1).sample(ballots, 20)

    records = [record_document(poll, each, outcome, TURNOUT, None) for each in (ballots, shuffled)]

    assert records[0] == records[1]
    assert records[0]["names"] is None
    assert [each["receipt"] for each in records[0]["ballots"]] == [each[0] for each in ballots]


def test_digest_stays_when_a_name_is_deleted() -> None:
    record = make_record()
    anonymous = {**record, "names": {}}

    assert digest(anonymous) == record["digest"]


@pytest.mark.parametrize("key", ["poll", "question", "method", "rules", "candidates", "result"])
def test_digest_changes_when_anything_else_does(key: str) -> None:
    record = make_record()

    assert digest({**record, key: None}) != record["digest"]


# --- the verifier


@pytest.mark.parametrize("method", ["plurality", "approval", "score", "ranked"])
def test_verify_agrees_when_nothing_was_changed(verify: Verify, method: Method) -> None:
    code, told, wrong = verify(make_record(method))

    assert (code, wrong) == (0, [])
    assert told.endswith("Everything agrees.\n")


def test_verify_tells_who_won_and_what_it_cannot_prove(verify: Verify) -> None:
    _, told, _ = verify(make_record())

    assert "counted: winners 가 (1); tied nobody" in told
    assert "present 7, eligible 9: no ballot can prove these" in told


def test_verify_agrees_when_a_name_was_deleted(verify: Verify) -> None:
    assert verify({**make_record(), "names": {}})[0] == 0


@pytest.mark.parametrize(
    ("method", "change", "wrong"),
    [
        ("plurality", lambda r: r["ballots"][1].update(choices=[C]), ["votes"]),
        ("plurality", lambda r: r["result"].update(winners=[B]), ["winners"]),
        ("plurality", lambda r: r["result"].update(blank=0), ["blank"]),
        ("plurality", lambda r: r["result"]["votes"].update({"3": 1}), ["votes"]),
        ("plurality", lambda r: r["result"]["passed"].update({"1": 1}), ["passed"]),
        ("plurality", lambda r: r["result"].update(extra=1), ["extra"]),
        ("plurality", lambda r: r["result"].pop("tied"), ["tied"]),
        ("plurality", lambda r: r["ballots"].pop(1), ["ballots", "votes"]),
        ("plurality", lambda r: r["ballots"].reverse(), ["receipts"]),
        ("plurality", lambda r: r["ballots"].append(r["ballots"][-1]), ["ballots", "receipts"]),
        ("plurality", lambda r: r["ballots"][1].update(choices=[A, B]), ["marks"]),
        ("plurality", lambda r: r["ballots"][1].update(choices=[4]), ["marks"]),
        ("plurality", lambda r: r["ballots"][1].update(choices=["1"]), ["marks"]),
        ("plurality", lambda r: r["ballots"][4].update(choices=[True]), ["marks"]),
        ("plurality", lambda r: r["ballots"][1].update(scores={"1": 1}), ["marks"]),
        ("plurality", lambda r: r["ballots"][1].update(voter="u12"), ["marks"]),
        ("approval", lambda r: r["ballots"][1].update(choices=[B, B]), ["marks"]),
        ("approval", lambda r: r["rules"].update(max_choices=1), ["marks"]),
        ("score", lambda r: r["ballots"][1]["scores"].update({"1": 6}), ["marks"]),
        ("score", lambda r: r["ballots"][1]["scores"].update({"1": -1}), ["marks"]),
        ("score", lambda r: r["ballots"][1]["scores"].update({"01": 1}), ["marks"]),
        ("ranked", lambda r: r["ballots"][1].update(choices=[A, A]), ["marks"]),
        ("ranked", lambda r: r["result"]["rounds"].pop(), ["rounds"]),
        ("ranked", lambda r: r["result"].update(rounds=None), ["rounds"]),
        ("plurality", lambda r: r["rules"]["threshold"].update(num=2), ["passed"]),
        ("plurality", lambda r: r["rules"].update(eligible=13), ["passed", "winners"]),
        ("plurality", lambda r: r["candidates"].append(r["candidates"][0]), ["candidates"]),
        ("plurality", lambda r: r["names"].update(nobody="김하나"), ["names"]),
    ],
)
def test_verify_finds_what_was_changed_when_the_digest_was_made_anew(
    verify: Verify, method: Method, change: Callable[[Record], Any], wrong: list[str]
) -> None:
    record = make_record(method)
    change(record)

    code, told, found = verify(seal(record))

    assert code == 1
    assert set(wrong) <= set(found), told
    assert "digest" not in found
    assert told.endswith("Not everything agrees.\n")


def test_verify_finds_a_wrong_digest(verify: Verify) -> None:
    record = make_record()
    record["question"]["title"] = "다른 물음"

    assert verify(record)[::2] == (1, ["digest"])


def test_verify_tells_what_a_receipt_holds(verify: Verify) -> None:
    code, told, _ = verify(make_record("ranked"), "--receipt", "7" * 32)

    assert code == 0
    assert f'{{"choices":[2,3,1],"receipt":"{"7" * 32}"}}' in told


def test_verify_finds_that_a_receipt_is_missing(verify: Verify) -> None:
    code, told, wrong = verify(make_record(), "--receipt", "0" * 32)

    assert (code, wrong) == (1, ["receipt"])
    assert "on no ballot" in told


def test_verify_counts_by_schulze_as_well_when_asked(verify: Verify) -> None:
    code, told, _ = verify(make_record("ranked"), "--rule", "schulze")

    assert code == 0
    assert "counted by schulze: winners 가 (1); tied nobody" in told


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\xff",
        b"[]",
        b"{}",
        b"null",
        b"[" * 100_000,
        json.dumps(make_record()).encode().replace(b'"poll": 7', b'"poll": 8, "poll": 7'),
        *(
            json.dumps(make_record() | change).encode()
            for change in (
                {"method": "borda"},
                {"rules": None},
                {"rules": {}},
                {"candidates": 3},
                {"candidates": [{"id": 1}]},
                {"ballots": [{"choices": [1]}]},
                {"ballots": [{"receipt": "a", "choices": ["x"]}]},
                {"ballots": [{"receipt": "a", "choices": 1}]},
                {"result": {"share": 0.5}},
                {"names": 3},
                {"rules": {**make_record()["rules"], "seats": "1"}},
                {"rules": {**make_record()["rules"], "threshold": {"num": 1}}},
                {"rules": {**make_record()["rules"], "threshold": {**THRESHOLD, "of": "all"}}},
                {"rules": {**make_record()["rules"], "threshold": {**THRESHOLD, "rule": ""}}},
            )
        ),
        json.dumps(make_record()).encode().replace(b'"poll": 7', b'"poll": NaN'),
    ],
)
def test_verify_says_that_it_cannot_read_what_is_no_record(verify: Verify, raw: bytes) -> None:
    code, told, _ = verify(raw)

    assert code == 2, told
    assert "is no record that can be checked" in told


def test_verify_says_that_it_cannot_read_a_file_that_is_missing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(tmp_path / "none.json")]) == 2
    assert "none.json" in capsys.readouterr().out


def test_verify_refuses_schulze_when_ballots_are_not_ranked(verify: Verify) -> None:
    assert verify(make_record(), "--rule", "schulze")[0] == 2


def test_verify_writes_no_control_characters_of_a_record(verify: Verify) -> None:
    record = make_record()
    record["candidates"][0]["name"] = "\x1b[2J\nok"

    told = verify(seal(record))[1]

    assert "\x1b" not in told
    assert not any(line.startswith("ok (1)") for line in told.splitlines())


def test_verify_runs_where_nothing_but_python_is_installed(tmp_path: Path) -> None:
    (tmp_path / "voting").mkdir()
    for name in ("__init__", "methods", "ranked", "record", "verify"):
        source = (ROOT / "voting" / f"{name}.py").read_bytes()
        (tmp_path / "voting" / f"{name}.py").write_bytes(source)
    (tmp_path / "record.json").write_text(json.dumps(make_record("ranked")), "utf-8")

    run = "import sys, runpy; sys.path.insert(0, ''); sys.argv = ['verify', 'record.json']; "
    run += "runpy.run_module('voting.verify', run_name='__main__')"
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", run],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")
