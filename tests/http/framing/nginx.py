"""nginx as a proxy in front of the app: an own process with an own configuration, port and log."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.server import free_port

PROGRAM = Path("/usr/sbin/nginx")
HOW = "apt-get install nginx-light"
START_SECONDS = 120

CONFIGURATION = """
daemon off; master_process off; pid {folder}/pid; error_log {folder}/errors;
events {{ worker_connections 1024; }}
http {{
  log_format told '$request_id $upstream_status';
  access_log {folder}/requests told;
  client_body_temp_path {folder}/bodies; proxy_temp_path {folder}/answers;
  fastcgi_temp_path {folder}/1; uwsgi_temp_path {folder}/2; scgi_temp_path {folder}/3;
  upstream app {{ server 127.0.0.1:{app}; keepalive 1; }}
  server {{
    listen 127.0.0.1:{port};
    location / {{
      proxy_pass http://app;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $http_host;
      proxy_set_header X-Id $request_id;
      proxy_request_buffering {buffering};
      proxy_ignore_client_abort on;
      proxy_buffer_size 64k; proxy_buffers 4 64k;
      proxy_next_upstream off;
    }}
  }}
}}
"""
"""One connection to the app is kept: whatever is left on it comes before the next request."""


@dataclass(frozen=True)
class Nginx:
    """Its port, and the file where it notes each request."""

    port: int
    log: Path

    def noted(self) -> list[tuple[str, str]]:
        """Return the id of each request so far, and with which status the app answered; "-" where
        the app was not asked."""
        whole = self.log.read_text().rpartition("\n")[0]  # it may be writing a line
        pairs = [line.split(" ", 1) for line in whole.splitlines()]
        return [(request_id, status) for request_id, status in pairs]


@contextmanager
def running_nginx(folder: Path, app: int, *, buffering: bool) -> Iterator[Nginx]:
    """Run nginx in front of the app at a port."""
    port = free_port()
    switch = "on" if buffering else "off"
    path = folder / "nginx.conf"
    path.write_text(CONFIGURATION.format(folder=folder, app=app, port=port, buffering=switch))
    process = subprocess.Popen([PROGRAM, "-p", folder, "-c", path], stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + START_SECONDS
        while not (folder / "pid").exists() or not (folder / "pid").read_text().strip():
            assert process.poll() is None, (folder / "errors").read_text()
            assert time.monotonic() < deadline
            time.sleep(0.02)
        yield Nginx(port, folder / "requests")
    finally:
        process.terminate()
        process.wait()
