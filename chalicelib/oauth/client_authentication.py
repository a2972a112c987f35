"""A machine proves who it is by its secret: in the same work and the same words for clients that there are not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib import accounts
from chalicelib.core import logs
from chalicelib.core.errors import Unauthenticated
from chalicelib.core.settings import settings
from chalicelib.oauth import model
from chalicelib.oauth.store import clients

if TYPE_CHECKING:
    from chalicelib.core.aws.dynamo import Item


def prove(client_id: str, secret: str, source_ip: str) -> tuple[Item, int]:
    """The client, and the number of the secret it used: one read. Raises Unauthenticated, and TooManyRequests for an
    address that failed too often, with whatever clients or with this one.

    Failures with one client are counted by address too. To count them for the client alone would let anybody who has
    seen its id, which tokens carry, keep it out; and nobody guesses 256 bits.
    """
    limits = accounts.limits()
    limits.refuse_known("client", source_ip)
    limits.refuse_known(f"client-{client_id}", source_ip)
    client = clients().find(client_id)
    credential = model.credential_of(client, secret)
    if client is None or credential is None:
        known = client["client_id"] if client else ""
        logs.info("client refused", client=known, client_network=accounts.told_network(source_ip))
        limits.take("client", source_ip, settings().sign_ins_per_hour)
        limits.take(f"client-{client_id}", source_ip, settings().client_failures_per_hour)
        raise Unauthenticated("the client or its secret is wrong")
    return client, credential
