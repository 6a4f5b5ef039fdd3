"""What trusted proxies say of a request: by `ProxyFix`, which takes any word as a scheme."""

from collections.abc import Callable, Iterable
from typing import Any

from werkzeug.middleware.proxy_fix import ProxyFix

SCHEMES = ("http", "https")


def behind_proxies(app: Callable[..., Iterable[bytes]], hops: int) -> ProxyFix:
    """Return an app that knows the client's address, scheme and host from so many proxies.

    Another scheme than `http` and `https` is ignored: it would stand in links to this server.
    """

    def with_known_scheme(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        scheme = environ["wsgi.url_scheme"].strip().lower()
        if scheme not in SCHEMES:
            scheme = environ["werkzeug.proxy_fix.orig"]["wsgi.url_scheme"]
        environ["wsgi.url_scheme"] = scheme
        return app(environ, start_response)

    return ProxyFix(with_known_scheme, x_for=hops, x_proto=hops, x_host=hops)
