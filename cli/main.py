"""The command `rollcall`: finds the command that is asked for.

Only that command's module is imported. So `rollcall check` needs no event loop, and `serve` can
patch the standard library before anything else imports it.
"""

import os
import sys
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import click
from click.shell_completion import BashComplete, FishComplete, ZshComplete
from dotenv import load_dotenv

from cli.output import REFUSED, Refused

COMMANDS = {
    "serve": "serving",
    "admin": "accounts",
    "login": "accounts",
    "logout": "accounts",
    "roll": "rooms",
    "poll": "rooms",
    "export": "rooms",
    "backup": "storing",
    "restore": "storing",
    "copy": "copying",
    "check": "storing",
    "compact": "storing",
    "prune": "storing",
    "drill": "storing",
    "verify": "verifying",
    "rehearse": "rehearsing",
    "doctor": "doctor",
    "completion": "main",
}
"""The module of each command, in the order of the help."""
KINDS = {"bash": BashComplete, "zsh": ZshComplete, "fish": FishComplete}
COMPLETE = "_ROLLCALL_COMPLETE"
HELP = """Run a voting server, look after its data, and steer a vote.

\b
Examples:
  rollcall serve                              serve on http://127.0.0.1:5000
  rollcall doctor                             what is wrong with this machine's setup?
  rollcall admin create ada@example.org       make the first administrator
  rollcall login ada@example.org              once, for the commands that ask a server
  rollcall poll close 7

serve, doctor, drill and verify work on this machine's files, and so do check, compact, prune and
restore, which need the server to be stopped. roll, poll and export ask a running server, as the
account that has signed in. admin create and backup do either.

Exit codes: 0 done; 1 what was checked is not whole; 2 refused, by a bad argument or by the server;
3 no server answered.
"""


class Commands(click.Group):
    """The group of all commands, each imported when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return [*COMMANDS]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = getattr(import_module(f"cli.{COMMANDS[cmd_name]}"), cmd_name)
        return command


def _find_version() -> str:
    try:
        return version("rollcall")
    except PackageNotFoundError:
        return "(a checkout, which is not installed)"


@click.group(cls=Commands, help=HELP, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(_find_version())
@click.option(
    "--env-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Read settings from this file, as systemd does from EnvironmentFile=; the environment "
    "itself comes first, and .env of this folder last.",
)
def rollcall(env_file: Path | None) -> None:
    if env_file is not None:
        try:
            load_dotenv(env_file)
        except UnicodeDecodeError as error:
            raise Refused(f"{env_file} is not UTF-8") from error


@click.command(short_help="Print a script that completes commands in your shell.")
@click.argument("shell", type=click.Choice([*KINDS]))
def completion(shell: str) -> None:
    """Print a script that completes commands and options in SHELL.

    \b
    Examples:
      rollcall completion bash > ~/.local/share/bash-completion/completions/rollcall
      rollcall completion zsh > ~/.zfunc/_rollcall
      rollcall completion fish > ~/.config/fish/completions/rollcall.fish
    """
    complete = KINDS[shell](rollcall, {}, "rollcall", COMPLETE)
    click.echo(complete.source())


def main() -> None:
    """Run the command of the arguments, and exit with its code."""
    try:
        try:
            rollcall(prog_name="rollcall")
        finally:
            sys.stdout.flush()
    except OSError as error:  # the disk of the output is full, say: what was done is done
        click.echo(f"rollcall: {error}", err=True)
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what is left of it goes
        sys.exit(REFUSED)
