"""A machine in the machine: follows docs/deploy.md, line by line, at the paths that it names.

`python -m tests.deploy.machine FOLDER` runs in namespaces of its own (`test_page.py`). All that it
writes is in FOLDER, over the machine's own files; its network has nobody else. What can't be done
there has a stand-in, below: packages, download, certificate, sudo and systemd. It prints what it
saw as JSON.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cli.client import Client
from cli.output import Refused
from tests.deploy.systemd import Systemd
from tests.server import ROOT

PAGE = (ROOT / "docs" / "deploy.md").read_text()
NAME, VOTERS = "hall.example.org", 8
OVERLAID = ("/etc", "/opt", "/root", "/run", "/usr/local", "/usr/src", "/var")
CERTIFICATE = (
    f"d=/etc/letsencrypt/live/{NAME}; mkdir -p $d && openssl req -x509 -newkey ec -pkeyopt "
    f"ec_paramgen_curve:prime256v1 -nodes -days 30 -subj /CN={NAME} "
    f"-addext subjectAltName=DNS:{NAME} -keyout $d/privkey.pem -out $d/fullchain.pem "
    "2>/dev/null && cat $d/fullchain.pem >> /etc/ssl/certs/ca-certificates.crt"
)
SOURCE = "/usr/src/rollcall"
"""Where the page has the checkout: the user rollcall may be kept out of folders above `ROOT`."""
PROGRAM = (
    f"printf '#!/bin/sh\\nPYTHONPATH={SOURCE} exec {SOURCE}/.venv/bin/python -m {{}} \"$@\"\\n' "
    "> /opt/rollcall/bin/{} && chmod 755 /opt/rollcall/bin/{}"
)
STAND_INS = {
    r"apt (update|install) .*": "true",
    rf"git clone \S+ {SOURCE}\b.*": f"mkdir -p {SOURCE} && mount --bind {ROOT} {SOURCE}",
    r"python3 -m venv /opt/rollcall": "mkdir -p /opt/rollcall/bin",
    r"/opt/rollcall/bin/pip install --require-hashes .*": "true",
    r"/opt/rollcall/bin/pip install '.*\[rehearse\]'": PROGRAM.format(
        "cli", "rollcall", "rollcall"
    ),
    r"certbot certonly .* -d \S+ .*": CERTIFICATE,
    r"(.*(?: admin create|rollcall login) .*)": r"echo correct-horse | \1 --password-file -",
    r"(.*)--voters 50(.*)": rf"\1--voters {VOTERS} --over 3\2",
}
"""What stands in for lines of the page."""
SUDO = '#!/bin/sh\nshift 2\nexec setpriv --reuid rollcall --regid rollcall --init-groups "$@"\n'


class Machine:
    """Runs the page's commands. seen: what they said, by a name."""

    def __init__(self, folder: Path) -> None:
        self.seen: dict[str, Any] = {}
        self.used: set[str] = set()
        for path in OVERLAID:
            _overlay(path, folder)
        os.chmod("/root", 0o755)  # for the user rollcall, who runs this Python; an overlay
        with Path("/etc/hosts").open("a") as hosts:
            hosts.write(f"127.0.0.1 {NAME}\n")
        sudo = Path("/usr/local/bin/sudo")
        sudo.write_text(SUDO)
        sudo.chmod(0o755)
        self.do("ip link set lo up")
        os.environ["PYTHONPATH"] = str(ROOT)
        self.systemd = Systemd()

    def do(self, command: str, codes: tuple[int, ...] = (0,)) -> str:
        """Run a command; return what it said. It has to end with one of these codes."""
        done = subprocess.run(
            ["bash", "-e", "-o", "pipefail", "-c", command],
            cwd=self.seen.get("folder", "/"),
            capture_output=True,
            text=True,
            check=False,
        )
        said = done.stdout + done.stderr
        if done.returncode not in codes:
            sys.exit(f"{command}\nended with {done.returncode}:\n{said}\n{_log()}")
        return said

    def follow(self, title: str) -> str:
        """Run the commands of a section; return what they said."""
        _, _, section = PAGE.partition(f"\n## {title}\n")
        blocks = re.findall(r"```sh\n(.*?)```", section.partition("\n## ")[0], re.DOTALL)
        assert blocks, title
        return "".join(self.line(line) for line in "".join(blocks).splitlines())

    def line(self, line: str) -> str:
        """Run a line of the page, or what stands in for it."""
        if line.startswith("cd "):
            self.seen["folder"] = line[3:]
            return ""
        if line.startswith("systemctl status"):
            return ""
        for pattern, other in STAND_INS.items():
            found = re.fullmatch(pattern, line)
            if found:
                self.used.add(pattern)
                line = found.expand(other)
                break
        if "rollcall drill" in line:  # a backup is taken a moment after the start
            wait_for(lambda: [*Path("/var/backups/rollcall").glob("rollcall-*.json")])
        doctor = (0, 1) if " doctor" in line else (0,)  # this machine may have faults of its own
        return self.do(line.replace("YOUR.NAME", NAME), doctor)

    def inline(self, command: str) -> str:
        """Return a command that the page has within a sentence."""
        found = re.search(rf"`(sudo -u rollcall rollcall [^`]* {command}\b[^`]*)`", PAGE)
        assert found, command
        return found[1]


