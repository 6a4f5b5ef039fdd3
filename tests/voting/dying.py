"""Ends a poll in processes that die at each of their system calls, one after the other.

    python -m tests.voting.dying TEMPLATE FOLDER close|count|void POLL

Copies the store in TEMPLATE to FOLDER/1, FOLDER/2, … and dies in FOLDER/n at the n-th call, a
write half done. The last of them is the one that came to its end. `count` closes the poll as a
large one, which is sealed and counted after the transaction that closes it.
"""

import os
import shutil
import sys
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

from db.tinydb_store import TinyDBStore
from tests.unit.lobby import NOW
from voting import closing, sealing
from voting.ending import close_poll, void_poll
from voting.log import CLOCK

CALLS = ("write", "fsync", "fdatasync", "replace", "unlink", "open", "fchmod", "ftruncate")
DEAD = 9


def main() -> None:
    template, folder, how, poll = (*map(Path, sys.argv[1:3]), sys.argv[3], int(sys.argv[4]))
    for number in count(1):
        place = folder / f"{number:03}"
        shutil.copytree(template, place)
        child = os.fork()
        if child == 0:
            end_dying(place / "rollcall.json", how, poll, number)
        if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) != DEAD:
            return


def end_dying(path: Path, how: str, poll: int, number: int) -> None:
    store = TinyDBStore(path, NOW)
    left = iter(range(number - 1))
    for name in CALLS:
        setattr(os, name, mortal(getattr(os, name), left))
    if how == "count":
        closing.SMALL, sealing.AT_ONCE = 0, 2 * sealing.EACH
    if how == "void":
        void_poll(store, poll, NOW, CLOCK, "a test")
    else:
        close_poll(store, poll, NOW, CLOCK)
    os._exit(0)


def mortal(call: Callable[..., Any], left: Any) -> Callable[..., Any]:
    def die_or_go_on(*given: Any, **more: Any) -> Any:
        if next(left, None) is None:
            if call is WRITE:
                lines = bytes(given[1]).rstrip(b"\0")
                WRITE(given[0], lines[: len(lines) // 2])
            os._exit(DEAD)
        return call(*given, **more)

    return die_or_go_on


WRITE = os.write

if __name__ == "__main__":
    main()
