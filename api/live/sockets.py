"""Flask-SocketIO over the servers of `api.wire`. Refused requests get the app's problems."""

from typing import Any

import flask_socketio
from flask import Flask
from werkzeug.exceptions import MethodNotAllowed

from api.edge import REQUEST_ID, SOCKETS
from api.plain import as_wsgi
from api.problems import refuse
from api.wire import Refused, Server
from api.wire.fanout import Rooms
from voting.faults import Fault, Invalid
from voting.refusals import BodyEncoded, Full

METHODS = ["GET", "OPTIONS", "POST"]


class SocketIO(flask_socketio.SocketIO):  # type: ignore[misc]
    """Flask-SocketIO over these servers, with all of its API."""

    def init_app(self, app: Flask, **_: Any) -> None:
        """Serve sockets beside an app."""
        app.extensions["socketio"] = self
        options = self.server_options
        self.manage_session = options.pop("manage_session", True)
        self.server = Server(kept=(REQUEST_ID,), **options)
        self.server.eio.respond = respond_to_refusal
        self.async_mode = self.server.async_mode
        for event, handler, namespace in self.handlers:
            self.server.on(event, handler, namespace=namespace)
        serve_pages = app.wsgi_app

        def serve(environ: dict[str, Any], start_response: Any) -> Any:
            if not environ["PATH_INFO"].startswith(SOCKETS):
                return serve_pages(environ, start_response)
            environ["flask.app"] = app
            return self.server.handle_request(environ, start_response)

        app.wsgi_app = serve  # type: ignore[method-assign]

    def emit_latest(self, event: str, data: Any, to: Rooms, key: str) -> None:
        """Send an audience a value that supersedes all earlier ones of the same key.

        A client that has not read the last one yet is sent only the newest. This yields; two calls
        send in their order.
        """
        self.server.manager.emit_latest(event, data, to, key)


def respond_to_refusal(
    refused: Refused, environ: dict[str, Any]
) -> tuple[str, list[tuple[str, str]], bytes]:
    """Return the response to a request that the wire refuses: a problem, as on every route."""
    match refused.status:
        case 503:
            error: Exception = Full(retry_after=refused.seconds)
        case 415:
            error = BodyEncoded()
        case 405:
            error = MethodNotAllowed(METHODS)
        case _:
            error = Invalid(Fault(refused.field, "engine_io", refused.reason))
    return as_wsgi(refuse(error, environ), environ)
