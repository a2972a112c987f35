"""Access tokens: none that we did not make for ourselves is taken."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import TYPE_CHECKING, Any

import jwt
import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from chalicelib import oauth
from chalicelib.core import clock
from chalicelib.core.aws import clients, telemetry
from chalicelib.core.errors import Unauthenticated
from chalicelib.core.ids import base64url, from_base64url
from chalicelib.tokens import access_tokens, signing_keys
from tests.builders import PASSWORD, a_user
from tests.cloudlike import NAMES, SIGNING_KEYS, stage
from tests.conftest import NOW
from tests.functional.visitors import Visitor, visitor

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.usefixtures("held_clock")

ISSUER = "https://rollcall.example"
OURS = signing_keys.parse(SIGNING_KEYS).current
PUBLIC_PEM = OURS.public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
PUBLIC_DER = OURS.public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
THEIRS = rsa.generate_private_key(public_exponent=65537, key_size=2048)
RETIRED = rsa.generate_private_key(public_exponent=65537, key_size=2048)
CURVE = ec.generate_private_key(ec.SECP256R1())
OUR_CURVE = signing_keys.generate("ES256")
"""Published beside the RSA key, as it is while a stage changes its algorithm."""
OUR_CURVE_PRIVATE = serialization.load_pem_private_key(OUR_CURVE["pem"].encode(), None)
OUR_CURVE_PEM = OUR_CURVE_PRIVATE.public_key().public_bytes(
    serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
)
OTHER_CURVE = ec.generate_private_key(ec.SECP384R1())


def by_rsa(key: Any = OURS.private, digest: Any = None) -> Any:
    return lambda signed: key.sign(signed, padding.PKCS1v15(), digest or hashes.SHA256())


def by_pss(signed: bytes) -> bytes:
    return OURS.private.sign(signed, padding.PSS(padding.MGF1(hashes.SHA256()), 32), hashes.SHA256())


def by_curve(key: Any, digest: Any = None) -> Any:
    """A signature as RFC 7518, section 3.4, has it: both numbers, one after the other."""
    size = (key.curve.key_size + 7) // 8

    def sign(signed: bytes) -> bytes:
        numbers = decode_dss_signature(key.sign(signed, ec.ECDSA(digest or hashes.SHA256())))
        return b"".join(number.to_bytes(size, "big") for number in numbers)

    return sign


def by_curve_as_der(key: Any) -> Any:
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


HEADER = json.dumps({"alg": "RS256", "typ": "at+jwt", "kid": OURS.kid}).encode()


def claims_text() -> str:
    """Claims like ours, as text that can be made to say more."""
    return b64decoded(token().split(".")[1])


def b64decoded(part: str) -> str:
    return from_base64url(part).decode()


def respelled(issued: str) -> str:
    """The same token with other unused bits in its last character."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return issued[:-1] + alphabet[alphabet.index(issued[-1]) + 1]


