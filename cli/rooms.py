"""Commands on rooms and polls. They ask a running server, as the account that has signed in."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import click

from cli.client import Client, url_option
from cli.output import (
    Refused,
    file_argument,
    json_option,
    overwrite_option,
    put,
    refuse_existing,
)
from db.journal import files

poll_argument = click.argument("poll_id", metavar="POLL", type=int)


@click.group(short_help="Import a roll.")
def roll() -> None:
    """Import a room's roll."""


@roll.command("import", short_help="Import a roll from a CSV file.")
@click.argument("room")
@click.argument("file", type=click.File("rb"))
@click.option("--replace", is_flag=True, help="Remove everybody who is not in FILE, but you.")
@click.option("--dry-run", is_flag=True, help="Say what would change, and change nothing.")
@click.option("--encoding", help="The encoding of FILE, where it must be named: cp949, utf-8, …")
@url_option
@json_option
def import_roll(
    room: str, file: Any, *, replace: bool, dry_run: bool, encoding: str | None, url: str | None
) -> None:
    """Import FILE, a table with the columns name, email, ref and role, into the roll of ROOM.

    Rows are merged, recognised by ref or email. Every line that is refused is named, and then
    nothing is changed. You must be host of the room.

    \b
    Examples:
      rollcall roll import K7M2QX members.csv --dry-run
      rollcall roll import K7M2QX members.csv --replace
    """
    asked = {"dry_run": "1"} if dry_run else {}
    asked |= {"encoding": encoding} if encoding else {}
    path = f"/rooms/{quote(room, safe='')}/roll?{urlencode(asked)}"
    change = Client.signed_in(url).ask("PUT" if replace else "POST", path, table=file.read())
    would = "would be " if dry_run else ""
    counts = [f"{change[kind]} {would}{kind}" for kind in ("added", "changed", "removed")]
    lines = [f"{', '.join(counts)} (read as {change['encoding']})."]
    lines += [f"would be removed: {name}" for name in change.get("removed_names", ())]
    put(change, lines)


@click.group(short_help="Open or close a poll, or show its results.")
def poll() -> None:
    """Open or close a poll, or show its results. POLL is its number, as in its address."""


@poll.command("open")
@poll_argument
@url_option
@json_option
def open_poll(poll_id: int, url: str | None) -> None:
    """Open POLL, a draft or a paused poll. You must be host of its room.

    \b
    Example:
      rollcall poll open 7
    """
    _move(poll_id, "open", url)


@poll.command("close")
@poll_argument
@url_option
@json_option
def close_poll(poll_id: int, url: str | None) -> None:
    """Close POLL and count it. A closed poll can't be opened again. You must be host of its room.

    \b
    Example:
      rollcall poll close 7
    """
    _move(poll_id, "close", url)


def _move(poll_id: int, step: str, url: str | None) -> None:
    document = Client.signed_in(url).ask("POST", f"/polls/{poll_id}/{step}")
    put(document, [f"Poll {poll_id} is {document['state']}: {document['title']}"])


@poll.command("results")
@poll_argument
@click.option("--rule", help="Count a closed ranked poll by this rule: irv or schulze.")
@url_option
@json_option
def poll_results(poll_id: int, rule: str | None, url: str | None) -> None:
    """Show the results of POLL as they are now: only what you may see.

    \b
    Examples:
      rollcall poll results 7
      rollcall poll results 7 --json
    """
    query = f"?{urlencode({'rule': rule})}" if rule else ""
    results = Client(url).ask("GET", f"/polls/{poll_id}/results{query}")
    put(results, _describe(results))


def _describe(results: dict[str, Any]) -> Iterable[str]:
    of = f" of {results['eligible']}" if results.get("eligible") is not None else ""
    yield f"Poll {results['poll']} is {results['state']}: {results['ballots']}{of} have voted."
    if results["tally"] is None:
        yield "The tally is hidden."
        return
    elected, tied = results.get("winners") or (), results.get("tied") or ()
    width = max(len(row["name"]) for row in results["tally"])
    for row in results["tally"]:
        share = "" if row["share"] is None else f"{row['share']:7.1%}"
        mark = "  elected" if row["candidate"] in elected else ""
        mark = "  tied" if row["candidate"] in tied else mark
        yield f"  {row['name']:{width}} {row['votes']:>8}{share}{mark}"


@click.command(short_help="Download everything that a room holds.")
@click.argument("room")
@file_argument
@overwrite_option
@url_option
@json_option
def export(room: str, file: Path, *, force: bool, url: str | None) -> None:
    """Write all that ROOM holds to FILE, as JSON: roll, meetings, attendance, messages, polls with
    results and records, and the log. You must be host of the room.

    \b
    Example:
      rollcall export K7M2QX assembly-2026.json
    """
    refuse_existing(file, force=force)
    client = Client.signed_in(url)
    try:
        files.replace(file, client.download(f"/rooms/{quote(room, safe='')}/export"))
    except OSError as error:
        raise Refused(f"{file} can't be written: {error}") from error
    put({"room": room, "file": str(file)}, [f"The export is {file}."])
