"""Runs `rollcall COMMAND …` in processes of their own, each killed at another system call.

    python -m tests.crash.killing COMMAND …

For each line `CALLS FOLDER` it forks a process that runs the command in that folder, and kills
itself by SIGKILL at the call after so many that change files or a database: half of what that call
would write is written. It prints how the process ended, and how many such calls it made.
"""

import os
import signal
import sys
from collections.abc import Callable
from typing import Any

from cli.main import rollcall
from db.postgres.session import Session

CHANGES = ("write", "fsync", "replace", "unlink", "fchmod", "ftruncate", "mkdir", "link")


def arm(calls: int) -> list[int]:
    """Let the call after so many be the last; return how many are left."""
    left = [calls]

    def count(call: Callable[..., Any], name: str) -> Callable[..., Any]:
        def counted(*arguments: Any, **options: Any) -> Any:
            if left[0] == 0:
                if name == "write":
                    call(arguments[0], arguments[1][: len(arguments[1]) // 2])
                os.kill(os.getpid(), signal.SIGKILL)
            left[0] -= 1
            return call(*arguments, **options)

        return counted

    for name in CHANGES:
        setattr(os, name, count(getattr(os, name), name))
    Session.run = count(Session.run, "run")  # type: ignore[method-assign]
    return left


def run(calls: int, folder: str, made: int) -> None:
    """Run the command; write into `made` how many calls it took."""
    os.chdir(folder)
    os.dup2(2, 1)
    write, left = os.write, arm(calls)
    try:
        rollcall(sys.argv[1:])
    finally:
        write(made, b"%d" % (calls - left[0]))


def main() -> None:
    for line in sys.stdin:
        calls, folder = line.rstrip("\n").split(" ", 1)
        read_end, write_end = os.pipe()
        process = os.fork()
        if process == 0:
            run(int(calls), folder, write_end)
        _, status = os.waitpid(process, 0)
        os.close(write_end)
        made = int(os.read(read_end, 20) or calls)
        os.close(read_end)
        os.write(1, b"%d %d\n" % (os.waitstatus_to_exitcode(status), made))


if __name__ == "__main__":
    main()
