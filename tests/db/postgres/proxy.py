"""A TCP proxy between a worker and PostgreSQL that can lose answers and break connections."""

import socket
import threading
from contextlib import suppress


class Proxy:
    """Forwards to a port on this machine.

    freeze, thaw: between them nothing passes, and nobody is told
    deaf: answers are dropped, and the connection breaks when one comes
    """

    def __init__(self, port: int) -> None:
        self._target = port
        self.deaf = False
        self._flows = threading.Event()
        self._flows.set()
        self.freeze, self.thaw = self._flows.clear, self._flows.set
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        """The URL of the database behind it."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/postgres"

    def break_all(self) -> None:
        """Break all connections."""
        for pair in self._pairs:
            for end in pair:
                with suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Accept no more, and break all connections."""
        self._listener.close()
        self.break_all()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                try:
                    server = socket.create_connection(("127.0.0.1", self._target))
                except OSError:
                    client.close()
                    continue
                self._pairs.append((client, server))
                for source, sink, answers in ((client, server, False), (server, client, True)):
                    threading.Thread(
                        target=self._forward, args=(source, sink, answers), daemon=True
                    ).start()

    def _forward(self, source: socket.socket, sink: socket.socket, answers: bool) -> None:
        with suppress(OSError):
            while data := source.recv(1 << 16):
                self._flows.wait()
                if answers and self.deaf:
                    break
                sink.sendall(data)
        for end in (source, sink):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
