"""A session with PostgreSQL: statements in one round trip each time, and a way to wait.

It uses libpq's pipeline mode by `psycopg.pq`, because a vote can't afford the adaptation of values
and a round trip a statement. It blocks neither gevent's loop nor other threads.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from time import monotonic
from typing import Any, NamedTuple

import psycopg
from psycopg import pq

from db.postgres.waiters import READ, WRITE, make_waiter

CONNECT_SECONDS = 3
ANSWER_SECONDS = 15
"""How long an answer may take before the session counts as lost."""
STALLED_SECONDS = 5
"""PostgreSQL ends a session that has the turn and is silent for so long."""
LOCK_SECONDS = 2
"""How long a worker's statement waits for a lock at most, the turn too. It is more than the second
after which PostgreSQL ends the vacuuming of a table that somebody else wants.
"""
MOST_PREPARED = 300
WRONG_ENCODING = (
    "its encoding is %s, and must be UTF8: make another one with "
    "`createdb --encoding UTF8 --template template0`"
)


class SessionLost(Exception):
    """The connection is broken; nobody knows what became of what was sent last."""


class StatementFailed(Exception):
    """PostgreSQL refused a statement. `state` is its SQLSTATE."""

    def __init__(self, message: str, state: str) -> None:
        super().__init__(message)
        self.state = state


@contextmanager
def _losing() -> Iterator[None]:
    """Raise `SessionLost` for what libpq raises."""
    try:
        yield
    except psycopg.Error as error:
        raise SessionLost(str(error).strip()) from error


class Command(NamedTuple):
    """A statement and its parameters, as text. `keep`: prepare it, because it comes often."""

    sql: bytes
    params: tuple[bytes | None, ...] = ()
    keep: bool = False


Rows = list[tuple[bytes | None, ...]]


class Session:
    """One connection, in pipeline mode. Only one thread may use it at a time.

    name: what `pg_stat_activity` calls it

    Raises `SessionLost` if PostgreSQL can't be reached, or the database's encoding is not UTF8.
    """

    def __init__(self, url: str, name: str) -> None:
        with _losing():
            connection = psycopg.connect(
                url,
                autocommit=True,
                connect_timeout=CONNECT_SECONDS,
                application_name=name,
                client_encoding="UTF8",
                keepalives_idle=5,
                keepalives_interval=2,
                keepalives_count=3,
                tcp_user_timeout=1_000 * ANSWER_SECONDS,
            )
        self._connection = connection  # it closes the socket when it is collected
        self._pg = connection.pgconn
        self._pg.nonblocking = 1
        self._pg.enter_pipeline_mode()
        self._prepared: dict[bytes, bytes] = {}
        self._names = count()
        self._wanted: list[bool] | None = None
        """Which results of what was sent are asked for; None if nothing is on its way."""
        self._held: list[Rows] | StatementFailed | None = None
        self._waiter = make_waiter(self._pg.socket)
        *_, ((encoding,),) = self.run(
            [
                Command(b"SET idle_in_transaction_session_timeout = '%ds'" % STALLED_SECONDS),
                Command(b"SET lock_timeout = '%ds'" % ANSWER_SECONDS),  # nobody waits for longer
                Command(b"SET statement_timeout = 0"),
                Command(b"SHOW server_encoding"),
            ]
        )
        if encoding != b"UTF8":
            self.close()
            raise SessionLost(WRONG_ENCODING % (encoding or b"unknown").decode())

    def be_brief(self) -> None:
        """Wait for no lock for longer than `LOCK_SECONDS` from now on."""
        self.run([Command(b"SET lock_timeout = '%dms'" % (1_000 * LOCK_SECONDS))])

    def run(self, commands: Sequence[Command]) -> list[Rows]:
        """Send statements together; return the rows of each.

        Raises `StatementFailed` for the first that fails; those after it are not run.
        """
        if self._wanted is not None:
            self._hold()
        self._send(commands)
        return self._collect()

    def send(self, commands: Sequence[Command]) -> None:
        """Send statements together. `answer` must follow; `run` may come between."""
        self._held = None
        self._send(commands)

    def has_answer(self) -> bool:
        """Return whether the answer to what was sent has begun to come, without waiting."""
        if self._wanted is None:
            return True
        with _losing():
            self._pg.consume_input()
            return not self._pg.is_busy()

    def answer(self) -> list[Rows]:
        """Return the rows of each statement that was sent. Raises as `run`."""
        if self._wanted is not None:
            return self._collect()
        held, self._held = self._held, None
        if isinstance(held, StatementFailed):
            raise held
        return held or []

    def _hold(self) -> None:
        """Keep the answer to what was sent until it is asked for."""
        try:
            self._held = self._collect()
        except StatementFailed as error:
            self._held = error

    def _send(self, commands: Sequence[Command]) -> None:
        pg, wanted = self._pg, list[bool]()
        with _losing():
            if len(self._prepared) > MOST_PREPARED:
                self._prepared.clear()
                pg.send_query_params(b"DEALLOCATE ALL", None)
                wanted.append(False)
            for sql, params, keep in commands:
                if not keep:
                    pg.send_query_params(sql, params)
                else:
                    if (name := self._prepared.get(sql)) is None:
                        name = self._prepared[sql] = b"s%d" % next(self._names)
                        pg.send_prepare(name, sql)
                        wanted.append(False)
                    pg.send_query_prepared(name, params)
                wanted.append(True)
            pg.pipeline_sync()
            deadline = monotonic() + ANSWER_SECONDS
            while pg.flush():
                if self._wait_for(READ | WRITE, deadline) & READ:
                    pg.consume_input()
        self._wanted = wanted

    def copy(self, table: bytes, rows: Iterable[bytes]) -> None:
        """Add rows to a table by COPY, in its text format. It blocks, so no server may use it.

        Raises `SessionLost`, or `StatementFailed`.
        """
        with _losing():
            self._pg.exit_pipeline_mode()
            try:
                with self._connection.cursor().copy(b"COPY %s FROM STDIN" % table) as copy:
                    for some in rows:
                        copy.write(some)
            except psycopg.Error as error:
                if error.sqlstate is None:
                    raise
                message = error.diag.message_primary or str(error)
                raise StatementFailed(message, error.sqlstate) from error
            finally:
                self._pg.enter_pipeline_mode()

    def heard(self) -> list[bytes]:
        """Return the notifications that have come, without waiting."""
        with _losing():
            self._pg.consume_input()
            found = []
            while (note := self._pg.notifies()) is not None:
                found.append(note.extra)
            return found

    def wake(self) -> None:
        """End the present or the next `wait` of another thread."""
        self._waiter.wake()

    def wait(self, seconds: float) -> None:
        """Return when PostgreSQL sends something, after `wake`, or after so many seconds."""
        self._waiter.idle(seconds)

    def close(self) -> None:
        """End the session."""
        self._waiter.close()
        self._connection.close()

    def _collect(self) -> list[Rows]:
        wanted, self._wanted = self._wanted or [], None
        with _losing():
            return self._read(wanted)

    def _read(self, wanted: list[bool]) -> list[Rows]:
        pg, deadline = self._pg, monotonic() + ANSWER_SECONDS
        found: list[Rows] = []
        failed: StatementFailed | None = None
        position = 0
        while True:
            while pg.is_busy():
                self._wait_for(READ, deadline)
                pg.consume_input()
            result = pg.get_result()
            if result is None:
                if pg.status != pq.ConnStatus.OK:
                    raise SessionLost(pg.get_error_message())
                continue
            status = result.status
            if status == pq.ExecStatus.PIPELINE_SYNC:
                break
            if status == pq.ExecStatus.FATAL_ERROR:
                failed = failed or _failure_of(result)
            elif status != pq.ExecStatus.PIPELINE_ABORTED and wanted[position]:
                found.append(_rows_of(result))
            position += 1
        if failed is not None:
            self._prepared.clear()  # one of them may not have been prepared
            raise failed
        return found

    def _wait_for(self, events: int, deadline: float) -> int:
        left = deadline - monotonic()
        ready = self._waiter.ready(events, left) if left > 0 else 0
        if not ready:
            raise SessionLost(f"PostgreSQL did not answer within {ANSWER_SECONDS} s")
        return ready


def _rows_of(result: Any) -> Rows:
    columns = range(result.nfields)
    return [tuple(result.get_value(row, each) for each in columns) for row in range(result.ntuples)]


def _failure_of(result: Any) -> StatementFailed:
    state = result.error_field(pq.DiagnosticField.SQLSTATE) or b""
    message = result.error_field(pq.DiagnosticField.MESSAGE_PRIMARY) or b""
    return StatementFailed(message.decode("utf-8", "replace"), state.decode())
