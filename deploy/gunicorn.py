"""gunicorn -c deploy/gunicorn.py: the settings are Rollcall's own (docs/api.md), from the
environment or .env; ROLLCALL_HOST and ROLLCALL_PORT say where to listen.

kill -HUP reloads: the new worker takes over on the same socket, and no connection is refused.
"""

from api.settings import read_settings

_settings = read_settings()
_unix = _settings.host.startswith("unix:")
_host = f"[{_settings.host}]" if ":" in _settings.host and not _unix else _settings.host

bind = _settings.host if _unix else f"{_host}:{_settings.port}"
umask = 0o007  # a UNIX socket is for its owner and group, such as nginx
backlog = 4096

wsgi_app = "api.gunicorn_worker:RollcallWorker"  # the worker brings the app
worker_class = "api.gunicorn_worker.RollcallWorker"
workers = 1  # a TinyDB file has one process
timeout = 30  # seconds without a turn of the event loop, after which the worker is killed
graceful_timeout = 30  # seconds for a stop; it takes less than ten
control_socket_disable = True


def nworkers_changed(server, new_value, _old_value):  # type: ignore[no-untyped-def]
    """Stay at one worker, also after SIGTTIN."""
    if new_value != 1 and server.cfg.workers == 1:
        server.log.error("a TinyDB file has one process: there stays one worker")
        server.num_workers = 1
