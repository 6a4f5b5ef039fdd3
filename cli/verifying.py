"""`rollcall verify`: `python -m voting.verify`, which needs no server and no store."""

from pathlib import Path
from typing import Any, get_args

import click

from cli.output import NOT_WHOLE, Refused, end, json_option, put
from voting.methods import Rule
from voting.verify.__main__ import Unreadable, check_files, read_head, word_reports


class HeadType(click.ParamType[Any]):
    """A head of a log, as `41:5e0c…`."""

    name = "HEAD"

    def convert(self, value: Any, param: Any, ctx: Any) -> Any:
        try:
            return read_head(value)
        except ValueError:
            self.fail(f"{value!r} is no head: 41:5e0cf1a2 is", param, ctx)


@click.command(short_help="Check records, proofs, electorates and logs.")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--receipt", help="Say what the ballot with this receipt holds.")
@click.option(
    "--head",
    "heads",
    multiple=True,
    type=HeadType(),
    help="A head of the log that somebody kept, as number:hash; 8 digits of the hash are enough.",
)
@click.option("--rule", type=click.Choice(get_args(Rule)), help="Count ranked ballots so as well.")
@json_option
def verify(files: tuple[Path, ...], receipt: str | None, heads: Any, rule: str | None) -> None:
    """Check whether each of FILES agrees with itself and with the others.

    Each is recognised by what it holds. No server is asked, so this works with files that somebody
    else has downloaded. Exits with 1 if something doesn't agree.

    \b
    Examples:
      rollcall verify record.json --receipt 5f0c…
      rollcall verify log.json record.json proof.json --head 41:5e0cf1a2
    """
    try:
        reports = check_files(files, receipt, rule, heads)
    except Unreadable as error:
        raise Refused(str(error)) from error
    whole, lines = word_reports(reports)
    files_document = [
        {"file": title, "checks": [check._asdict() for check in checks]}
        for title, checks in reports
    ]
    put({"agrees": whole, "files": files_document}, lines)
    if not whole:
        end(NOT_WHOLE)
