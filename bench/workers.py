"""A benchmark's process that takes orders: lines of JSON on its standard input and output."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from bench.report import ROOT
from bench.subjects import prefer


class Worker:
    """A process that runs."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._orders, self._answers = process.stdin, process.stdout

    def order(self, do: str, **arguments: Any) -> None:
        """Order something, and don't wait for the answer."""
        self._orders.write(json.dumps({"do": do, **arguments}) + "\n")
        self._orders.flush()

    def ask(self, do: str, **arguments: Any) -> Any:
        """Order something; return the answer."""
        self.order(do, **arguments)
        return json.loads(self._answers.readline())


@contextmanager
def worker(module: str, *arguments: str, core: int | None = None) -> Iterator[Worker]:
    """Run a module, where a core is given on that one and before others; kill it in the end."""
    process = subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=None if core is None else lambda: prefer(core),  # noqa: PLW1509 (no threads here)
    )
    try:
        yield Worker(process)
    finally:
        process.kill()
        process.communicate()
