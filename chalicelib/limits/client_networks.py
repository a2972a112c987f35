"""Client networks: whom an IP address counts as, and what may be told of it.

A request asks for the same address again and again, so the latest are kept.
"""

from __future__ import annotations

from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from chalicelib.core.ids import digest_of

KEPT = 32

COUNTED_BITS = {4: 32, 6: 64}
"""How many bits of an IP address tell one client from another, by IP version: all, or those of the network that one
customer usually has whole (RFC 6177)."""
LOGGED_BITS = {4: 24, 6: 48}
"""How many bits of it the log shows: a network of 256 hosts, or of one site (RFC 6177)."""


@lru_cache(KEPT)
def client_network(source_ip: str) -> str:
    """Whom an address counts as: itself, or for IPv6 its /64."""
    return _network(source_ip, COUNTED_BITS)


@lru_cache(KEPT)
def logged_network(source_ip: str) -> str:
    """The network of an IP address, as the log shows it."""
    return _network(source_ip.partition("%")[0], LOGGED_BITS)


def network_digest(source_ip: str) -> str:
    """What stands for a client's network where it is to be told from others, and not known."""
    return digest_of(client_network(source_ip))[:16]


def _network(text: str, bits: dict[int, int]) -> str:
    """The network of so many bits, by IP version; of a single address the address, and `unknown` for what is none."""
    try:
        ip: IPv4Address | IPv6Address = ip_address(text)
    except ValueError:
        return "unknown"
    if isinstance(ip, IPv6Address) and ip.ipv4_mapped:
        ip = ip.ipv4_mapped
    if bits[ip.version] == ip.max_prefixlen:
        return str(ip)
    return str(ip_network((ip, bits[ip.version]), strict=False))
