"""Requests that clients send beforehand (RFC 9126): the browser then carries a name of them alone, good once and for a
minute."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib import limits
from chalicelib.core import clock, ids
from chalicelib.core.aws import records
from chalicelib.core.settings import settings
from chalicelib.oauth import model
from chalicelib.oauth.authorization.errors import AuthorizationRefused, NotTheClients
from chalicelib.oauth.authorization.request import checked, redirect_uri_of
from chalicelib.oauth.grants.store import grants
from chalicelib.oauth.token_endpoint.errors import TokenRefused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chalicelib.oauth.grants.rows import Pushed
    from chalicelib.oauth.rows import Client

SECONDS = 60

PREFIX = "urn:ietf:params:oauth:request_uri:"

OF_CLIENT = frozenset({"client_secret", "client_assertion", "client_assertion_type"})
"""Fields by which the client proves itself, which are no part of the request."""


def push(client: Client, fields: Mapping[str, str], source_ip: str) -> str:
    """Keep a request, and return its `request_uri`: one write. Raises TokenRefused where it is wrong, as the client is
    told before any browser is involved, and TooManyRequests for a client network that came too often as a public
    client, which anybody could be."""
    if model.registered(client)["token_endpoint_auth_method"] == "none":
        limits.rates().tally("par", source_ip, settings().sign_ins_per_hour)
    parameters = {name: value for name, value in fields.items() if name not in OF_CLIENT}
    parameters["client_id"] = client["client_id"]  # which may have been named by its proof alone
    try:
        redirect_uri_of(parameters, client)
        checked(parameters, client, pushed=True)
    except NotTheClients as refused:
        raise TokenRefused("invalid_request", "redirect_uri is not registered") from refused
    except AuthorizationRefused as refused:
        raise TokenRefused(refused.code, refused.detail) from refused
    request_uri = PREFIX + ids.new_secret()
    pushed: Pushed = {
        "id": row_id(request_uri),
        "schema": records.SCHEMA,
        "client_id": client["client_id"],
        "parameters": parameters,
        "good_until": clock.epoch() + SECONDS,
        "expires_at": clock.epoch() + SECONDS,
    }
    grants().put_pushed(pushed)
    return request_uri


def is_ours(request_uri: str) -> bool:
    return request_uri.startswith(PREFIX)


def row_id(request_uri: str) -> str:
    return f"par#{ids.digest_of(request_uri)}"


def parameters_of(pushed: Pushed, parameters: Mapping[str, str]) -> Mapping[str, str]:
    """The parameters that were sent, in place of those that the browser brought. Raises NotTheClients where another
    client sent them, or too long ago."""
    if pushed["client_id"] != parameters.get("client_id") or pushed["good_until"] <= clock.epoch():
        raise NotTheClients("request_expired")
    return pushed["parameters"]


def use(pushed: Pushed) -> None:
    """Use a request up: one write. Raises NotTheClients where it was used before."""
    if not grants().take_pushed(pushed["id"]):
        raise NotTheClients("request_expired")
