"""Engine.IO 4 and Socket.IO 5 over polling and WebSocket, for thousands of clients on gevent.

It runs under `api.httpd`, or under any WSGI server that gives a connection's socket away through
`environ["httpd.detach"]`. Under other servers only polling works.
"""

from api.wire.bucket import Bucket
from api.wire.refusals import Refused, TooOften
from api.wire.server import Server

__all__ = ["Bucket", "Refused", "Server", "TooOften"]