def detached(issued: str) -> str:
    header, _, signature = issued.split(".")
    return f"{header}..{signature}"


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
    "HS384 with the public key as PEM": lambda: token(
        {"alg": "HS384"}, sign=lambda signed: hmac.digest(PUBLIC_PEM, signed, hashlib.sha384)
    ),
    "HS256 with the curve's public key as PEM": lambda: token(
        {"alg": "HS256", "kid": OUR_CURVE["kid"]}, sign=by_mac(OUR_CURVE_PEM)
    ),
    "ES256 by another key": lambda: token({"alg": "ES256"}, sign=by_curve(CURVE)),
    "ES256 by another curve": lambda: token({"alg": "ES256"}, sign=by_curve(OTHER_CURVE)),
    "ES256 by another key under our curve's id": lambda: token(
        {"alg": "ES256", "kid": OUR_CURVE["kid"]}, sign=by_curve(CURVE)
    ),
    "ES384 by another curve under our curve's id": lambda: token(
        {"alg": "ES384", "kid": OUR_CURVE["kid"]}, sign=by_curve(OTHER_CURVE, hashes.SHA384())
    ),
    "ES256 by our curve under our RSA key's id": lambda: token({"alg": "ES256"}, sign=by_curve(OUR_CURVE_PRIVATE)),
    "RS256 by our RSA key under our curve's id": lambda: token({"kid": OUR_CURVE["kid"]}),
    "RS256 said, signed by our curve": lambda: token({"kid": OUR_CURVE["kid"]}, sign=by_curve(OUR_CURVE_PRIVATE)),
    "ES256 with numbers of nothing": lambda: token(
        {"alg": "ES256", "kid": OUR_CURVE["kid"]}, sign=lambda _: b"\0" * 64
    ),
    "ES256 with its signature as DER": lambda: token(
        {"alg": "ES256", "kid": OUR_CURVE["kid"]}, sign=by_curve_as_der(OUR_CURVE_PRIVATE)
    ),
    "ES256K": lambda: token({"alg": "ES256K", "kid": OUR_CURVE["kid"]}, sign=by_curve(OUR_CURVE_PRIVATE)),
    "EdDSA": lambda: token({"alg": "EdDSA"}, sign=ed25519.Ed25519PrivateKey.generate().sign),
    "by a retired key": lambda: token({"kid": "retired"}, sign=by_rsa(RETIRED)),
    "by another stage, with its key's id": lambda: token({"kid": "stage-2"}, {"iss": ISSUER}, by_rsa(THEIRS)),
    "by another stage, in its name": lambda: token(claims={"iss": "https://staging.example", "aud": ISSUER}),
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
    "x5u by another key": lambda: token({"x5u": "https://evil.example/chain"}, sign=by_rsa(THEIRS)),
    "x5t": lambda: token({"x5t": base64url(b"0" * 20)}),
    "zip": lambda: token({"zip": "DEF"}),
    "x5c": lambda: token({"x5c": ["AAAA"]}),
    "crit": lambda: token({"crit": ["exp"]}),
    "crit of nothing": lambda: token({"crit": []}),
    "crit unknown": lambda: token({"crit": ["admin"], "admin": True}),
    "b64 false": lambda: token({"b64": False}),
    "b64 false, critical": lambda: token({"b64": False, "crit": ["b64"]}),
    "without its claims": lambda: detached(token()),
    "cty JWT": lambda: token({"cty": "JWT"}),
    "typ JWT": lambda: token({"typ": "JWT"}),
    "typ missing": lambda: token({"typ": None}),
    "typ at+JWT": lambda: token({"typ": "at+JWT"}),
    "typ as a media type": lambda: token({"typ": "application/at+jwt"}),
    "typ a list": lambda: token({"typ": ["at+jwt"]}),
    "typ of an id token": lambda: token({"typ": "id_token+jwt"}),
    "iss another's": lambda: token(claims={"iss": "https://evil.example"}),
    "iss longer": lambda: token(claims={"iss": f"{ISSUER}/"}),
    "iss missing": lambda: token(claims={"iss": None}),
    "aud another's": lambda: token(claims={"aud": "https://evil.example"}),
    "aud a list": lambda: token(claims={"aud": [ISSUER, "https://evil.example"]}),
    "aud missing": lambda: token(claims={"aud": None}),
    "aud empty": lambda: token(claims={"aud": []}),
    "aud a list of one": lambda: token(claims={"aud": [ISSUER]}),
    "iss a list": lambda: token(claims={"iss": [ISSUER]}),
    "client missing": lambda: token(claims={"client_id": None}),
    "client a machine, with a session": lambda: token(claims={"client_id": "U1"}),
    "client a machine, without its secret": lambda: token(claims={"client_id": "U1", "sid": None}),
    "client a machine, its secret true": lambda: token(
        claims={"client_id": "U1", "sid": None, "credential": True}
    ),
    "client a machine, its secret text": lambda: token(claims={"client_id": "U1", "sid": None, "credential": "1"}),
    "client a machine, of another": lambda: token(claims={"client_id": "C1", "sid": None, "credential": 1}),
    "a person's, with a machine's secret": lambda: token(claims={"credential": 1}),
    "client another": lambda: token(claims={"client_id": "other"}),
    "sub missing": lambda: token(claims={"sub": None}),
    "sub a number": lambda: token(claims={"sub": 1}),
    "sid missing": lambda: token(claims={"sid": None}),
    "sid empty": lambda: token(claims={"sid": ""}),
    "sid a list": lambda: token(claims={"sid": ["S1"]}),
    "expired": lambda: token(claims={"exp": clock.epoch()}),
    "exp missing": lambda: token(claims={"exp": None}),
    "exp text": lambda: token(claims={"exp": "9999999999"}),
    "exp true": lambda: token(claims={"exp": True}),
    "exp a fraction": lambda: token(claims={"exp": 9e12}),
    "made tomorrow": lambda: token(claims={"iat": clock.epoch() + 86400}),
    "iat missing": lambda: token(claims={"iat": None}),
    "iat text": lambda: token(claims={"iat": "1"}),
    "expired long ago": lambda: token(claims={"iat": 1, "exp": 600}),
    "not yet valid": lambda: token(claims={"nbf": clock.epoch() + 60}),
    "truncated": lambda: token()[:-5],
    "without its end": lambda: token().rpartition(".")[0],
    "of two parts": lambda: ".".join(token().split(".")[:2]),
    "its signature twice": lambda: token() + "." + token().rpartition(".")[2],
    "its signature as long again": lambda: token() + token().rpartition(".")[2],
    "nested": lambda: raw(
        json.dumps({"alg": "RS256", "typ": "at+jwt", "kid": OURS.kid, "cty": "JWT"}).encode(), token().encode()
    ),
    "nested without saying so": lambda: raw(HEADER, token().encode()),
    "claims as text": lambda: raw(HEADER, json.dumps(claims_text()).encode()),
    "encrypted, it says": lambda: f"{token({'alg': 'RSA-OAEP', 'enc': 'A256GCM'})}.AAAA.AAAA",
    "a header member twice": lambda: raw(
        b'{"alg":"none","alg":"RS256","typ":"at+jwt","kid":"%s"}' % OURS.kid.encode(), claims_text().encode()
    ),
    "a claim twice": lambda: raw(HEADER, claims_text().replace("{", '{"sub":"U2",', 1).encode()),
    "padded": lambda: token() + "==",
    "another spelling of its signature": lambda: respelled(token()),
    "a signature of other base64": lambda: token() + "+/",
    "a line break in its signature": lambda: token()[:-9] + "\n" + token()[-9:],
    "other characters in its signature": lambda: token()[:-9] + "!*" + token()[-9:],
    "a space before it": lambda: "\u00a0" + token(),
    "a space behind it": lambda: token() + "\u00a0",
    "a wide space behind it": lambda: token() + "\u2003",
    "a space of no width in it": lambda: token().replace(".", "\u200b.", 1),
    "dots that are none": lambda: token().replace(".", "\uff0e"),
    "a NUL behind it": lambda: token() + "\0",
    "of four parts": lambda: token() + ".AAAA",
    "of five parts": lambda: token() + ".AAAA.AAAA",
    "oversized": lambda: token(claims={"fill": "x" * 6000}),
    "enormous": lambda: "A" * 1_000_000,
    "an enormous header": lambda: token({"kid": "k" * 100_000}),
    "empty": lambda: "",
    "dots": lambda: "..",
    "not base64": lambda: "!!!.???.***",
    "not ASCII": lambda: token() + "\u00e9",
    "a header of no object": lambda: raw(b"[]"),
    "a header of no JSON": lambda: raw(b"\xff\xfe"),
    "a header of many levels": lambda: raw(b"[" * 2500),
    "a header of many objects": lambda: raw(b'{"a":' * 500),
    "claims of no object": lambda: raw(HEADER, b"[]"),
    "claims of no JSON": lambda: raw(HEADER, b"\xff\xfe"),
    "claims of many levels": lambda: raw(HEADER, b"[" * 2500),
}


