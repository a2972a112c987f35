"""What clients and resource servers read of this server before all else: one document for OpenID Connect Discovery 1.0
and RFC 8414, and that of RFC 9728. No AWS but the cached keys."""

from __future__ import annotations

from pydantic import BaseModel

from chalicelib.core.settings import settings
from chalicelib.oauth import client_assertions, client_rules
from chalicelib.sessions import authentication
from chalicelib.tokens.signing_keys import keyring

METHODS_OF_ALL = ["client_secret_basic", "client_secret_post", "private_key_jwt", "none"]
METHODS_OF_CONFIDENTIAL = METHODS_OF_ALL[:-1]

CLAIMS = [
    *("iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "azp", "sid", "at_hash"),
    *("name", "locale", "birthdate", "updated_at", "email", "email_verified", "roles"),
]


class ServerMetadata(BaseModel):
    """OpenID Connect Discovery 1.0, section 3, and RFC 8414, section 2."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    userinfo_endpoint: str
    jwks_uri: str
    pushed_authorization_request_endpoint: str
    revocation_endpoint: str
    introspection_endpoint: str
    device_authorization_endpoint: str
    end_session_endpoint: str
    registration_endpoint: str | None = None
    """Where the stage lets applications register themselves."""
    scopes_supported: list[str]
    response_types_supported: list[str] = ["code"]
    response_modes_supported: list[str] = ["query"]
    grant_types_supported: list[str]
    acr_values_supported: list[str]
    prompt_values_supported: list[str]
    subject_types_supported: list[str] = ["public"]
    id_token_signing_alg_values_supported: list[str]
    token_endpoint_auth_methods_supported: list[str] = METHODS_OF_ALL
    token_endpoint_auth_signing_alg_values_supported: list[str]
    revocation_endpoint_auth_methods_supported: list[str] = METHODS_OF_ALL
    revocation_endpoint_auth_signing_alg_values_supported: list[str]
    introspection_endpoint_auth_methods_supported: list[str] = METHODS_OF_CONFIDENTIAL
    introspection_endpoint_auth_signing_alg_values_supported: list[str]
    claims_supported: list[str] = CLAIMS
    code_challenge_methods_supported: list[str] = ["S256"]
    authorization_response_iss_parameter_supported: bool = True
    backchannel_logout_supported: bool = True
    backchannel_logout_session_supported: bool = True
    claims_parameter_supported: bool = False
    request_parameter_supported: bool = False
    request_uri_parameter_supported: bool = False
    require_pushed_authorization_requests: bool = False


class ResourceMetadata(BaseModel):
    """RFC 9728, section 2."""

    resource: str
    authorization_servers: list[str]
    jwks_uri: str
    bearer_methods_supported: list[str] = ["header"]
    resource_name: str = "Rollcall"


def of_server() -> ServerMetadata:
    """What there is at this server, and where."""
    issuer = settings().public_url
    signed_with = sorted({alg for algs in client_assertions.ALGORITHMS.values() for alg in algs})
    return ServerMetadata(
        issuer=issuer,
        authorization_endpoint=f"{issuer}/oauth2/authorize",
        token_endpoint=f"{issuer}/oauth2/token",
        userinfo_endpoint=f"{issuer}/oauth2/userinfo",
        jwks_uri=f"{issuer}/.well-known/jwks.json",
        pushed_authorization_request_endpoint=f"{issuer}/oauth2/par",
        revocation_endpoint=f"{issuer}/oauth2/revoke",
        introspection_endpoint=f"{issuer}/oauth2/introspect",
        device_authorization_endpoint=f"{issuer}/oauth2/device",
        end_session_endpoint=f"{issuer}/oauth2/logout",
        registration_endpoint=None if settings().client_registration == "off" else f"{issuer}/oauth2/register",
        scopes_supported=list(client_rules.PERSONAL_SCOPES),
        grant_types_supported=[
            client_rules.AUTHORIZATION_CODE,
            client_rules.REFRESH_TOKEN,
            client_rules.CLIENT_CREDENTIALS,
            client_rules.DEVICE_CODE,
        ],
        acr_values_supported=list(authentication.ACR_VALUES),
        prompt_values_supported=["none", "login", "consent", "select_account"],
        id_token_signing_alg_values_supported=sorted({key.alg for key in keyring().published()}),
        token_endpoint_auth_signing_alg_values_supported=signed_with,
        revocation_endpoint_auth_signing_alg_values_supported=signed_with,
        introspection_endpoint_auth_signing_alg_values_supported=signed_with,
    )


def of_resource() -> ResourceMetadata:
    """Who issues the tokens that the API takes."""
    issuer = settings().public_url
    return ResourceMetadata(
        resource=issuer, authorization_servers=[issuer], jwks_uri=f"{issuer}/.well-known/jwks.json"
    )
