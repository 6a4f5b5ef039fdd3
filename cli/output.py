"""What commands share: options, how they print results, and how they refuse."""

import json
import shlex
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NoReturn

import click

NOT_WHOLE, REFUSED, NO_ANSWER = 1, 2, 3
"""The exit codes beside 0, as `rollcall --help` explains them."""
AS_JSON = "rollcall.json"

json_option = click.option(
    "--json",
    is_flag=True,
    expose_value=False,
    callback=lambda ctx, _option, value: ctx.meta.__setitem__(AS_JSON, value),
    help="Print one JSON document, for programs.",
)
"""Of commands that print by `put`."""
file_argument = click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
overwrite_option = click.option("--force", is_flag=True, help="Overwrite FILE.")
"""Of commands that call `refuse_existing`."""


class Refused(click.ClickException):
    """The command can't do what it was asked to. The message says why, and what to do."""

    exit_code = REFUSED

    def show(self, file: Any = None) -> None:
        click.echo(f"rollcall: {self.format_message()}", err=True, file=file)


class NoAnswer(Refused):
    """No server answered."""

    exit_code = NO_ANSWER


def put(document: Any, lines: Iterable[str]) -> None:
    """Print a result: the document with `--json`, otherwise the lines, without control characters
    that somebody's name might contain.
    """
    if click.get_current_context().meta.get(AS_JSON):
        click.echo(json.dumps(document, ensure_ascii=False, indent=2))
        return
    for line in lines:
        click.echo("".join(filter(str.isprintable, line)))


def refuse_existing(file: Path, *, force: bool) -> None:
    """Raise `Refused` for a file that would be overwritten without being asked for."""
    if file.exists() and not force:
        raise Refused(f"{file} exists: choose another name, or add --force")


def owner_of(folder: Path) -> str:
    """Return a folder's user as `sudo -u` takes it: in a container it may have a number alone."""
    try:
        return folder.owner()
    except KeyError:
        return shlex.quote(f"#{folder.stat().st_uid}")


def end(code: int) -> NoReturn:
    """Exit with a code."""
    raise click.exceptions.Exit(code)
