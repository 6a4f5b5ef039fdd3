"""The command line of the store: `python -m db check|compact|backup|restore|prune|drill`.

It reads arguments and prints results; `db.journal.offline`, `db.drilling` and
`voting.pruning` do the work.
"""

import argparse
import re
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import Progress, track

from db.archive import Moment
from db.carrying_over import carry_over
from db.configured import configured_path
from db.drilling import Drill, drill
from db.journal import JournalError, files, offline
from db.journal.contents import Report, is_there
from db.journal.documents import ByTable
from db.journal.errors import DAMAGED, end_of
from db.poll_keys import PollKeys, check_keys
from db.tables import POLLS
from db.tinydb_store import TinyDBStore
from db.upgrading import format_of, require_ours
from db.work_folder import work_folder
from voting.model.accounts import Account
from voting.pruning import RULES, Prunable, find_old, prune

DONE, DRY_RUN = 0, "rollcall-dry-run-"
COMMANDS = {
    "check": ("verify every checksum; nothing is changed", None),
    "compact": ("rewrite the file without the journal, and remove torn tails", None),
    "backup": ("write a consistent copy to FILE", "overwrite FILE"),
    "restore": ("put FILE in the store's place, and keep that aside", "take an edited FILE"),
}
"""What each command does, and what `--force` does with its file."""
PRUNE = "remove what is older than AGE and what no poll needs; list it with --dry-run"
DRILL = "restore FILE into a temporary folder, and count every closed poll again"
UNTIL = (
    "bring back this moment, by the journals beside FILE: 2026-11-26T19:32, in this machine's zone"
)
DAYS, MOST_DAYS = {"d": 1, "w": 7, "y": 365}, 36_500

