"""The store's contract under gevent, and that other greenlets run while it waits."""

import os
import subprocess
import sys

from tests.forked import ROOT
from tests.postgres import need_postgres, schema

CONTRACT = "tests/db/test_store_contract.py"
WAITS = """
from gevent import monkey
monkey.patch_all()
import sys, time, gevent
from datetime import UTC, datetime
from pathlib import Path
from db.postgres import PostgresStore
from tests.db.test_store_contract import add_account
from tests.postgres import run

url, folder = sys.argv[1:]
store = PostgresStore(url, Path(folder) / "keys", datetime.now(UTC))
longest, last = 0.0, time.monotonic()

def tick():
    global longest, last
    while True:
        gevent.sleep(0.005)
        longest, last = max(longest, time.monotonic() - last), time.monotonic()

LOCK = "SELECT pg_advisory_xact_lock(20521, oid::bigint::int), pg_sleep(2) FROM pg_namespace"
holder = gevent.spawn(run, LOCK + " WHERE nspname = current_schema()", url)
gevent.sleep(0.5)
gevent.spawn(tick)
began = time.monotonic()
add_account(store, "ann")
print(time.monotonic() - began, longest)
store.close()
"""


def test_store_keeps_its_contract_under_gevent() -> None:
    need_postgres()
    command = [sys.executable, "-m", "gevent.monkey", "--module", "pytest", "-q", CONTRACT]
    command += ["-k", "postgres", "-p", "no:xdist", "-p", "no:cacheprovider"]
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    for name in ("PYTEST_XDIST_WORKER", "PYTEST_ADDOPTS", "PYTEST_CURRENT_TEST"):
        environ.pop(name, None)

    done = subprocess.run(
        command, cwd=ROOT, env=environ, capture_output=True, text=True, check=False, timeout=500
    )

    assert done.returncode == 0, done.stdout[-3_000:]
    assert " passed" in done.stdout
    assert "skipped" not in done.stdout


def test_other_greenlets_run_while_a_transaction_waits_for_the_turn(tmp_path: object) -> None:
    with schema() as url:
        done = subprocess.run(
            [sys.executable, "-c", WAITS, url, str(tmp_path)],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )
    waited, longest = map(float, done.stdout.split())

    assert waited > 1
    assert longest < waited / 2
