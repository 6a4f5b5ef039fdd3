"""The private names of engineio and python-socketio that the wire overrides or calls, and why.

Both libraries are made to be subclassed only at their client managers and transports. The names
below have no public counterpart. pyproject.toml bounds the versions, and a test reports a name that
is gone.
"""

import engineio
import socketio

USED = {
    engineio.Server: {
        "_bad_request": "the reason is sent to the client as a problem that any origin can read",
        "_handle_connect": "a client is a `Peer`, made with its greeting, not three greenlets",
        "_log_error_once": "the library remembers each reason for ever; anybody can make new ones",
    },
    socketio.Server: {"_engineio_server_class": "which Engine.IO server to make"},
}
"""The names by class, and why each is used."""
