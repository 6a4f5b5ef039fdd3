"""`rollcall copy`: a store from TinyDB to PostgreSQL, or back."""

import os
from dataclasses import asdict
from pathlib import Path

import click
from rich.progress import Progress

from cli.output import json_option, put
from cli.storing import ending
from db.__main__ import terminal
from db.configured import configured_instance
from db.copy import copy_with, lines_of, place_at

SETTING = "ROLLCALL_SECRET_KEY"


@click.command(short_help="Copy the store to PostgreSQL, or back to a file.")
@click.argument("source")
@click.argument("target")
@click.option(
    "--instance",
    type=click.Path(path_type=Path),
    default=configured_instance,
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
    with ending():
        with Progress(console=terminal, transient=True, disable=not terminal.is_terminal) as bar:
            copied = copy_with(bar, source, target, instance)
        keys = [place_at(url, instance).keys for url in (source, target)]
    put({"target": target, **asdict(copied)}, [*lines_of(copied, target), *_remaining(*keys)])


def _remaining(source: Path, target: Path) -> list[str]:
    """Return what is left to do, in sentences.

    source, target: the files of the polls' keys, beside which the key of sessions is
    """
    lines = [f"The keys of its polls are in {target}."] if target.exists() else []
    secret, wanted = source.with_name("secret-key"), target.with_name("secret-key")
    if SETTING not in os.environ and secret.exists() and not wanted.exists():
        lines.append(f"Before the start: cp -p {secret} {wanted} (or everybody signs in again).")
    return lines
