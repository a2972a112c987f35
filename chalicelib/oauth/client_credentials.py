"""The client credentials grant of OAuth 2.0 (RFC 6749, section 4.4): a client's secret gets an access token."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING
from urllib.parse import unquote_plus

from chalicelib.core.errors import Malformed, Refused, RollcallError, TooManyRequests, Transient, Unauthenticated
from chalicelib.core.http.replies import ErrorFormat, Reply
from chalicelib.oauth.client_authentication import authenticate_client
from chalicelib.oauth.schemas import OAuthError
from chalicelib.tokens import access_tokens

if TYPE_CHECKING:
    from collections.abc import Mapping

GRANT = "client_credentials"
FIELD_LIMIT = 256
"""Characters of a client's id, and of its secret. Ours have 26 and 47."""


class TokenRefused(Malformed):
    """A request that gets no token. `code` is the error code of RFC 6749, section 5.2."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code


class ClientRefused(Unauthenticated):
    """The client is unknown, or its secret is wrong, or there is none."""

    def __init__(self) -> None:
        super().__init__(
            "the client or its secret is wrong", headers={"WWW-Authenticate": 'Basic realm="rollcall"'}
        )


def grant(fields: Mapping[str, str], authorization: str, source_ip: str) -> str:
    """An access token for the client whose id and secret stand in the form's fields or in the header `Authorization`.

    Raises TokenRefused where the request is wrong, ClientRefused where the client or its secret is, TooManyRequests.
    """
    if "grant_type" not in fields:
        raise TokenRefused("invalid_request", "grant_type is missing")
    if fields["grant_type"] != GRANT:
        raise TokenRefused("unsupported_grant_type", f"the only grant type is {GRANT}")
    if "scope" in fields:
        raise TokenRefused("invalid_scope", "there are no scopes: what a client may do follows from its roles")
    client_id, secret = _presented_credentials(fields, authorization)
    if not 0 < len(client_id) <= FIELD_LIMIT or not 0 < len(secret) <= FIELD_LIMIT:
        raise ClientRefused
    try:
        client, secret_number = authenticate_client(client_id, secret, source_ip)
    except Unauthenticated as refused:
        raise ClientRefused from refused
    return access_tokens.issue_to_client(client["client_id"], client["roles"], secret_number)


def _presented_credentials(fields: Mapping[str, str], authorization: str) -> tuple[str, str]:
    """The client's id and secret. They may stand in one place only (RFC 6749, section 2.3.1)."""
    if not authorization:
        return fields.get("client_id", ""), fields.get("client_secret", "")
    if "client_secret" in fields:
        raise TokenRefused("invalid_request", "a client proves itself in one way, not in two")
    client_id, secret = _basic_credentials(authorization)
    if fields.get("client_id", client_id) != client_id:
        raise TokenRefused("invalid_request", "client_id is not the client that the header proves")
    return client_id, secret


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


def _error_reply(error: RollcallError) -> Reply:
    """The reply of RFC 6749 to any error of this route. It names no limits and no outages: these keep their status."""
    status = error.status
    if isinstance(error, TokenRefused):
        code = error.code
    elif isinstance(error, Unauthenticated):
        code = "invalid_client"
    elif isinstance(error, TooManyRequests | Transient):
        code = "temporarily_unavailable"
    elif isinstance(error, Refused):
        code, status = "invalid_request", 400
    else:
        code = "server_error"
    description = "".join(c for c in error.detail if " " <= c <= "~" and c not in '"\\')
    return Reply({"error": code, "error_description": description}, status, {**error.headers, **UNCACHED})


UNCACHED = {"Cache-Control": "no-store", "Pragma": "no-cache"}
"""What RFC 6749, section 5.1, asks of every answer."""

OAUTH_ERRORS = ErrorFormat(OAuthError, _error_reply)
