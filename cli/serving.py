"""`rollcall serve`: `run.py` with settings from options."""

import os
import sys
from pathlib import Path

import click

from api.settings import PREFIX, BadSetting, read_settings
from cli.output import Refused
from cli.supervising import Place, Supervisor


@click.command(short_help="Serve until it is stopped.")
@click.option("--host", help="Where to listen: an address, or unix:/path.  [ROLLCALL_HOST]")
@click.option("--port", type=int, help="The port to listen at.  [ROLLCALL_PORT]")
@click.option(
    "--workers",
    type=click.IntRange(1, 64),
    default=1,
    help="How many processes serve, with PostgreSQL.  [1]",
)
def serve(host: str | None, port: int | None, workers: int) -> None:
    """Serve until SIGTERM or Ctrl-C. All other settings come from the environment or .env.

    A socket that systemd has opened is used instead of host and port. Workers that end are started
    again.

    \b
    Examples:
      rollcall serve
      rollcall serve --host 0.0.0.0 --port 8000
      rollcall serve --workers 3
      rollcall --env-file /etc/rollcall.env serve
    """
    for name, value in (("HOST", host), ("PORT", port)):
        if value is not None:
            os.environ[PREFIX + name] = str(value)
    try:
        serve_by_workers(workers) if workers > 1 else serve_as(None)
    except SystemExit as refusal:
        if isinstance(refusal.code, str):
            raise Refused(refusal.code.removeprefix("rollcall: ")) from refusal
        raise


def serve_by_workers(count: int) -> None:
    """Serve by several processes, and exit."""
    from api.httpd.listening import CannotListen, listen  # noqa: PLC0415 (it imports gevent)

    try:
        settings = read_settings()
        if isinstance(settings.database, Path):
            raise Refused(f"several workers need PostgreSQL: set {PREFIX}DATABASE_URL")
        listener = listen(settings.host, settings.port)
    except (BadSetting, CannotListen) as error:
        raise Refused(str(error)) from error
    names = [f"{settings.worker}{number}" for number in range(1, count + 1)]
    sys.exit(Supervisor(names, listener, serve_as).run())


def serve_as(place: Place | None) -> None:
    """Serve as one of several workers, in a process of its own, or alone."""
    if place is not None:
        os.environ[f"{PREFIX}WORKER"] = place.name
    import run  # noqa: PLC0415 (its first act is to patch the standard library, for this command alone)

    run.main(place)
