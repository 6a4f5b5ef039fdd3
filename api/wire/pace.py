"""How many messages are begun in one turn of the event loop. Pure.

Most cost a millisecond, but the response to some is a megabyte. So the number follows the duration
of the last turn, and after an expensive turn other work has the loop for as long.
"""

SLOW_SECONDS, FAST_SECONDS = 0.03, 0.015
"""The duration above which a turn is too long, and below which there is room for more."""


class Pace:
    """`many` is the number for the next turn, `most` at most."""

    def __init__(self, most: int) -> None:
        self.many = self._most = most

    def follow(self, took: float) -> float:
        """Note the seconds of a turn; return for how many seconds other work has the loop."""
        if took > SLOW_SECONDS:
            self.many = max(1, self.many // 2)
            return took
        if took < FAST_SECONDS:
            self.many = min(self._most, self.many + 1)
        return 0
