"""Client authentication (RFC 6749, section 2.3) by a secret.

A client that does not exist costs the same work, and gets the same answer, as a wrong secret.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib import limits
from chalicelib.core import logs
from chalicelib.core.errors import Unauthenticated
from chalicelib.core.settings import settings
from chalicelib.oauth import model
from chalicelib.oauth.store import clients

if TYPE_CHECKING:
    from chalicelib.oauth.rows import Client


def authenticate_client(client_id: str, secret: str, source_ip: str) -> tuple[Client, int]:
    """The client, and the number of the secret that it used: one read. Raises Unauthenticated where the client or the
    secret is wrong, and TooManyRequests where the IP address failed too often with any clients, or with this one.

    Failures with one client are counted for each IP address. If they were counted for the client alone, anybody who has
    seen its id (tokens carry it) could lock it out. Guessing is no danger: a secret has 256 bits.
    """
    rates = limits.rates()
    rates.refuse_known("client", source_ip)
    rates.refuse_known(f"client-{client_id}", source_ip)
    client = clients().find(client_id)
    secret_number = model.number_of(client, secret)
    if client is None or secret_number is None:
        logged_id = client["client_id"] if client else ""
        logs.info("client refused", client=logged_id, client_network=limits.logged_network(source_ip))
        rates.take("client", source_ip, settings().sign_ins_per_hour)
        rates.take(f"client-{client_id}", source_ip, settings().client_failures_per_hour)
        raise Unauthenticated("the client or its secret is wrong")
    return client, secret_number
