"""`rollcall copy`: a store from TinyDB to PostgreSQL, or back."""

from dataclasses import asdict
from pathlib import Path

import click
from rich.progress import Progress

from cli.output import Refused, json_option, put
from db.__main__ import terminal
from db.copy import copy_with, lines_of
from db.journal.errors import JournalError, describe


@click.command(short_help="Copy the store to PostgreSQL, or back to a file.")
@click.argument("source")
@click.argument("target")
@click.option(
    "--instance",
    type=click.Path(path_type=Path),
    default=Path("instance"),
    envvar="ROLLCALL_INSTANCE",
    help="The folder of polls.keys, with PostgreSQL.  [ROLLCALL_INSTANCE]",
)
@json_option
def copy(source: str, target: str, instance: Path) -> None:
    """Copy the store at SOURCE to TARGET, which must be empty. Both are URLs such as those of
    ROLLCALL_DATABASE_URL. Stop the servers first. The copy is read again and compared.

    \b
    Examples:
      rollcall copy tinydb:///instance/rollcall.json postgresql://rollcall@db/rollcall
      rollcall copy postgresql://rollcall@db/rollcall tinydb:///back/rollcall.json
    """
    try:
        with Progress(console=terminal, transient=True, disable=not terminal.is_terminal) as bar:
            copied = copy_with(bar, source, target, instance)
    except (JournalError, OSError, ValueError) as error:
        raise Refused(describe(error)) from error
    put({"target": target, **asdict(copied)}, lines_of(copied, target))
