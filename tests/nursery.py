"""The process that test servers are forked from: it has imported what `run.py` imports.

Each message on its standard input, a socket, names a module, a folder and an environment, and
brings two pipes: for the output, and for what `tests/forked.py` is told. Two processes serve it:
one runs the module's `main`, the other sends the first one's id and, in the end, its exit code.
"""

import run  # noqa: F401, I001 (it patches the standard library: before all else)

import json
import os
import socket
import sys
import traceback
from contextlib import suppress
from importlib import import_module
from typing import NoReturn

import gevent
from gevent.monkey import get_original

MOST_BYTES = 1 << 20
close, fork, waitpid = get_original("os", ["close", "fork", "waitpid"])


def main() -> None:
    """Fork until nobody can ask any more. No event loop may be made here: a fork would share it."""
    control = get_original("socket", "socket")(fileno=0)
    while True:
        asked, pipes, *_ = socket.recv_fds(control, MOST_BYTES, 2)
        if not asked:
            return
        if fork() == 0:
            control.close()
            watch(*json.loads(asked), *pipes)
        for pipe in pipes:
            close(pipe)
        reap()


def reap() -> None:
    """Collect those watchers that have ended."""
    with suppress(ChildProcessError):
        while waitpid(-1, os.WNOHANG)[0]:
            pass


def watch(module: str, folder: str, environ: dict[str, str], output: int, telling: int) -> None:
    """Fork the server; tell its id, and its exit code when it has ended."""
    if (server := fork()) == 0:
        close(telling)
        serve(module, folder, environ, output)
    close(output)
    os.write(telling, b"%d\n" % server)
    code = os.waitstatus_to_exitcode(waitpid(server, 0)[1])
    with suppress(BrokenPipeError):
        os.write(telling, b"%d\n" % code)
    os._exit(0)


def serve(module: str, folder: str, environ: dict[str, str], output: int) -> NoReturn:
    """Run a module's `main` and end, as the interpreter would."""
    gevent.reinit()
    for descriptor, source in enumerate((os.open(os.devnull, os.O_RDONLY), output, output)):
        os.dup2(source, descriptor)
    close(output)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environ)
    code = 0
    try:
        import_module(module).main()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
        if isinstance(end.code, str):
            print(end.code, file=sys.stderr)
    except Exception:  # noqa: BLE001 (as the interpreter does)
        traceback.print_exc()
        code = 1
    os._exit(code)


if __name__ == "__main__":
    main()
