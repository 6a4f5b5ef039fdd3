"""The front door: settings → create_app → serve. `python run.py`, or `rollcall serve`."""

from gevent import monkey

monkey.patch_all()  # before anything imports sockets, locks or threads

import signal  # noqa: E402
import sys  # noqa: E402
from typing import TYPE_CHECKING  # noqa: E402

import gevent  # noqa: E402
from gevent.event import Event  # noqa: E402

from api.app import Rollcall  # noqa: E402
from api.hall import EVERYWHERE, describe_hall  # noqa: E402
from api.handover import Handover  # noqa: E402
from api.httpd import CannotListen, PortTaken, listen  # noqa: E402
from api.log_lines import start_logging  # noqa: E402
from api.secret_files import SETUP_CODE  # noqa: E402
from api.serving import Serving, open_rollcall  # noqa: E402
from api.settings import PREFIX, BadSetting, Settings, read_settings  # noqa: E402
from api.systemd import notify_systemd  # noqa: E402
from db import JournalError  # noqa: E402

if TYPE_CHECKING:
    from cli.supervising import Place

UNIX = "unix:"


def main(place: "Place | None" = None) -> None:
    """Serve until stopped; exit with a sentence where the start is refused.

    place: of one of several workers, which share its listening socket
    """
    start_logging()
    try:
        settings = read_settings()
        start_logging(settings.log, settings.worker)
        listener = listen(settings.host, settings.port) if place is None else place.listener
        rollcall = open_rollcall(settings)
    except BadSetting as error:
        sys.exit(f"rollcall: {error}")
    except PortTaken:
        port = settings.port
        sys.exit(f"rollcall: port {port} is taken; choose another: {PREFIX}PORT={port + 1}")
    except CannotListen as error:
        host, port = settings.host, settings.port
        sys.exit(f"rollcall: {PREFIX}HOST={host} {PREFIX}PORT={port}: {error}")
    except (JournalError, OSError) as error:
        sys.exit(f"rollcall: {error}")
    handover = None if place is None else take_place(place)
    serving, stopped = Serving(rollcall, [listener], handover), Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        gevent.signal_handler(number, stopped.set)
    try:
        serving.start()
        notify_systemd("READY=1")
        if place is None or place.greets:
            sys.stdout.write(greeting(settings, rollcall))
            sys.stdout.flush()
        if place is not None:
            place.ready()
        stopped.wait()
    finally:
        serving.stop()


def take_place(place: "Place") -> Handover:
    """Return the other workers of one that has a place among them."""
    return Handover(place.own, place.others, place.counts, place.number)


def greeting(settings: Settings, rollcall: Rollcall) -> str:
    """Return what is printed once the server answers: where it is, and what to try."""
    own = "127.0.0.1" if settings.host in EVERYWHERE else settings.host
    home = f"http://{f'[{own}]' if ':' in own else own}:{settings.port}"
    if settings.host.startswith(UNIX):
        home = settings.public_url or settings.host
    lines = [f"Rollcall is at {home}"]
    if settings.host in EVERYWHERE:
        drawn = sys.stdout.isatty() and sys.stdout.encoding.lower().startswith("utf")
        lines += describe_hall(settings.public_url, settings.port, terminal=drawn)
    lines += [
        f"its data in {settings.place}",
        "",
    ]
    if home.startswith("http"):
        lines.append(f"Try: open {home}/r/lobby to vote and {home}/r/lobby/screen beside it.")
    else:
        lines.append(
            "Try: open /r/lobby at your proxy's address to vote, and /r/lobby/screen beside it."
        )
        home = ""
    if rollcall.setup_code is not None:
        kept = f"in {(settings.folder / SETUP_CODE).resolve()}"  # what is no terminal may be a log
        code = rollcall.setup_code if sys.stdout.isatty() else kept
        lines.append(f"Sign up, then become administrator at {home}/account with the code {code}")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
