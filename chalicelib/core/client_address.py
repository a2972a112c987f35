"""The address of the client, when proxies stand between it and the API.

`requestContext.identity.sourceIp` is who called API Gateway, and nobody can make it up. `X-Forwarded-For` is a list to
which each proxy appends whom it was called by; everything left of what proxies of ours appended is the client's own
writing. So it is read only as far to the left as `TRUSTED_PROXIES` says that our proxies reach.
"""

from __future__ import annotations

from ipaddress import ip_address


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
    found = chain[-proxies]
    return found if _is_address(found) else source_ip


def _is_address(text: str) -> bool:
    """Whether it is an IPv4 or IPv6 address, without port, brackets or zone."""
    try:
        ip_address(text)
    except ValueError:
        return False
    return "%" not in text