def _overlay(path: str, folder: Path) -> None:
    name = path.replace("/", "-")
    upper, work = folder / f"upper{name}", folder / f"work{name}"
    for each in (upper, work):
        each.mkdir()
    options = f"lowerdir={path},upperdir={upper},workdir={work}"
    subprocess.run(["mount", "-t", "overlay", "overlay", "-o", options, path], check=True)


def _log() -> str:
    return Path("/run/journal").read_text()


def wait_for(condition: Callable[[], object]) -> None:
    """Return once a condition holds."""
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, _log()
        time.sleep(0.05)


def answers(client: Client, path: str = "/readyz") -> bool:
    try:
        client.ask("GET", path)
    except Refused:
        return False
    return True


def rehearse(machine: Machine, client: Client) -> None:
    """Follow the rehearsal, and restart the service once somebody has voted."""
    for (command,) in [re.findall(r"^rollcall rehearse .*$", PAGE, re.MULTILINE)]:
        pattern = next(each for each in STAND_INS if "--voters" in each)
        machine.used.add(pattern)
        line = re.sub(pattern, STAND_INS[pattern], command).replace("YOUR.NAME", NAME)
    pipe = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    with subprocess.Popen(["bash", "-c", line], text=True, **pipe) as process:  # type: ignore[call-overload]
        wait_for(lambda: re.search(r'votes_total\{outcome="accepted"\} [1-9]', metrics(client)))
        machine.do("systemctl restart rollcall")
        machine.seen["rehearsal"], _ = process.communicate()
        machine.seen["rehearsal_code"] = process.returncode


def metrics(client: Client) -> str:
    return str(client.ask("GET", "/metrics"))


def main() -> None:
    machine = Machine(Path(sys.argv[1]))
    seen, client = machine.seen, Client(f"https://{NAME}")
    machine.follow("1. Install")
    machine.follow("2. Settings")
    machine.follow("3. Start")
    seen["nginx"] = machine.follow("4. TLS and the proxy")
    seen["doctor"] = machine.follow("5. Check")
    wait_for(lambda: answers(client))
    seen["figures"] = machine.follow("8. Figures, if you want them")
    client.token = None
    seen["no_token"] = answers(client, "/metrics")
    client.token = re.findall("METRICS_TOKEN=(.*)", Path("/etc/rollcall.env").read_text())[0]
    rehearse(machine, client)
    seen["drill"] = machine.follow("7. Backups")

    pids = [*machine.systemd.pids]
    os.kill(pids[-1], 9)
    wait_for(lambda: machine.systemd.pids != pids and answers(client))
    fields = {"email": "you@example.org", "password": "correct-horse"}
    seen["signed_in"] = Client(f"https://{NAME}").ask("POST", "/auth/login", fields)["user"]

    machine.do("systemctl stop rollcall.socket rollcall.service")
    seen["check"] = machine.do(machine.inline("check"))
    backup = sorted(Path("/var/backups/rollcall").glob("*.json"))[-1]
    seen["restore"] = machine.do(machine.inline("restore").replace("FILE", str(backup)))
    machine.do("systemctl start rollcall.socket rollcall.service")

    machine.do("install -m 644 gunicorn.py /etc/rollcall-gunicorn.py")
    machine.do("install -m 644 rollcall-gunicorn.conf /etc/systemd/system/rollcall.service.d/")
    machine.do(PROGRAM.format("gunicorn", "gunicorn", "gunicorn"))
    machine.do("systemctl restart rollcall")
    seen["gunicorn"] = (
        answers(client)
        and "gunicorn" in Path(f"/proc/{machine.systemd.pids[-1]}/cmdline").read_text()
    )
    machine.do("systemctl stop rollcall.socket rollcall.service")

    oldest = sorted((ROOT / "tests" / "db" / "formats").glob("*.tar.xz"))[0]
    shutil.rmtree("/var/lib/rollcall")
    machine.do(f"mkdir /var/lib/rollcall && tar -xf {oldest} -C /var/lib/rollcall")
    machine.do("chown -R rollcall: /var/lib/rollcall")
    machine.do("systemctl start rollcall.socket rollcall.service")
    client.token = None
    wait_for(lambda: answers(client))
    seen["upgraded"] = [each.name for each in Path("/var/lib/rollcall").glob("*.before-upgrade-*")]
    seen["old_room"] = client.ask("GET", "/rooms/lobby")
    seen["unused"] = sorted(STAND_INS.keys() - machine.used)
    machine.do("systemctl stop rollcall.socket rollcall.service")
    seen["log"] = _log()
    sys.stdout.write(json.dumps(seen))


if __name__ == "__main__":
    main()
