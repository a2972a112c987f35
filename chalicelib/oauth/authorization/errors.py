"""The errors of the authorization endpoint. Those of the client or of its redirect address are shown on a page: what is
not known to be the client's gets no answer (RFC 9700, section 4.11.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal
from urllib.parse import quote, urlencode

from pydantic import BaseModel

from chalicelib.core.errors import Malformed, Refused, TooManyRequests, Transient
from chalicelib.core.http.replies import ErrorFormat, Reply
from chalicelib.core.settings import settings

if TYPE_CHECKING:
    from chalicelib.core.errors import RollcallError

Code = Literal[
    "access_denied",
    "consent_required",
    "invalid_request",
    "invalid_scope",
    "invalid_target",
    "login_required",
    "registration_not_supported",
    "request_not_supported",
    "request_uri_not_supported",
    "unauthorized_client",
    "unsupported_response_type",
]
"""RFC 6749, section 4.1.2.1; OpenID Connect Core 1.0, section 3.1.2.6; RFC 8707, section 2."""

Shown = Literal["client_unknown", "redirect_uri_wrong", "request_expired", "request_invalid", "unavailable"]
"""What the page tells, where the client gets no answer."""


class AuthorizationRefused(Malformed):
    """A request that the client is told the error of, at its redirect address."""

    def __init__(self, code: Code, detail: str) -> None:
        super().__init__(detail)
        self.code = code


class NotTheClients(Refused):
    """A request of which nobody knows whose it is: the page tells, and no redirect address is called."""

    def __init__(self, shown: Shown) -> None:
        super().__init__(shown)
        self.shown = shown


class NoBody(BaseModel):
    """No body: the browser is led to the page."""


def page_url(ui_locales: str | None = None, **fragment: str | None) -> str:
    """The URL of the page in one of these languages, with what it needs in the fragment, which browsers do not send to
    servers."""
    query = f"?{urlencode({'ui_locales': ui_locales}, quote_via=quote)}" if ui_locales else ""
    present = {name: value for name, value in fragment.items() if value is not None}
    return f"{settings().public_url}/account/authorize{query}#{urlencode(present, quote_via=quote)}"


def _error_reply(error: RollcallError) -> Reply:
    if isinstance(error, NotTheClients):
        shown: Shown = error.shown
    else:
        shown = "request_invalid" if _is_refused(error) else "unavailable"
    return Reply(None, 303, {"Location": page_url(problem=shown)})


def _is_refused(error: RollcallError) -> bool:
    return isinstance(error, Refused) and not isinstance(error, TooManyRequests | Transient)


PAGE_ERRORS = ErrorFormat(NoBody, _error_reply)
