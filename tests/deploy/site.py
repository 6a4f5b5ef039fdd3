"""A site as docs/deploy.md makes it, but for systemd: nginx with our configuration and an own
certificate, and a server behind a UNIX socket that stays open, as systemd's does.
"""

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from cli.client import Client
from cli.output import Refused
from tests.server import ROOT, free_port

NGINX = Path("/usr/sbin/nginx")
START_SECONDS = 120
MAIN = """
daemon off; pid {folder}/nginx.pid; error_log {folder}/nginx.log; worker_processes 1; {user}
events {{ worker_connections 512; }}
http {{
    access_log {folder}/access.log;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
    include {folder}/rollcall*.conf;
}}
"""


class Site:
    """`url` is where people reach it, `plain` the same without TLS.

    upstreams: the file of `deploy/` that names several servers, and what takes the place of parts
    of it
    settings: further settings of the servers
    """

    def __init__(
        self,
        folder: Path,
        upstreams: tuple[str, Mapping[str, str]] | None = None,
        settings: Mapping[str, str] = {},
    ) -> None:
        self.folder, port, plain = folder, free_port(), free_port()
        self.url, self.plain = f"https://localhost:{port}", f"http://localhost:{plain}"
        self.socket, self.certificate = folder / "http.sock", folder / "certificate.pem"
        self._processes: list[subprocess.Popen[bytes]] = []
        self._make_certificate()
        self._write_configuration(port, plain, upstreams is None)
        if upstreams is not None:
            self._write_upstreams(*upstreams)
        self.settings = {
            "ROLLCALL_HOST": f"unix:{self.socket}",
            "ROLLCALL_TRUSTED_PROXIES": "1",
            "ROLLCALL_PUBLIC_URL": self.url,
            "ROLLCALL_DATABASE_URL": f"tinydb:///{folder}/rollcall.json",
            **settings,
        }

    def _make_certificate(self) -> None:
        new = [
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
        ]
        named = ["-days", "30", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
        files = ["-keyout", str(self.folder / "key.pem"), "-out", str(self.certificate)]
        subprocess.run(["openssl", *new, *named, *files], check=True, capture_output=True)

    def _write_configuration(self, port: int, plain: int, alone: bool) -> None:
        """Write `deploy/nginx.conf` with the test's ports and files, and nothing else changed."""
        text = (ROOT / "deploy" / "nginx.conf").read_text()
        if not alone:  # as docs/deploy.md says
            text, count = re.subn(r"(?ms)^# One server.*?^\}\n", "", text)
            assert count == 1
        live = "/etc/letsencrypt/live/vote.example.org"
        changes = {
            r"\n    listen \[::\]:.*": "",
            r"listen 80;": f"listen 127.0.0.1:{plain};",
            r"listen 443": f"listen 127.0.0.1:{port}",
            r"vote\.example\.org;": "localhost;",
            rf"{live}/fullchain\.pem": str(self.certificate),
            rf"{live}/privkey\.pem": str(self.folder / "key.pem"),
            r"https://\$host": f"https://$host:{port}",
            r"/var/log/nginx/error\.log": str(self.folder / "error.log"),
        }
        if alone:
            changes[r"/run/rollcall/http\.sock"] = str(self.socket)
        for old, new in changes.items():
            text, count = re.subn(old, new, text)
            assert count, old
        (self.folder / "rollcall.conf").write_text(text)
        user = "user root;" if os.geteuid() == 0 else ""
        (self.folder / "nginx.conf").write_text(MAIN.format(folder=self.folder, user=user))

    def _write_upstreams(self, name: str, changes: Mapping[str, str]) -> None:
        text = (ROOT / "deploy" / name).read_text()
        for old, new in changes.items():
            assert old in text, old
            text = text.replace(old, new)
        (self.folder / "rollcall-workers.conf").write_text(text)

    def start_nginx(self) -> None:
        """Check the configuration, and start nginx."""
        command = [str(NGINX), "-c", str(self.folder / "nginx.conf"), "-p", str(self.folder)]
        checked = subprocess.run([*command, "-t"], capture_output=True, text=True, check=False)
        assert checked.returncode == 0, checked.stderr
        assert "warn" not in checked.stderr, checked.stderr
        self._run(command)

    def open_socket(self) -> socket.socket:
        """Open the socket, as a socket unit does."""
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(str(self.socket))
        listener.listen(128)
        return listener

    def serve(self, listener: socket.socket) -> "subprocess.Popen[bytes]":
        """Start `rollcall serve` on the socket."""
        file = listener.fileno()
        return self._run([sys.executable, "-m", "cli.activated", str(file)], pass_fds=(file,))

    def serve_worker(self, *options: str, **settings: str) -> "subprocess.Popen[bytes]":
        """Start `rollcall serve` with options and settings of its own."""
        return self._run([sys.executable, "-m", "cli", "serve", *options], settings)

    def serve_by_gunicorn(self) -> "subprocess.Popen[bytes]":
        """Start gunicorn, which opens the socket itself."""
        return self._run(
            [sys.executable, "-m", "gunicorn", "-c", str(ROOT / "deploy" / "gunicorn.py")]
        )

    def wait(self) -> None:
        """Return once the server answers at its socket."""
        wait_for(lambda: Client(f"unix:{self.socket}").ask("GET", "/readyz"))

    def end(self) -> None:
        """End all processes, the last one first."""
        for process in reversed(self._processes):
            process.terminate()
            process.wait(30)

    def _run(
        self, command: list[str], settings: Mapping[str, str] = {}, **options: tuple[int, ...]
    ) -> "subprocess.Popen[bytes]":
        with (self.folder / "log").open("ab") as log:
            process = subprocess.Popen(
                command,
                cwd=self.folder,
                env={**os.environ, "PYTHONPATH": str(ROOT), **self.settings, **settings},
                stdout=log,
                stderr=log,
                **options,  # type: ignore[call-overload]
            )
        self._processes.append(process)
        return process


def wait_for(ask: Callable[[], object]) -> None:
    """Return once something can be asked without being refused."""
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            ask()
        except (Refused, OSError):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        else:
            return
