"""The front door of tests on a stock WSGI server: gevent's pywsgi, as any Flask app is served.

It takes the settings of `run.py` and greets as that does.
"""

from gevent import monkey

monkey.patch_all()  # before anything imports sockets, locks or threads

import socket  # noqa: E402
import sys  # noqa: E402

from gevent.pywsgi import WSGIServer  # noqa: E402

from api.app import create_app  # noqa: E402
from api.settings import read_settings  # noqa: E402
from run import greeting  # noqa: E402


def main() -> None:
    """Serve until killed."""
    settings = read_settings()
    rollcall = create_app(settings)
    listener = socket.create_server((settings.host, settings.port), backlog=128)
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # it sends a head, then a body
    server = WSGIServer(listener, rollcall.app, log=None)
    server.start()
    sys.stdout.write(greeting(settings, rollcall))
    sys.stdout.flush()
    server.serve_forever()


if __name__ == "__main__":
    main()
