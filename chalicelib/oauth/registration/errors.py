"""The errors of registration, in the format of RFC 7591, section 3.2.2."""

from __future__ import annotations

from pydantic import BaseModel

from chalicelib.core.errors import (
    Invalid,
    Malformed,
    Refused,
    RollcallError,
    TooManyRequests,
    Transient,
    Unauthenticated,
)
from chalicelib.core.http.replies import ErrorFormat, Reply
from chalicelib.oauth.token_endpoint.errors import description

REDIRECT_URIS = "redirect_uris"


class RegistrationError(BaseModel):
    """An error (RFC 7591, section 3.2.2; for the token RFC 6750, section 3.1)."""

    error: str
    error_description: str


def _code_of(error: RollcallError) -> str:
    if isinstance(error, Unauthenticated):
        return "invalid_token"
    if isinstance(error, TooManyRequests | Transient):
        return "temporarily_unavailable"
    if isinstance(error, Invalid):
        of_addresses = all(field["field"].partition(".")[0] == REDIRECT_URIS for field in error.errors)
        return "invalid_redirect_uri" if of_addresses else "invalid_client_metadata"
    if isinstance(error, Malformed):
        return "invalid_client_metadata"
    return "invalid_request" if isinstance(error, Refused) else "server_error"


def _detail(error: RollcallError) -> str:
    if not isinstance(error, Invalid):
        return error.detail
    return "; ".join(f"{field['field']}: {field['message']}" for field in error.errors)


def _error_reply(error: RollcallError) -> Reply:
    code = _code_of(error)
    status = 400 if isinstance(error, Invalid | Malformed) else error.status
    return Reply({"error": code, "error_description": description(_detail(error))}, status, {**error.headers})


REGISTRATION_ERRORS = ErrorFormat(RegistrationError, _error_reply)
