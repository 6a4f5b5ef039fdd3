"""The tables are those that the types need, and each migration runs once."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from db.journal.errors import Mismatch
from db.postgres.migrating import FOLDER, migrate
from db.postgres.session import Session
from db.tables import UNIQUE
from tests.postgres import run, schema

INDEXES = """SELECT tablename, substring(indexdef from '''([a-z_]+)''::text') FROM pg_indexes
    WHERE schemaname = current_schema AND indexdef LIKE '%->>%'"""


@pytest.fixture
def session() -> Iterator[Session]:
    """A session with a schema, and its URL."""
    with schema() as url:
        run("DROP SCHEMA IF EXISTS empty CASCADE; CREATE SCHEMA empty")
        made = Session(url.replace(url.split("search_path%3D")[1].split("%20")[0], "empty"), "test")
        yield made
        made.close()
        run("DROP SCHEMA empty CASCADE")


def test_migrations_are_numbered_without_a_gap_or_a_repetition() -> None:
    numbers = sorted(int(each.name[:4]) for each in FOLDER.iterdir() if each.name.endswith(".sql"))

    assert numbers == [*range(1, len(numbers) + 1)]


def test_every_unique_field_has_an_index_when_all_migrations_have_run() -> None:
    with schema() as url:
        session = Session(url, "test")
        migrate(session)
        session.close()

        indexed = {(str(table), str(field)) for table, field in run(INDEXES, url)}

    assert indexed == {(table, field) for table, fields in UNIQUE.items() for field in fields}


def test_migrations_have_numbers_of_their_own_without_a_gap() -> None:
    files = sorted(file.name for file in FOLDER.iterdir() if file.name.endswith(".sql"))

    assert [int(name[:4]) for name in files] == [*range(1, len(files) + 1)]


def test_migrations_that_a_database_lacks_are_run_once(session: Session, tmp_path: Path) -> None:
    for file in FOLDER.iterdir():
        (tmp_path / file.name).write_text(file.read_text("utf-8"))
    first = migrate(session, tmp_path)
    (tmp_path / "0900_more.sql").write_text("-- a comment;\nCREATE TABLE more (id int);\n")

    second, third = migrate(session, tmp_path), migrate(session, tmp_path)

    assert first == sorted(int(file.name[:4]) for file in FOLDER.iterdir())
    assert (second, third) == ([900], [])


def test_database_of_a_newer_version_is_refused(session: Session, tmp_path: Path) -> None:
    (tmp_path / "0001_first.sql").write_text("CREATE TABLE first (id int);\n")
    (tmp_path / "0002_second.sql").write_text("CREATE TABLE second (id int);\n")
    migrate(session, tmp_path)
    (tmp_path / "0002_second.sql").unlink()

    with pytest.raises(Mismatch, match="newer version"):
        migrate(session, tmp_path)
