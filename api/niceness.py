"""A lower priority for threads beside the one that votes."""

import os
import sys
from collections.abc import Callable
from typing import TypeVar

NICENESS = 5
"""The niceness of work beside votes. It still gets a quarter of a core that votes keep busy. With
10 it got a tenth, and a sign-in took a second.
"""

T = TypeVar("T")


def at_low_priority(work: Callable[[], T]) -> T:
    """Run work in this thread of a pool, at a lower priority than the thread that votes; return
    its result.
    """
    if sys.platform == "linux":  # there a thread has a niceness of its own
        voting = os.getpriority(os.PRIO_PROCESS, os.getpid())
        os.setpriority(os.PRIO_PROCESS, 0, voting + NICENESS)
    return work()
