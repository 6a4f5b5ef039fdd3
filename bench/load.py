"""The load: wrk with `votes.lua`, pinned to the core that the server doesn't have."""

import json
import math
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from bench.subjects import LOAD_CORE, Running, prefer

SCRIPT = Path(__file__).with_name("votes.lua")


def need_wrk() -> str:
    """Return wrk's path; end with how to get it where it is missing."""
    path = shutil.which("wrk")
    if path is None:
        sys.exit("bench: wrk is missing: on Debian, apt-get install wrk")
    return path


def vote(
    one: Running,
    seconds: int,
    connections: int = 64,
    kind: str = "put",
    path: str = "",
    strict: bool = True,
) -> Any:
    """Cast ballots for so long; return wrk's numbers and the server's processor time a ballot.

    Raises AssertionError where an answer was an error: a refused ballot is no vote.
    """
    command = [need_wrk(), "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "30s"]
    command += ["-s", SCRIPT, one.url, "--", kind, one.hall.tokens, str(one.next), path]
    busy = one.cpu_seconds()
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=True,
        preexec_fn=lambda: prefer(LOAD_CORE),
    )
    numbers = json.loads(done.stdout.splitlines()[-1])
    if strict:
        assert numbers["refused"] == numbers["broken"] == 0, (one.subject.name, numbers)
    one.next = numbers["sent"]
    if not one.subject.same:
        one.next = 0
    assert one.next < one.hall.ballots - 2 * one.hall.voters, "the hall has too few polls"
    numbers["rate"] = numbers["answered"] / numbers["seconds"]
    numbers["mean_ms"] = connections * 1_000 / numbers["rate"] if numbers["rate"] else math.inf
    busy = one.cpu_seconds() - busy
    numbers["cpu_us"] = busy / max(numbers["answered"], 1) * 1e6
    numbers["cpu_share"] = busy / numbers["seconds"]
    return numbers
