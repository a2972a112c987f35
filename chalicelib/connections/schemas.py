"""What the routes of connections take and give."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, Field, model_validator

from chalicelib.connections.domains import domain_of
from chalicelib.connections.endpoints import is_usable
from chalicelib.connections.model import ALGORITHMS, ANY_DOMAIN
from chalicelib.connections.presets import MAPPED, secret_fields
from chalicelib.connections.rows import AuthMethod, Provider  # noqa: TC001 - pydantic reads annotations
from chalicelib.core.http.models import Model, Visible, distinct

ID = r"^[a-z0-9-]{1,40}$"
RESERVED = "pending"
"""No id: it is a path of its own beside those of connections."""


def _unreserved(connection_id: str) -> str:
    if connection_id == RESERVED:
        raise ValueError("is taken by a path of ours")
    return connection_id


def _domain(text: str) -> str:
    try:
        return domain_of(f"a@{text}")
    except ValueError:
        raise ValueError("must be the domain of email addresses, such as example.com") from None


def _domain_or_any(text: str) -> str:
    return text if text == ANY_DOMAIN else _domain(text)


def _url(text: str) -> str:
    if not is_usable(text):
        raise ValueError("must be a URL that begins with https://, without user name, fragment or backslash")
    return text


def _mapped(claims: dict[str, str | None]) -> dict[str, str | None]:
    if unknown := claims.keys() - MAPPED:
        raise ValueError(f"has other fields than {', '.join(sorted(MAPPED))}: {len(unknown)}")
    return claims


Text = Annotated[str, Field(min_length=1, max_length=255, pattern=r"^[\x21-\x7e]+$")]
Url = Annotated[str, AfterValidator(_url), Field(max_length=2000)]
Texts = Annotated[list[Text], AfterValidator(distinct), Field(max_length=20)]
Domains = Annotated[list[Annotated[str, AfterValidator(_domain)]], AfterValidator(distinct), Field(max_length=100)]
TrustedDomains = Annotated[
    list[Annotated[str, AfterValidator(_domain_or_any)]], AfterValidator(distinct), Field(max_length=100)
]
Claims = Annotated[
    dict[str, Text | None],
    AfterValidator(_mapped),
    Field(description="The claim of each field that is not the default's; null brings the default back"),
]
Algorithms = Annotated[list[Literal[ALGORITHMS]], Field(min_length=1, max_length=len(ALGORITHMS))]  # type: ignore[valid-type]
Tenant = Annotated[str, Field(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
PrivateKey = Annotated[str, Field(max_length=4000)]
Secret = Annotated[str, Field(min_length=1, max_length=1000, pattern=r"^[\x20-\x7e]+$")]


class SecondFactor(Model):
    """The values by which the provider says that it asked for a second factor. Any one of them is enough."""

    amr: Texts = Field(default_factory=list)
    acr: Texts = Field(default_factory=list)


class Settable(Model):
    """What can be set and changed."""

    tenants: Annotated[list[Tenant], Field(max_length=100)] | None = Field(
        default=None, description="Of Microsoft: the tenants whose people may come; any organization's without"
    )
    team_id: Text | None = Field(default=None, description="Of Apple")
    key_id: Text | None = Field(default=None, description="Of Apple: the id of the private key")
    authorization_endpoint: Url | None = None
    token_endpoint: Url | None = None
    token_endpoint_auth_method: AuthMethod | None = None
    algorithms: Algorithms | None = Field(default=None, description="Of ID tokens")
    scopes: Texts | None = None
    claims: Claims | None = None
    domains: Domains | None = Field(default=None, description="Of the addresses that may come; all without")
    trusted_domains: TrustedDomains | None = Field(
        default=None, description="The domains for whose mailboxes the provider's word counts"
    )
    assumes_verified: bool | None = Field(
        default=None,
        description="Whether it counts also where the provider does not say that an address is verified",
    )
    require_for_domains: Domains | None = Field(
        default=None, description="The domains whose people may come by this connection alone"
    )
    vouches_for: SecondFactor | None = None
    registration: bool | None = Field(default=None, description="Whether people without an account may come")
    return_urls: Annotated[list[Url], Field(max_length=20)] | None = Field(
        default=None, description="Where a browser may be sent after it, beside the pages of this site"
    )


class NewConnection(Settable):
    id: Annotated[
        str,
        AfterValidator(_unreserved),
        Field(pattern=ID, description="Your own word, a part of the redirect URI"),
    ]
    kind: Provider
    name: Annotated[str, Visible(100)] = Field(description="As people see it")
    enabled: bool = True
    client_id: Text
    client_secret: Secret | None = None
    private_key: PrivateKey | None = Field(default=None, description="Of Apple, in PEM, in the place of a secret")
    issuer: Url | None = Field(
        default=None, description="Needed for `oidc`; of other kinds for clouds of their own"
    )
    userinfo_endpoint: Url | None = None

    @model_validator(mode="after")
    def _has_one_secret(self) -> NewConnection:
        needed, other = secret_fields(self.kind)
        if getattr(self, needed) is None or getattr(self, other) is not None:
            raise ValueError(f"{self.kind} takes a {needed}, and no {other}")
        return self

    @property
    def secret(self) -> str:
        return str(self.client_secret or self.private_key)


class ConnectionPatch(Settable):
    """A JSON merge patch (RFC 7396): what is absent stays, null brings the default back. Kind, issuer and userinfo
    endpoint stay: they say whose identities these are."""

    name: Annotated[str, Visible(100)] | None = None
    enabled: bool | None = None
    client_id: Text | None = None
    client_secret: Secret | None = None
    private_key: PrivateKey | None = None

    @model_validator(mode="after")
    def _stays_whole(self) -> ConnectionPatch:
        kept = ("name", "enabled", "client_id", "client_secret", "private_key")
        if taken := [name for name in kept if name in self.model_fields_set and getattr(self, name) is None]:
            raise ValueError(f"{' and '.join(taken)} cannot be taken away")
        return self


class ConnectionView(BaseModel):
    """A connection, with the values that count. Its secret is shown never."""

    id: str
    kind: Provider
    name: str
    enabled: bool
    redirect_uri: str = Field(description="To be entered at the provider")
    client_id: str
    issuer: str | None
    tenants: list[str]
    team_id: str | None
    key_id: str | None
    authorization_endpoint: str | None = Field(description="Null where the discovery document tells it")
    token_endpoint: str | None
    userinfo_endpoint: str | None
    token_endpoint_auth_method: AuthMethod
    algorithms: list[str]
    scopes: list[str]
    claims: dict[str, str]
    domains: list[str]
    trusted_domains: list[str]
    assumes_verified: bool
    require_for_domains: list[str]
    vouches_for: dict[str, list[str]]
    registration: bool
    return_urls: list[str]
    created_at: str
    updated_at: str
    version: int


class ConnectionList(BaseModel):
    items: list[ConnectionView]
    next: None


class ConnectionTest(BaseModel):
    """What the provider publishes, or what is wrong with it."""

    ok: bool
    problem: str | None = None
    issuer: str | None = None
    authorization_endpoint: str | None = None
    token_endpoint: str | None = None
    userinfo_endpoint: str | None = None
    keys: int | None = Field(default=None, description="How many it signs with; 0 for one without ID tokens")
    names_itself: bool | None = Field(
        default=None, description="Whether its answers say whose they are (RFC 9207)"
    )
