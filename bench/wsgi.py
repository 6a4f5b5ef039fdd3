"""How measurements serve a WSGI app: the one place that knows how each server is made."""

from typing import Any

from gevent.pywsgi import WSGIServer

from api.httpd import listen
from api.serving import make_server


def make_wsgi_server(kind: str, port: int, app: Any) -> Any:
    """Return a server that has not started: `ours`, or `pywsgi`, gevent's own as it comes.

    Both get the same listener: without its TCP_NODELAY, pywsgi's second write waits 40 ms.
    """
    listener = listen("127.0.0.1", port)
    return make_server(listener, app) if kind == "ours" else WSGIServer(listener, app, log=None)
