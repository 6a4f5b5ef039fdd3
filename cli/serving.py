"""`rollcall serve`: `run.py` with settings from options."""

import os

import click

from api.settings import PREFIX
from cli.output import Refused


@click.command(short_help="Serve until told to stop.")
@click.option("--host", help="Where to listen: an address, or unix:/path.  [ROLLCALL_HOST]")
@click.option("--port", type=int, help="The port to listen at.  [ROLLCALL_PORT]")
def serve(host: str | None, port: int | None) -> None:
    """Serve until SIGTERM or Ctrl-C. All other settings come from the environment or .env.

    A socket that systemd has opened is used instead of host and port.

    \b
    Examples:
      rollcall serve
      rollcall serve --host 0.0.0.0 --port 8000
      rollcall --env-file /etc/rollcall.env serve
    """
    for name, value in (("HOST", host), ("PORT", port)):
        if value is not None:
            os.environ[PREFIX + name] = str(value)
    import run  # noqa: PLC0415 (its first act is to patch the standard library, for this command alone)

    try:
        run.main()
    except SystemExit as refusal:
        if isinstance(refusal.code, str):
            raise Refused(refusal.code.removeprefix("rollcall: ")) from refusal
        raise
