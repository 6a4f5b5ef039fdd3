"""The tables of the database, by numbered SQL files: `migrations/0001_….sql` and so on.

Each is run once, in the order of its number, in one transaction with the others. The table
`migrations` says which have been run.
"""

from importlib.resources import files
from importlib.resources.abc import Traversable

from db.journal.errors import Mismatch
from db.postgres.session import Command, Session

TURN_CLASS, USE_CLASS = 20521, 20522
"""The classes of our advisory locks; the object is the schema."""
SCHEMA = b"(SELECT oid::bigint::int FROM pg_namespace WHERE nspname = current_schema())"
LOCK = Command(b"SELECT pg_advisory_xact_lock(%d, %s)" % (TURN_CLASS, SCHEMA))
FOLDER = files("db.postgres") / "migrations"


def migrate(session: Session, folder: Traversable = FOLDER) -> list[int]:
    """Run the migrations that the database lacks; return their numbers.

    Raises `Mismatch` if a newer version of the program has migrated it.
    """
    session.run([Command(b"BEGIN"), LOCK])
    made = b"CREATE TABLE IF NOT EXISTS migrations (number int PRIMARY KEY, name text NOT NULL)"
    *_, rows = session.run([Command(made), Command(b"SELECT number FROM migrations")])
    done = {int(number or 0) for (number,) in rows}
    known = {int(file.name[:4]): file for file in folder.iterdir() if file.name.endswith(".sql")}
    if unknown := done - known.keys():
        session.run([Command(b"ROLLBACK")])
        raise Mismatch(
            f"the database has migration {max(unknown)}, which this version does not know: "
            "it was used by a newer version"
        )
    lacking = sorted(known.keys() - done)
    for number in lacking:
        file = known[number]
        note = b"INSERT INTO migrations VALUES ($1, $2)"
        params = str(number).encode(), file.name.encode()
        session.run([*split(file.read_text("utf-8")), Command(note, params)])
    session.run([Command(b"COMMIT")])
    return lacking


def split(text: str) -> list[Command]:
    """Return the statements of a migration: each ends with a semicolon at the end of a line."""
    lines = (line for line in text.splitlines() if not line.startswith("--"))
    statements = "\n".join(lines).split(";\n")
    return [Command(each.strip(";\n ").encode()) for each in statements if each.strip(";\n ")]
