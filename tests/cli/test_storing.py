"""Commands on the store's files."""

import json
import os
from pathlib import Path

import pytest

from tests.cli.conftest import Run, read
from tests.server import Server, free_port


@pytest.fixture
def stopped(tmp_path: Path) -> Server:
    """A server that has stopped, with one ballot."""
    server = Server(tmp_path).start()
    server.cast(server.sign_up("ann"), [3])
    server.stop()
    return server


def test_store_is_checked_copied_and_restored(stopped: Server, rollcall: Run) -> None:
    checked = read(rollcall("check", "--json"))
    copied = rollcall("backup", "copy.json")
    stopped.start()
    stopped.cast(stopped.sign_up("bob"), [3])
    stopped.stop()
    restored = rollcall("restore", "copy.json")

    assert checked["documents"]["ballots"] == 1
    assert copied.stdout.endswith("The copy is copy.json.\n")
    assert "epoch 2 begins" in restored.stdout
    assert read(rollcall("check", "--json"))["documents"]["ballots"] == 1


def test_journal_is_compacted(tmp_path: Path, rollcall: Run) -> None:
    server = Server(tmp_path).start()
    server.sign_up("ann")
    server.kill()

    assert read(rollcall("check", "--json"))["newer"] > 0
    assert rollcall("compact").returncode == 0
    assert read(rollcall("check", "--json"))["newer"] == 0


def test_old_accounts_are_pruned(stopped: Server, rollcall: Run) -> None:
    planned = read(rollcall("prune", "--older-than", "1d", "--dry-run", "--json"))
    wrong = rollcall("prune", "--older-than", "soon")

    assert planned["accounts"]["stay"] == 1
    assert planned["dry_run"]
    assert (wrong.returncode, "'soon'" in wrong.stderr) == (2, True)


def test_backup_is_proved_by_a_drill(stopped: Server, rollcall: Run, tmp_path: Path) -> None:
    rollcall("backup", "copy.json")
    (tmp_path / "broken.json").write_text("{")

    assert read(rollcall("drill", "copy.json", "--json"))["faults"] == []
    assert rollcall("drill", "broken.json").returncode == 1


def test_damaged_store_ends_the_check_with_1(stopped: Server, rollcall: Run) -> None:
    document = json.loads(stopped.data.read_text())
    document["users"]["1"]["name"] = "Eve"
    stopped.data.write_text(json.dumps(document))

    edited = rollcall("check")
    stopped.data.write_text("{")
    broken = rollcall("check", "--json")

    assert (edited.returncode, broken.returncode) == (1, 1)
    assert "checksum does not hold" in edited.stdout
    assert broken.stdout == ""
    assert "damaged" in broken.stderr


def test_store_that_is_not_there_is_refused(rollcall: Run) -> None:
    ended, drilled = rollcall("check"), rollcall("drill", "")

    assert (ended.returncode, ended.stdout) == (2, "")
    assert "does not exist" in ended.stderr
    assert (drilled.returncode, "is no file" in drilled.stderr) == (2, True)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"todo": {"1": {"text": "buy milk"}}}', "has no document of Rollcall"),
        ("{}", "has no document of Rollcall"),
        ('{"meta": {"1": {"epoch": 1, "format": 99}}}', "a newer version wrote it"),
    ],
)
def test_what_no_version_up_to_this_one_wrote_is_not_restored(
    stopped: Server, rollcall: Run, tmp_path: Path, text: str, said: str
) -> None:
    (tmp_path / "other.json").write_text(text)
    before = stopped.data.read_bytes()

    ended = [rollcall(each, "other.json") for each in ("restore", "drill")]

    assert [each.returncode for each in ended] == [1, 1]
    assert all(said in each.stderr for each in ended)
    assert stopped.data.read_bytes() == before


def test_check_finds_a_store_of_a_newer_version(rollcall: Run, tmp_path: Path) -> None:
    (tmp_path / "newer.json").write_text('{"meta": {"1": {"epoch": 1, "format": 99}}}')

    ended = rollcall("check", "--data", "newer.json")

    assert (ended.returncode, "a newer version wrote it" in ended.stderr) == (1, True)


