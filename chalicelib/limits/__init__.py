"""Limits: how often a client, an address, a mailbox or a token may try something.

Counters in rows of `guards`, and in the memory of a process where that is enough. None knows a person: what is counted
is a text that others name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.core.lazy import names_of

if TYPE_CHECKING:
    from chalicelib.limits.client_networks import client_network, logged_network, network_digest
    from chalicelib.limits.mail_limits import mail_caps
    from chalicelib.limits.password_attempts import attempts, attempts_of_session, is_beyond, is_last
    from chalicelib.limits.rate_limits import rates
    from chalicelib.limits.redemption_limits import counted_redemption
    from chalicelib.limits.spread import row_of
    from chalicelib.limits.tally import Tally, UsedUp
else:
    __getattr__ = names_of(
        __name__,
        {
            "Tally": "tally",
            "UsedUp": "tally",
            "attempts": "password_attempts",
            "attempts_of_session": "password_attempts",
            "client_network": "client_networks",
            "counted_redemption": "redemption_limits",
            "is_beyond": "password_attempts",
            "is_last": "password_attempts",
            "logged_network": "client_networks",
            "mail_caps": "mail_limits",
            "network_digest": "client_networks",
            "rates": "rate_limits",
            "row_of": "spread",
        },
    )

__all__ = [
    "Tally",
    "UsedUp",
    "attempts",
    "attempts_of_session",
    "client_network",
    "counted_redemption",
    "is_beyond",
    "is_last",
    "logged_network",
    "mail_caps",
    "network_digest",
    "rates",
    "row_of",
]
