"""Which origins may use the API from a browser: one predicate for HTTP and Socket.IO."""

import re
from collections.abc import Mapping
from typing import Any

from flask import Flask
from flask_cors import CORS

WEB = ("http", "https", "ws", "wss")
EXPOSED = ("ETag", "Location", "Retry-After", "Content-Language")


class Origins:
    """The allowed origins: exact scheme and host; the port may be `*`; `null` is files' origin."""

    def __init__(self, origins: tuple[str, ...]) -> None:
        self.patterns = [
            re.compile(re.escape(origin).replace(r":\*", r"(:\d{1,5})?") + r"\Z", re.IGNORECASE)
            for origin in origins
        ]

    def allows(self, origin: str | None, environ: Mapping[str, Any]) -> bool:
        """Return whether an origin may open a socket. The server's own host may, with any scheme:
        some clients name that of a WebSocket, and a proxy may handle TLS for the server.
        """
        if origin is None:
            return True
        scheme, _, host = origin.partition("://")
        own = scheme in WEB and host.lower() == environ.get("HTTP_HOST", "").lower() != ""
        return own or any(pattern.match(origin) for pattern in self.patterns)

    def head_for(self, origin: str) -> str:
        """Return the header lines that let a page of an origin read a response, if it may."""
        if not any(pattern.match(origin) for pattern in self.patterns):
            return ""
        exposed = ", ".join(sorted(EXPOSED))
        allowed = f"Access-Control-Allow-Origin: {origin}\r\n"
        return f"{allowed}Access-Control-Expose-Headers: {exposed}\r\n"

    def install(self, app: Flask) -> None:
        """Answer preflights, and mark responses to allowed origins. Cookies are never used."""
        CORS(
            app,
            origins=self.patterns,
            expose_headers=list(EXPOSED),
            max_age=7200,
            send_wildcard=False,
        )