terminal = Console(stderr=True, soft_wrap=True, highlight=False, markup=False)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return the exit code."""
    options = _parser().parse_args(arguments)
    try:
        if options.command == "drill":
            done = run_drill(options.file)
            sys.stdout.write("\n".join([*describe_drill(options.file, done), ""]))
            return DAMAGED if done.faults else DONE
        path = (options.data or configured_path()).resolve()
        if options.command == "prune":
            pruned = run_prune(path, options)
            sys.stdout.write("\n".join([*describe_pruned(path, pruned), ""]))
            return DONE
        with terminal.status("Reading…"):
            report, lines = run_command(path, options)
    except (JournalError, OSError, ValueError) as error:
        code, says = end_of(error)
        terminal.print(says)
        return code
    sys.stdout.write("\n".join([*describe(path, report), *lines, ""]))
    return DAMAGED if report.changed and options.command == "check" else DONE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m db",
        description="Look after the store's files while no server uses them.",
        epilog="Exit codes: 0 done; 1 the files are damaged; 2 refused (in use, no such file, a "
        "bad argument, a failing disk). docs/operations.md says what to do about each message.",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, (text, file) in COMMANDS.items():
        command = commands.add_parser(name, help=text, description=text)
        if file:
            command.add_argument("file", metavar="FILE", type=Path)
            command.add_argument("--force", action="store_true", help=file)
        if name == "restore":
            command.add_argument("--until", metavar="TIME", type=time_of, help=UNTIL)
    command = commands.add_parser("prune", help=PRUNE, description=f"{PRUNE}.")
    age = "how old, in days, weeks or years: 365d, 52w, 1y"
    command.add_argument("--older-than", metavar="AGE", type=age_of, required=True, help=age)
    only = f"only these, with commas between: {', '.join(RULES)}"
    command.add_argument("--only", metavar="KINDS", type=kinds_of, default=[*RULES], help=only)
    command.add_argument("--dry-run", action="store_true", help="remove nothing")
    for command in commands.choices.values():
        where = "the store's JSON file (default: that of ROLLCALL_DATABASE_URL)"
        command.add_argument("--data", metavar="PATH", type=Path, help=where)
    command = commands.add_parser("drill", help=DRILL, description=f"{DRILL}.")
    command.add_argument("file", metavar="FILE", type=Path)
    return parser


def age_of(text: str) -> timedelta:
    """Return an age that is written as 365d, 52w or 1y."""
    found = re.fullmatch(r"([1-9][0-9]{0,4})([dwy])", text)
    if found is None:
        raise argparse.ArgumentTypeError(f"{text!r} is no age; 365d, 52w and 1y are")
    days = int(found[1]) * DAYS[found[2]]
    if days > MOST_DAYS:
        raise argparse.ArgumentTypeError(f"{text!r} is too long; at most {MOST_DAYS}d are an age")
    return timedelta(days=days)


def time_of(text: str) -> datetime:
    """Return a time that is written as 2026-11-26T19:32, with or without an offset, in UTC."""
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError) as error:  # in UTC its year would be 0 or 10000
        raise argparse.ArgumentTypeError(f"{text!r} is no time; 2026-11-26T19:32 is") from error


def kinds_of(text: str) -> list[str]:
    """Return the kinds that are written with commas between."""
    for name in text.split(","):
        if name not in RULES:
            raise argparse.ArgumentTypeError(f"{name!r} is none of {', '.join(RULES)}")
    return text.split(",")


@dataclass(frozen=True)
class Pruned:
    """What went, or would go, of each kind: what it was and how often; and how many stay."""

    before: datetime
    counts: Mapping[str, tuple[Counter[str], int]]
    dry_run: bool


def run_prune(path: Path, options: argparse.Namespace) -> Pruned:
    """Remove what is old. The store is closed, and so compacted, before this returns. A dry run
    opens a copy in a temporary folder, and leaves the store as it is.

    options: `older_than`, `only` and `dry_run`

    Raises `JournalError` or OSError.
    """
    if not is_there(path):
        raise FileNotFoundError(f"{path} does not exist")
    now = datetime.now(UTC)
    before = now - options.older_than
    if options.dry_run:
        with work_folder(DRY_RUN) as folder, offline.mirrored(path, folder) as mirror:
            return _prune(TinyDBStore(mirror, now, is_copy=True), before, options)
    with terminal.status("Reading…"):
        store = TinyDBStore(path, now)
    return _prune(store, before, options)


def _prune(store: TinyDBStore, before: datetime, options: argparse.Namespace) -> Pruned:
    """Remove what is old, and close the store."""
    try:
        with Progress(console=terminal, transient=True, disable=not terminal.is_terminal) as shown:
            counts = {
                name: _prune_kind(store, name, before, shown, dry_run=options.dry_run)
                for name in options.only
            }
    finally:
        with terminal.status("Writing…"):
            store.close()
    return Pruned(before, counts, options.dry_run)


def describe_pruned(path: Path, pruned: Pruned) -> Iterable[str]:
    """Yield what was removed, or would be, in sentences."""
    done = "would go" if pruned.dry_run else "went"
    yield f"{path}: what is older than {pruned.before:%Y-%m-%d %H:%M} UTC and what no poll needs"
    for name, (gone, stay) in pruned.counts.items():
        yield f"{name}: {gone.total():,} {done}, {stay:,} stay"
        yield from (
            f"  {what}: {count:,}" if count > 1 else f"  {what}" for what, count in gone.items()
        )
    if pruned.dry_run:
        yield "Nothing was removed."


def _prune_kind(
    store: TinyDBStore, name: Prunable, before: datetime, shown: Progress, *, dry_run: bool
) -> tuple[Counter[str], int]:
    """Return what goes of a kind, as a list for people, and how many stay."""
    count = store.count(RULES[name].kind)
    task = shown.add_task(name, total=count)
    found = (find_old if dry_run else prune)(store, name, before, lambda: shown.advance(task))
    gone = Counter(map(_label, found))
    return gone, count - gone.total()


def _label(old: Any) -> str:
    if isinstance(old, Account):
        return f"{old.person} {old.email}"
    return f"room {old.room}" if hasattr(old, "room") else "expired"


def _follow(chunks: Iterable[bytes], slices: int) -> Iterable[bytes]:
    shown = {"console": terminal, "transient": True, "disable": not terminal.is_terminal}
    return track(chunks, "Writing", slices, **shown)  # type: ignore[arg-type]


def run_command(path: Path, options: argparse.Namespace) -> tuple[Report, list[str]]:
    """Do what the options say to the store at `path`; return what was read, and what was done.

    options: `command`, and for those with a file `file` and `force`

    Raises `JournalError`, OSError or ValueError.
    """
    ours = partial(require_ours, path)
    if options.command == "check":
        report = offline.check(path, partial(_check_opening, path), ours)
        return report, [] if report.changed else ["Every checksum holds."]
    if options.command == "compact":
        return offline.compact(path, _follow, ours), ["The journal is compacted."]
    if options.command == "backup":
        report = offline.backup(path, options.file, _follow, ours, force=options.force)
        return report, [f"The copy is {options.file}."]
    now = datetime.now(UTC)
    moment = Moment(path, options.file, options.until) if options.until else None
    done = offline.restore(
        path,
        options.file,
        now,
        _follow,
        force=options.force,
        extend=moment,
        carry=carry_over,
        look=partial(require_ours, options.file, own=options.file.resolve() == path),
    )
    lines = [f"Restored from {options.file}; epoch {done.epoch} begins."]
    lines += [f"It is as it was at {moment.reached:%Y-%m-%d %H:%M:%S} UTC."] if moment else []
    lines += [f"What was there is kept as {done.aside}."] if done.aside else []
    lines += [f"Not everything could be taken: {done.lost}"] if done.lost else []
    return done.report, lines


def run_drill(file: Path) -> Drill:
    """Restore a backup into a temporary folder and check it. Raises as `drill`."""
    with terminal.status("Counting…"):
        return drill(file, datetime.now(UTC), lambda chunks, _slices: chunks)


def describe_drill(file: Path, done: Drill) -> Iterable[str]:
    """Yield what a drill found, in sentences."""
    documents = sum(done.report.documents.values())
    yield f"{file}: it can be restored and opened: {documents:,} documents."
    yield (
        f"{done.polls:,} closed polls with {done.ballots:,} ballots were counted again, and "
        f"{done.logs:,} logs were checked."
    )
    if done.closed:
        polls = ", ".join(map(str, done.closed))
        yield f"A restore closes these polls, which were open in it: {polls}."
    yield from (f"WRONG: {fault}" for fault in done.faults)
    yield "It does not agree with itself." if done.faults else "Everything agrees."


def _check_opening(path: Path, tables: ByTable) -> None:
    """Verify the format and the keys of polls as a start does. A backup has no keys and no
    journal.
    """
    format_of(tables.get("meta", {}))
    keys = PollKeys(files.beside(path, ".keys"))
    is_backup = not keys.path.exists() and not files.beside(path, ".journal").exists()
    restored = tables.get("meta", {}).get(1, {}).get("restored")
    if not (is_backup or restored):
        check_keys(keys, tables.get(POLLS, {}))


def describe(path: Path, report: Report) -> Iterable[str]:
    """Yield what was read of a store, in sentences."""
    counts = sorted(report.documents.items())
    tables = ", ".join(f"{name} {count:,}" for name, count in counts if count)
    yield f"{path}: {sum(report.documents.values()):,} documents ({tables or 'no tables'})"
    yield f"It stands at batch {report.sequence:,}; {report.newer:,} of them in the journal."
    if report.torn:
        yield f"A write was cut short: its {report.torn:,} bytes were never answered for."
    if report.changed:
        yield (
            "Its checksum does not hold: another program changed it, or the disk did. Compare it "
            "with a backup; if the change is yours, starting the server accepts it."
        )


if __name__ == "__main__":
    sys.exit(main())
