"""A PostgreSQL for tests: a schema for each store in one that runs, or a cluster of their own."""

import atexit
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.util import find_spec
from urllib.parse import quote

import pytest

ON_POSTGRES = os.environ.get("TEST_STORE") == "postgres"
"""Whether the servers of tests keep their data in PostgreSQL: `make test-postgres`."""
SERVER = os.environ.get("TEST_POSTGRES_URL", "postgresql://postgres@127.0.0.1:5432/postgres")
"""Where tests make their schemas. An own environment variable, because it is not a setting."""
HOW = (
    "apt-get install postgresql, start it, and let postgres in from 127.0.0.1 without a password; "
    "or set TEST_POSTGRES_URL to another one's URL"
)

TABLES = "SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema"
USED = """SELECT pg_try_advisory_lock(20522, oid::bigint::int) FROM pg_namespace
    WHERE nspname = current_schema()"""


@cache
def find_fault() -> str | None:
    """Return why no PostgreSQL can be used; None if one can."""
    if find_spec("psycopg") is None:
        return "psycopg is not installed"
    import psycopg

    try:
        psycopg.connect(SERVER, connect_timeout=5).close()
    except psycopg.Error as error:
        return str(error)
    return None


def need_postgres() -> None:
    """Skip a test if no PostgreSQL can be used, and say how to get one; fail in CI."""
    fault = find_fault()
    if fault is not None:
        message = f"PostgreSQL is missing ({fault}): {HOW}"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)


def schema_url(schema: str) -> str:
    """Return the URL of a schema as if it were a database. Commits don't wait for the disk: these
    tests kill no PostgreSQL.
    """
    mark = "&" if "?" in SERVER else "?"
    options = quote(f"-csearch_path={schema} -csynchronous_commit=off")
    return f"{SERVER}{mark}options={options}"


_free: list[str] = []


@contextmanager
def schema() -> Iterator[str]:
    """Yield the URL of an empty schema, which is emptied and used again, because making one takes
    as long as most tests.
    """
    name = take()
    yield schema_url(name)
    release(name)


def take() -> str:
    """Return the name of an empty schema."""
    need_postgres()
    return _free.pop() if _free else _make()


def _make() -> str:
    name = f"t{secrets.token_hex(6)}"
    run(f"CREATE SCHEMA {name}")
    atexit.register(run, f"DROP SCHEMA {name} CASCADE")
    return name


def release(name: str) -> None:
    """Empty a schema, unless a store still uses it, or no store has."""
    url = schema_url(name)
    tables = [str(table) for (table,) in run(TABLES, url)]
    if "head" not in tables or run(USED, url) != [(True,)]:
        return
    statements = [f"DROP TABLE {each}" for each in tables if re.search("_[0-9]+$", each)]
    statements += [
        f"DELETE FROM {each}" for each in tables if not re.search("_[0-9]+$|^migr", each)
    ]
    run("; ".join([*statements, "INSERT INTO head VALUES (0, '{}')"]), url)
    _free.append(name)


def run(statement: str, url: str = SERVER) -> list[tuple[object, ...]]:
    """Run a statement; return its rows."""
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection:
        done = connection.execute(statement)
        return done.fetchall() if done.description else []
