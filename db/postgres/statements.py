"""The SQL of a batch: documents into tables, the log's line, and what is read back."""

import secrets
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import msgspec

from db.journal.documents import Change, Document
from db.journal.format import encode
from db.postgres.migrating import LOCK, SCHEMA, TURN_CLASS, USE_CLASS
from db.postgres.session import STALLED_SECONDS, Command


class Final(NamedTuple):
    """What a batch makes of a document: what there was before, is after, and that as JSON."""

    before: Document | None
    after: Document | None
    raw: msgspec.Raw | None


class Author(NamedTuple):
    """Who commits a batch: a worker, by its number among the worker's, to a channel."""

    worker: bytes
    flight: int
    channel: bytes


Finals = dict[str, dict[int, Final]]
"""By table and id."""

Encoded = list[tuple[Change, msgspec.Raw | None]]
"""The changes of documents, with the JSON of what there is after each."""

States = Mapping[str, Mapping[int, Document | None]]
"""What there is after a batch, by table and id."""

BEGIN = Command(b"BEGIN ISOLATION LEVEL READ COMMITTED", keep=True)
COMMIT, ROLLBACK = Command(b"COMMIT", keep=True), Command(b"ROLLBACK", keep=True)
SNAPSHOT = Command(b"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
TURN = LOCK._replace(keep=True)
HEAD = Command(b"SELECT seq, epoch, extract(epoch FROM clock_timestamp()) FROM head", keep=True)
MAY_CREATE = Command(b"SELECT coalesce(has_schema_privilege(current_schema(), 'CREATE'), false)")
UNSAFE = Command(
    b"SELECT name FROM pg_settings WHERE setting = 'off'"
    b" AND name IN ('fsync', 'synchronous_commit', 'full_page_writes')"
)
PING = Command(b"SELECT 1", keep=True)
ALIVE = Command(
    b"SELECT substr(application_name, 10) FROM pg_stat_activity WHERE datname = current_database()"
    b" AND application_name LIKE 'rollcall %'"
    b" AND greatest(query_start, state_change) > clock_timestamp() - interval '10 seconds'",
    keep=True,
)
"""The workers whose sessions have asked something of late: each does once a second."""
NEXT_IDS = Command(b"SELECT next_ids FROM head")
CHANNEL = Command(b"SELECT 'rollcall_' || %s" % SCHEMA)
FORGET_LOG = Command(b"TRUNCATE changes")
END_STALLED = Command(
    b"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'ClientWrite'"
    b" AND query_start < clock_timestamp() - interval '%d seconds' AND pid IN ("
    b"SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted AND classid = %d"
    b" AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    b" AND objid::bigint = %s)" % (STALLED_SECONDS, TURN_CLASS, SCHEMA)
)
"""Ends the session of a worker that has the turn and reads no answer, because it was stopped."""
IN_USE = Command(b"SELECT pg_advisory_lock_shared(%d, %s)" % (USE_CLASS, SCHEMA))
ALONE = Command(b"SELECT pg_try_advisory_xact_lock(%d, %s)" % (USE_CLASS, SCHEMA))
"""Every worker's session holds the lock that it is in use; what needs a database alone tries it."""
FORGET_FLIGHTS = Command(b"DELETE FROM flights WHERE at < now() - interval '7 days'")
PARTS = Command(
    b"SELECT relname FROM pg_class WHERE relkind = 'r' AND relname ~ '_[0-9]+$'"
    b" AND relnamespace = current_schema()::regnamespace"
)
PAGE = 5_000
VAIN_BYTES = 256 << 10

