"""What the routes of dynamic registration take and give (RFC 7591, sections 2 and 3.2.1)."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from chalicelib.core.http.models import Model
from chalicelib.oauth.client_rules import EMAIL, OFFLINE, OPENID, PROFILE
from chalicelib.oauth.schemas import Audiences, Name, Scopes  # noqa: TC001 - pydantic reads annotations

DAYS_LIMIT = 365
USES_LIMIT = 1000


class NewRegistrationToken(Model):
    uses: Annotated[
        int, Field(strict=True, ge=1, le=USES_LIMIT, description="Applications that may register by it")
    ] = 1
    days: Annotated[int, Field(strict=True, ge=1, le=DAYS_LIMIT, description="How long it is good")] = 7
    scopes: Scopes = Field(
        default=[OPENID, PROFILE, EMAIL, OFFLINE], description="That these applications may ask for at most"
    )
    audiences: Audiences = Field(
        default_factory=list, description="The resource servers (RFC 8707) that their tokens may be for"
    )


class RegistrationTokenView(BaseModel):
    id: str
    token: str = Field(description="Shown in this answer only")
    uses: int
    scopes: list[str]
    audiences: list[str]
    expires_at: str


class ClientMetadata(BaseModel):
    """What an application says of itself. Members that are unknown are ignored, as section 2 asks."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="ignore", str_max_length=20_000, defer_build=True)

    redirect_uris: list[str] = Field(default_factory=list)
    token_endpoint_auth_method: str = Field(
        default="client_secret_basic", description="`none` for an application that cannot keep a secret"
    )
    grant_types: list[str] = ["authorization_code"]
    response_types: list[str] = Field(default=["code"], description="`code` is the only one")
    client_name: Name | None = None
    client_uri: str | None = None
    logo_uri: str | None = None
    scope: str | None = Field(default=None, description="Separated by blanks; else all that the token allows")
    jwks: dict[str, Any] | None = Field(default=None, description="Its public keys, for `private_key_jwt`")
    post_logout_redirect_uris: list[str] = Field(default_factory=list)
    backchannel_logout_uri: str | None = None
    require_pushed_authorization_requests: bool = False


class RegisteredClient(BaseModel):
    """What was registered, which may be less than was asked for."""

    client_id: str
    client_secret: str | None = Field(default=None, description="Shown in this answer only")
    client_id_issued_at: int
    client_secret_expires_at: int | None = Field(default=None, description="0: it does not expire")
    redirect_uris: list[str]
    token_endpoint_auth_method: str
    grant_types: list[str]
    response_types: list[str]
    client_name: str
    client_uri: str | None = None
    logo_uri: str | None = None
    scope: str
    jwks: dict[str, Any] | None = None
    post_logout_redirect_uris: list[str]
    backchannel_logout_uri: str | None = None
    require_pushed_authorization_requests: bool