@pytest.fixture
def two_keys(aws):
    """A stage that changes its algorithm: the RSA key signs, and the curve's is published."""
    secret = json.dumps({**SIGNING_KEYS, "next": OUR_CURVE})
    clients.client("secretsmanager").put_secret_value(SecretId=NAMES.of("signing-key"), SecretString=secret)
    return aws


def test_a_good_token_is_taken(two_keys):
    by_our_curve = token({"alg": "ES256", "kid": OUR_CURVE["kid"]}, sign=by_curve(OUR_CURVE_PRIVATE))
    assert access_tokens.verify(by_our_curve) == access_tokens.Claims("U1", "S1")
    machine = token(claims={"client_id": "U1", "sid": None, "credential": 3})
    assert access_tokens.verify(machine) == access_tokens.Claims("U1", "", 3)
    assert access_tokens.verify(token()) == access_tokens.Claims("U1", "S1")
    assert access_tokens.verify(access_tokens.issue({"id": "U1"}, "S1")) == access_tokens.Claims("U1", "S1")


@pytest.mark.slow
@pytest.mark.parametrize("name", FORGED)
def test_no_forged_token_opens_a_route(visited, name):
    """The person and the session that it names are there: all that is wrong is the token."""
    answer = visited.call("GET", "/me", Authorization=f"Bearer {FORGED[name]()}")
    assert answer.status == 401
    assert "U1" not in str(answer.body)
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_token_like_the_forged_ones_opens_it(visited):
    assert visited.call("GET", "/me", Authorization=f"Bearer {token()}").body["id"] == "U1"


