"""Notes between workers, which come by the same channel as the numbers of batches."""

from collections.abc import Callable

Listener = Callable[[str], None]


class Notes:
    """Hands notes on to those that listen, also a worker's own."""

    def __init__(self) -> None:
        self.listeners: list[Listener] = []

    def take(self, heard: list[bytes]) -> list[bytes]:
        """Hand on the notes among what was heard; return the numbers of batches."""
        for note in (each.decode() for each in heard if not each.isdigit()):
            for listener in self.listeners:
                listener(note)
        return [each for each in heard if each.isdigit()]
