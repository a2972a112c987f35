"""The errors of the routes that clients call, in the format of RFC 6749, section 5.2."""

from __future__ import annotations

from pydantic import BaseModel

from chalicelib.core.errors import Malformed, Refused, RollcallError, TooManyRequests, Transient, Unauthenticated
from chalicelib.core.http.replies import ErrorFormat, Reply

UNCACHED = {"Cache-Control": "no-store", "Pragma": "no-cache"}
"""What RFC 6749, section 5.1, asks of every answer."""


class OAuthError(BaseModel):
    """An error (RFC 6749, section 5.2)."""

    error: str
    error_description: str


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


def code_of(error: RollcallError) -> str:
    """The error code. It names no limits and no outages: these are told by their status too."""
    if isinstance(error, TokenRefused):
        return error.code
    if isinstance(error, Unauthenticated):
        return "invalid_client"
    if isinstance(error, TooManyRequests | Transient):
        return "temporarily_unavailable"
    return "invalid_request" if isinstance(error, Refused) else "server_error"


def description(detail: str) -> str:
    """A detail as `error_description` may have it (RFC 6749, section 5.2): visible ASCII without quotes and
    backslashes."""
    return "".join(character for character in detail if " " <= character <= "~" and character not in '"\\')


def _error_reply(error: RollcallError) -> Reply:
    code = code_of(error)
    status = 400 if code == "invalid_request" else error.status
    members = {"error": code, "error_description": description(error.detail)}
    return Reply(members, status, {**error.headers, **UNCACHED})


OAUTH_ERRORS = ErrorFormat(OAuthError, _error_reply)
