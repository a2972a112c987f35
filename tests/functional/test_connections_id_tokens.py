"""ID tokens are verified as OpenID Connect Core says, and none of what lies passes."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from chalicelib.connections.faults import ProviderFault
from chalicelib.connections.id_tokens import Expected, verified
from chalicelib.connections.model import ALGORITHMS
from chalicelib.core import clock, ids
from tests.functional.providers import ALICE, CLIENT_ID, Code, Provider, jwk_of, key_of

pytestmark = pytest.mark.usefixtures("held_clock")

ISSUER, NONCE, ACCESS = "https://login.corp.example", "n-0S6_WzA2Mj", "at-1"
EXPECTED = Expected(ISSUER, CLIENT_ID, NONCE, ALGORITHMS, ACCESS)


def provider(**members) -> Provider:
    return Provider(url=ISSUER, **members)


def token_of(one: Provider) -> str:
    return one.id_token(Code({"nonce": NONCE}, ALICE), ACCESS)


def check(one: Provider, token: str | None = None, expected: Expected = EXPECTED) -> dict:
    return verified(token or token_of(one), expected, lambda _: one.keys())


@pytest.mark.slow
@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_every_allowed_algorithm_verifies(algorithm):
    assert check(provider(algorithm=algorithm))["sub"] == "alice-1"


@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        ({"iss": f"{ISSUER}/"}, "another issuer"),
        ({"iss": None}, "another issuer"),
        ({"aud": "another"}, "another client"),
        ({"aud": None}, "another client"),
        ({"aud": {"x": CLIENT_ID}}, "another client"),
        ({"aud": [CLIENT_ID, "another"]}, "given to another client"),
        ({"azp": "another"}, "given to another client"),
        ({"aud": [CLIENT_ID, "another"], "azp": "another"}, "given to another client"),
        ({"exp": -61}, "has expired"),
        ({"exp": None}, "no time exp"),
        ({"exp": True}, "no time exp"),
        ({"iat": 62}, "not issued just now"),
        ({"iat": -700}, "not issued just now"),
        ({"iat": None}, "no time iat"),
        ({"iat": "now"}, "no time iat"),
        ({"nbf": 62}, "not valid yet"),
        ({"nonce": "another"}, "another sign-in"),
        ({"nonce": None}, "another sign-in"),
        ({"sub": ""}, "no subject"),
        ({"sub": None}, "no subject"),
        ({"sub": 7}, "no subject"),
        ({"sub": "x" * 256}, "no subject"),
        ({"at_hash": "AAAA"}, "access token"),
        ({"nonce": "\ud800"}, "another sign-in"),
        ({"nonce": ["n-0S6_WzA2Mj"]}, "another sign-in"),
        ({"sub": "\ud800"}, "no subject"),
        ({"sub": "a\nb"}, "no subject"),
        ({"at_hash": "\ud800"}, "access token"),
    ],
)
def test_a_claim_that_is_wrong_is_refused(claims, reason):
    """Times are told by their distance from now."""
    bent = {
        name: value + clock.epoch() if name in {"exp", "iat", "nbf"} and type(value) is int else value
        for name, value in claims.items()
    }
    with pytest.raises(ProviderFault, match=reason):
        check(provider(claims=bent))


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": [CLIENT_ID]},
        {"aud": [CLIENT_ID, "another"], "azp": CLIENT_ID},
        {"exp": -59},
        {"iat": 59},
        {"nbf": 59},
        {"at_hash": None},
    ],
)
def test_what_is_right_within_a_minute_passes(claims):
    bent = {
        name: value + clock.epoch() if name in {"exp", "iat", "nbf"} else value for name, value in claims.items()
    }
    assert check(provider(claims=bent))["sub"] == "alice-1"


def test_a_token_without_a_signature_is_refused():
    head, payload = ({"alg": "none"}, {"sub": "alice-1"})
    parts = [ids.base64url(json.dumps(part).encode()) for part in (head, payload)]
    with pytest.raises(ProviderFault, match="not allowed"):
        check(provider(), ".".join((*parts, "")))


@pytest.mark.parametrize(
    "form", [(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo), (Encoding.DER, PublicFormat.PKCS1)]
)
def test_a_token_that_the_public_key_signs_as_a_secret_is_refused(form):
    """Algorithm confusion (RFC 8725, section 2.1)."""
    one = provider(algorithm="RS256")
    secret = key_of("RS256").public_key().public_bytes(*form)
    _, payload, _ = token_of(one).split(".")
    head = ids.base64url(json.dumps({"alg": "HS256", "kid": "k0"}).encode())
    mac = hmac.new(secret, f"{head}.{payload}".encode(), hashlib.sha256).digest()
    with pytest.raises(ProviderFault, match="not allowed"):
        check(one, f"{head}.{payload}.{ids.base64url(mac)}")


def test_an_algorithm_that_the_connection_does_not_allow_is_refused():
    with pytest.raises(ProviderFault, match="not allowed"):
        check(provider(), expected=Expected(ISSUER, CLIENT_ID, NONCE, ["RS256"], ACCESS))


def test_a_key_of_another_kind_than_the_algorithm_is_refused():
    one = provider(algorithm="RS256", published=[{**jwk_of(key_of("ES256"), "ES256", "k0"), "alg": "RS256"}])
    with pytest.raises(ProviderFault, match="no such key"):
        check(one)


@pytest.mark.parametrize(
    "change", [{"alg": "ES384"}, {"use": "enc"}, {"key_ops": ["sign"]}, {"kid": "other"}, {"crv": "P-384"}]
)
def test_a_key_for_something_else_is_refused(change):
    one = provider()
    one.published = [{**one.keys()[0], **change}]
    with pytest.raises(ProviderFault, match="no such key"):
        check(one)


@pytest.mark.filterwarnings("ignore:The RSA key is 1024 bits long")
def test_a_key_of_too_few_bits_is_refused():
    with pytest.raises(ProviderFault, match="2048"):
        check(provider(algorithm="RS256", number=-1))


@pytest.mark.parametrize("members", [{"x": "AAAA"}, {"y": None}, {"x": 7}, {"crv": "P-256", "x": "", "y": ""}])
def test_a_key_that_is_none_is_refused(members):
    one = provider()
    one.published = [{**one.keys()[0], **members}]
    with pytest.raises(ProviderFault, match="cannot be used"):
        check(one)


def test_two_keys_of_one_name_are_refused():
    one = provider()
    one.published = [*one.keys(), jwk_of(key_of("ES256", 1), "ES256", "k0")]
    with pytest.raises(ProviderFault, match="or several"):
        check(one)


def test_a_token_without_kid_is_of_the_only_key():
    one = provider(header={"kid": None})
    assert check(one)["sub"] == "alice-1"
    one.published = [*one.keys(), jwk_of(key_of("ES256", 1), "ES256", "k1")]
    with pytest.raises(ProviderFault, match="or several"):
        check(one)


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ({"crit": ["exp"]}, "not supported"),
        ({"typ": "at+jwt"}, "not supported"),
        ({"typ": "AT+JWT"}, "not supported"),
        ({"alg": None}, "not allowed"),
        ({"alg": ["ES256"]}, "not allowed"),
        ({"alg": "es256"}, "not allowed"),
    ],
)
def test_a_header_that_asks_for_something_else_is_refused(header, reason):
    one = provider()
    head, payload, signature = token_of(one).split(".")
    bent = {**json.loads(base64.urlsafe_b64decode(head + "==")), **header}
    with pytest.raises(ProviderFault, match=reason):
        check(one, ".".join((ids.base64url(json.dumps(bent).encode()), payload, signature)))


@pytest.mark.parametrize(
    "token", ["", "a", "a.b", "a.b.c.d", "a.b.c", "e30.e30.e30", "x" * 20_000, "W10.W10.W10", "é.é.é"]
)
def test_what_is_no_token_is_refused(token):
    with pytest.raises(ProviderFault):
        check(provider(), token or ".")


def test_a_signature_of_another_key_or_message_is_refused():
    one = provider()
    token = token_of(one)
    one.published = [jwk_of(key_of("ES256", 1), "ES256", "k0")]
    with pytest.raises(ProviderFault, match="does not hold"):
        check(one, token)


TEMPLATE = "https://login.corp.example/{tenantid}/v2.0"


@pytest.mark.parametrize(
    ("tenant", "issuer_of", "fits"),
    [
        ("t1", "t1", True),
        ("t1", "t2", False),
        ("t2", "t2", False),
        (None, "t1", False),
        ({}, "t1", False),
    ],
)
def test_a_token_of_several_tenants_is_of_its_own_issuer_and_of_an_allowed_one(tenant, issuer_of, fits):
    one = provider(claims={"iss": TEMPLATE.replace("{tenantid}", issuer_of), "tid": tenant})
    expected = Expected(TEMPLATE, CLIENT_ID, NONCE, ALGORITHMS, ACCESS, ["t1"])
    if fits:
        assert check(one, expected=expected)["tid"] == "t1"
    else:
        with pytest.raises(ProviderFault):
            check(one, expected=expected)
