"""A server whose disk can be held up: while its folder has a file `hold`, nothing becomes durable,
and a file `held` says that something waits.

Each write takes a moment longer than a fast disk needs, so all are made beside the event loop.
"""

import run  # noqa: I001 (it patches the standard library: before all else)

from pathlib import Path

from gevent.monkey import get_original

from db.journal import files

MOMENT = 0.002
sleep, fsync = get_original("time", "sleep"), files.fsync
hold, held = Path("hold"), Path("held")


def held_fsync(descriptor: int) -> None:
    sleep(MOMENT)
    while hold.exists():
        held.touch()
        sleep(MOMENT)
    fsync(descriptor)


def main() -> None:
    files.fsync = held_fsync
    run.main()


if __name__ == "__main__":
    main()
