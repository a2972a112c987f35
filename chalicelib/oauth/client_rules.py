"""What may be registered of a client: scopes, grant types, audiences, keys, and what goes together. No AWS here."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from chalicelib.oauth.redirect_uris import checked as checked_redirect_uri

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chalicelib.oauth.rows import AuthenticationMethod, ClientType, GrantType

AUTHORIZATION_CODE: GrantType = "authorization_code"
REFRESH_TOKEN: GrantType = "refresh_token"
CLIENT_CREDENTIALS: GrantType = "client_credentials"
DEVICE_CODE: GrantType = "urn:ietf:params:oauth:grant-type:device_code"

OPENID, PROFILE, EMAIL, OFFLINE, ROLES = "openid", "profile", "email", "offline_access", "roles"
PERSONAL_SCOPES = (OPENID, PROFILE, EMAIL, OFFLINE, ROLES)
"""Scopes that Rollcall itself gives a meaning, all of which are about a person. A machine's token has none of them."""

URI_LIMIT = 20
"""Of a client's addresses of one kind."""
SCOPE_LIMIT = 50
SCOPES_LENGTH = 2000
"""Characters of all scopes of a client together, because its tokens hold them (`access_tokens.LENGTH_LIMIT`)."""
KEY_LIMIT = 5

_SCOPE = re.compile(r"[!#-\[\]-~]{1,100}")
"""RFC 6749, section 3.3; the length is ours."""

_PUBLIC_MEMBERS = {"RSA": {"kty", "n", "e"}, "EC": {"kty", "crv", "x", "y"}}
_OTHER_MEMBERS = {"kid", "alg", "use", "key_ops", "x5c", "x5t", "x5t#S256"}


def scope(text: str) -> str:
    """A scope. Raises ValueError."""
    if not _SCOPE.fullmatch(text):
        raise ValueError("must be 1 to 100 characters of a scope (RFC 6749, section 3.3)")
    return text


def scopes(texts: list[str]) -> list[str]:
    """All scopes of a client. Raises ValueError."""
    if len(" ".join(texts)) > SCOPES_LENGTH:
        raise ValueError(f"must have {SCOPES_LENGTH:,} characters together at most")
    return texts


def audience(text: str, public_url: str) -> str:
    """The identifier of a resource server (RFC 8707, section 2): an absolute URI without a fragment. Raises ValueError,
    also for Rollcall's own: no application gets a token for the API itself."""
    parts = urlsplit(text)
    if len(text) > 500 or not parts.scheme or not (parts.netloc or parts.path) or "#" in text or " " in text:
        raise ValueError("must be an absolute URI without a fragment")
    if not text.isascii() or f"{text.rstrip('/')}/".lower().startswith(f"{public_url.rstrip('/')}/".lower()):
        raise ValueError("must not be Rollcall itself")
    return text


def web_page(text: str) -> str:
    """An address that people are led to, or that is called. Raises ValueError."""
    parts = urlsplit(text)
    if (
        len(text) > 500
        or parts.scheme != "https"
        or not parts.netloc
        or not text.isascii()
        or not text.isprintable()
    ):
        raise ValueError("must begin with https://")
    if "@" in parts.netloc or "#" in text or "\\" in text or " " in text:
        raise ValueError("must have no user name, password, fragment, blank or backslash")
    return text


def key_set(document: dict[str, Any]) -> dict[str, Any]:
    """A JWK Set (RFC 7517) of one to five public keys: RSA, or EC on P-256. Raises ValueError."""
    keys = document.get("keys")
    if document.keys() != {"keys"} or not isinstance(keys, list) or not 1 <= len(keys) <= KEY_LIMIT:
        raise ValueError(f"must be a JWK Set of 1 to {KEY_LIMIT} keys")
    for key in keys:
        _check_key(key)
    named = [key["kid"] for key in keys if "kid" in key]
    if len(set(named)) < len(named) or (len(keys) > 1 and len(named) < len(keys)):
        raise ValueError("must name each of several keys by a kid of its own")
    return document


def _check_key(key: Any) -> None:
    required = _PUBLIC_MEMBERS.get(str(key.get("kty"))) if isinstance(key, dict) else None
    if required is None or not required <= key.keys():
        raise ValueError("must hold public keys of the kinds RSA and EC")
    if key.keys() - required - _OTHER_MEMBERS:
        raise ValueError("must hold no private keys and no members that no public key has")
    if not all(isinstance(key[name], str) for name in (*required, *({"kid", "alg"} & key.keys()))):
        raise ValueError("must hold keys whose members are texts")
    if key["kty"] == "EC" and key["crv"] != "P-256":
        raise ValueError("must hold EC keys on the curve P-256")
    if key["kty"] == "RSA" and not 342 <= len(key["n"]) <= 684:
        raise ValueError("must hold RSA keys of 2,048 to 4,096 bits")
    if len(str(key.get("kid", ""))) > 100:
        raise ValueError("must hold keys whose kid has at most 100 characters")


def default_grant_types(client_type: ClientType) -> list[GrantType]:
    return [CLIENT_CREDENTIALS] if client_type == "machine" else [AUTHORIZATION_CODE, REFRESH_TOKEN]


def default_method(client_type: ClientType) -> AuthenticationMethod:
    return "none" if client_type == "public" else "client_secret_basic"


def default_scopes(client_type: ClientType) -> list[str]:
    return [] if client_type == "machine" else [OPENID, PROFILE, EMAIL]


def check_type(client_type: ClientType, method: AuthenticationMethod, roles: Sequence[str]) -> None:
    """Raises ValueError where a client of this type cannot prove itself in this way, or lacks or has roles."""
    if (client_type == "public") is not (method == "none"):
        raise ValueError("a public client proves itself by nothing, and any other by something")
    if client_type == "machine" and not roles:
        raise ValueError("a machine has one role or more")
    if client_type == "public" and roles:
        raise ValueError("a public client has no roles of its own: anybody could use them")


def check_grant_types(client_type: ClientType, grant_types: Sequence[str], redirect_uris: Sequence[str]) -> None:
    """Raises ValueError where a client of this type cannot use these."""
    if client_type == "machine" and list(grant_types) != [CLIENT_CREDENTIALS]:
        raise ValueError(f"a machine has the grant type {CLIENT_CREDENTIALS} alone")
    if client_type == "public" and CLIENT_CREDENTIALS in grant_types:
        raise ValueError(f"a public client has no credentials for {CLIENT_CREDENTIALS}")
    if bool(redirect_uris) is not (AUTHORIZATION_CODE in grant_types):
        raise ValueError(f"redirect_uris are for the grant type {AUTHORIZATION_CODE}, which needs one or more")
    if REFRESH_TOKEN in grant_types and not {AUTHORIZATION_CODE, DEVICE_CODE} & set(grant_types):
        raise ValueError(f"{REFRESH_TOKEN} comes only with {AUTHORIZATION_CODE} or {DEVICE_CODE}")


def check_redirect_uris(client_type: ClientType, registered: Sequence[str]) -> None:
    """Raises ValueError where one has a scheme that only an application on a device can receive."""
    for uri in registered:
        checked_redirect_uri(uri, private_use=client_type == "public")
