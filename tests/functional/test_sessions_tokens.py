"""Access tokens: none that we did not make for ourselves is taken."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import TYPE_CHECKING, Any

import jwt
import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from chalicelib import sessions
from chalicelib.core import clock, telemetry
from chalicelib.core.errors import Unauthenticated
from chalicelib.core.ids import base64url
from chalicelib.sessions import keys, tokens
from tests.builders import PASSWORD, a_user
from tests.cloudlike import SIGNING_KEYS
from tests.functional.visitors import Visitor, visitor

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.usefixtures("held_clock")

ISSUER = "https://rollcall.example"
OURS = keys.parse(SIGNING_KEYS).current
PUBLIC_PEM = OURS.public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
PUBLIC_DER = OURS.public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
THEIRS = rsa.generate_private_key(public_exponent=65537, key_size=2048)
CURVE = ec.generate_private_key(ec.SECP256R1())
OTHER_CURVE = ec.generate_private_key(ec.SECP384R1())


def by_rsa(key: Any = OURS.private, digest: Any = None) -> Any:
    return lambda signed: key.sign(signed, padding.PKCS1v15(), digest or hashes.SHA256())


def by_pss(signed: bytes) -> bytes:
    return OURS.private.sign(signed, padding.PSS(padding.MGF1(hashes.SHA256()), 32), hashes.SHA256())


def by_curve(key: Any) -> Any:
    return lambda signed: key.sign(signed, ec.ECDSA(hashes.SHA256()))


def by_mac(secret: bytes) -> Any:
    return lambda signed: hmac.digest(secret, signed, hashlib.sha256)


def unsigned(_: bytes) -> bytes:
    return b""


def token(header: dict | None = None, claims: dict | None = None, sign: Any = None) -> str:
    """A token like ours, but for what is said; None takes a member away."""
    now = clock.epoch()
    good_header = {"alg": "RS256", "typ": "at+jwt", "kid": OURS.kid}
    good_claims = {
        "iss": ISSUER,
        "sub": "U1",
        "aud": ISSUER,
        "client_id": "rollcall",
        "jti": "J",
        "sid": "S1",
        "iat": now,
        "exp": now + 600,
    }
    parts = [{**good_header, **(header or {})}, {**good_claims, **(claims or {})}]
    kept = [{name: value for name, value in part.items() if value is not None} for part in parts]
    signed = ".".join(base64url(json.dumps(part).encode()) for part in kept)
    return f"{signed}.{base64url((sign or by_rsa())(signed.encode()))}"


def raw(header: bytes, payload: bytes = b"{}") -> str:
    signed = f"{base64url(header)}.{base64url(payload)}"
    return f"{signed}.{base64url(by_rsa()(signed.encode()))}"


def swapped(one: str, other: str) -> str:
    """The header and claims of one token under the signature of another."""
    return one.rpartition(".")[0] + "." + other.rpartition(".")[2]


JWK = {"kty": "RSA", "n": base64url(THEIRS.public_key().public_numbers().n.to_bytes(256, "big")), "e": "AQAB"}

FORGED: dict[str, Callable[[], str]] = {
    "alg none": lambda: token({"alg": "none"}, sign=unsigned),
    "alg None": lambda: token({"alg": "None"}, sign=unsigned),
    "alg nOnE": lambda: token({"alg": "nOnE"}, sign=unsigned),
    "alg none, signature kept": lambda: token({"alg": "none"}),
    "alg empty": lambda: token({"alg": ""}, sign=unsigned),
    "alg missing": lambda: token({"alg": None}),
    "alg a number": lambda: token({"alg": 7}),
    "alg a list": lambda: token({"alg": ["RS256"]}),
    "HS256 with the public key as PEM": lambda: token({"alg": "HS256"}, sign=by_mac(PUBLIC_PEM)),
    "HS256 with the public key as DER": lambda: token({"alg": "HS256"}, sign=by_mac(PUBLIC_DER)),
    "HS256 with nothing": lambda: token({"alg": "HS256"}, sign=by_mac(b"")),
    "HS256 with the key's id": lambda: token({"alg": "HS256"}, sign=by_mac(OURS.kid.encode())),
    "RS384 by our key": lambda: token({"alg": "RS384"}, sign=by_rsa(digest=hashes.SHA384())),
    "RS512 by our key": lambda: token({"alg": "RS512"}, sign=by_rsa(digest=hashes.SHA512())),
    "PS256 by our key": lambda: token({"alg": "PS256"}, sign=by_pss),
    "RS256 with a PSS signature": lambda: token(sign=by_pss),
    "ES256 by another key": lambda: token({"alg": "ES256"}, sign=by_curve(CURVE)),
    "ES256 by another curve": lambda: token({"alg": "ES256"}, sign=by_curve(OTHER_CURVE)),
    "RS256 by another key": lambda: token(sign=by_rsa(THEIRS)),
    "no signature": lambda: token(sign=unsigned),
    "a signature of zeros": lambda: token(sign=lambda _: b"\0" * 256),
    "another token's signature": lambda: swapped(token(claims={"sub": "U2"}), token()),
    "kid unknown": lambda: token({"kid": "unknown"}, sign=by_rsa(THEIRS)),
    "kid missing": lambda: token({"kid": None}),
    "kid a path": lambda: token({"kid": "../../../../dev/null"}, sign=by_mac(b"")),
    "kid a query": lambda: token({"kid": "x' UNION SELECT 'y"}, sign=by_mac(b"y")),
    "kid a number": lambda: token({"kid": 1}),
    "kid a list": lambda: token({"kid": [OURS.kid]}),
    "jwk": lambda: token({"jwk": JWK}, sign=by_rsa(THEIRS)),
    "jwk beside a good signature": lambda: token({"jwk": JWK}),
    "jku": lambda: token({"jku": "https://evil.example/keys"}, sign=by_rsa(THEIRS)),
    "x5u": lambda: token({"x5u": "https://evil.example/chain"}),
    "x5c": lambda: token({"x5c": ["AAAA"]}),
    "crit": lambda: token({"crit": ["exp"]}),
    "b64 false": lambda: token({"b64": False}),
    "cty JWT": lambda: token({"cty": "JWT"}),
    "typ JWT": lambda: token({"typ": "JWT"}),
    "typ missing": lambda: token({"typ": None}),
    "typ of an id token": lambda: token({"typ": "id_token+jwt"}),
    "iss another's": lambda: token(claims={"iss": "https://evil.example"}),
    "iss longer": lambda: token(claims={"iss": f"{ISSUER}/"}),
    "iss missing": lambda: token(claims={"iss": None}),
    "aud another's": lambda: token(claims={"aud": "https://evil.example"}),
    "aud a list": lambda: token(claims={"aud": [ISSUER, "https://evil.example"]}),
    "aud missing": lambda: token(claims={"aud": None}),
    "client another": lambda: token(claims={"client_id": "other"}),
    "sub missing": lambda: token(claims={"sub": None}),
    "sub a number": lambda: token(claims={"sub": 1}),
    "sid missing": lambda: token(claims={"sid": None}),
    "sid a list": lambda: token(claims={"sid": ["S1"]}),
    "expired": lambda: token(claims={"exp": clock.epoch()}),
    "exp missing": lambda: token(claims={"exp": None}),
    "exp text": lambda: token(claims={"exp": "9999999999"}),
    "exp true": lambda: token(claims={"exp": True}),
    "exp a fraction": lambda: token(claims={"exp": 9e12}),
    "made tomorrow": lambda: token(claims={"iat": clock.epoch() + 86400}),
    "iat missing": lambda: token(claims={"iat": None}),
    "not yet valid": lambda: token(claims={"nbf": clock.epoch() + 60}),
    "truncated": lambda: token()[:-5],
    "without its end": lambda: token().rpartition(".")[0],
    "of two parts": lambda: ".".join(token().split(".")[:2]),
    "of four parts": lambda: token() + ".AAAA",
    "of five parts": lambda: token() + ".AAAA.AAAA",
    "oversized": lambda: token(claims={"fill": "x" * 3000}),
    "empty": lambda: "",
    "dots": lambda: "..",
    "not base64": lambda: "!!!.???.***",
    "not ASCII": lambda: token() + "\u00e9",
    "a header of no object": lambda: raw(b"[]"),
    "a header of no JSON": lambda: raw(b"\xff\xfe"),
    "a header of many levels": lambda: raw(b"[" * 1100),
    "claims of no object": lambda: raw(
        json.dumps({"alg": "RS256", "typ": "at+jwt", "kid": OURS.kid}).encode(), b"[]"
    ),
    "claims of many levels": lambda: raw(
        json.dumps({"alg": "RS256", "typ": "at+jwt", "kid": OURS.kid}).encode(), b"[" * 1100
    ),
}


def test_a_good_token_is_taken(aws):
    assert tokens.verify(token()) == tokens.Claims("U1", "S1")
    assert tokens.verify(tokens.issue({"id": "U1"}, "S1")) == tokens.Claims("U1", "S1")


def test_no_forged_token_is_taken_and_none_reads_a_table(aws):
    tokens.verify(token())
    for name, forge in FORGED.items():
        with telemetry.recording() as record:
            with pytest.raises(Unauthenticated) as refused:
                sessions.authenticate(forge())
            assert record.names == [], name
        assert refused.value.headers["WWW-Authenticate"] == 'Bearer error="invalid_token"', name
        assert refused.value.detail == "the token does not hold, or no longer", name


def test_there_are_enough_forgeries():
    assert len(FORGED) >= 40


def test_a_token_runs_out(aws):
    issued = tokens.issue({"id": "U1"}, "S1")
    clock.tick(seconds=599)
    assert tokens.verify(issued)
    clock.tick(seconds=1)
    with pytest.raises(Unauthenticated):
        tokens.verify(issued)


def test_a_good_token_of_no_session_is_refused(aws):
    a_user(id="U1", email="ada@maths.example", password=PASSWORD)
    ada = visitor("ada@maths.example")
    a_user(id="U2", email="grace@maths.example", password=PASSWORD)
    session_id = ada.refresh_token.partition(".")[0]
    for claims in ({"sid": "01NONE"}, {"sid": session_id, "sub": "U2"}, {"sub": "NOBODY", "sid": session_id}):
        with pytest.raises(Unauthenticated):
            sessions.authenticate(token(claims=claims))
    assert sessions.authenticate(token(claims={"sid": session_id})).id == "U1"


def test_a_token_says_no_more_than_it_must(aws):
    issued = tokens.issue({"id": "U1"}, "S1")
    claims = jwt.decode(issued, options={"verify_signature": False})
    assert set(claims) == set(tokens.CLAIMS)
    assert (claims["iss"], claims["aud"], claims["exp"] - claims["iat"]) == (ISSUER, ISSUER, 600)
    assert jwt.get_unverified_header(issued) == {"alg": "RS256", "typ": "at+jwt", "kid": "test-1"}


def test_a_bearer_token_is_all_that_lets_one_in(aws):
    a_user(email="ada@maths.example", password=PASSWORD)
    ada = visitor("ada@maths.example")
    assert ada.call("GET", "/me", Authorization=f"bearer {ada.access_token}").status == 200
    for header in ("", ada.access_token, f"Basic {ada.access_token}", "Bearer", f"Bearer {ada.refresh_token}"):
        assert Visitor().call("GET", "/me", Authorization=header).status == 401
