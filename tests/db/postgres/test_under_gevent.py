"""The store's contract under gevent, and that other greenlets run while it waits."""

import os
import subprocess
import sys

import pytest

from tests.forked import ROOT
from tests.postgres import need_postgres, schema

CONTRACT = "tests/db/test_store_contract.py"
WAITS = """
from gevent import monkey
monkey.patch_all()
import sys, gevent
from datetime import UTC, datetime
from pathlib import Path
from db.postgres import PostgresStore
import psycopg
from tests.db.test_store_contract import add_account

url, folder = sys.argv[1:]
store = PostgresStore(url, Path(folder) / "keys", datetime.now(UTC))
LOCK = "SELECT pg_advisory_xact_lock(20521, oid::bigint::int) FROM pg_namespace"

with psycopg.connect(url) as holder:
    holder.execute(LOCK + " WHERE nspname = current_schema()")
    adding = gevent.spawn(add_account, store, "ann")
    for _ in range(20):
        gevent.sleep(0.005)
    print(adding.ready())
adding.get()
store.close()
"""


@pytest.mark.again
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

    assert done.stdout == "False\n"
