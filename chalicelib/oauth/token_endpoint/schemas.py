"""What the routes that clients call take and give."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

from chalicelib.oauth.parameters import Parameters


class ClientForm(Parameters):
    """The form of a client, which may also prove itself by HTTP Basic. Parameters that are empty or unknown count as
    not sent."""

    client_id: str | None = None
    client_secret: str | None = None
    client_assertion_type: str | None = None
    client_assertion: str | None = Field(default=None, description="A JWT after RFC 7523")


class TokenForm(ClientForm):
    """A token, and who asks about it or gives it back."""

    token: str | None = None
    token_type_hint: str | None = Field(default=None, description="Ignored: a token tells itself what it is")


class Introspection(BaseModel):
    """RFC 7662, section 2.2. Of a token that is not good, or not yours to know of, `active` alone is told."""

    active: bool
    token_type: Literal["Bearer"] | None = None
    iss: str | None = None
    sub: str | None = None
    aud: str | None = None
    client_id: str | None = None
    jti: str | None = None
    iat: int | None = None
    exp: int | None = None
    scope: str | None = None
    sid: str | None = None
    auth_time: int | None = None
    acr: str | None = None
    amr: list[str] | None = None
    roles: list[str] | None = None


class Claims(BaseModel):
    """What the token's scopes tell. What the person has not given is left out."""

    sub: str
    email: str | None = None
    email_verified: bool | None = None
    name: str | None = None
    locale: str | None = None
    birthdate: str | None = None
    updated_at: int | None = None
    roles: list[str] | None = None


class TokenRequest(ClientForm):
    grant_type: str | None = Field(
        default=None,
        description="`authorization_code`, `refresh_token`, `client_credentials`, or that of RFC 8628",
    )
    code: str | None = None
    redirect_uri: str | None = None
    code_verifier: str | None = None
    device_code: str | None = None
    refresh_token: str | None = None
    scope: str | None = None
    resource: str | None = None


class Tokens(BaseModel):
    """Tokens (RFC 6749, section 5.1; OpenID Connect Core 1.0, section 3.1.3.3)."""

    access_token: str
    token_type: Literal["Bearer"] = "Bearer"
    expires_in: int = Field(description="Seconds that the access token is good for")
    scope: str | None = Field(default=None, description="What was granted, where scopes were asked for")
    id_token: str | None = None
    refresh_token: str | None = None
