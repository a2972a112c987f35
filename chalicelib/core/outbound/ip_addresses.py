"""Which IP addresses may be reached in somebody else's name: those of the public Internet, and no others.

An explicit list, because Python's `ipaddress.is_global` passes some that lead inside (NAT64, 6to4, multicast). After
IANA's registries: https://www.iana.org/assignments/iana-ipv4-special-registry and
https://www.iana.org/assignments/iana-ipv6-special-registry
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

_DENIED = tuple(
    (ip_network(network), kind)
    for network, kind in (
        ("0.0.0.0/8", "this network"),
        ("10.0.0.0/8", "private"),
        ("100.64.0.0/10", "shared by a carrier's NAT"),
        ("127.0.0.0/8", "loopback"),
        ("169.254.0.0/16", "link-local, where clouds keep their metadata"),
        ("172.16.0.0/12", "private"),
        ("192.0.0.0/24", "protocol assignments"),
        ("192.0.2.0/24", "documentation"),
        ("192.88.99.0/24", "6to4 relays"),
        ("192.168.0.0/16", "private"),
        ("198.18.0.0/15", "benchmarking"),
        ("198.51.100.0/24", "documentation"),
        ("203.0.113.0/24", "documentation"),
        ("224.0.0.0/4", "multicast"),
        ("240.0.0.0/4", "reserved, and broadcast"),
        ("::1/128", "loopback"),
        ("::/96", "unspecified, and IPv4-compatible"),
        ("::ffff:0:0/96", "IPv4-mapped"),
        ("64:ff9b::/96", "NAT64"),
        ("64:ff9b:1::/48", "local NAT64"),
        ("100::/64", "discarded"),
        ("2001::/23", "protocol assignments: Teredo, benchmarking, ORCHID"),
        ("2001:db8::/32", "documentation"),
        ("2002::/16", "6to4"),
        ("3fff::/20", "documentation"),
        ("fc00::/7", "unique local"),
        ("fe80::/10", "link-local"),
        ("fec0::/10", "site-local"),
        ("ff00::/8", "multicast"),
    )
)

_GLOBAL_UNICAST = ip_network("2000::/3")
"""All that is given out of IPv6; the rest is reserved:
https://www.iana.org/assignments/ipv6-address-space"""


def denied(numeric: str, *, allow_loopback: bool = False) -> str:
    """Why this IP address must not be reached, or empty where it may."""
    parsed = ip_address(numeric)
    for network, kind in _DENIED:
        if parsed in network:
            return "" if allow_loopback and _is_loopback(parsed) else kind
    if isinstance(parsed, IPv6Address) and parsed not in _GLOBAL_UNICAST:
        return "reserved"
    return ""


def _is_loopback(parsed: IPv4Address | IPv6Address) -> bool:
    """Whether it is loopback in its own form, and not an IPv6 address that stands for an IPv4 one."""
    return parsed in ip_network("127.0.0.0/8") or parsed == IPv6Address("::1")