_GO_BEYOND = (
    b"WITH moved AS (UPDATE head SET seq = $1::bigint + 1, epoch = epoch + 1"
    b" WHERE seq < $1::bigint RETURNING epoch)"
    b" INSERT INTO meta (id, doc) SELECT 1, json_build_object('epoch', epoch) FROM moved"
    b" ON CONFLICT (id) DO UPDATE SET doc = (meta.doc::jsonb || excluded.doc::jsonb)::json"
)
_INSERT = (
    b"INSERT INTO %s (id, doc) SELECT id, doc::json"
    b" FROM ROWS FROM (unnest($1::bigint[]), string_to_table($2, E'\\n')) AS row (id, doc)"
)
"""The documents are lines of $2: PostgreSQL parses one object of all of them more slowly."""
_UPSERT = _INSERT + b" ON CONFLICT (id) DO UPDATE SET doc = excluded.doc"
_DELETE = b"DELETE FROM %s WHERE id = ANY($1::bigint[])"
_DROP_OR_EMPTY = (
    b"DO $$BEGIN DROP TABLE IF EXISTS %s;"
    b" EXCEPTION WHEN lock_not_available THEN DELETE FROM %s; END$$"
)
_MOVE = (
    b"WITH flown AS (INSERT INTO flights VALUES ($2, $3::bigint, now())"
    b" ON CONFLICT (worker) DO UPDATE SET flight = excluded.flight, at = excluded.at),"
    b" moved AS (UPDATE head SET seq = $1::bigint%s)"
)
_APPEND = b", line AS (INSERT INTO changes VALUES ($1::bigint, $4)) SELECT pg_notify($5, $1::text)"


def changes_after(seq: int) -> Command:
    """Return what reads the log's lines after one."""
    sql = b"SELECT seq, body FROM changes WHERE seq > $1::bigint ORDER BY seq"
    return Command(sql, (b"%d" % seq,), keep=True)


def trim_to(seq: int) -> Command:
    """Return what removes the log's lines up to one."""
    return Command(b"DELETE FROM changes WHERE seq <= $1::bigint", (b"%d" % seq,), keep=True)


def notify(channel: bytes, note: str) -> Command:
    """Return what sends a note to all that listen."""
    return Command(b"SELECT pg_notify($1, $2)", (channel, note.encode()), keep=True)


