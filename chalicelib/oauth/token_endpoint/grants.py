"""A request to the token endpoint: its client proves itself, and its grant type says what it gets.

The client is read together with what the request brings, in one batch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from chalicelib import accounts
from chalicelib.core.aws import clients as aws_clients
from chalicelib.oauth import client_rules
from chalicelib.oauth.client_authentication import admit, presented, prove
from chalicelib.oauth.device import model as device_model
from chalicelib.oauth.grants import model as grant_model
from chalicelib.oauth.grants.store import grants
from chalicelib.oauth.store import clients
from chalicelib.oauth.token_endpoint import client_credentials, code_exchange, device_exchange, grant_refresh
from chalicelib.oauth.token_endpoint.errors import TokenRefused
from chalicelib.oauth.token_endpoint.granted import Granted
from chalicelib.tokens import refresh_tokens

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from chalicelib.oauth.client_authentication import Presented
    from chalicelib.oauth.rows import Client

    Exchange = Callable[[Mapping[str, str], Presented, str], Granted]

CODE_LIMIT = 256
"""Characters of a code. Ours have 43."""


def exchange(fields: Mapping[str, str], authorization: str, source_ip: str) -> Granted:
    """The tokens for a request. Raises TokenRefused where the request is wrong, ClientRefused where the client or its
    proof is, TooManyRequests."""
    if "grant_type" not in fields:
        raise TokenRefused("invalid_request", "grant_type is missing")
    by_grant_type = _BY_GRANT_TYPE.get(fields["grant_type"])
    if by_grant_type is None:
        raise TokenRefused("unsupported_grant_type", f"the grant types are {', '.join(_BY_GRANT_TYPE)}")
    asker = presented(fields, authorization)
    admit(asker, source_ip)
    return by_grant_type(fields, asker, source_ip)


def _by_credentials(fields: Mapping[str, str], asker: Presented, source_ip: str) -> Granted:
    client, credential = prove(asker, clients().find(asker.client_id), source_ip)
    return Granted(client_credentials.token_for(client, credential, fields))


def _by_code(fields: Mapping[str, str], asker: Presented, source_ip: str) -> Granted:
    key = grants().table_and_key(grant_model.code_id(fields.get("code", "")[:CODE_LIMIT]))
    client, (code,) = _proved(asker, source_ip, key)
    if "code" not in fields:
        raise TokenRefused("invalid_request", "code is missing")
    return code_exchange.tokens_for(client, code, fields)


def _by_refresh_token(fields: Mapping[str, str], asker: Presented, source_ip: str) -> Granted:
    token = refresh_tokens.parse(fields.get("refresh_token", ""), "grants")
    keys: list[tuple[Any, Any]] = []
    if token is not None:
        keys.append(grants().table_and_key(grant_model.grant_id(token.holder_id)))
        keys.append(accounts.people().table_and_key(token.user_id))
    client, rows = _proved(asker, source_ip, *keys)
    if "refresh_token" not in fields:
        raise TokenRefused("invalid_request", "refresh_token is missing")
    grant, person = rows or (None, None)
    return grant_refresh.tokens_for(client, token, grant, person, fields)


def _by_device_code(fields: Mapping[str, str], asker: Presented, source_ip: str) -> Granted:
    device_code = fields.get("device_code", "")
    client, (device,) = _proved(asker, source_ip, grants().table_and_key(device_model.row_id_of(device_code)))
    if "device_code" not in fields:
        raise TokenRefused("invalid_request", "device_code is missing")
    return device_exchange.tokens_for(client, device, device_code)


def _proved(asker: Presented, source_ip: str, *keys: tuple[Any, Any]) -> tuple[Client, list[Any]]:
    """The client, which proved itself, and the rows of these keys: one batch read."""
    client, *rows = aws_clients.database().batch_get([clients().table_and_key(asker.client_id), *keys])
    proved, _ = prove(asker, cast("Client | None", client), source_ip)
    return proved, rows


_BY_GRANT_TYPE: dict[str, Exchange] = {
    client_rules.AUTHORIZATION_CODE: _by_code,
    client_rules.REFRESH_TOKEN: _by_refresh_token,
    client_rules.CLIENT_CREDENTIALS: _by_credentials,
    client_rules.DEVICE_CODE: _by_device_code,
}
