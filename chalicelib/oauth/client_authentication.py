"""Client authentication (RFC 6749, section 2.3): by a secret, by a signed assertion (RFC 7523), or by nothing, where
the client is public.

A client that does not exist costs the same work, and gets the same answer, as a wrong secret.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote_plus

from chalicelib import limits
from chalicelib.core import logs
from chalicelib.core.settings import settings
from chalicelib.oauth import client_assertions, model
from chalicelib.oauth.grants.store import grants
from chalicelib.oauth.store import clients
from chalicelib.oauth.token_endpoint.errors import ClientRefused, TokenRefused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chalicelib.oauth.rows import AuthenticationMethod, Client

FIELD_LIMIT = 256
"""Characters of a client's id, and of its secret. Ours have 30 and 47."""


@dataclass(frozen=True)
class Presented:
    """What a request says of its client. `proof` is a secret, an assertion, or empty."""

    client_id: str
    method: AuthenticationMethod
    proof: str = ""


def client_of(fields: Mapping[str, str], authorization: str, source_ip: str) -> Client:
    """The client that a request proves: one read. Raises TokenRefused, ClientRefused, TooManyRequests."""
    asker = presented(fields, authorization)
    admit(asker, source_ip)
    client, _ = prove(asker, clients().find(asker.client_id), source_ip)
    return client


def presented(fields: Mapping[str, str], authorization: str) -> Presented:
    """What the form's fields and the header `Authorization` say. A client proves itself in one place only (RFC 6749,
    section 2.3.1). Raises TokenRefused, and ClientRefused for what can be no client's."""
    is_assertion = "client_assertion" in fields or "client_assertion_type" in fields
    if bool(authorization) + is_assertion + ("client_secret" in fields) > 1:
        raise TokenRefused("invalid_request", "a client proves itself in one way, not in two")
    if authorization:
        client_id, secret = _basic_credentials(authorization)
        if fields.get("client_id", client_id) != client_id:
            raise TokenRefused("invalid_request", "client_id is not the client that the header proves")
        return _within_limits(Presented(client_id, "client_secret_basic", secret))
    if is_assertion:
        if fields.get("client_assertion_type") != client_assertions.TYPE:
            raise TokenRefused("invalid_request", f"the only client_assertion_type is {client_assertions.TYPE}")
        assertion = fields.get("client_assertion", "")
        client_id = client_assertions.subject_of(assertion)
        if fields.get("client_id", client_id) != client_id:
            raise TokenRefused("invalid_request", "client_id is not the client that the assertion proves")
        return Presented(client_id, "private_key_jwt", assertion)
    method: AuthenticationMethod = "client_secret_post" if "client_secret" in fields else "none"
    return _within_limits(Presented(fields.get("client_id", ""), method, fields.get("client_secret", "")))


def admit(asker: Presented, source_ip: str) -> None:
    """Raises TooManyRequests where the IP address failed too often with any clients, or with this one.

    Failures with one client are counted for each IP address. If they were counted for the client alone, anybody who has
    seen its id (tokens carry it) could lock it out. Guessing is no danger: a secret has 256 bits.
    """
    rates = limits.rates()
    rates.refuse_known("client", source_ip)
    rates.refuse_known(f"client-{asker.client_id}", source_ip)


def prove(asker: Presented, client: Client | None, source_ip: str) -> tuple[Client, int]:
    """The client, and the number of the secret or set of keys that it used; 0 where it has none.

    `client` is the row of that id. Raises ClientRefused where it does not exist or the proof is wrong, or is an
    assertion that was used before: that one is remembered takes a write.
    """
    number = _number(asker, client)
    if client is None or number is None or not _is_first_use(asker):
        rates, logged_id = limits.rates(), client["client_id"] if client else ""
        logs.info("client refused", client=logged_id, client_network=limits.logged_network(source_ip))
        rates.take("client", source_ip, settings().sign_ins_per_hour)
        rates.take(f"client-{asker.client_id}", source_ip, settings().client_failures_per_hour)
        raise ClientRefused
    return client, number


def _number(asker: Presented, client: Client | None) -> int | None:
    secret_number = model.number_of(client, asker.proof)
    if client is None:
        return None
    method = model.registered(client)["token_endpoint_auth_method"]
    if model.has_secret(client):
        return secret_number if asker.method.startswith("client_secret_") else None
    if asker.method != method:
        return None
    if method == "none":
        return 0
    holds = client_assertions.holds(asker.proof, client)
    return client["key_set"] if holds else None


def _is_first_use(asker: Presented) -> bool:
    if asker.method != "private_key_jwt":
        return True
    return grants().spend(client_assertions.id_of(asker.proof), client_assertions.REMEMBERED_SECONDS)


def _within_limits(asker: Presented) -> Presented:
    needs_proof = asker.method != "none"
    if not 0 < len(asker.client_id) <= FIELD_LIMIT or not needs_proof <= len(asker.proof) <= FIELD_LIMIT:
        raise ClientRefused
    return asker


def _basic_credentials(authorization: str) -> tuple[str, str]:
    """The id and the secret of HTTP Basic (RFC 7617). OAuth wants both form-encoded."""
    scheme, _, encoded = authorization.partition(" ")
    try:
        decoded = base64.b64decode(encoded.strip(" "), validate=True).decode()
    except ValueError as error:
        raise ClientRefused from error
    client_id, colon, secret = decoded.partition(":")
    if scheme.lower() != "basic" or not colon:
        raise ClientRefused
    return unquote_plus(client_id), unquote_plus(secret)
