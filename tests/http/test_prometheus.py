"""The alerts and the dashboard of deploy/, by a Prometheus that reads a running server."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml

from api.figures import TEXTS
from tests.conftest import need
from tests.db.journal.calls import wait_until
from tests.postgres import of_files
from tests.server import ROOT, Server, free_port

RULES, DASHBOARD = (
    ROOT / "deploy" / name for name in ("prometheus-rules.yml", "grafana-dashboard.json")
)
TOKEN = "a-token-of-prometheus-longer-than-32-bytes"
INTERVAL = "2s"
CONFIG = """
global: {{scrape_interval: 200ms, evaluation_interval: 200ms}}
rule_files: [{rules}]
scrape_configs:
  - job_name: rollcall
    authorization: {{credentials: {token}}}
    static_configs: [{{targets: ["127.0.0.1:{port}"]}}]
"""


def rules() -> list[dict[str, str]]:
    (group,) = yaml.safe_load(RULES.read_text())["groups"]
    found: list[dict[str, str]] = group["rules"]
    return found


def queries(*, of_postgres: bool = True) -> list[str]:
    panels = json.loads(DASHBOARD.read_text())["panels"]
    return [
        target["expr"]
        for panel in panels
        for target in panel["targets"]
        if of_postgres or not panel["title"].startswith("PostgreSQL")
    ]


class Prometheus:
    """A Prometheus that reads one server."""

    def __init__(self, folder: Path, server: Server) -> None:
        path = shutil.which("prometheus")
        need(path is not None, "Prometheus", "apt-get install prometheus")
        self.url = f"http://127.0.0.1:{free_port()}"
        config = folder / "prometheus.yml"
        config.write_text(CONFIG.format(rules=RULES, token=TOKEN, port=server.port))
        command = [
            str(path),
            f"--config.file={config}",
            f"--storage.tsdb.path={folder / 'series'}",
            f"--web.listen-address={self.url.removeprefix('http://')}",
        ]
        self._log = (folder / "prometheus.log").open("w")
        self._process = subprocess.Popen(command, stdout=self._log, stderr=self._log)

    def ask(self, path: str, **query: str) -> Any:
        """Return what its API answers; None until it has started."""
        try:
            answer = requests.get(f"{self.url}/api/v1/{path}", params=query, timeout=60)
        except requests.ConnectionError:
            return None
        if answer.status_code == 503:
            return None
        assert answer.ok, answer.text
        return answer.json()["data"]

    def value(self, query: str) -> list[float]:
        """Return the numbers that a query gives now."""
        found = (self.ask("query", query=query) or {}).get("result", [])
        return [float(each["value"][1]) for each in found]

    def firing(self) -> set[str]:
        """Return the names of the alerts that fire or are about to."""
        alerts = (self.ask("alerts") or {}).get("alerts", [])
        return {each["labels"]["alertname"] for each in alerts}

    def close(self) -> None:
        self._process.terminate()
        self._process.wait(30)
        self._log.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("server")
    running = Server(folder, METRICS_TOKEN=TOKEN, BACKUP_DIR=str(folder / "backups")).start()
    yield running
    running.kill()


@pytest.fixture(scope="module")
def prometheus(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    running = Prometheus(tmp_path_factory.mktemp("prometheus"), server)
    yield running
    running.close()


def test_rules_and_dashboard_ask_for_no_figure_that_is_not_there() -> None:
    known = {f"rollcall_{name}" for name in (*TEXTS, "votes_total", "request_seconds")}
    known |= {f"{name}_{part}" for name in known for part in ("bucket", "count", "sum")}
    asked = {
        name
        for expression in (*(rule["expr"] for rule in rules()), *queries())
        for name in re.findall(r"rollcall_\w+", expression)
    }

    assert asked <= known
    assert {rule["alert"] for rule in rules() if not rule["annotations"]["what_to_do"]} == set()


def test_prometheus_accepts_the_rules() -> None:
    promtool = shutil.which("promtool")
    need(promtool is not None, "promtool", "apt-get install prometheus")

    done = subprocess.run(
        [str(promtool), "check", "rules", RULES], check=False, capture_output=True, text=True
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{len(rules())} rules found" in done.stdout


@of_files
def test_every_query_of_the_dashboard_has_numbers_while_people_vote(
    server: Server, prometheus: Prometheus
) -> None:
    token = server.sign_up("ann")
    wait_until(lambda: prometheus.value('up{job="rollcall"}') == [1])
    for choice in (1, 2, 99):
        server.cast(token, [choice])
    wait_until(lambda: prometheus.value("sum(rollcall_votes_total)") == [3])

    def missing() -> list[str]:
        server.cast(token, [1])
        asked = (each.replace("$__rate_interval", INTERVAL) for each in queries(of_postgres=False))
        return [each for each in asked if not prometheus.value(each)]

    wait_until(lambda: missing() == [])
    assert prometheus.value('sum(rollcall_votes_total{outcome="invalid_request"})') == [1]
    assert prometheus.firing() <= {"RollcallVotesRefused"}


def test_alert_fires_when_the_server_is_gone(server: Server, prometheus: Prometheus) -> None:
    def health() -> dict[str, str]:
        groups = (prometheus.ask("rules") or {"groups": []})["groups"]
        return {each["name"]: each["health"] for group in groups for each in group["rules"]}

    wait_until(lambda: health() and "unknown" not in health().values())
    assert health() == {rule["alert"]: "ok" for rule in rules()}

    server.kill()

    wait_until(lambda: "RollcallDown" in prometheus.firing())
