"""How many messages begin to be handled in one turn of the event loop. Pure.

Most cost a millisecond, but the answer to some is a megabyte. So the number follows what the last
turn took, and after an expensive turn everybody else has the loop for as long.
"""

SLOW_SECONDS, FAST_SECONDS = 0.03, 0.015
"""From when on a turn is too long for the others, and up to when there is room for more."""


class Pace:
    """`many` is the number for the next turn, `most` at most."""

    def __init__(self, most: int) -> None:
        self.many = self._most = most

    def follow(self, took: float) -> float:
        """Take note of how many seconds a turn took; return for how many others are served now."""
        if took > SLOW_SECONDS:
            self.many = max(1, self.many // 2)
            return took
        if took < FAST_SECONDS:
            self.many = min(self._most, self.many + 1)
        return 0
