"""The files of deploy/: units, containers and the page that leads through them agree."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from api.settings import PREFIX, SETTINGS, read_settings
from tests.cli.test_main import ALL
from tests.server import ROOT

DEPLOY = ROOT / "deploy"
PAGE = (ROOT / "docs" / "deploy.md").read_text()
EXPOSURE = 2.0
"""The most that `systemd-analyze security` may say of the unit, out of ten."""


@pytest.fixture(scope="module")
def units(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the units, and with a program that is on this machine."""
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is missing: apt-get install systemd")
    folder = tmp_path_factory.mktemp("units")
    for name in ("rollcall.service", "rollcall.socket", "rollcall@.service", "rollcall@.socket"):
        text = (DEPLOY / name).read_text().replace("/opt/rollcall/bin/rollcall", "/bin/true")
        (folder / name).write_text(text)
    return folder


def test_units_are_accepted_by_systemd(units: Path) -> None:
    done = subprocess.run(
        ["systemd-analyze", "verify", *map(str, units.iterdir())],
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")


def test_socket_that_the_server_makes_is_the_proxys_too(tmp_path: Path) -> None:
    if shutil.which("systemd-tmpfiles") is None:
        pytest.skip("systemd-tmpfiles is missing: apt-get install systemd")
    (tmp_path / "etc").mkdir()
    me, group = os.geteuid(), os.getegid()
    (tmp_path / "etc" / "passwd").write_text(f"rollcall:x:{me}:{group}::/:/bin/false\n")
    (tmp_path / "etc" / "group").write_text(f"www-data:x:{group}:\n")

    subprocess.run(
        [
            "systemd-tmpfiles",
            "--create",
            f"--root={tmp_path}",
            str(DEPLOY / "rollcall-tmpfiles.conf"),
        ],
        check=True,
    )

    unit = (DEPLOY / "rollcall.socket").read_text()
    made = tmp_path / "run" / "rollcall"
    assert f"/{made.relative_to(tmp_path)}/http.sock" in unit
    assert made.stat().st_mode & 0o7777 == 0o2755


def test_worker_is_confined_as_the_service_is() -> None:
    alone, worker = (
        {
            line
            for line in (DEPLOY / name).read_text().splitlines()
            if not line.startswith(("#", "Description", "Requires", "After", "ExecStart"))
        }
        for name in ("rollcall.service", "rollcall@.service")
    )

    assert worker - alone == {"Environment=ROLLCALL_WORKER=%i ROLLCALL_INSTANCE=/var/lib/rollcall"}
    assert alone - worker == set()


def test_service_is_as_confined_as_the_page_says(units: Path) -> None:
    done = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", str(units / "rollcall.service")],
        capture_output=True,
        text=True,
        check=False,
    )

    found = re.search(r"Overall exposure level for rollcall.service: ([\d.]+)", done.stdout)
    assert found is not None
    assert float(found[1]) <= EXPOSURE
    assert f"rates it {found[1]}" in PAGE


def test_page_names_every_file_and_none_that_is_not_there() -> None:
    named = set(
        re.findall(
            r"(?<![\w/.])(?:deploy/)?((?:rollcall@?|nginx|gunicorn|Docker|compose|kube|Caddy|grafana|prometheus)[\w.-]*)",
            PAGE,
        )
    )
    files = {path.name for path in DEPLOY.iterdir() if path.is_file()}

    assert files - named - {"Dockerfile.dockerignore"} == set()
    assert set(re.findall(r"`deploy/([\w.-]+)`", PAGE)) <= files


def test_page_uses_only_commands_that_there_are() -> None:
    command = (
        r"(?<![\w/])(?<!-[ugo] )rollcall (?:--env-file \S+ )?([a-z]+(?: create| close)?)(?= |`|$)"
    )
    used = re.findall(command, PAGE, re.MULTILINE)

    assert used
    assert set(used) <= ALL.keys()


@pytest.mark.parametrize("name", ["rollcall.env", "Dockerfile", "compose.yaml", "kubernetes.yaml"])
def test_settings_are_ones_that_there_are(name: str) -> None:
    named = set(re.findall(rf"{PREFIX}([A-Z_]+)", (DEPLOY / name).read_text()))

    assert named
    assert named <= SETTINGS.keys()


def test_settings_of_the_service_are_accepted() -> None:
    lines = (DEPLOY / "rollcall.env").read_text().splitlines()
    given = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))

    settings = read_settings(given)

    assert (DEPLOY / "rollcall.socket").read_text().count(settings.host.removeprefix("unix:")) == 1
    assert settings.trusted_proxies == 1


def test_compose_names_only_what_it_defines() -> None:
    compose: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())

    for service in compose["services"].values():
        assert set(service.get("networks", ())) <= compose["networks"].keys()
        assert set(service.get("depends_on", ())) <= compose["services"].keys()
        named = {volume.split(":")[0] for volume in service.get("volumes", ())}
        assert named <= compose["volumes"].keys()


def test_parts_of_the_manifest_find_each_other() -> None:
    documents = list(yaml.safe_load_all((DEPLOY / "kubernetes.yaml").read_text()))
    parts = {document["kind"]: document["spec"] for document in documents if "spec" in document}
    deployment = parts["Deployment"]
    pod = deployment["template"]
    (container,) = pod["spec"]["containers"]
    ports = {port["name"] for port in container["ports"]}

    assert deployment["selector"]["matchLabels"] == pod["metadata"]["labels"]
    assert parts["Service"]["selector"] == pod["metadata"]["labels"]
    assert parts["NetworkPolicy"]["podSelector"]["matchLabels"] == pod["metadata"]["labels"]
    assert {port["targetPort"] for port in parts["Service"]["ports"]} <= ports
    assert {each["name"] for each in container["volumeMounts"]} == {
        each["name"] for each in pod["spec"]["volumes"]
    }
    assert (deployment["replicas"], deployment["strategy"]["type"]) == (1, "Recreate")
    assert json.dumps(documents).count('"name": "rollcall"') > 5


def test_caddy_accepts_its_file() -> None:
    caddy = shutil.which("caddy")
    if caddy is None:
        pytest.skip("caddy is missing: apt-get install caddy")
    done = subprocess.run(
        [caddy, "validate", "--adapter", "caddyfile", "--config", str(DEPLOY / "Caddyfile")],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
