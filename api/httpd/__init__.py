"""An HTTP/1.1 server on gevent's event loop and llhttp. It knows nothing of the app it serves."""

from api.httpd.bounds import Limits
from api.httpd.deadlines import Deadlines
from api.httpd.listening import CannotListen, PortTaken, adopt, count_places, lan_address, listen
from api.httpd.messages import Request
from api.httpd.server import Server
from api.httpd.shared import Others
from api.httpd.unread import Unread

__all__ = [
    "CannotListen",
    "Deadlines",
    "Limits",
    "Others",
    "PortTaken",
    "Request",
    "Server",
    "Unread",
    "adopt",
    "count_places",
    "lan_address",
    "listen",
]
