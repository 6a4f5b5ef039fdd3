"""The loop of all that goes on while the server runs."""

import logging
from collections.abc import Callable
from typing import NoReturn

logger = logging.getLogger(__name__)


def repeat(pause: Callable[[], object], act: Callable[[], object], fault: str) -> NoReturn:
    """Pause, then act, for ever.

    fault: what the log says of an act that raises; the next one comes after the next pause
    """
    while True:
        pause()
        try:
            act()
        except Exception:  # a fault must not end the loop: the disk may have room again, say
            logger.exception(fault)
