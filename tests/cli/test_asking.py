"""Commands that ask a running server."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Ended, Run, read, run_in
from tests.server import Server, free_port

PASSWORD = ("--password-file", "-")
SECRET = "correct-horse\n"


@pytest.fixture
def rollcall(server: Server) -> Run:
    """Run a command on the machine of a running server."""

    def run(*arguments: str, given: str = "", **environ: str) -> Ended:
        settings = {"ROLLCALL_PORT": str(server.port)}
        settings["ROLLCALL_DATABASE_URL"] = f"tinydb:///{server.data}"
        return run_in(server.folder, *arguments, given=given, **{**settings, **environ})

    return run


def sign_in(rollcall: Run, email: str = "ada@example.org") -> None:
    read(rollcall("login", email, *PASSWORD, "--json", given=SECRET))


def test_vote_is_run_from_the_command_line(server: Server, rollcall: Run) -> None:
    made = rollcall("admin", "create", "ada@example.org", *PASSWORD, given=SECRET)
    sign_in(rollcall)
    (server.folder / "roll.csv").write_text("name,email,role\nBo,bo@example.org,voter\n")
    token = server.sign_in("ada@example.org")
    room = server.request("POST", "/rooms", token, json={"name": "Assembly"}).json()["code"]
    draft = {"title": "Who?", "candidates": [{"name": "Kim"}, {"name": "Lee"}]}
    poll = str(server.request("POST", f"/rooms/{room}/polls", token, json=draft).json()["id"])

    planned = read(rollcall("roll", "import", room, "roll.csv", "--dry-run", "--json"))
    merged = read(rollcall("roll", "import", room, "roll.csv", "--json"))
    opened = rollcall("poll", "open", poll)
    server.cast(server.sign_up("bo"), [2], poll=int(poll))
    closed = read(rollcall("poll", "close", poll, "--json"))
    results = rollcall("poll", "results", poll)
    exported = rollcall("export", room, "all.json")

    assert made.returncode == 0, made.stderr
    assert (planned["added"], planned["names"], merged["added"]) == (1, ["Bo"], 1)
    assert opened.stdout == f"Poll {poll} is open: Who?\n"
    assert closed["state"] == "closed"
    assert f"Poll {poll} is closed" in results.stdout
    assert json.loads((server.folder / "all.json").read_text())["room"]["code"] == room
    assert exported.returncode == 0


def test_running_server_gives_a_backup_to_its_administrator(server: Server, rollcall: Run) -> None:
    refused = rollcall("backup", "copy.json")
    rollcall("admin", "create", "ada@example.org", *PASSWORD, given=SECRET)
    sign_in(rollcall)
    copied = rollcall("backup", "copy.json")
    again = rollcall("backup", "copy.json")

    assert refused.returncode == again.returncode == 2
    assert "rollcall login" in refused.stderr
    assert copied.returncode == 0, copied.stderr
    copy = server.folder / "copy.json"
    assert copy.stat().st_mode & 0o777 == 0o600
    assert read(rollcall("check", "--data", str(copy), "--json"))["documents"]["users"] == 1


def test_refusals_of_the_server_are_printed_with_every_fault(server: Server, rollcall: Run) -> None:
    server.sign_up("ada")
    sign_in(rollcall)
    room = server.request("POST", "/rooms", server.sign_in("ada@example.org"), json={"name": "A"})
    (server.folder / "roll.csv").write_text("name,email\n,bo\nCy,cy\n")

    imported = rollcall("roll", "import", room.json()["code"], "roll.csv")
    wrong = rollcall("login", "ada@example.org", *PASSWORD, given="wrong-horse\n")
    foreign = rollcall("poll", "close", "1")

    assert [each.returncode for each in (imported, wrong, foreign)] == [2, 2, 2]
    assert "line.2" in imported.stderr
    assert "line.3" in imported.stderr
    assert "bad_credentials" in wrong.stderr
    assert "forbidden" in foreign.stderr


def test_session_ends_at_logout(server: Server, rollcall: Run) -> None:
    server.sign_up("ada")
    sign_in(rollcall)
    token = next(
        iter(json.loads((server.folder / "config/rollcall/tokens.json").read_text()).values())
    )

    ended = rollcall("logout")

    assert ended.returncode == 0, ended.stderr
    assert rollcall("poll", "open", "1").returncode == 2
    assert server.request("GET", "/auth/me", token).status_code == 401


def test_missing_server_ends_with_3(tmp_path: Path) -> None:
    url = f"http://127.0.0.1:{free_port()}"

    ended = run_in(tmp_path, "poll", "results", "1", "--url", url)

    assert ended.returncode == 3
    assert url in ended.stderr


def test_administrator_is_made_while_the_server_is_stopped(server: Server, rollcall: Run) -> None:
    server.sign_up("ada")
    server.stop()

    first = read(rollcall("admin", "create", "ada@example.org", *PASSWORD, "--json", given="any\n"))
    second = rollcall("admin", "create", "bo@example.org", *PASSWORD, given=SECRET)
    short = rollcall("admin", "create", "cy@example.org", *PASSWORD, given="short\n")
    server.start()

    assert first == {"email": "ada@example.org", "made": False}
    assert second.returncode == 0, second.stderr
    assert (short.returncode, "password" in short.stderr) == (2, True)
    assert not (server.folder / "setup-code").exists()
    for name in ("ada", "bo"):
        token = server.sign_in(f"{name}@example.org")
        assert server.request("GET", "/admin/users", token).status_code == 200


def test_running_server_makes_further_administrators(server: Server, rollcall: Run) -> None:
    server.sign_up("cy")
    wrong = "wrong-horse\n"

    first = rollcall("admin", "create", "ada@example.org", *PASSWORD, given=SECRET)
    second = rollcall("admin", "create", "bo@example.org", *PASSWORD, given=SECRET)
    known = rollcall("admin", "create", "cy@example.org", *PASSWORD, "--json", given=SECRET)
    refused = rollcall("admin", "create", "ada@example.org", *PASSWORD, given=wrong)

    assert (first.returncode, second.returncode, refused.returncode) == (0, 0, 2), second.stderr
    assert read(known) == {"email": "cy@example.org", "made": False}
    assert "ada@example.org has an account with another password" in refused.stderr
    assert not (server.folder / "setup-code").exists()
    for name in ("ada", "bo", "cy"):
        token = server.sign_in(f"{name}@example.org")
        assert server.request("GET", "/admin/users", token).status_code == 200


def test_code_that_a_killed_command_left_is_removed_at_the_next_start(
    server: Server, rollcall: Run
) -> None:
    rollcall("admin", "create", "ada@example.org", *PASSWORD, given=SECRET)
    (server.folder / "setup-code").write_text("0123456789abcdef")

    server.stop()
    server.start()

    assert not (server.folder / "setup-code").exists()


@pytest.mark.parametrize("url", ["http://[::1", "http://a..b", "http://exa mple", "http://x:99999"])
def test_what_is_no_address_is_refused(tmp_path: Path, url: str) -> None:
    ended = run_in(tmp_path, "poll", "results", "1", "--url", url)

    assert (ended.returncode, ended.stdout) == (2, "")
    assert "is no address" in ended.stderr
