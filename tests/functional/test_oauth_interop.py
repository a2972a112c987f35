"""Authlib, which nobody here wrote, signs people in with us over HTTP: every way to prove a client, and every token."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from authlib.oidc.core import CodeIDToken
from authlib.oidc.discovery import OpenIDProviderMetadata
from joserfc import jwt as jose
from joserfc.jwk import ECKey, KeySet

from chalicelib.core import ids
from chalicelib.core.settings import settings
from tests.functional.relying_party import a_client
from tests.peers.people import Person
from tests.serving import listening

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.slow

CALLBACK = "http://127.0.0.1:4567/callback"
SCOPE = "openid profile email offline_access"


@pytest.fixture
def issuer(aws: Any) -> Iterator[str]:
    """An empty stage's app, where who registers is in at once."""
    with listening() as url, settings.held(public_url=url, email_verification="optional"):
        yield url


@pytest.fixture
def ada(issuer: str) -> Person:
    return Person(issuer, "ada@maths.example").register()


def key_of_a_client() -> tuple[ECKey, dict[str, Any]]:
    """A private key, and what is registered of it."""
    key = ECKey.generate_key("P-256")
    return key, {"keys": [key.as_dict(private=False)]}


def session_of(issuer: str, method: str, **registered: Any) -> OAuth2Session:
    """Authlib's session of a new client that proves itself in this way."""
    if method == "private_key_jwt":
        key, registered["jwks"] = key_of_a_client()
    kind = "public" if method == "none" else "confidential"
    client, secret = a_client(
        **{"type": kind, "redirect_uris": [CALLBACK], "token_endpoint_auth_method": method, **registered}
    )
    session = OAuth2Session(
        client["client_id"],
        key if method == "private_key_jwt" else secret,
        token_endpoint_auth_method=method,
        revocation_endpoint_auth_method=method,
        scope=SCOPE,
        redirect_uri=CALLBACK,
        code_challenge_method="S256",
    )
    if method == "private_key_jwt":
        session.register_client_auth_method(PrivateKeyJWT(f"{issuer}/oauth2/token", alg="ES256"))
    return session


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post", "private_key_jwt", "none"])
def test_authlib_signs_a_person_in(issuer, ada, method):
    session, verifier, nonce = session_of(issuer, method), ids.new_secret(48), ids.new_secret()
    url, state = session.create_authorization_url(
        f"{issuer}/oauth2/authorize", code_verifier=verifier, nonce=nonce
    )
    answer = ada.go(url)
    assert parse_qs(urlsplit(answer).query)["iss"] == [issuer]
    token = session.fetch_token(
        f"{issuer}/oauth2/token", authorization_response=answer, code_verifier=verifier, state=state
    )
    keys = KeySet.import_key_set(ada.call("GET", "/.well-known/jwks.json")[2])
    decoded = jose.decode(token["id_token"], keys)
    claims = CodeIDToken(
        dict(decoded.claims),
        dict(decoded.header),
        {"iss": {"value": issuer}, "aud": {"value": session.client_id}},
        {"nonce": nonce, "client_id": session.client_id, "access_token": token["access_token"]},
    )
    claims.validate()
    told = session.get(f"{issuer}/oauth2/userinfo").json()
    assert (told["sub"], told["email"]) == (claims["sub"], "ada@maths.example")
    refreshed = session.refresh_token(f"{issuer}/oauth2/token", refresh_token=token["refresh_token"])
    assert refreshed["access_token"] != token["access_token"]
    if method != "none":
        known = session.introspect_token(f"{issuer}/oauth2/introspect", token=refreshed["access_token"]).json()
        assert (known["active"], known["sub"]) == (True, claims["sub"])
    revoked = session.revoke_token(f"{issuer}/oauth2/revoke", token=refreshed["refresh_token"])
    assert revoked.status_code == 200, revoked.text
    with pytest.raises(OAuthError) as refused:
        session.refresh_token(f"{issuer}/oauth2/token", refresh_token=refreshed["refresh_token"])
    assert refused.value.error == "invalid_grant"


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post", "private_key_jwt"])
def test_authlib_gets_a_client_a_token_of_its_own(issuer, method):
    audience = "https://api.example"
    session = session_of(
        issuer,
        method,
        scopes=["read"],
        audiences=[audience],
        grant_types=["client_credentials"],
        redirect_uris=[],
    )
    token = session.fetch_token(
        f"{issuer}/oauth2/token", grant_type="client_credentials", scope="read", resource=audience
    )
    assert token["scope"] == "read"
    with pytest.raises(OAuthError) as refused:
        session.fetch_token(f"{issuer}/oauth2/token", grant_type="client_credentials", scope="write")
    assert refused.value.error == "invalid_scope"


def test_authlib_finds_our_metadata_sound(issuer, ada):
    _, _, found = ada.call("GET", "/.well-known/openid-configuration")
    _, _, same = ada.call("GET", "/.well-known/oauth-authorization-server")
    assert found == same
    https = json.loads(json.dumps(found).replace(issuer, "https://rollcall.example"))
    OpenIDProviderMetadata(https).validate()
