"""What `/oauth2/logout` takes."""

from __future__ import annotations

from pydantic import Field

from chalicelib.oauth.parameters import Parameters


class LogoutParameters(Parameters):
    """OpenID Connect RP-Initiated Logout 1.0, section 2. Those that are empty or unknown count as not sent, and one
    that is sent twice is refused."""

    id_token_hint: str | None = Field(default=None, description="An ID token of this session, however old")
    client_id: str | None = None
    post_logout_redirect_uri: str | None = Field(default=None, description="As it is registered")
    state: str | None = None


class LogoutForm(LogoutParameters):
    """The same as a form."""
