"""Other people's libraries take our tokens, by what we publish, over a real HTTP server: `chalice local`'s own."""

from __future__ import annotations

import json
import re
import time
import urllib.request
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import jwt
import pytest
from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc8414 import AuthorizationServerMetadata
from authlib.oauth2.rfc9068 import JWTBearerTokenValidator
from joserfc import jwt as jose
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from chalicelib import oauth
from chalicelib.core import clock
from chalicelib.core.aws import clients
from chalicelib.core.settings import settings
from chalicelib.oauth import model
from chalicelib.tokens import access_tokens, signing_keys
from tests.builders import PASSWORD, a_user
from tests.cloudlike import NAMES, SIGNING_KEYS
from tests.serving import listening
from tests.unit.docs import markdown

if TYPE_CHECKING:
    from collections.abc import Iterator

OTHER = signing_keys.generate("RS256")
CURVE = signing_keys.generate("ES256")


@dataclass
class Served:
    """The app at `url`, which is also its issuer."""

    url: str

    def get(self, path: str) -> Any:
        with urllib.request.urlopen(self.url + path, timeout=5) as answer:
            return json.load(answer)

    def post(self, path: str, body: dict[str, Any]) -> Any:
        request = urllib.request.Request(
            self.url + path, json.dumps(body).encode(), {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=5) as answer:
            return json.load(answer)


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """Where the app is served: once for all tests, each of which brings its own stage."""
    with listening() as url:
        yield url


@pytest.fixture
def served(aws, url):
    with settings.held(public_url=url):
        yield Served(url)


def publish(**content: Any) -> None:
    """Have the stage hold these keys, and its process read them."""
    secret = json.dumps({**SIGNING_KEYS, **content})
    clients.client("secretsmanager").put_secret_value(SecretId=NAMES.of("signing-key"), SecretString=secret)
    signing_keys.keyring.cache_clear()


def a_token(served: Served) -> str:
    """The token of a person with roles, who has signed in."""
    a_user(id="U1", email="ada@maths.example", password=PASSWORD, roles=["support"])
    return str(served.post("/sessions", {"email": "ada@maths.example", "password": PASSWORD})["access_token"])


def by_pyjwt(url: str, token: str) -> dict[str, Any]:
    """As the page on tokens tells other services to do."""
    (example,) = re.findall(r"```python\n(.*?)```", markdown.page("docs/tokens.md"), re.DOTALL)
    names: dict[str, Any] = {}
    exec(example.replace("https://accounts.example.com", url), names)
    return dict(names["claims_of"](token))


def by_joserfc(url: str, token: str) -> dict[str, Any]:
    """Authlib's library of signatures, with options for claims."""
    found = Served(url).get("/.well-known/openid-configuration")
    published = KeySet.import_key_set(Served(url).get(found["jwks_uri"].removeprefix(url)))
    algorithms = found["id_token_signing_alg_values_supported"]
    decoded = jose.decode(token, published, algorithms=algorithms)
    assert decoded.header["typ"] == "at+jwt"
    jose.JWTClaimsRegistry(
        iss={"essential": True, "value": url},
        aud={"essential": True, "value": url},
        sub={"essential": True},
        client_id={"essential": True},
        exp={"essential": True},
        iat={"essential": True},
    ).validate(decoded.claims)
    return dict(decoded.claims)


def by_authlib(url: str, token: str) -> dict[str, Any]:
    """Authlib's own protection of resources by access tokens of RFC 9068."""

    class Validator(JWTBearerTokenValidator):
        def get_jwks(self) -> Any:
            return KeySet.import_key_set(Served(url).get("/.well-known/jwks.json"))

    validator = Validator(issuer=url, resource_server=url)
    claims = validator.authenticate_token(token)
    validator.validate_token(claims, None, None, roles=["support"])
    return dict(claims)


class NotAuthorized(Exception):
    """What API Gateway answers with 401."""


def by_api_gateway(url: str, token: str) -> dict[str, Any]:
    """The documented rules of an HTTP API's JWT authorizer with this issuer and this audience, one by one:
    https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html"""
    # "fetched from the issuer's jwks_uri", which it finds by the issuer's discovery document.
    found = Served(url).get("/.well-known/openid-configuration")
    if found["issuer"] != url:
        raise NotAuthorized("another issuer")
    published = {key["kid"]: key for key in Served(url).get(found["jwks_uri"].removeprefix(url))["keys"]}
    # It asks for a header claim `kid` that "matches the key in the jwks_uri that signed the token".
    header = jwt.get_unverified_header(token)
    key = published.get(header.get("kid"))
    # "Currently, only RSA-based algorithms are supported."
    if key is None or key["kty"] != "RSA" or header["alg"] not in {"RS256", "RS384", "RS512"}:
        raise NotAuthorized("no key")
    try:
        signed = jwt.decode(token, jwt.PyJWK(key), algorithms=[header["alg"]], options={"verify_aud": False})
    except jwt.PyJWTError as error:
        raise NotAuthorized from error
    # "iss: must match the issuer configured"; "aud or client_id: must match one of the audience entries. API Gateway
    # validates client_id only if aud is not present. When both are present, API Gateway evaluates aud."
    if signed.get("iss") != url or (signed["aud"] if "aud" in signed else signed.get("client_id")) != url:
        raise NotAuthorized("for somebody else")
    # It asks that `exp` is "after the current time in UTC", `nbf` and `iat` "before the current time in UTC".
    now = time.time()
    if not (signed["exp"] > now and signed.get("nbf", 0) <= now and signed["iat"] <= now):
        raise NotAuthorized("not now")
    return dict(signed)


VERIFIERS = {"PyJWT": by_pyjwt, "joserfc": by_joserfc, "Authlib": by_authlib, "API Gateway": by_api_gateway}
REFUSALS = (jwt.PyJWTError, JoseError, OAuth2Error, NotAuthorized)


@pytest.mark.parametrize("verifier", VERIFIERS)
def test_a_persons_token_is_taken(served, verifier):
    claims = VERIFIERS[verifier](served.url, a_token(served))
    assert (claims["sub"], claims["client_id"], claims["roles"]) == ("U1", "rollcall", ["support"])


@pytest.mark.slow
@pytest.mark.parametrize("verifier", VERIFIERS)
@pytest.mark.parametrize("wrong", ["expired", "another key", "another issuer"])
def test_others_are_refused(served, verifier, wrong):
    """So that the test above can fail."""
    if wrong == "expired":
        with clock.held(clock.now()):
            clock.tick(seconds=-601)
            token = access_tokens.issue({"id": "U1", "roles": ["support"]}, "S1")
    elif wrong == "another key":
        publish(current={**OTHER, "kid": SIGNING_KEYS["current"]["kid"]})
        token = access_tokens.issue({"id": "U1", "roles": ["support"]}, "S1")
        publish()
    else:
        with settings.held(public_url="https://other.example"):
            token = access_tokens.issue({"id": "U1", "roles": ["support"]}, "S1")
    with pytest.raises(REFUSALS):
        VERIFIERS[verifier](served.url, token)


@pytest.mark.parametrize("verifier", VERIFIERS)
def test_tokens_of_every_published_key_are_taken(served, verifier):
    """Before, while and after the next key signs."""
    first = SIGNING_KEYS["current"]
    previous = {**first, "retired_at": clock.timestamp()}
    publish(next=OTHER)
    by_first = a_token(served)
    publish(current=OTHER, previous=[previous])
    by_second = access_tokens.issue({"id": "U1", "roles": ["support"]}, "S1")
    for token in (by_first, by_second):
        assert VERIFIERS[verifier](served.url, token)["sub"] == "U1"
    assert jwt.get_unverified_header(by_second)["kid"] == OTHER["kid"]


def test_es256_tokens_are_taken_by_all_but_api_gateway(served):
    publish(current=CURVE)
    token = a_token(served)
    for name in ("PyJWT", "joserfc", "Authlib"):
        assert VERIFIERS[name](served.url, token)["sub"] == "U1"
    with pytest.raises(NotAuthorized):
        by_api_gateway(served.url, token)


@pytest.mark.slow
def test_the_discovery_document_is_what_its_standards_ask_for(served):
    """RFC 8414, and what an authorizer of API Gateway looks up. Authlib wants `https`, which a real stage has."""
    found = served.get("/.well-known/openid-configuration")
    assert found["issuer"] == served.url
    assert found["jwks_uri"] == f"{served.url}/.well-known/jwks.json"
    metadata = AuthorizationServerMetadata({name: _as_https(value, served.url) for name, value in found.items()})
    for member in ("issuer", "jwks_uri", "token_endpoint", "token_endpoint_auth_methods_supported"):
        getattr(metadata, f"validate_{member}")()
    metadata.validate_grant_types_supported()
    (key,) = served.get("/.well-known/jwks.json")["keys"]
    assert (key["kty"], key["use"], key["alg"]) == ("RSA", "sig", "RS256")


def _as_https(value: Any, url: str) -> Any:
    return value.replace(url, "https://rollcall.example") if isinstance(value, str) else value


@pytest.mark.slow
@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post"])
def test_a_machine_gets_its_token_by_an_oauth_library(served, method):
    client, secret = model.new_client("billing", ["service", "support"])
    oauth.clients().create(client)
    endpoint = served.get("/.well-known/openid-configuration")["token_endpoint"]
    with OAuth2Session(client["client_id"], secret, token_endpoint_auth_method=method) as session:
        token = session.fetch_token(endpoint, grant_type="client_credentials")
        assert (token["token_type"], token["expires_in"]) == ("Bearer", 600)
        assert session.get(f"{served.url}/users/none").status_code == 404
        assert session.get(f"{served.url}/me").status_code == 403
    for verifier in VERIFIERS.values():
        claims = verifier(served.url, token["access_token"])
        assert claims["sub"] == claims["client_id"] == client["client_id"]


@pytest.mark.slow
def test_an_oauth_library_understands_our_errors(served):
    endpoint = f"{served.url}/oauth2/token"
    with OAuth2Session("nobody", "rcs_wrong") as session, pytest.raises(OAuthError) as refused:
        session.fetch_token(endpoint, grant_type="client_credentials")
    assert refused.value.error == "invalid_client"
