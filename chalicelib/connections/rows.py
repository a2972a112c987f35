"""The rows of connections in the table `credentials`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NotRequired, TypedDict

if TYPE_CHECKING:
    from chalicelib.core.crypto.seals import Sealed

Provider = Literal["google", "microsoft", "apple", "github", "oidc", "oauth2"]
"""The kinds of connections. The first four are presets: `presets` has what is known of them."""

AuthMethod = Literal["client_secret_basic", "client_secret_post"]
"""How Rollcall proves itself at the token endpoint (OpenID Connect Core 1.0, section 9)."""


class SecondFactor(TypedDict, total=False):
    """What an identity provider says when it has asked for a second factor: values of `amr` or `acr`."""

    amr: list[str]
    acr: list[str]


class Connection(TypedDict):
    """`connection#<connection id>`: what an administrator set. What they left out is in the preset, see `model`."""

    id: str
    kind: Literal["connection"]
    schema: int
    version: int
    connection_id: str
    """The administrator's own word. It is a part of the redirect URI, so each connection has its own."""
    provider: Provider
    name: str
    enabled: bool
    client_id: str
    secret: Sealed
    """The client's secret; of Apple, the private key that makes one."""
    created_at: str
    updated_at: str
    issuer: NotRequired[str]
    tenants: NotRequired[list[str]]
    team_id: NotRequired[str]
    key_id: NotRequired[str]
    authorization_endpoint: NotRequired[str]
    token_endpoint: NotRequired[str]
    userinfo_endpoint: NotRequired[str]
    token_endpoint_auth_method: NotRequired[AuthMethod]
    algorithms: NotRequired[list[str]]
    scopes: NotRequired[list[str]]
    claims: NotRequired[dict[str, str]]
    domains: NotRequired[list[str]]
    trusted_domains: NotRequired[list[str]]
    assumes_verified: NotRequired[bool]
    require_for_domains: NotRequired[list[str]]
    vouches_for: NotRequired[SecondFactor]
    registration: NotRequired[bool]
    return_urls: NotRequired[list[str]]
