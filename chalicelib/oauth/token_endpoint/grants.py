"""A request to the token endpoint: its client proves itself, and its grant type says what it gets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chalicelib.oauth import client_rules
from chalicelib.oauth.client_authentication import admit, presented, prove
from chalicelib.oauth.store import clients
from chalicelib.oauth.token_endpoint import client_credentials
from chalicelib.oauth.token_endpoint.errors import TokenRefused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chalicelib.tokens.access_tokens import Issued


@dataclass(frozen=True)
class Granted:
    """What a request got."""

    access: Issued
    id_token: str | None = None
    refresh_token: str | None = None

    def reply(self) -> dict[str, Any]:
        """The reply, without what was not issued."""
        members = {
            "access_token": self.access.token,
            "token_type": "Bearer",
            "expires_in": self.access.seconds,
            "scope": " ".join(self.access.scopes) or None,
            "id_token": self.id_token,
            "refresh_token": self.refresh_token,
        }
        return {name: value for name, value in members.items() if value is not None}


def exchange(fields: Mapping[str, str], authorization: str, source_ip: str) -> Granted:
    """The tokens for a request. Raises TokenRefused where the request is wrong, ClientRefused where the client or its
    proof is, TooManyRequests."""
    grant_type = fields.get("grant_type")
    if grant_type is None:
        raise TokenRefused("invalid_request", "grant_type is missing")
    if grant_type != client_rules.CLIENT_CREDENTIALS:
        raise TokenRefused("unsupported_grant_type", f"the only grant type is {client_rules.CLIENT_CREDENTIALS}")
    asker = presented(fields, authorization)
    admit(asker, source_ip)
    client, credential = prove(asker, clients().find(asker.client_id), source_ip)
    return Granted(client_credentials.token_for(client, credential, fields))
