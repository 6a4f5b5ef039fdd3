"""An HTTP/1.1 server on gevent's event loop and llhttp. It knows nothing of the app it serves."""

from api.httpd.bounds import Limits
from api.httpd.listening import CannotListen, PortTaken, count_places, lan_address, listen
from api.httpd.messages import Request
from api.httpd.server import Server

__all__ = [
    "CannotListen",
    "Limits",
    "PortTaken",
    "Request",
    "Server",
    "count_places",
    "lan_address",
    "listen",
]
