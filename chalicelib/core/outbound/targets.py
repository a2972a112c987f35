"""Where a URL that somebody else chose leads: to the public Internet, or nowhere."""

from __future__ import annotations

import re
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from chalicelib.core.errors import RollcallError
from chalicelib.core.outbound.ip_addresses import denied

if TYPE_CHECKING:
    from collections.abc import Callable

_HOST = re.compile(r"[A-Za-z0-9_.-]{1,253}|[0-9A-Fa-f:.]{2,45}")


class Unreachable(RollcallError):
    """No answer came, or the IP address must not be reached. `detail` says why, and may be logged."""

    status = 502
    title = "Not reachable"


@dataclass(frozen=True)
class Target:
    """The parts of a URL: where to connect, and the path to request there."""

    secure: bool
    host: str
    port: int
    path: str
    ip_addresses: tuple[str, ...]


def system_resolver(host: str, port: int) -> list[str]:
    """The IP addresses of a host, by the system's resolver."""
    entries = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in entries))


def checked(url: str, *, local: bool, resolve: Callable[[str, int], list[str]] = system_resolver) -> Target:
    """Where a URL leads. Raises Unreachable for one that leads, or may lead, anywhere but to the public Internet.

    `local` allows http and loopback too, for a stage on a developer's own computer.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise Unreachable("this is no URL") from error
    if not url.isascii() or any(character <= " " or character == "\x7f" for character in url):
        raise Unreachable("a URL has ASCII characters only, and no spaces")
    if parts.scheme != "https" and not (local and parts.scheme == "http"):
        raise Unreachable("the URL must begin with https://")
    if not _HOST.fullmatch(host) or ("[" in parts.netloc) != (":" in host) or port == 0:
        raise Unreachable("the URL names no host")
    if "@" in parts.netloc or parts.fragment or "\\" in url:
        raise Unreachable("the URL must hold no user name, password, fragment or backslash")
    secure = parts.scheme == "https"
    port = port or (443 if secure else 80)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(secure, host, port, path, _allowed_ip_addresses(host, port, local, resolve))


def _allowed_ip_addresses(
    host: str, port: int, local: bool, resolve: Callable[[str, int], list[str]]
) -> tuple[str, ...]:
    try:
        ip_addresses = resolve(host, port)
    except (OSError, UnicodeError) as error:
        raise Unreachable("the host's name does not resolve") from error
    if not ip_addresses:
        raise Unreachable("the host's name does not resolve")
    for ip_address in ip_addresses:
        if reason := denied(ip_address, allow_loopback=local):
            raise Unreachable(f"the host has an address that we must not reach ({reason})")
    return tuple(ip_addresses)