def test_wrong_words_end_with_a_sentence(rollcall: Run, tmp_path: Path) -> None:
    (tmp_path / "settings").write_bytes(b"\xff\xfe")

    late = rollcall("restore", "x.json", "--until", "9999-12-31T23:59", TZ="America/New_York")
    settings = rollcall("--env-file", "settings", "check")

    assert (late.returncode, "is no time" in late.stderr) == (2, True)
    assert (settings.returncode, "is not UTF-8" in settings.stderr) == (2, True)


def test_store_of_a_running_server_is_left_alone(server: Server, rollcall: Run) -> None:
    ended = rollcall("compact")

    assert ended.returncode == 2
    assert f"is in use by process {server.pid}" in ended.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
@pytest.mark.parametrize("user", [1, 54_321], ids=["with a name", "a number alone"])
def test_root_leaves_no_files_in_a_folder_of_another_user(
    stopped: Server, rollcall: Run, user: int
) -> None:
    os.chown(stopped.folder, user, user)

    ended = rollcall("check")
    made = rollcall("admin", "create", "ada@example.org", "--password-file", "-", given="x" * 9)
    doctor = rollcall("doctor")

    assert (ended.returncode, made.returncode, doctor.returncode) == (2, 2, 1)
    assert "sudo -u" in ended.stderr
    assert "sudo -u" in doctor.stdout
    assert "sudo -u" in made.stderr


def test_store_in_postgresql_is_backed_up_by_its_server_and_not_looked_for_in_files(
    rollcall: Run,
) -> None:
    url = "postgresql://localhost/rollcall"
    port = str(free_port())
    commands = ["check"], ["compact"], ["prune", "--older-than", "1y"], ["restore", "copy.json"]

    ended = [rollcall(*each, ROLLCALL_DATABASE_URL=url) for each in commands]
    backup = rollcall(
        "backup", "x.json", ROLLCALL_DATABASE_URL=url, ROLLCALL_PORT=port, ROLLCALL_TOKEN="t"
    )

    assert {each.returncode for each in ended} == {2}
    assert all("db.postgres.restoring URL FILE" in each.stderr for each in ended)
    assert (
        backup.returncode,
        f"no server answers at http://127.0.0.1:{port}" in backup.stderr,
    ) == (
        3,
        True,
    )


def test_copy_says_what_is_left_to_do(stopped: Server, rollcall: Run, tmp_path: Path) -> None:
    source, target = f"tinydb:///{stopped.data}", f"tinydb:///{tmp_path}/back/rollcall.json"
    before = tmp_path / "back" / "rollcall.json.keys"

    ended = rollcall("copy", source, target)
    again = rollcall("copy", source, target)
    wrong = rollcall("copy", str(stopped.data), target)
    stopped.data.write_bytes(stopped.data.read_bytes().replace(b'"format":3', b'"format":2'))
    damaged = rollcall("copy", source, f"tinydb:///{tmp_path}/other.json")

    secret = stopped.data.with_name("secret-key")
    assert ended.returncode == 0, ended.stderr
    assert f"The keys of its polls are in {before}." in ended.stdout
    assert f"cp -p {secret} {tmp_path}/back/secret-key" in ended.stdout
    assert (again.returncode, "move it away" in again.stderr) == (2, True)
    assert (wrong.returncode, "is no address of a store" in wrong.stderr) == (2, True)
    assert (damaged.returncode, "damaged: " in damaged.stderr) == (1, True)


def test_copy_reads_the_folder_of_the_keys_from_the_settings_of_this_folder(
    stopped: Server, rollcall: Run, tmp_path: Path
) -> None:
    (tmp_path / ".env").write_text(f"ROLLCALL_INSTANCE={tmp_path}/kept\n")
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "polls.keys").touch()

    ended = rollcall("copy", f"tinydb:///{stopped.data}", "postgresql://localhost/rollcall")

    assert f"{tmp_path}/kept/polls.keys exists" in ended.stderr
