"""Commands on the store's files: `python -m db`, and a backup from a running server."""

import os
from argparse import ArgumentTypeError, Namespace
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import click

from cli.client import Client, url_option
from cli.output import (
    NOT_WHOLE,
    Refused,
    end,
    file_argument,
    json_option,
    overwrite_option,
    owner_of,
    put,
    refuse_existing,
)
from db.__main__ import (
    age_of,
    describe,
    describe_drill,
    describe_pruned,
    kinds_of,
    run_command,
    run_drill,
    run_prune,
    terminal,
    time_of,
)
from db.configured import DATABASES, configured_path, configured_url
from db.journal import files
from db.journal.contents import Report
from db.journal.errors import Corrupt, JournalError, Locked, Mismatch
from db.journal.errors import describe as describe_error
from voting.pruning import RULES

T = TypeVar("T")


class InUse(Refused):
    """A server or another command uses the store."""


class Checked(click.ParamType[Any]):
    """An option that `python -m db` has too. The function that reads it raises what is wrong."""

    def __init__(self, read: Callable[[str], Any]) -> None:
        self.name, self._read = read.__name__, read

    def convert(self, value: Any, param: Any, ctx: Any) -> Any:
        try:
            return self._read(value)
        except ArgumentTypeError as error:
            self.fail(str(error), param, ctx)


data_option = click.option(
    "--data",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The store's JSON file.  [default: that of ROLLCALL_DATABASE_URL]",
)


@click.command(short_help="Verify every checksum of the store; change nothing.")
@data_option
@json_option
def check(data: Path | None) -> None:
    """Read the whole store and verify every checksum and the keys of open polls; change nothing.

    The server must be stopped. A backup is a store of its own. Exits with 1 if files are damaged.

    \b
    Examples:
      rollcall check
      rollcall check --data /backups/rollcall-2026-05-01.json
    """
    if _work("check", data):
        end(NOT_WHOLE)


@click.command(short_help="Rewrite the store without its journal.")
@data_option
@json_option
def compact(data: Path | None) -> None:
    """Rewrite the store's file without the journal, and remove what crashes cut short.

    The server must be stopped; it does the same whenever it stops, and when the journal is large.

    \b
    Example:
      rollcall compact
    """
    _work("compact", data)


@click.command(short_help="Write a consistent copy, also while the server runs.")
@file_argument
@overwrite_option
@data_option
@url_option
@json_option
def backup(file: Path, *, force: bool, data: Path | None, url: str | None) -> None:
    """Write a consistent copy of the store to FILE, which only you can read.

    If a server uses the store, or the data is in PostgreSQL, the server is asked for the copy; sign
    in as administrator first (rollcall login). With --url a server anywhere is asked. The copy
    holds no keys of polls.

    \b
    Examples:
      rollcall backup /backups/rollcall-$(date +%F).json
      rollcall backup --url https://vote.example.org copy.json
    """
    in_file = data is not None or not configured_url().startswith(DATABASES)
    if url is None and in_file:
        try:
            _work("backup", data, file=file, force=force)
        except InUse:
            if data is not None:
                raise
        else:
            return
    refuse_existing(file, force=force)
    client = Client.signed_in(url)
    if file.exists():
        file.chmod(files.PRIVATE)
    files.replace(file, client.download("/admin/backup"))
    put({"file": str(file), "from": client.url}, [f"The copy is {file}."])


@click.command(short_help="Put a backup in the store's place.")
@file_argument
@click.option(
    "--force", is_flag=True, help="Take a file whose checksum doesn't match: an edited one."
)
@click.option(
    "--until",
    metavar="TIME",
    type=Checked(time_of),
    help="Bring back this moment, by the journals beside FILE (ROLLCALL_BACKUP_JOURNALS).",
)
@data_option
@json_option
def restore(file: Path, *, force: bool, until: datetime | None, data: Path | None) -> None:
    """Verify FILE, and put it in the store's place. The former store is kept beside it.

    The server must be stopped. docs/operations.md says what a restore ends. A time without an
    offset is this machine's.

    \b
    Examples:
      rollcall restore /backups/rollcall-2026-05-01.json
      rollcall restore /backups/rollcall-20261126T180000Z.json --until 2026-11-26T19:32
    """
    _work("restore", data, file=file, force=force, until=until)


@click.command(short_help="Remove what is old and what no poll needs.")
@click.option(
    "--older-than", metavar="AGE", type=Checked(age_of), required=True, help="365d, 52w, 1y."
)
@click.option(
    "--only",
    metavar="KINDS",
    type=Checked(kinds_of),
    default=",".join(RULES),
    show_default=True,
    help="Only these, with commas between.",
)
@click.option("--dry-run", is_flag=True, help="List what would go, and remove nothing.")
@data_option
@json_option
def prune(older_than: timedelta, only: list[str], *, dry_run: bool, data: Path | None) -> None:
    """Remove what is older than AGE and what no poll needs (docs/operations.md).

    The server must be stopped.

    \b
    Examples:
      rollcall prune --older-than 2y --dry-run
      rollcall prune --older-than 52w --only accounts
    """
    options = Namespace(older_than=older_than, only=only, dry_run=dry_run)
    path, pruned = _do(data, lambda path: run_prune(path, options))
    kinds = {name: {"gone": gone, "stay": stay} for name, (gone, stay) in pruned.counts.items()}
    document = {"file": str(path), "before": pruned.before.isoformat(), "dry_run": dry_run, **kinds}
    put(document, describe_pruned(path, pruned))


@click.command(short_help="Prove that a backup can be restored.")
@file_argument
@json_option
def drill(file: Path) -> None:
    """Restore FILE into a temporary folder, open it, and count every closed poll again.

    It works beside a running server. Exits with 1 if the backup doesn't agree with itself.

    \b
    Example:
      rollcall drill /backups/rollcall-2026-05-01.json
    """
    _, done = _do(file, lambda _path: run_drill(file))
    put({"file": str(file), **asdict(done)}, describe_drill(file, done))
    if done.faults:
        end(NOT_WHOLE)


def require_owner(path: Path) -> None:
    """Refuse root where the store is another user's: the server could not use root's files."""
    folder = path.parent
    if os.geteuid() == 0 and folder.exists() and folder.stat().st_uid != 0:
        owner = owner_of(folder)
        raise Refused(
            f"{folder} belongs to {owner}: run this as {owner} (sudo -u {owner} rollcall …)"
        )


def _do(data: Path | None, work: Callable[[Path], T]) -> tuple[Path, T]:
    """Return the store's path and the result of some work on it. Raises `InUse` or `Refused`."""
    with ending():
        path = (data or configured_path()).resolve()
        require_owner(path)
        return path, work(path)


@contextmanager
def ending() -> Iterator[None]:
    """End the command where a store is damaged; raise `InUse` or `Refused` for other errors."""
    try:
        yield
    except (Corrupt, Mismatch) as error:
        click.echo(f"rollcall: damaged: {error}", err=True)
        end(NOT_WHOLE)
    except Locked as error:
        raise InUse(str(error)) from error
    except (JournalError, OSError, ValueError) as error:
        raise Refused(describe_error(error)) from error


def _work(command: str, data: Path | None, **given: Any) -> bool:
    """Do a command on the store's files, and print what was read and done; return whether the file
    had been changed by something else. Raises `InUse` or `Refused`.
    """

    def run(path: Path) -> tuple[Report, list[str]]:
        with terminal.status("Reading…"):
            return run_command(path, Namespace(command=command, **given))

    path, (report, done) = _do(data, run)
    put({"file": str(path), **asdict(report), "done": done}, [*describe(path, report), *done])
    return report.changed
