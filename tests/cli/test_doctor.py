"""The doctor finds what is wrong, and nothing where nothing is."""

import json
import os
import re
from datetime import UTC, datetime, timedelta
from email.message import Message
from pathlib import Path
from tempfile import NamedTemporaryFile, TemporaryDirectory

import pytest

from api.settings import read_settings
from cli.checks import Machine, check_backups, check_folder, check_settings, file_system_of
from cli.reaching import FORGED, judge_headers
from tests.cli.conftest import Run, run_in
from tests.postgres import schema
from tests.server import Server, free_port

PUBLIC = "https://vote.example.org"


def wrongs(ended: "os.PathLike[str] | object") -> dict[str, str]:
    document = json.loads(ended.stdout)  # type: ignore[attr-defined]
    return {
        each["about"]: each["says"] for each in document["findings"] if each["verdict"] == "fault"
    }


def test_nothing_is_wrong_beside_a_running_server(server: Server) -> None:
    settings = {
        "ROLLCALL_PORT": str(server.port),
        "ROLLCALL_PUBLIC_URL": server.url,
        "ROLLCALL_DATABASE_URL": f"tinydb:///{server.data}",
    }

    ended = run_in(server.folder, "doctor", **settings)

    in_memory = file_system_of(server.folder) in ("tmpfs", "overlay")
    assert ended.returncode == int(in_memory), ended.stdout + ended.stderr
    assert f"a server answers at {server.url}" in ended.stdout
    assert "a WebSocket gets through" in ended.stdout
    assert "an fsync takes" in ended.stdout


