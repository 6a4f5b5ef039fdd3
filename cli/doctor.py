"""`rollcall doctor`: looks at this machine's setup, and says what is wrong and what to do."""

from collections.abc import Iterator

import click
from rich.console import Console

from cli import checks, reaching
from cli.checks import Finding, Machine, warning
from cli.output import NOT_WHOLE, end, json_option, put
from db.__main__ import DRY_RUN
from db.drilling import COPY
from db.work_folder import find_left


def check_drills(_machine: Machine) -> Iterator[Finding]:
    """Look for copies that killed drills and dry runs left in the temporary folder."""
    for left in (*find_left(COPY), *find_left(DRY_RUN)):
        what = "a drill" if left.name.startswith(COPY) else "a dry run of prune"
        says = f"{what} that was killed left its copy of the data in {left}"
        yield warning("drill", says, f"rm -r {left} (the next one does it, too)")


CHECKS = (
    checks.check_settings,
    checks.check_folder,
    reaching.check_database,
    checks.check_files,
    checks.check_clock,
    checks.check_disk,
    checks.check_backups,
    check_drills,
    reaching.check_port,
    reaching.check_public_url,
)

MARKS = {"ok": "ok   ", "warning": "  !  ", "fault": "WRONG"}


@click.command(short_help="Say what is wrong with this machine's setup, and what to do.")
@json_option
def doctor() -> None:
    """Look at settings, folders, PostgreSQL, the open-file limit, the clock, the disk's fsync time,
    the folder of backups and the newest one, what killed drills left, the port, the public address,
    and the headers that a proxy sends; say what is wrong and what to do.

    Run it as the user that serves, with the server's settings. It works beside a running server;
    while none runs, it listens at the port for a moment, to see a proxy's headers as they arrive.
    Exits with 1 if something is wrong; warnings alone exit with 0.

    \b
    Examples:
      rollcall doctor
      sudo -u rollcall rollcall --env-file /etc/rollcall.env doctor --json
    """
    machine, findings = Machine(), list[Finding]()
    with Console(stderr=True).status("Looking…"):
        for check in CHECKS:
            findings += check(machine)
    lines = []
    for finding in findings:
        lines.append(f"{MARKS[finding.verdict]}  {finding.about}: {finding.says}")
        lines += [f"         {finding.do}"] if finding.do else []
    wrong = any(finding.verdict == "fault" for finding in findings)
    put({"wrong": wrong, "findings": [finding._asdict() for finding in findings]}, lines)
    if wrong:
        end(NOT_WHOLE)
