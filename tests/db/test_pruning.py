"""`python -m db prune`: what it lists, what it removes, and what it refuses."""

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from db.__main__ import main
from db.tinydb_store import TinyDBStore
from tests.unit.lobby import add_account, add_poll, begin, cast_ballot, fresh
from voting.casting import Vote
from voting.chat import send_message
from voting.model.rooms import Message, Room
from voting.people import find_room, standing_in
from voting.rooms import add_guest

NOW = datetime.now(UTC)
OLD = NOW - timedelta(days=400)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A store with two old lines of a chat, a new one, an old guest, and an unused account."""
    path = tmp_path / "rollcall.json"
    store = TinyDBStore(path, OLD)
    with store.transaction():
        room = store.add(Room(0, "lobby", "Lobby", "public"))
    add_account(store, "ann")
    guest = add_guest(store, room, "Kim", OLD)
    for text, sent_at in (("old line 1", OLD), ("old line 2", OLD), ("new line", NOW)):
        found = find_room(store, "lobby")
        send_message(store, found, standing_in(store, found, guest), text, sent_at)
    store.close()
    return path


def run(capsys: pytest.CaptureFixture[str], path: Path, *options: str) -> tuple[int, list[str]]:
    code = main(["prune", "--data", str(path), *options])
    return code, capsys.readouterr().out.splitlines()


def test_dry_run_lists_what_would_go_and_removes_nothing(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, lines = run(capsys, path, "--older-than", "365d", "--dry-run")

    assert code == 0
    assert lines[0].startswith(f"{path}: what is older than {NOW - timedelta(days=365):%Y-%m-%d}")
    assert lines[1:] == [
        "accounts: 0 would go, 1 stay",
        "guests: 1 would go, 0 stay",
        "  room lobby",
        "removed: 0 would go, 0 stay",
        "attendance: 0 would go, 0 stay",
        "messages: 2 would go, 1 stay",
        "  room lobby: 2",
        "invitations: 0 would go, 0 stay",
        "Nothing was removed.",
    ]
    assert b"old line 2" in path.read_bytes()


def test_dry_run_changes_no_file(
    path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nor does it copy a key. It sees what an open secret poll needs all the same."""
    store = TinyDBStore(path, OLD)
    poll, voter = add_poll(store, secrecy="secret"), add_account(store, "ben")
    begin(store, now=OLD)
    cast_ballot(store, poll.id, voter, Vote((poll.candidates[0].id,)), fresh(OLD))
    killed = shutil.copytree(path.parent, tmp_path / "killed") / path.name
    store.close()
    before = contents_of(killed.parent)

    code, lines = run(capsys, killed, "--older-than", "1d", "--only", "accounts", "--dry-run")

    assert (code, lines[1]) == (0, "accounts: 1 would go, 1 stay")
    assert "ann@example.org" in lines[2]
    assert contents_of(killed.parent) == before


def contents_of(folder: Path) -> dict[str, bytes]:
    """Return the files of a store, without its lock."""
    files = (each for each in folder.iterdir() if each.suffix != ".lock" and each.is_file())
    return {each.name: each.read_bytes() for each in files}


def test_refused_dry_run_names_the_file_of_the_store(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path.with_name(path.name + ".keys").write_text("no keys")

    code = main(["prune", "--data", str(path), "--older-than", "1d", "--dry-run"])

    assert code == 1
    assert capsys.readouterr().err.startswith(f"damaged: {path}.keys is not as it was written")


def test_pruning_lists_what_went_and_leaves_no_byte_of_it(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, lines = run(capsys, path, "--older-than", "1y")

    assert code == 0
    assert [line for line in lines if " went," in line and ": 0" not in line] == [
        "guests: 1 went, 0 stay",
        "messages: 2 went, 1 stay",
    ]
    left = b"".join(each.read_bytes() for each in path.parent.iterdir() if each.is_file())
    assert b"old line" not in left
    assert b'"nickname":"Kim"' not in left
    store = TinyDBStore(path, NOW)
    assert [each.text for each in store.each(Message)] == ["new line"]
    store.close()


def test_unused_account_is_listed_by_its_email(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, lines = run(capsys, path, "--older-than", "1d", "--only", "accounts", "--dry-run")

    assert lines[1:] == ["accounts: 1 would go, 0 stay", "  u1 ann@example.org", lines[-1]]


@pytest.mark.parametrize(
    "options",
    [
        (),
        ("--older-than", "365"),
        ("--older-than", "0d"),
        ("--older-than", "101y"),
        ("--older-than", "1d", "--only", "ballots"),
    ],
)
def test_arguments_are_refused_that_say_nothing_certain(path: Path, options: tuple[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["prune", "--data", str(path), *options])

    assert caught.value.code == 2


def test_damaged_store_is_not_pruned(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    damaged = path.read_bytes()[:-40]
    path.write_bytes(damaged)

    assert run(capsys, path, "--older-than", "1d")[0] == 1
    assert path.read_bytes() == damaged
