"""The verifier finds whatever was changed in a record, and says what it can't check."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.unit.records import THRESHOLD, A, B, C, Record, Verify, make_record, seal
from voting.methods import Method
from voting.verify.__main__ import main

ROOT = Path(__file__).parents[2]
MODULES = (
    "__init__",
    "canonical",
    "chain",
    "leaves",
    "merkle",
    "methods",
    "ranked",
    "record",
    "record_v1",
    "rest",
    "run_off",
    "verdicts",
)
"""What verifying needs beside `voting/verify`, as docs/counting.md says."""


def swap_names(record: Record) -> None:
    """Let the first two names change places, with their salts."""
    for held in (record["names"], record["salts"]):
        first, second = [*held][:2]
        held[first], held[second] = held[second], held[first]


@pytest.mark.parametrize("method", ["plurality", "approval", "score", "ranked"])
def test_verify_agrees_when_nothing_was_changed(verify: Verify, method: Method) -> None:
    code, printed, wrong = verify(make_record(method))

    assert (code, wrong) == (0, [])
    assert printed.endswith("Everything agrees.\n")


def test_verify_shows_who_won_and_what_it_cannot_prove(verify: Verify) -> None:
    _, printed, _ = verify(make_record())

    assert "counted: winners 가 (1); tied nobody" in printed
    assert "not checked: that 7 were present and 9 eligible" in printed
    assert "not checked: that no ballot was left out or added" in printed
    assert "not checked: who is in the electorate" in printed


def test_verify_prints_the_verdict_of_a_motion(verify: Verify) -> None:
    code, printed, _ = verify(make_record("motion"))

    assert code == 0
    assert "counted: the motion is carried: 3 for, 1 against, 1 abstain" in printed
    assert "winners nobody" not in printed


@pytest.mark.parametrize("method", ["motion", "plurality"])
def test_verify_prints_that_nothing_is_decided_without_the_quorum(
    verify: Verify, method: Method
) -> None:
    code, printed, _ = verify(make_record(method, quorum_rule="require", required=8))

    assert code == 0
    assert "counted: nothing is decided without the quorum" in printed
    assert "winners nobody" not in printed


def test_verify_agrees_when_a_name_was_deleted(verify: Verify) -> None:
    code, printed, _ = verify({**make_record(), "names": {}, "salts": {}})

    assert code == 0
    assert "not checked: the names of 5 ballots" in printed


@pytest.mark.parametrize(
    ("method", "change", "wrong"),
    [
        ("plurality", lambda r: r["ballots"][1].update(choices=[C]), ["votes"]),
        ("plurality", lambda r: r["result"].update(winners=[B]), ["winners"]),
        ("plurality", lambda r: r["result"].update(verdict="tied"), ["verdict"]),
        ("plurality", lambda r: r["result"].pop("verdict"), ["verdict"]),
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
        ("plurality", lambda r: r["bases"].update(eligible=13), ["passed", "winners", "eligible"]),
        ("plurality", lambda r: r["electorate"].update(size=4), ["eligible"]),
        ("plurality", lambda r: r["electorate"]["admissions"].clear(), ["eligible"]),
        ("plurality", lambda r: r["electorate"].update(digest=None), ["electorate"]),
        ("plurality", lambda r: r.update(salt="0" * 32), ["salt"]),
        ("plurality", lambda r: r["rules"].update(secrecy="secret"), ["marks", "salts"]),
        ("plurality", lambda r: r["salts"].pop("9" * 32), ["salts", "names"]),
        ("plurality", lambda r: r["names"].pop("9" * 32), ["salts"]),
        ("plurality", swap_names, ["names"]),
        ("plurality", lambda r: r.update(extra=1), ["keys"]),
        ("plurality", lambda r: r["candidates"].append(r["candidates"][0]), ["candidates"]),
        ("plurality", lambda r: r["names"].update(nobody="김하나"), ["names"]),
    ],
)
def test_verify_finds_what_was_changed_when_the_digest_was_made_anew(
    verify: Verify, method: Method, change: Callable[[Record], Any], wrong: list[str]
) -> None:
    record = make_record(method)
    change(record)

    code, printed, found = verify(seal(record))

    assert code == 1
    assert set(wrong) <= set(found), printed
    assert "digest" not in found
    assert printed.endswith("Not everything agrees.\n")


def test_verify_finds_a_verdict_in_spite_of_a_quorum_that_is_required(verify: Verify) -> None:
    record = make_record(quorum_rule="require")
    missed = {**record, "bases": {**record["bases"], "required": 8}}

    assert verify(record)[0] == 0
    assert verify(seal(missed))[::2] == (1, ["verdict", "winners"])


def test_verify_finds_a_wrong_digest(verify: Verify) -> None:
    record = make_record()
    record["question"]["title"] = "다른 물음"

    assert verify(record)[::2] == (1, ["digest"])


def test_verify_shows_what_a_receipt_holds(verify: Verify) -> None:
    record = make_record("ranked", secrecy="secret")

    code, printed, _ = verify(record, "--receipt", "7" * 32)

    assert code == 0
    assert f'{{"choices":[2,3,1],"receipt":"{"7" * 32}"}}' in printed


def test_verify_finds_that_a_receipt_is_missing(verify: Verify) -> None:
    code, printed, wrong = verify(make_record(), "--receipt", "0" * 32)

    assert (code, wrong) == (1, ["receipt"])
    assert "on no ballot" in printed


def test_verify_counts_by_schulze_as_well_when_asked(verify: Verify) -> None:
    code, printed, _ = verify(make_record("ranked"), "--rule", "schulze")

    assert code == 0
    assert "counted by schulze, for comparison: winners 가 (1); tied nobody" in printed


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
def test_verify_refuses_files_that_are_not_records(verify: Verify, raw: bytes) -> None:
    code, printed, _ = verify(raw)

    assert code == 2, printed
    assert "can't be read as a record" in printed


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b'{"exported_at": "2026-11-27T13:41:28.547Z", "polls": []}', "it is an export"),
        (b'{"poll": 7}', "it lacks 'method'"),
    ],
)
def test_verify_says_in_words_what_another_file_is(verify: Verify, raw: bytes, said: str) -> None:
    code, printed, _ = verify(raw)

    assert (code, said in printed) == (2, True), printed


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

    printed = verify(seal(record))[1]

    assert "\x1b" not in printed
    assert not any(line.startswith("ok (1)") for line in printed.splitlines())


def test_verify_runs_where_nothing_but_python_is_installed(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "voting" / "verify", tmp_path / "voting" / "verify")
    for name in MODULES:
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
