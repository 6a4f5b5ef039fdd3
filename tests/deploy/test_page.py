"""docs/deploy.md, followed by a script from the first line on: see `machine.py`."""

import json
import os
import re
import shutil
import subprocess
import sys
from typing import Any

import pytest

from tests.conftest import need
from tests.deploy.site import NGINX
from tests.server import ROOT

APART = ["unshare", "--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc"]


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Return what was seen while the page was followed."""
    need(NGINX.exists(), "nginx", "apt-get install nginx-light")
    for program in ("openssl", "systemd-tmpfiles", "setpriv", "unshare"):
        need(
            shutil.which(program) is not None, program, "apt-get install openssl systemd util-linux"
        )
    if (
        os.geteuid() != 0
        or subprocess.run([*APART, "true"], check=False, capture_output=True).returncode
    ):
        pytest.skip("only root may make namespaces here")
    folder = tmp_path_factory.mktemp("machine")
    done = subprocess.run(
        [*APART, sys.executable, "-m", "tests.deploy.machine", str(folder)],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout)


def test_page_leads_to_a_server_behind_tls(seen: dict[str, Any]) -> None:
    assert "syntax is ok" in seen["nginx"]
    assert "X-Forwarded-For arrives as 127.0.0.1; 1 proxies are trusted" in seen["doctor"]
    assert "a WebSocket gets through" in seen["doctor"]
    assert seen["unused"] == [], "the page has these lines no more"


def test_rehearsal_over_a_restart_loses_nothing(seen: dict[str, Any]) -> None:
    assert seen["rehearsal_code"] == 0, seen["rehearsal"]
    assert "lost: 0 twice: 0 gave up: 0" in seen["rehearsal"]
    assert re.search(r"longest gap: [\d.]+ s; connections refused: 0", seen["rehearsal"])


def test_figures_need_their_token_through_the_proxy(seen: dict[str, Any]) -> None:
    assert seen["no_token"] is False
    assert "rollcall_writable 1.0" in seen["figures"]


def test_backups_are_proved_by_the_drill(seen: dict[str, Any]) -> None:
    assert re.match(r"/var/backups/rollcall/rollcall-\d{8}T\d{6}Z\.json: it can be", seen["drill"])
    assert seen["drill"].endswith("Everything agrees.\n")


def test_service_comes_back_after_a_kill_with_what_it_had(seen: dict[str, Any]) -> None:
    assert seen["signed_in"]["administrator"]


def test_files_are_checked_and_restored(seen: dict[str, Any]) -> None:
    assert "Every checksum holds." in seen["check"]
    assert "epoch 2 begins" in seen["restore"]


def test_gunicorn_takes_the_place_of_the_server(seen: dict[str, Any]) -> None:
    assert seen["gunicorn"] is True


def test_store_of_the_oldest_format_is_upgraded_at_the_start(seen: dict[str, Any]) -> None:
    assert {name.split("-upgrade-")[0] for name in seen["upgraded"]} == {"rollcall.json.before"}
    assert seen["old_room"]["code"] == "lobby"
    assert "Traceback" not in seen["log"]
