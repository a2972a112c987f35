"""The log of attempts to prove who one is (ASVS 16.3.1): one line for each attempt, without personal data.

To investigate a flood of guesses, one must see which lines are about the same account, and which come from the same
client network. Email addresses and IP addresses are personal data, so the log has only digests of both. They are made
with a key of the stage: so nobody who has only the log can try addresses against them. The log also has the larger
network of the IP address, which shows the provider and no more; the client networks that limits count are smaller.
"""

from __future__ import annotations

from typing import Literal

from chalicelib.core import logs
from chalicelib.core.crypto import app_keys
from chalicelib.limits import client_network, logged_network

Way = Literal["password", "mailed code", "passkey", "connection", "step-up", "current password", "refresh token"]
Outcome = Literal["granted", "refused"]

DIGEST_BYTES = 12


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
    """Log one attempt. `account` is the email key that was tried, whether or not an account has it. `subject` is the id
    of the person, if one was found. `reason` says in fixed words why the attempt was refused."""
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