def test_wrong_settings_are_found_before_the_start(rollcall: Run, tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir(mode=0o777)
    data.chmod(0o777)
    (data / "rollcall.json").touch(0o644)
    found = rollcall(
        "doctor",
        "--json",
        ROLLCALL_HOST=f"unix:{tmp_path}/s",
        ROLLCALL_DATABASE_URL=f"tinydb:///{data}/rollcall.json",
    )
    unknown = rollcall("doctor", "--json", ROLLCALL_COLOUR="red")

    assert (found.returncode, unknown.returncode) == (1, 1)
    assert "UNIX socket" in wrongs(found)["settings"]
    assert "others may read rollcall.json" in wrongs(found)["folder"]
    assert "ROLLCALL_COLOUR" in wrongs(unknown)["settings"]


def test_folder_that_the_user_can_not_enter_is_no_fault_of_the_doctor(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    tmp_path.chmod(0)
    root = os.geteuid() == 0
    with NamedTemporaryFile() as seed:  # nobody may be kept out of the checkout, too
        Path(seed.name).chmod(0o644)
        monkeypatch.setenv("ROLLCALL_SEED", seed.name)
        try:
            os.seteuid(65_534 if root else os.geteuid())
            (finding,) = check_settings(Machine())
        finally:
            os.seteuid(0 if root else os.geteuid())
            tmp_path.chmod(0o700)

    assert finding.verdict == "ok"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make another user's file")
def test_file_that_root_made_in_the_folder_of_the_server_is_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with TemporaryDirectory() as data:
        os.chown(data, 65_534, 65_534)
        (Path(data) / "rollcall.json").touch(0o600)
        monkeypatch.chdir(data)
        monkeypatch.setenv("ROLLCALL_DATABASE_URL", f"tinydb:///{data}/rollcall.json")
        machine = Machine()
        list(check_settings(machine))

        os.seteuid(65_534)
        try:
            found = [each.says for each in check_folder(machine) if each.verdict == "fault"]
        finally:
            os.seteuid(0)

    assert any("can't read and write rollcall.json" in says for says in found)


def test_postgresql_that_does_not_answer_is_found(rollcall: Run) -> None:
    url = f"postgresql://localhost:{free_port()}/rollcall"

    ended = rollcall("doctor", "--json", ROLLCALL_DATABASE_URL=url)

    assert ended.returncode == 1
    assert "can't be used" in wrongs(ended)["database"]


def test_role_that_may_make_no_tables_is_found(rollcall: Run) -> None:
    with schema() as url:
        nowhere = re.sub("search_path%3D[^%&]+", "search_path%3Dnowhere", url)
        ended = rollcall("doctor", "--json", ROLLCALL_DATABASE_URL=nowhere)

    assert ended.returncode == 1
    assert "its role may make no tables" in wrongs(ended)["database"]


def test_postgresql_that_forgets_what_it_has_committed_is_found(rollcall: Run) -> None:
    with schema() as url:
        ended = rollcall("doctor", "--json", ROLLCALL_DATABASE_URL=url)

    assert ended.returncode == 1
    assert "synchronous_commit is off" in wrongs(ended)["database"]


def test_folder_of_backups_that_can_not_be_written_is_found(rollcall: Run, tmp_path: Path) -> None:
    wrong = rollcall("doctor", "--json", ROLLCALL_BACKUP_DIR="/proc/backups")
    beside = rollcall("doctor", "--json", ROLLCALL_BACKUP_DIR=str(tmp_path / "backups"))

    says = {each["about"]: each for each in json.loads(beside.stdout)["findings"]}
    assert "/proc" in wrongs(wrong)["backups"]
    assert says["backups"]["verdict"] == "warning"
    assert "on the disk of the data" in says["backups"]["says"]
    assert not (tmp_path / "backups").exists()


@pytest.mark.parametrize(
    ("ages", "verdict", "says"),
    [
        ([], "warning", "has none that was taken before now"),
        ([-72], "warning", "has none that was taken before now"),
        ([72, 5, -72], "ok", " is 5 h old"),
        ([72, 7], "warning", " is 7 h old, and one is due every 6 h"),
        ([24 * 400], "warning", " is 400 days old, and one is due every 6 h"),
    ],
)
def test_doctor_says_how_old_the_newest_backup_is(
    ages: list[int], verdict: str, says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those of a time after now were taken while the clock was wrong."""
    now = datetime.now(UTC)
    for age in ages:
        (tmp_path / f"rollcall-{now - timedelta(hours=age):%Y%m%dT%H%M%SZ}.json").touch()

    monkeypatch.setenv("ROLLCALL_BACKUP_DIR", str(tmp_path))
    machine = Machine()
    machine.settings = read_settings()

    found = {each.about: each for each in check_backups(machine)}["newest backup"]

    assert (found.verdict, bool(found.do)) == (verdict, verdict == "warning")
    assert says in found.says


def test_public_address_that_leads_elsewhere_is_found(rollcall: Run, server: Server) -> None:
    ended = rollcall(
        "doctor", "--json", ROLLCALL_PORT=str(free_port()), ROLLCALL_PUBLIC_URL=server.url
    )

    assert ended.returncode == 1
    assert server.url in wrongs(ended)["proxy"]


@pytest.mark.parametrize(
    ("trusted", "forwarded", "proto", "host", "wrong"),
    [
        (1, f"{FORGED}, 198.51.100.2", "https", "vote.example.org", []),
        (1, "198.51.100.2", "https", "vote.example.org", []),
        (0, f"{FORGED}, 198.51.100.2", "https", "vote.example.org", ["PROXIES=1"]),
        (1, FORGED, "https", "vote.example.org", ["PROXIES=0"]),
        (2, f"{FORGED}, 198.51.100.2", "https", "vote.example.org", ["PROXIES=1"]),
        (1, "198.51.100.2", None, "vote.example.org", ["https"]),
        (1, "198.51.100.2", "https", "127.0.0.1:5000", ["Host"]),
    ],
)
def test_headers_of_a_proxy_are_judged(
    trusted: int, forwarded: str, proto: str | None, host: str, wrong: list[str]
) -> None:
    headers = Message()
    headers["Host"] = host
    headers["X-Forwarded-For"] = forwarded
    if proto is not None:
        headers["X-Forwarded-Proto"] = proto
    settings = read_settings({"ROLLCALL_TRUSTED_PROXIES": str(trusted)})

    faults = [each for each in judge_headers(settings, PUBLIC, headers) if each.verdict == "fault"]

    assert len(faults) == len(wrong)
    assert all(word in fault.do for word, fault in zip(wrong, faults, strict=True))
