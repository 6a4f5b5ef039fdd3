"""The private names of engineio and python-socketio that the wire overrides or calls, and why.

Both libraries are made to be subclassed at their clients' managers and transports only; what is
below has no public name. pyproject.toml bounds the versions, and a test says which name is gone.
"""

import engineio
import socketio

ENGINE = {
    "_bad_request": "the reason is told to the client as a problem, readable for any origin",
    "_handle_connect": "a client is a `Peer`, made with its greeting, in place of three greenlets",
    "_log_error_once": "the library remembers each reason for ever; anybody can make new ones",
    "_method_not_found": "405 names the methods that there are",
    "_trigger_event": "a peer's beginning and end are told in its own greenlet",
}
SOCKETS = {
    "_engineio_server_class": "which Engine.IO server to make",
    "_handle_ack": "what a packet means once it is read",
    "_handle_connect": "what a packet means once it is read",
    "_handle_disconnect": "what a packet means once it is read",
    "_handle_eio_connect": "only a few members of a client's first request are kept",
    "_handle_eio_message": "what no client says ends it, without a traceback",
    "_handle_event": "what a packet means once it is read",
    "_send_packet": "an event that is one too many is acked with its refusal",
}
USED = {engineio.Server: ENGINE, socketio.Server: SOCKETS, socketio.Manager: {}}
"""By class of a library, each name and why it is used."""
