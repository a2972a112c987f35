"""What is known of identity providers, so that an administrator need not say it. This module does not call AWS.

Sources: https://developers.google.com/identity/openid-connect/openid-connect,
https://learn.microsoft.com/en-us/entra/identity-platform/v2-protocols-oidc,
https://developer.apple.com/documentation/signinwithapplerestapi,
https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chalicelib.connections.rows import AuthMethod, Provider

STANDARD_CLAIMS = MappingProxyType(
    {
        "email": "email",
        "email_verified": "email_verified",
        "name": "name",
        "locale": "locale",
        "birthdate": "birthdate",
        "label": "preferred_username",
    }
)
"""The claims of OpenID Connect Core 1.0, section 5.1, by the field that is made of each."""

MAPPED = frozenset({*STANDARD_CLAIMS, "subject"})
"""The fields that a claim can be mapped to. `subject` is for providers without ID tokens, `label` tells several
identities of a person apart."""

TENANT = "{tenantid}"
"""Where the issuer of Microsoft's multi-tenant discovery document has the tenant of each token."""


@dataclass(frozen=True)
class Preset:
    """The defaults of a kind of connection. Endpoints are for providers without a discovery document."""

    issuer: str = ""
    authorization_endpoint: str = ""
    token_endpoint: str = ""
    userinfo_endpoint: str = ""
    scopes: tuple[str, ...] = ("openid", "email", "profile")
    claims: Mapping[str, str] = field(default_factory=lambda: STANDARD_CLAIMS)
    auth_method: AuthMethod = "client_secret_basic"
    has_id_token: bool = True
    form_post: bool = False
    """Whether the provider answers by a form that the browser posts (OAuth 2.0 Form Post Response Mode)."""
    may_trust_all: bool = True
    """Whether "*" is allowed among the trusted domains: the provider itself has proved every address that it calls
    verified."""
    hosted_claim: str = ""
    """The claim without which the provider speaks for addresses of `own_domain` alone."""
    own_domain: str = ""


PRESETS: Mapping[Provider, Preset] = MappingProxyType(
    {
        "google": Preset(issuer="https://accounts.google.com", hosted_claim="hd", own_domain="gmail.com"),
        "microsoft": Preset(
            claims=MappingProxyType({**STANDARD_CLAIMS, "email_verified": "xms_edov"}), may_trust_all=False
        ),
        "apple": Preset(
            issuer="https://appleid.apple.com",
            scopes=("openid", "email", "name"),
            auth_method="client_secret_post",
            form_post=True,
        ),
        "github": Preset(
            authorization_endpoint="https://github.com/login/oauth/authorize",
            token_endpoint="https://github.com/login/oauth/access_token",
            userinfo_endpoint="https://api.github.com/user",
            scopes=("read:user", "user:email"),
            # The addresses come from a list of their own, see `provider_identity`.
            claims=MappingProxyType({**STANDARD_CLAIMS, "subject": "id", "label": "login"}),
            auth_method="client_secret_post",
            has_id_token=False,
            may_trust_all=False,
        ),
        "oidc": Preset(),
        "oauth2": Preset(
            scopes=(),
            claims=MappingProxyType({**STANDARD_CLAIMS, "subject": "sub"}),
            has_id_token=False,
            may_trust_all=False,
        ),
    }
)

MICROSOFT = "https://login.microsoftonline.com"
"""Microsoft's cloud for everybody. National clouds have other hosts, which an administrator names as the issuer."""


SHARED_ISSUERS = ("/common/v2.0", "/organizations/v2.0", "/consumers/v2.0")
"""How the issuers of Microsoft's discovery documents for several tenants end."""


def microsoft_issuer(tenants: list[str]) -> str:
    """Where the discovery document of these tenants is: of one its own, else that of all organizations."""
    return f"{MICROSOFT}/{tenants[0] if len(tenants) == 1 else 'organizations'}/v2.0"


def secret_fields(provider: Provider) -> tuple[str, str]:
    """The name of the field that has the secret of such a connection, and of that which only others have."""
    return ("private_key", "client_secret") if provider == "apple" else ("client_secret", "private_key")
