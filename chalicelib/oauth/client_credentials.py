"""The client credentials grant of OAuth 2.0 (RFC 6749, section 4.4): a machine's secret for an access token."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING
from urllib.parse import unquote_plus

from pydantic import BaseModel

from chalicelib.core.errors import Malformed, Refused, RollcallError, TooManyRequests, Transient, Unauthenticated
from chalicelib.core.http.replies import ErrorFormat, Reply
from chalicelib.oauth.client_authentication import prove
from chalicelib.tokens import access_tokens

if TYPE_CHECKING:
    from collections.abc import Mapping

GRANT = "client_credentials"
FIELD_LIMIT = 256
"""Characters of a client's id, and of its secret. Ours have 26 and 47."""


class TokenRefused(Malformed):
    """`code` is what RFC 6749, section 5.2, calls it."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code


class ClientRefused(Unauthenticated):
    """The client is unknown, or its secret is wrong, or there is none."""

    def __init__(self) -> None:
        super().__init__(
            "the client or its secret is wrong", headers={"WWW-Authenticate": 'Basic realm="rollcall"'}
        )


class OAuthError(BaseModel):
    """An error (RFC 6749, section 5.2)."""

    error: str
    error_description: str


def grant(fields: Mapping[str, str], authorization: str, source_ip: str) -> str:
    """An access token for the client that the fields of the request or its `Authorization` header prove.

    Raises TokenRefused, ClientRefused or TooManyRequests.
    """
    if "grant_type" not in fields:
        raise TokenRefused("invalid_request", "grant_type is missing")
    if fields["grant_type"] != GRANT:
        raise TokenRefused("unsupported_grant_type", f"the only grant type is {GRANT}")
    if "scope" in fields:
        raise TokenRefused("invalid_scope", "there are no scopes: what a client may do follows from its roles")
    client_id, secret = _presented(fields, authorization)
    if not 0 < len(client_id) <= FIELD_LIMIT or not 0 < len(secret) <= FIELD_LIMIT:
        raise ClientRefused
    try:
        client, credential = prove(client_id, secret, source_ip)
    except Unauthenticated as refused:
        raise ClientRefused from refused
    return access_tokens.issue_to_client(client["client_id"], client["roles"], credential)


def _presented(fields: Mapping[str, str], authorization: str) -> tuple[str, str]:
    """The client's id and secret, from the one place where they are (RFC 6749, section 2.3.1)."""
    if not authorization:
        return fields.get("client_id", ""), fields.get("client_secret", "")
    if "client_secret" in fields:
        raise TokenRefused("invalid_request", "a client proves itself in one way, not in two")
    client_id, secret = _basic(authorization)
    if fields.get("client_id", client_id) != client_id:
        raise TokenRefused("invalid_request", "client_id is not the client that the header proves")
    return client_id, secret


def _basic(authorization: str) -> tuple[str, str]:
    """The two halves of HTTP Basic (RFC 7617), each form-encoded as OAuth wants it."""
    scheme, _, encoded = authorization.partition(" ")
    try:
        decoded = base64.b64decode(encoded.strip(" "), validate=True).decode()
    except ValueError as error:
        raise ClientRefused from error
    client_id, colon, secret = decoded.partition(":")
    if scheme.lower() != "basic" or not colon:
        raise ClientRefused
    return unquote_plus(client_id), unquote_plus(secret)


def _told(error: RollcallError) -> Reply:
    """Any error of this route as RFC 6749 has it. Limits and outages, of which it says nothing, keep their status."""
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
    described = "".join(c for c in error.detail if " " <= c <= "~" and c not in '"\\')
    return Reply({"error": code, "error_description": described}, status, {**error.headers, **UNCACHED})


UNCACHED = {"Cache-Control": "no-store", "Pragma": "no-cache"}
"""What RFC 6749, section 5.1, asks of every answer."""

OAUTH_ERRORS = ErrorFormat(OAuthError, _told)