def write_in_vain() -> Command:
    """Return what writes as much as a batch into the log, to be rolled back."""
    filler = secrets.token_hex(VAIN_BYTES // 2).encode()  # chance can't be compressed
    return Command(b"INSERT INTO changes (seq, body) VALUES (0, $1)", (filler,))


def set_head(seq: int, next_ids: bytes, epoch: int) -> Command:
    """Return what moves the head beside the log, which must be empty."""
    sql = b"UPDATE head SET seq = $1::bigint, next_ids = $2::jsonb, epoch = $3::bigint"
    return Command(sql, (b"%d" % seq, next_ids, b"%d" % epoch))


def go_beyond(seq: int) -> Command:
    """Return what moves a head that is before a batch past it, and begins a new epoch."""
    return Command(_GO_BEYOND, (b"%d" % seq,))


def flight_of(worker: bytes) -> Command:
    """Return what reads the number of the last batch of a worker."""
    return Command(b"SELECT flight FROM flights WHERE worker = $1", (worker,))


def page_of(table: str, after: int) -> Command:
    """Return what reads the next documents of a table, by id."""
    sql = b"SELECT id, doc FROM %s WHERE id > $1::bigint ORDER BY id LIMIT %d"
    return Command(sql % (table.encode(), PAGE), (b"%d" % after,))


def encode_each(changes: Iterable[Change]) -> Encoded:
    """Return the changes of documents with their JSON. Raises ValueError for lone surrogates."""
    return [
        (each, None if each.after is None else msgspec.Raw(encode(each.after)))
        for each in changes
        if each.document_id is not None
    ]


def read_line(body: bytes | None) -> tuple[States, Mapping[str, int]]:
    """Return the states that a line of the log tells, and the next ids."""
    line = msgspec.json.decode(body or b"{}")
    tables = {
        name: {int(key): document for key, document in states.items()}
        for name, states in line["tables"].items()
    }
    return tables, line.get("next_ids", {})


def last_states(encoded: Encoded) -> Finals:
    """Return what changes in their order make of each document."""
    finals: Finals = {}
    for change, raw in encoded:
        rows, key = finals.setdefault(change.table, {}), change.document_id or 0
        known = rows.get(key)
        before = change.before if known is None else known.before
        rows[key] = Final(before, change.after, raw)
    return finals


def net(changes: list[Change]) -> list[Change]:
    """Return what changes make of each document, as other workers learn it: one change each, and
    none of what is left as it was.
    """
    whole: dict[tuple[str, int | None], Change] = {}
    for each in changes:
        place = each.table, each.document_id
        known = whole.get(place)
        whole[place] = each if known is None else Change(*place, known.before, each.after)
    if len(whole) == len(changes):
        return changes
    return [each for each in whole.values() if encode(each.before) != encode(each.after)]


def frees(before: Document | None, after: Document | None, unique: Iterable[str]) -> bool:
    """Return whether a document gives up a unique value, which another may take."""
    if before is None:
        return False
    return after is None or any(before.get(each) != after.get(each) for each in unique)


def write(table: str, finals: Mapping[int, Final], unique: Iterable[str]) -> list[Command]:
    """Return what brings a table's documents to their last states.

    Those that are removed or give up a unique value go first.
    """
    name, commands = table.encode(), []
    freed = [key for key, each in finals.items() if frees(each.before, each.after, unique)]
    if freed:
        commands.append(Command(_DELETE % name, (_array(freed),), keep=True))
    added, changed = dict[int, msgspec.Raw](), dict[int, msgspec.Raw]()
    for key in sorted(finals):  # in the order of the index it takes less time
        before, _, raw = finals[key]
        if raw is not None:
            (added if before is None else changed)[key] = raw
    for sql, rows in ((_UPSERT, changed), (_INSERT, added)):
        if rows:
            lines = b"\n".join(rows.values())
            commands.append(Command(sql % name, (_array(rows), lines), keep=True))
    return commands


def _array(keys: Iterable[int]) -> bytes:
    return b"{%s}" % b",".join([b"%d" % key for key in keys])


def create_part(part: str, table: str) -> list[Command]:
    """Return what makes the table of a part, with the indexes of the whole."""
    sql = b"CREATE TABLE IF NOT EXISTS %s (LIKE %s INCLUDING ALL)"
    return [Command(sql % (part.encode(), table.encode())), *copy_nothing_of(part)]


def copy_nothing_of(part: str) -> list[Command]:
    """Return what keeps ANALYZE from copying anything of a part into `pg_statistic`, where it would
    outlive the part.
    """
    name = part.encode()
    return [
        Command(b"ALTER TABLE %s ALTER id SET STATISTICS 0, ALTER doc SET STATISTICS 0" % name),
        Command(b"ALTER INDEX %s_expr_idx ALTER COLUMN 1 SET STATISTICS 0" % name),
    ]


def drop_part(part: str) -> Command:
    """Return what drops the table of a part."""
    return Command(b"DROP TABLE IF EXISTS %s" % part.encode())


def drop_or_empty_part(part: str) -> Command:
    """Return what drops the table of a part, or only empties it while another session reads it."""
    name = part.encode()
    return Command(_DROP_OR_EMPTY % (name, name))


def append(
    seq: int, finals: Finals, next_ids: dict[str, int], by: Author, *, alone: bool = False
) -> Command:
    """Return what writes the log's line of a batch, moves the head and notifies the others.

    alone: nobody else is there, so no line and no notification are needed
    """
    params = [b"%d" % seq, by.worker, b"%d" % by.flight]
    if not alone:
        body: dict[str, Any] = {
            "tables": {
                name: {str(key): each.raw for key, each in rows.items()}
                for name, rows in finals.items()
            }
        }
        if next_ids:
            body["next_ids"] = next_ids
        params += [encode(body), by.channel]
    rest = b""
    if next_ids:
        params.append(encode(next_ids))
        rest = b", next_ids = next_ids || $%d::jsonb" % len(params)
    return Command(_MOVE % rest + (b" SELECT 1" if alone else _APPEND), tuple(params), keep=True)
