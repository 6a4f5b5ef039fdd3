"""`rollcall rehearse`: try the server out with made-up people before the real vote."""

import os
import secrets
import signal
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import quantiles
from typing import Any

import click
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from cli.output import NOT_WHOLE, Refused, end, json_option, put

PERCENTILES = (50, 95, 99)


@click.command(short_help="Let made-up people sign in, vote and lose their connection.")
@click.option("--voters", type=click.IntRange(1), default=300, show_default=True)
@click.option("--over", type=float, default=5, show_default=True, help="Seconds in which all come.")
@click.option("--url", help="A server that runs. Without it one is started for the rehearsal.")
@click.option("--kill", is_flag=True, help="Kill that own server in the middle, like a power cut.")
@click.option("--restart", is_flag=True, help="Stop and start that own server in the middle.")
@click.option("--workers", type=click.IntRange(1, 64), default=1, help="Processes that serve.  [1]")
@click.option("--database", help="Their PostgreSQL database, which must be empty: a URL.")
@json_option
def rehearse(
    voters: int,
    over: float,
    url: str | None,
    *,
    kill: bool,
    restart: bool,
    workers: int,
    database: str | None,
) -> None:
    """Let made-up people sign up, sign in, join, vote, click twice, lose the connection and join
    again. Then compare the poll's record with the receipts that they got. Exits with 1 if a ballot
    is lost or counted twice, or somebody gave up.

    Without --url the rehearsal starts a server of its own, whose data it removes afterwards. With
    --url it makes a room, a poll and accounts there, and removes them at the end; that server's
    limits hold. With several workers, --kill kills one of them.

    \b
    Examples:
      rollcall rehearse --voters 300 --restart
      rollcall rehearse --voters 50 --url https://vote.example.org
      rollcall rehearse --workers 3 --database postgresql://me@127.0.0.1/empty --kill
    """
    _check_use(url, workers, database, ends=kill or restart)
    steps, console = _load_steps(), Console(stderr=True)
    run, processes = secrets.token_hex(4), (workers, database)
    people = [steps.Person(f"rehearsal-{run}-{n}@example.org") for n in range(voters)]
    with (
        _served(url, console, processes, kill=kill, restart=restart) as (where, interrupt),
        _progress(console, voters, steps.STEPS) as advance,
    ):
        rehearsal = steps.Rehearsal(where, people, advance)
        watch = steps.Watch(rehearsal)
        try:
            with watch.watching():
                lost, twice = steps.rehearse(rehearsal, over, interrupt)
        except steps.GaveUp as error:
            raise Refused(f"the rehearsal could not be held: {error}") from error
    _report(steps.STEPS, rehearsal, watch, lost, twice)


def _load_steps() -> Any:
    """Patch the standard library, and return the module of the steps. Raises `Refused`."""
    from gevent import monkey  # noqa: PLC0415 (for this command alone)

    monkey.patch_all()
    try:
        from cli import rehearsal  # noqa: PLC0415 (after the patching)
    except ImportError as error:
        raise Refused("the rehearsal needs a client: pip install 'rollcall[rehearse]'") from error
    return rehearsal


def _check_use(url: str | None, workers: int, database: str | None, *, ends: bool) -> None:
    """Refuse options that don't go together; ends: the server is killed or restarted."""
    if workers > 1 and (url or not database):
        raise click.UsageError("several workers need --database, and no --url")
    if url and ends:
        raise click.UsageError("only a server that the rehearsal starts is killed or restarted")


def _report(steps: Sequence[str], rehearsal: Any, watch: Any, lost: int, twice: int) -> None:
    """Print the result; exit with 1 if anything is wrong."""
    troubles = [person.trouble for person in rehearsal.people if person.trouble]
    document = {
        "lost": lost,
        "twice": twice,
        "gave_up": len(troubles),
        "steps": {name: _times(rehearsal.took[name]) for name in steps},
        "watch": {"gap": watch.gap, "refused": watch.refused, "away": watch.away},
    }
    put(document, _describe(document, troubles))
    if lost or twice or troubles:
        end(NOT_WHOLE)


def _check_server(url: str) -> None:
    """Ask a running server once, so that a wrong address or certificate is named at once. Raises
    `Refused` or `NoAnswer`.
    """
    import ssl  # noqa: PLC0415 (after the patching)

    from cli.client import Client  # noqa: PLC0415 (after the patching)

    paths = ssl.get_default_verify_paths()
    store = paths.cafile or paths.capath
    if store is not None and not os.environ.get("REQUESTS_CA_BUNDLE"):
        os.environ["REQUESTS_CA_BUNDLE"] = store  # requests brings its own, and these may be more
    Client(url).ask("GET", "/healthz")


@contextmanager
def _served(
    url: str | None, console: Console, workers: tuple[int, str | None], *, kill: bool, restart: bool
) -> Iterator[tuple[str, Callable[[], None] | None]]:
    """Yield a server's address, and what interrupts it, if it is to be interrupted."""
    if url:
        _check_server(url)
        yield url.rstrip("/"), None
        return
    from cli.own_server import OwnServer  # noqa: PLC0415 (after the patching)

    with tempfile.TemporaryDirectory() as folder:
        server = OwnServer(Path(folder), *workers)

        def interrupt() -> None:
            if kill and workers[0] > 1:
                server.kill_worker()
                console.print("a worker was killed")
                return
            server.end(signal.SIGKILL if kill else signal.SIGTERM)
            done = "killed" if kill else "stopped"
            console.print(f"the server was {done}, and is started again")
            server.start()

        server.start()
        try:
            yield server.url, interrupt if kill or restart else None
        finally:
            server.close()


@contextmanager
def _progress(
    console: Console, people: int, steps: tuple[str, ...]
) -> Iterator[Callable[[str], None]]:
    """Show how many people have taken each step; yield what notes one."""
    with Progress(console=console, disable=not console.is_terminal) as progress:
        bars = {name: progress.add_task(name, total=people) for name in steps}
        yield lambda name: progress.advance(bars[name])


def _times(took: list[float]) -> dict[str, Any]:
    """Return how many took a step, and how many seconds it took them."""
    cuts = quantiles(took, n=100, method="inclusive") if len(took) > 1 else took * 99
    shares = {f"p{each}": cuts[each - 1] if took else None for each in PERCENTILES}
    return {"people": len(took), **shares, "longest": max(took, default=None)}


def _describe(document: dict[str, Any], troubles: list[str]) -> Iterator[str]:
    table = Table("step", "people", "p50", "p95", "p99", "longest")
    for name, times in document["steps"].items():
        people, *rest = times.values()
        seconds = ("-" if each is None else f"{each * 1e3:,.0f} ms" for each in rest)
        table.add_row(name, str(people), *seconds)
    console = Console()
    with console.capture() as shown:
        console.print(table)
    yield from shown.get().splitlines()
    yield from (f"gave up: {trouble}" for trouble in troubles[:5])
    watch = document["watch"]
    yield (
        f"longest gap: {watch['gap']:.1f} s; connections refused: {watch['refused']}; "
        f"a screen was away for {watch['away']:.1f} s"
    )
    yield f"lost: {document['lost']} twice: {document['twice']} gave up: {document['gave_up']}"