@pytest.fixture(scope="module")
def visited():
    """A client of a stage where U1 is in the session S1 and the machine U1 has a client: made once, as refusals
    change nothing."""
    with clock.held(NOW), stage():
        secret = json.dumps({**SIGNING_KEYS, "next": OUR_CURVE})
        clients.client("secretsmanager").put_secret_value(SecretId=NAMES.of("signing-key"), SecretString=secret)
        person = a_user(id="U1", email="ada@maths.example", password=PASSWORD)
        ada = visitor("ada@maths.example")
        session = clients.table("sessions").get({"id": ada.refresh_token.partition(".")[0]})
        clients.table("sessions").put({**session, "id": "S1"})
        assert person["id"] == session["user_id"]
        yield Visitor()


@pytest.mark.slow
def test_no_forged_token_is_taken_and_none_reads_a_table(two_keys):
    access_tokens.verify(token())
    for name, forge in FORGED.items():
        with telemetry.recording() as record:
            with pytest.raises(Unauthenticated) as refused:
                oauth.authenticate(forge())
            assert record.names == [], name
        assert refused.value.headers["WWW-Authenticate"] == 'Bearer error="invalid_token"', name
        assert refused.value.detail == "the token does not hold, or no longer", name


@pytest.mark.slow
@pytest.mark.parametrize("alg", ["RS256", "ES256"])
def test_no_character_of_a_token_can_be_changed_left_out_or_added(two_keys, alg):
    """Wherever it stands: also in the signature, of which lenient decoders take several spellings."""
    kid, sign = (OURS.kid, by_rsa()) if alg == "RS256" else (OUR_CURVE["kid"], by_curve(OUR_CURVE_PRIVATE))
    good = token({"alg": alg, "kid": kid}, sign=sign)
    assert access_tokens.verify(good)
    for place, character in enumerate(good):
        before, behind = good[:place], good[place + 1 :]
        for other in (
            "B" if character == "A" else "A",
            chr(ord(character) + 1),
            "",
            f"{character}A",
            f"{character}=",
        ):
            with pytest.raises(Unauthenticated):
                access_tokens.verify(before + other + behind)


def test_there_are_enough_forgeries():
    assert len(FORGED) >= 100


def test_a_token_runs_out(aws):
    issued = access_tokens.issue({"id": "U1"}, "S1")
    clock.tick(seconds=599)
    assert access_tokens.verify(issued)
    clock.tick(seconds=1)
    with pytest.raises(Unauthenticated, match="the token does not hold"):
        access_tokens.verify(issued)


def test_a_good_token_of_no_session_is_refused(aws):
    a_user(id="U1", email="ada@maths.example", password=PASSWORD)
    ada = visitor("ada@maths.example")
    a_user(id="U2", email="grace@maths.example", password=PASSWORD)
    session_id = ada.refresh_token.partition(".")[0]
    for claims in ({"sid": "01NONE"}, {"sid": session_id, "sub": "U2"}, {"sub": "NOBODY", "sid": session_id}):
        with pytest.raises(Unauthenticated, match="the token does not hold"):
            oauth.authenticate(token(claims=claims))
    assert oauth.authenticate(token(claims={"sid": session_id})).id == "U1"


def test_a_token_says_no_more_than_it_must(aws):
    issued = access_tokens.issue({"id": "U1"}, "S1")
    claims = jwt.decode(issued, options={"verify_signature": False})
    assert set(claims) == {*access_tokens.CLAIMS, "sid"}
    assert (claims["iss"], claims["aud"], claims["exp"] - claims["iat"]) == (ISSUER, ISSUER, 600)
    assert jwt.get_unverified_header(issued) == {"alg": "RS256", "typ": "at+jwt", "kid": "test-1"}


def test_a_bearer_token_is_all_that_lets_one_in(aws):
    a_user(email="ada@maths.example", password=PASSWORD)
    ada = visitor("ada@maths.example")
    assert ada.call("GET", "/me", Authorization=f"bearer {ada.access_token}").status == 200
    for header in ("", ada.access_token, f"Basic {ada.access_token}", "Bearer", f"Bearer {ada.refresh_token}"):
        assert Visitor().call("GET", "/me", Authorization=header).status == 401
