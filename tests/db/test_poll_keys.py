"""The file of polls' keys: what was changed, cut, exchanged or lost in it is noticed."""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from api.records import Records
from db.__main__ import main
from db.journal import Corrupt, Mismatch, Unavailable
from db.poll_keys import PollKeys
from db.tinydb_store import TinyDBStore
from tests.keys import keys_path, read_keys
from tests.server import ROOT
from tests.unit.lobby import NOW, add_account, add_poll, cast_ballot, fresh
from voting.casting import Vote
from voting.ending import close_poll
from voting.log import CLOCK
from voting.model.polls import Poll

CHANGES = (0x01, 0x20, 0x80, 0xFF)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A store with three polls, one of them closed, that was stopped cleanly."""
    path = tmp_path / "rollcall.json"
    store = TinyDBStore(path, NOW)
    for secrecy in ("secret", "named", "named"):
        poll = add_poll(store, secrecy=secrecy)
        cast_ballot(store, poll.id, add_account(store, f"ann{poll.id}"), Vote(()), fresh())
    close_poll(store, poll.id, NOW, CLOCK)
    store.close()
    return path


def damaged(sound: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield the file with each byte changed in some ways, cut at each length, and grown."""
    for place in range(len(sound)):
        for change in CHANGES:
            byte = bytes([sound[place] ^ change])
            yield f"byte {place} by {change}", sound[:place] + byte + sound[place + 1 :]
        yield f"cut at {place}", sound[:place]
        yield f"a byte more at {place}", sound[:place] + b"0" + sound[place:]
    yield "twice", sound * 2
    yield "zeros", bytes(len(sound))


def test_every_damage_of_the_file_is_noticed(data: Path) -> None:
    path = keys_path(data)
    sound, keys = path.read_bytes(), read_keys(data)

    for what, content in damaged(sound):
        path.write_bytes(content)
        with pytest.raises(Corrupt) as caught:
            raise_unless_corrupt(path, what)

        assert str(path) in str(caught.value)
        assert not any(key in str(caught.value) for key in keys.values())


def raise_unless_corrupt(path: Path, what: str) -> None:
    PollKeys(path)
    raise AssertionError(f"{what} was not noticed")


def some(sound: bytes) -> dict[str, bytes]:
    digit = sound.index(b'":"') + 5
    changed = b"1" if sound[digit : digit + 1] != b"1" else b"2"
    return {
        "a digit": sound[:digit] + changed + sound[digit + 1 :],
        "cut": sound[: len(sound) // 2],
        "empty": b"",
        "nothing": b"{}",
    }


@pytest.mark.parametrize("damage", ["a digit", "cut", "empty", "nothing", "lost"])
def test_start_is_refused_and_check_names_the_file_when_it_was_damaged(
    data: Path, damage: str
) -> None:
    path = keys_path(data)
    if damage == "lost":
        path.unlink()
    else:
        path.write_bytes(some(path.read_bytes())[damage])

    with pytest.raises((Corrupt, Mismatch), match=r"rollcall\.json\.keys"):
        TinyDBStore(data, NOW)
    done = check(data)

    assert done.returncode == 1
    assert "rollcall.json.keys" in done.stderr


def check(path: Path) -> Any:
    command = [sys.executable, "-m", "db", "check", "--data", path]
    options: dict[str, Any] = {"capture_output": True, "text": True, "timeout": 60}
    return subprocess.run(command, cwd=ROOT, check=False, **options)


def test_check_is_content_with_sound_files_and_with_a_backup(data: Path, tmp_path: Path) -> None:
    copy = tmp_path / "elsewhere" / "backup.json"
    copy.parent.mkdir()
    assert main(["backup", str(copy), "--data", str(data)]) == 0

    for path in (data, copy):
        assert main(["check", "--data", str(path)]) == 0


@pytest.mark.parametrize("secrecy", ["secret", "named"])
def test_whole_file_of_another_store_is_noticed(tmp_path: Path, secrecy: str) -> None:
    paths = [tmp_path / name / "rollcall.json" for name in ("ours", "theirs")]
    for path in paths:
        store = TinyDBStore(path, NOW)
        add_poll(store, secrecy=secrecy)
        store.close()
    ours, theirs = map(keys_path, paths)
    ours.write_bytes(theirs.read_bytes())

    with pytest.raises(Mismatch, match=r"keys has another key of poll 1"):
        TinyDBStore(paths[0], NOW)

    assert check(paths[0]).returncode == 1


def test_fingerprint_shows_nothing_of_the_key_and_goes_with_it(tmp_path: Path) -> None:
    path = tmp_path / "rollcall.json"
    store = TinyDBStore(path, NOW)
    poll = add_poll(store, secrecy="secret")
    kept = store.get(Poll, poll.id)
    assert kept is not None
    fingerprint, key = str(kept.key_fingerprint), read_keys(path)[str(poll.id)]

    close_poll(store, poll.id, NOW, CLOCK)
    closed = store.get(Poll, poll.id)
    store.close()

    assert len(fingerprint) == 32
    assert fingerprint not in key
    assert closed is not None
    assert closed.key_fingerprint is None
    assert fingerprint.encode() not in path.read_bytes()


def earlier(data: Path) -> bytes:
    """Make a store's files as an earlier version left them; return the file of keys."""
    rows = json.loads(data.read_bytes())
    for row in rows["polls"].values():
        del row["key_fingerprint"], row["missed_opening"]
    data.write_bytes(json.dumps(rows).encode())
    keys = json.dumps(read_keys(data), separators=(",", ":")).encode()
    keys_path(data).write_bytes(keys)
    return keys


def test_field_is_read_under_the_name_that_an_earlier_version_gave_it(data: Path) -> None:
    rows = json.loads(data.read_bytes())
    row = next(iter(rows["polls"].values()))
    del row["tally_shown"]
    row["tally_told"] = True
    data.write_bytes(json.dumps(rows).encode())

    store = TinyDBStore(data, NOW)
    polls = store.each(Poll)
    store.close()

    assert [poll.tally_shown for poll in polls] == [True, False, False]


def test_file_of_an_earlier_version_is_taken_and_sealed(data: Path) -> None:
    before = earlier(data)
    check(data)
    assert keys_path(data).read_bytes() == before, "a check changes nothing"

    TinyDBStore(data, NOW).close()

    assert read_keys(data) == json.loads(before)
    assert check(data).returncode == 0


def test_earlier_file_that_is_put_back_damaged_is_noticed_by_the_fingerprint(data: Path) -> None:
    before = earlier(data)
    TinyDBStore(data, NOW).close()
    keys_path(data).write_bytes(some(before)["a digit"])

    with pytest.raises(Mismatch, match="another key of poll 1"):
        TinyDBStore(data, NOW)


def test_own_ballot_is_shown_by_a_closed_named_poll_when_its_key_is_another(data: Path) -> None:
    store = TinyDBStore(data, NOW)
    (poll,) = (each for each in store.each(Poll) if each.state == "closed")
    voter = store.find(type(add_account(store, "x")), "email_key", f"ann{poll.id}@example.org")
    with store.transaction():
        store.save(replace(poll, key_fingerprint="0" * 32))
    store.close()

    store = TinyDBStore(data, NOW)
    found = Records(store).own_ballot(poll, voter.person)

    assert poll.id not in store.keyed_polls()
    assert found is not None
    store.close()


def test_start_says_so_when_the_file_can_not_be_read(data: Path) -> None:
    path = keys_path(data)
    path.unlink()
    path.mkdir()

    with pytest.raises(Unavailable) as caught:
        TinyDBStore(data, NOW)

    assert str(path) in str(caught.value)
