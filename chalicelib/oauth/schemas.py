"""What the routes of OAuth clients take and give."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, Field, model_validator

from chalicelib.accounts.schemas import Roles  # noqa: TC001 - pydantic reads annotations
from chalicelib.core.http.models import Model, Visible, distinct
from chalicelib.core.settings import settings
from chalicelib.oauth import client_rules, redirect_uris
from chalicelib.oauth.model import GRACE_LIMIT
from chalicelib.oauth.rows import AuthenticationMethod, ClientType, GrantType, Source


def _redirect_uri(text: str) -> str:
    return redirect_uris.checked(text, private_use=True)


def _audience(text: str) -> str:
    return client_rules.audience(text, settings().public_url)


def _back_channel(text: str) -> str:
    return text if settings().outbound_allow_http else client_rules.web_page(text)


Name = Annotated[str, Visible(100)]
RedirectUri = Annotated[str, AfterValidator(_redirect_uri)]
RedirectUris = Annotated[
    list[RedirectUri],
    AfterValidator(distinct),
    Field(
        max_length=client_rules.URI_LIMIT,
        description="Compared character by character, but for the port of `http://127.0.0.1` and `http://[::1]`",
    ),
]
WebPage = Annotated[str, AfterValidator(client_rules.web_page)]
BackChannelUri = Annotated[str, AfterValidator(_back_channel), Field(max_length=500)]
Scope = Annotated[str, AfterValidator(client_rules.scope)]
Scopes = Annotated[
    list[Scope],
    AfterValidator(distinct),
    AfterValidator(client_rules.scopes),
    Field(max_length=client_rules.SCOPE_LIMIT, description="That it may ask for: OpenID's, `roles`, and your own"),
]
GrantTypes = Annotated[list[GrantType], AfterValidator(distinct), Field(min_length=1)]
Audiences = Annotated[
    list[Annotated[str, AfterValidator(_audience)]],
    AfterValidator(distinct),
    Field(max_length=client_rules.URI_LIMIT, description="Resource servers (RFC 8707) that its tokens may be for"),
]
KeySet = Annotated[
    dict[str, Any],
    AfterValidator(client_rules.key_set),
    Field(description="Its public keys, for `private_key_jwt` (RFC 7517)"),
]
AccessTokenSeconds = Annotated[int, Field(strict=True, ge=60, le=3600)]
RefreshTokenDays = Annotated[int, Field(strict=True, ge=1, le=365)]


class NewClient(Model):
    """What is left out follows from the type: a service or job (`machine`), an application that cannot keep a secret
    (`public`), or one that can (`confidential`)."""

    type: ClientType = "machine"
    name: Name
    roles: Roles = Field(default_factory=list)
    redirect_uris: RedirectUris = Field(default_factory=list)
    post_logout_redirect_uris: RedirectUris = Field(default_factory=list)
    backchannel_logout_uri: BackChannelUri | None = None
    scopes: Scopes | None = None
    grant_types: GrantTypes | None = None
    first_party: bool = Field(default=False, description="People are not asked for their consent")
    token_endpoint_auth_method: AuthenticationMethod | None = None
    jwks: KeySet | None = None
    audiences: Audiences = Field(default_factory=list)
    access_token_seconds: AccessTokenSeconds | None = Field(default=None, description="Else as the stage has it")
    refresh_token_days: RefreshTokenDays | None = Field(default=None, description="Else as the stage has it")
    require_par: bool = Field(default=False, description="Whether it sends its requests beforehand (RFC 9126)")
    uri: WebPage | None = Field(default=None, description="Its page, for people who are asked for their consent")
    logo_uri: WebPage | None = None

    @model_validator(mode="after")
    def _is_consistent(self) -> NewClient:
        method, grant_types, scopes = self.token_endpoint_auth_method, self.grant_types, self.scopes
        self.token_endpoint_auth_method = method or client_rules.default_method(self.type)
        self.grant_types = grant_types or client_rules.default_grant_types(self.type)
        self.scopes = client_rules.default_scopes(self.type) if scopes is None else scopes
        client_rules.check_type(self.type, self.token_endpoint_auth_method, self.roles)
        client_rules.check_grant_types(self.type, self.grant_types, self.redirect_uris)
        client_rules.check_redirect_uris(self.type, [*self.redirect_uris, *self.post_logout_redirect_uris])
        if (self.jwks is not None) is not (self.token_endpoint_auth_method == "private_key_jwt"):
            raise ValueError("jwks are the keys of a client that proves itself by private_key_jwt")
        return self


class ClientPatch(Model):
    """A JSON merge patch (RFC 7396): what is absent stays, null takes away. Type and way of authentication stay."""

    name: Name | None = None
    roles: Roles | None = None
    redirect_uris: RedirectUris | None = None
    post_logout_redirect_uris: RedirectUris | None = None
    backchannel_logout_uri: BackChannelUri | None = None
    scopes: Scopes | None = None
    grant_types: GrantTypes | None = None
    first_party: bool | None = None
    jwks: KeySet | None = None
    audiences: Audiences | None = None
    access_token_seconds: AccessTokenSeconds | None = None
    refresh_token_days: RefreshTokenDays | None = None
    require_par: bool | None = None
    uri: WebPage | None = None
    logo_uri: WebPage | None = None


class Rotation(Model):
    grace_seconds: int = Field(
        default=0,
        strict=True,
        ge=0,
        le=GRACE_LIMIT,
        description="How long the secret before it goes on, with its tokens",
    )


class OAuthClient(BaseModel):
    id: str
    type: ClientType
    name: str
    roles: list[str]
    redirect_uris: list[str]
    post_logout_redirect_uris: list[str]
    backchannel_logout_uri: str | None
    scopes: list[str]
    grant_types: list[GrantType]
    first_party: bool
    token_endpoint_auth_method: AuthenticationMethod
    jwks: dict[str, Any] | None
    audiences: list[str]
    access_token_seconds: int | None
    refresh_token_days: int | None
    require_par: bool
    uri: str | None
    logo_uri: str | None
    source: Source
    created_at: str
    updated_at: str
    secret_made_at: str | None = Field(description="None where it proves itself otherwise, or not at all")
    previous_valid_until: str | None = Field(description="Until when the secret before the present one holds")
    version: int


class ClientWithSecret(OAuthClient):
    secret: str | None = Field(description="Shown in this answer only; None for a client that has none")


class ClientList(BaseModel):
    items: list[OAuthClient]
    next: str | None
