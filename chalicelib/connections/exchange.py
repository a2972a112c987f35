"""The token request (RFC 6749, section 4.1.3): an authorization code gets the provider's tokens. It is made once,
because a code is good once."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote_plus

from chalicelib.connections import model, secrets
from chalicelib.connections.faults import ProviderFault
from chalicelib.connections.provider_http import document_of, post

if TYPE_CHECKING:
    from chalicelib.connections.endpoints import Endpoints
    from chalicelib.connections.rows import Connection

ANSWER_BYTES = 64 * 1024
TOKEN_LIMIT = 8 * 1024
"""Characters of an access token."""


@dataclass(frozen=True)
class ProviderTokens:
    """What a provider gave for a code. `id_token` is empty for a provider without ID tokens."""

    access_token: str
    id_token: str = ""

    def __repr__(self) -> str:
        return "<tokens of a provider>"


def exchange(connection: Connection, endpoints: Endpoints, code: str, verifier: str) -> ProviderTokens:
    """The tokens for a code. Raises ProviderDown, and ProviderFault where the provider refuses the code."""
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": model.redirect_uri(connection["connection_id"]),
        "code_verifier": verifier,
    }
    headers: dict[str, str] = {}
    client_id, secret = connection["client_id"], secrets.client_secret(connection)
    if model.auth_method_of(connection) == "client_secret_basic":
        pair = f"{quote_plus(client_id)}:{quote_plus(secret)}".encode()
        headers["Authorization"] = f"Basic {base64.b64encode(pair).decode()}"
    else:
        form |= {"client_id": client_id, "client_secret": secret}
    answer = post(endpoints.token, headers, form, limit=ANSWER_BYTES)
    document = document_of(answer)
    if answer.status != 200 or not isinstance(document, dict) or "error" in document:
        raise ProviderFault(f"the provider gave no tokens for its code: status {answer.status}")
    access_token, id_token = document.get("access_token"), document.get("id_token", "")
    if str(document.get("token_type", "")).lower() != "bearer" or not _is_token(access_token):
        raise ProviderFault("the provider gave no bearer token")
    if model.preset_of(connection).has_id_token and not (isinstance(id_token, str) and id_token):
        raise ProviderFault("the provider gave no ID token")
    return ProviderTokens(str(access_token), str(id_token))


def _is_token(token: object) -> bool:
    """Whether it can be a bearer token: it goes into a header (RFC 6750, section 2.1)."""
    if not isinstance(token, str) or not 0 < len(token) <= TOKEN_LIMIT:
        return False
    return token.isascii() and token.isprintable() and " " not in token
