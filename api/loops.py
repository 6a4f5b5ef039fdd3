"""The loop of everything that runs in the background."""

import logging
from collections.abc import Callable, Iterable
from itertools import chain, cycle
from typing import NoReturn

import gevent

logger = logging.getLogger(__name__)


def repeat(pause: Callable[[], object], act: Callable[[], object], fault: str) -> NoReturn:
    """Pause, then act, for ever.

    fault: the line of the log if `act` raises; the loop continues after the next pause
    """
    while True:
        pause()
        try:
            act()
        except Exception:  # a fault must not end the loop: the disk may have room again, say
            logger.exception(fault)


def every(seconds: float, *, at_once: bool = False) -> Callable[[], None]:
    """Return a pause of so many seconds; `at_once`: there is none before the first act."""
    pauses = chain([0] if at_once else [], cycle([seconds]))
    return lambda: gevent.sleep(next(pauses))


def call_each(calls: Iterable[Callable[[], object]], fault: str) -> None:
    """Call one after the other.

    fault: the line of the log if one raises; the others are called all the same
    """
    for call in calls:
        try:
            call()
        except Exception:
            logger.exception(fault)
