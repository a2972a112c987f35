"""The address of the client, when proxies stand between it and the API.

`requestContext.identity.sourceIp` is who called API Gateway, and nobody can make it up. `X-Forwarded-For` is a list to
which each proxy appends whom it was called by; everything left of what proxies of ours appended is the client's own
writing. So it is read only as far to the left as `TRUSTED_PROXIES` says that our proxies reach.

And only of who is one of them: an API has an endpoint that can be called past every proxy, where the whole header is
the client's own writing. A proxy of ours sends a secret in `X-Proxy-Secret`, or calls from a network that is known.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

SECRET_HEADER = "x-proxy-secret"


def is_proxy(source_ip: str, secret: str, hashes: Sequence[str], networks: Sequence[str]) -> bool:
    """Whether a proxy of ours called: it sent a secret whose SHA-256 is one of `hashes` (in hexadecimal, so that
    settings hold no secret), or called from one of `networks`. Nobody is one where neither is set."""
    return (bool(hashes) and _is_ours(secret, hashes)) or any(_is_in(source_ip, network) for network in networks)


def client_address(source_ip: str, forwarded_for: str, proxies: int) -> str:
    """The address that the outermost of `proxies` trusted proxies was called by; `source_ip` itself for 0, and where
    the header does not reach so far or holds something else there.

    API Gateway appends `source_ip` to the header, and a local server does not: either way it is counted once.
    """
    chain = [part.strip() for part in forwarded_for.split(",")]
    if chain[-1] == source_ip:
        chain.pop()
    if not 0 < proxies <= len(chain):
        return source_ip
    client_ip = chain[-proxies]
    return client_ip if _is_address(client_ip) else source_ip


def _is_ours(secret: str, hashes: Sequence[str]) -> bool:
    digest = hashlib.sha256(secret.encode(errors="backslashreplace")).hexdigest()
    matches = [hmac.compare_digest(digest, trusted.lower()) for trusted in hashes]
    return any(matches)


def _is_in(source_ip: str, network: str) -> bool:
    from ipaddress import ip_address, ip_network

    try:
        return ip_address(source_ip) in ip_network(network)
    except ValueError:
        return False


def _is_address(text: str) -> bool:
    """Whether it is an IPv4 or IPv6 address, without port, brackets or zone."""
    from ipaddress import ip_address

    try:
        ip_address(text)
    except ValueError:
        return False
    return "%" not in text
