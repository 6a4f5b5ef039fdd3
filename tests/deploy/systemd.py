"""Does for one service what systemd does, where no systemd runs: the socket, the user, settings,
`READY=1`, stop, restart, and a start anew after a kill. It reads the units that docs/deploy.md
installs. It confines nothing: `systemd-analyze` looks at that part.
"""

import os
import pwd
import signal
import socket
import subprocess
import threading
from pathlib import Path

UNITS = Path("/etc/systemd/system")
NOTIFIED, ASKED = "/run/notify.sock", "/run/systemctl.sock"
CLIENT = """#!/usr/bin/python3
import socket, sys
asked = socket.socket(socket.AF_UNIX)
asked.connect("/run/systemctl.sock")
asked.sendall("\\0".join(sys.argv[1:]).encode())
asked.shutdown(socket.SHUT_WR)
said = asked.makefile().read()
sys.exit(said or 0)
"""
"""`systemctl`, for the page's commands."""


class Systemd:
    """Looks after `rollcall.socket`, `rollcall.service` and nginx. pids: of every process."""

    def __init__(self) -> None:
        self.pids: list[int] = []
        self._listener: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._wanted = False
        self._log = Path("/run/journal").open("ab", buffering=0)  # noqa: SIM115
        self._ready = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._ready.bind(NOTIFIED)
        self._ready.settimeout(60)
        os.chmod(NOTIFIED, 0o777)
        client = Path("/usr/local/bin/systemctl")
        client.write_text(CLIENT)
        client.chmod(0o755)
        asked = socket.socket(socket.AF_UNIX)
        asked.bind(ASKED)
        asked.listen()
        threading.Thread(target=self._serve, args=(asked,), daemon=True).start()

    def _serve(self, asked: socket.socket) -> None:
        while True:
            connection, _ = asked.accept()
            with connection:
                words = connection.makefile().read().split("\0")
                try:
                    self._do(*[word for word in words if not word.startswith("--")])
                except Exception as error:  # noqa: BLE001
                    connection.sendall(f"systemctl: {error!r}".encode())

    def _do(self, verb: str, *units: str) -> None:
        named = {unit.removesuffix(".service") for unit in units}
        if "nginx" in named:
            running = Path("/run/nginx.pid").exists()
            subprocess.run(["nginx", *(["-s", "reload"] if running else [])], check=True)
            return
        if verb in ("stop", "restart") and "rollcall" in named:
            self._stop()
        if verb == "stop" and "rollcall.socket" in named and self._listener is not None:
            self._listener.close()
            self._listener = None
            os.unlink(_read("rollcall.socket")["ListenStream"])
        if verb in ("start", "enable") and "rollcall.socket" in named:
            self._open()
        if verb in ("start", "enable", "restart") and "rollcall" in named:
            self._start()

    def _open(self) -> None:
        unit = _read("rollcall.socket")
        path = unit["ListenStream"]
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(path)
        group = subprocess.run(
            ["getent", "group", unit["SocketGroup"]], capture_output=True, text=True, check=True
        )
        os.chown(path, pwd.getpwnam(unit["SocketUser"]).pw_uid, int(group.stdout.split(":")[2]))
        os.chmod(path, int(unit["SocketMode"], 8))
        self._listener.listen(int(unit["Backlog"]))

    def _start(self) -> None:
        unit = _read("rollcall.service")
        state = Path("/var/lib") / unit["StateDirectory"]
        state.mkdir(exist_ok=True, mode=int(unit["StateDirectoryMode"], 8))
        user = pwd.getpwnam(unit["User"])
        os.chown(state, user.pw_uid, user.pw_gid)
        if self._listener is None:
            self._open()
        assert self._listener is not None
        lines = Path(unit["EnvironmentFile"]).read_text().splitlines()
        settings = dict(line.split("=", 1) for line in lines if "=" in line and line[0] != "#")
        handed = self._listener.fileno()
        self._process = subprocess.Popen(
            ["bash", "-c", f"exec 3<&{handed}; LISTEN_PID=$$ exec {unit['ExecStart']}"],
            cwd=unit["WorkingDirectory"],
            env={
                "PATH": os.environ["PATH"],
                "LISTEN_FDS": "1",
                "NOTIFY_SOCKET": NOTIFIED,
                **settings,
            },
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=self._log,
            pass_fds=(handed,),
            user=unit["User"],
            group=unit["Group"],
            extra_groups=[],
            umask=int(unit["UMask"], 8),
        )
        self.pids.append(self._process.pid)
        while b"READY=1" not in self._ready.recv(4096):
            pass
        self._wanted = unit["Restart"] == "always"
        threading.Thread(target=self._watch, args=(self._process,), daemon=True).start()

    def _watch(self, process: "subprocess.Popen[bytes]") -> None:
        process.wait()
        if self._wanted and process is self._process:
            self._start()

    def _stop(self) -> None:
        self._wanted, process = False, self._process
        if process is not None and process.poll() is None:
            process.send_signal(signal.SIGTERM)
            process.wait(int(_read("rollcall.service")["TimeoutStopSec"]))


def _read(name: str) -> dict[str, str]:
    """Return what a unit and its drop-ins say."""
    said: dict[str, str] = {}
    for path in (UNITS / name, *sorted((UNITS / f"{name}.d").glob("*.conf"))):
        for line in path.read_text().splitlines():
            key, equals, value = line.partition("=")
            if equals and line[0] != "#":
                said[key] = value
    return said
