"""A PostgreSQL for tests: a schema for each store in one that runs, or a cluster of their own."""

import atexit
import os
import re
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest

ON_POSTGRES = os.environ.get("TEST_STORE") == "postgres"
"""Whether the servers of tests keep their data in PostgreSQL: `make test-postgres`."""
of_files = pytest.mark.skipif(ON_POSTGRES, reason="it is about TinyDB's files")
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
    _need(fault is None, f"PostgreSQL is missing ({fault}): {HOW}")


def _need(present: bool, message: str) -> None:
    if not present and os.environ.get("CI"):
        pytest.fail(message)
    if not present:
        pytest.skip(message)


def schema_url(schema: str) -> str:
    """Return the URL of a schema as if it were a database. Commits don't wait for the disk: these
    tests kill no PostgreSQL.
    """
    mark = "&" if "?" in SERVER else "?"
    options = quote(f"-csearch_path={schema} -csynchronous_commit=off")
    return f"{SERVER}{mark}options={options}"


@contextmanager
def database(options: str, role: str = "") -> Iterator[str]:
    """Yield the URL of a database of its own; options: how it is made; role: who is to use it."""
    need_postgres()
    name = f"t{secrets.token_hex(6)}"
    run(f"CREATE DATABASE {name} {options}")
    try:
        place = urlsplit(SERVER)
        host = f"{role}@{place.netloc.rpartition('@')[2]}" if role else place.netloc
        yield place._replace(netloc=host, path=f"/{name}").geturl()
    finally:
        run(f"DROP DATABASE {name} WITH (FORCE)")


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


class Cluster:
    """A PostgreSQL of a test's own, which it may kill and whose files it may read.

    fsync is off: these tests kill processes, never the machine.

    folder: where its files are to be, an empty folder that is removed by whoever made it
    initdb: further options
    """

    def __init__(self, folder: Path | None = None, *initdb: str) -> None:
        from tests.server import free_port

        debians = sorted(map(str, Path("/usr/lib/postgresql").glob("*/bin")))
        path = debians[-1] if debians else os.path.dirname(shutil.which("initdb") or "")
        _need(bool(path), "initdb is missing: apt-get install postgresql")
        self._bin, self._user = Path(path), "postgres" if os.geteuid() == 0 else None
        self.folder = folder or Path(tempfile.mkdtemp(prefix="rollcall-postgres-"))
        self.data, self.port = self.folder / "data", free_port()
        if self._user:
            shutil.chown(self.folder, self._user)
        self._do(
            "initdb", "-D", str(self.data), "-A", "trust", "-U", "postgres", "--no-sync", *initdb
        )
        self.start()

    @property
    def url(self) -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        """Start it and wait until it answers."""
        settings = {
            "port": self.port,
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
            "fsync": "off",
            "shared_buffers": "16MB",
        }
        options = " ".join(f"-c {name}='{value}'" for name, value in settings.items())
        log = str(self.folder / "log")
        self._do("pg_ctl", "-D", str(self.data), "-w", "-l", log, "-o", options, "start")

    def stop(self, mode: str = "fast") -> None:
        """Stop it: `fast` as an operator does, `immediate` as a crash would."""
        self._do("pg_ctl", "-D", str(self.data), "-w", "-m", mode, "stop")

    def run(self, statement: str) -> list[tuple[object, ...]]:
        """Run a statement; return its rows."""
        return run(statement, self.url)

    @property
    def runs(self) -> bool:
        """Whether it answers."""
        import psycopg

        try:
            return bool(self.run("SELECT 1"))
        except psycopg.Error:
            return False

    def find(self, traces: Iterable[bytes], *, wal: bool = False) -> list[tuple[str, bytes]]:
        """Return which of some bytes are in which file; the write-ahead log is another matter."""
        sought = [*traces]
        files = (each for each in self.data.rglob("*") if each.is_file())
        return [
            (str(each.relative_to(self.data)), trace)
            for each in files
            if ("pg_wal" in each.parts) is wal
            for content in [each.read_bytes()]
            for trace in sought
            if trace in content
        ]

    def use(self, program: str, *arguments: str) -> None:
        """Run one of PostgreSQL's programs, such as `pg_dump`."""
        subprocess.run([str(self._bin / program), *arguments], check=True)

    def remove(self) -> None:
        """Stop it, and remove its files."""
        with suppress(subprocess.CalledProcessError):
            self.stop("immediate")
        shutil.rmtree(self.folder, ignore_errors=True)

    def _do(self, program: str, *arguments: str) -> None:
        command = [str(self._bin / program), *arguments]
        quiet = subprocess.DEVNULL
        subprocess.run(
            command, check=True, user=self._user, stdout=quiet, stderr=quiet, cwd=self.folder
        )


def run(statement: str, url: str = SERVER) -> list[tuple[object, ...]]:
    """Run a statement; return its rows."""
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection:
        done = connection.execute(statement)
        return done.fetchall() if done.description else []
