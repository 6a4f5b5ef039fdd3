"""Where people in the same network reach this server, and what may keep them from it.

It reads the system's files and needs no rights. What it can't find out, it leaves out.
"""

import fcntl
import io
import socket
import struct
import sys
from collections.abc import Iterator
from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import segno

from api.httpd import lan_address

EVERYWHERE = (str(IPv4Address(0)), str(IPv6Address(0)))
"""The hosts that stand for every interface."""
GET_ADDRESS = 0xC0206921 if sys.platform == "darwin" else 0x8915
"""SIOCGIFADDR: netdevice(7) on Linux, netintro(4) on macOS."""
VIRTUAL = (
    "lo",
    "docker",
    "br-",
    "veth",
    "virbr",
    "tun",
    "utun",
    "wg",
    "tailscale",
    "vmnet",
    "vbox",
)
"""How the names of interfaces begin that no phone uses."""
UFW, FIREWALLD = Path("/etc/ufw/ufw.conf"), Path("/run/firewalld")
KERNEL, CONTAINER = Path("/proc/sys/kernel/osrelease"), Path("/.dockerenv")


class Interface(NamedTuple):
    """A network interface of this machine with its IPv4 address."""

    name: str
    address: str


def is_loopback(url: str) -> bool:
    """Return whether an address works on this machine alone."""
    host = urlsplit(url).hostname or ""
    with suppress(ValueError):
        return ip_address(host).is_loopback
    return host == "localhost" or host.endswith(".localhost")


def join_home(asked: str, public_url: str | None, hall_port: int | None) -> str:
    """Return the home address for other devices, as in QR codes.

    asked: the address to which the request was sent
    hall_port: the server's port if it listens on every interface; then this machine's address in
        the network stands in for a loopback address
    """
    if public_url:
        return public_url
    if hall_port is not None and is_loopback(asked) and (lan := lan_address()) is not None:
        return f"http://{lan}:{hall_port}"
    return asked


def describe_hall(public_url: str | None, port: int, *, terminal: bool) -> list[str]:
    """Return the lines about the network that a server on every interface prints at its start.

    terminal: whether a QR code can be drawn
    """
    lan = lan_address()
    home = public_url or (lan and f"http://{lan}:{port}")
    if not home:
        return ["No network was found: only this computer can open that address."]
    lines = [f"on this network at {home}"]
    if terminal:
        lines.append(draw(home))
    if public_url:
        return lines
    others = [each for each in list_interfaces() if each.address != lan]
    if others:
        found = ", ".join(f"http://{address}:{port} ({name})" for name, address in others)
        lines.append(
            f"This computer has other addresses: {found}. If phones can't open the first, try "
            "these, and set ROLLCALL_PUBLIC_URL to the one that works."
        )
    return lines + list(find_doubts(port))


def draw(address: str) -> str:
    """Return a QR code for a terminal."""
    drawn = io.StringIO()
    segno.make(address, micro=False).terminal(out=drawn, border=2, compact=True)
    return drawn.getvalue()


def list_interfaces() -> list[Interface]:
    """Return the interfaces that phones may use. Empty where the system doesn't list them."""
    found = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        for _, name in socket.if_nameindex():
            if name.startswith(VIRTUAL):
                continue
            with suppress(OSError):
                asked = struct.pack("256s", name.encode()[:15])
                answer = fcntl.ioctl(probe.fileno(), GET_ADDRESS, asked)
                found.append(Interface(name, socket.inet_ntoa(answer[20:24])))
    return found


def find_doubts(port: int) -> Iterator[str]:
    """Yield reasons why phones may not reach the server although it listens."""
    if "microsoft" in _read(KERNEL).lower():
        yield (
            "This is WSL: phones reach Windows, not this address. Forward the port in Windows "
            f"(netsh interface portproxy, port {port}), and set ROLLCALL_PUBLIC_URL."
        )
    if CONTAINER.exists():
        yield (
            "This is a container: phones reach its host. Publish the port "
            f"(docker run -p {port}:{port}), and set ROLLCALL_PUBLIC_URL to the host's address."
        )
    if "ENABLED=yes" in _read(UFW):
        yield f"The firewall ufw is on. If phones can't connect: sudo ufw allow {port}/tcp"
    if FIREWALLD.exists():
        yield (
            "The firewall firewalld is on. If phones can't connect: "
            f"sudo firewall-cmd --add-port={port}/tcp"
        )


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8", "replace")
    except OSError:
        return ""
