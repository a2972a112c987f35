"""The log of attempts to prove who one is (ASVS 16.3.1): one line each, to investigate by, and nobody's personal data.

Whoever looks into a flood of guesses needs to see which lines belong together: those about one account, and those of
one client. An address and an IP address are personal data, so both are told by digests, made with a key of the
stage's: who has the log alone can try no addresses against them. Of the client there is the network besides, which
tells its provider and no more.
"""

from __future__ import annotations

from ipaddress import ip_address, ip_network
from typing import Literal

from chalicelib.core import logs
from chalicelib.core.crypto import app_keys
from chalicelib.limits import client_network

Way = Literal["password", "mailed code", "passkey", "step-up", "current password", "refresh token"]
Outcome = Literal["granted", "refused"]

DIGEST_BYTES = 12
NETWORK_BITS = {4: 24, 6: 48}
"""Of an address that is told: a network of 256 hosts, or of one site (RFC 6177). What limits count is finer."""


def log_sign_in(
    way: Way,
    outcome: Outcome,
    *,
    reason: str = "",
    second_factor: str = "",
    account: str = "",
    subject: str = "",
    source_ip: str = "",
) -> None:
    """Log one attempt. `account` is what was tried (an email key), whether or not anybody has it, and `subject` the id
    of the person, where one is known; `reason` says in fixed words why it was refused."""
    logs.info(
        "sign-in",
        way=way,
        outcome=outcome,
        reason=reason,
        second_factor=second_factor,
        subject=subject,
        account=_digest(account),
        client_address=_digest(client_network(source_ip)),
        client_network=logged_network(source_ip),
    )


def _digest(text: str) -> str:
    return app_keys.mac("log", text)[:DIGEST_BYTES].hex() if text else ""


def logged_network(source_ip: str) -> str:
    """The network of an IP address, as it stands in the log."""
    try:
        ip = ip_address(source_ip.partition("%")[0])
    except ValueError:
        return "unknown"
    ip = getattr(ip, "ipv4_mapped", None) or ip
    return str(ip_network(f"{ip}/{NETWORK_BITS[ip.version]}", strict=False))
