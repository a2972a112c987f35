"""ID tokens: verified as OpenID Connect Core 1.0, section 3.1.3.7, says, with the advice of RFC 8725.

The algorithm must be on the connection's list, which has asymmetric ones alone, and the key must be one of that kind:
nothing in the token decides how it is verified. The clocks of both sides may differ by a minute.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chalicelib.connections import model
from chalicelib.connections.faults import ProviderFault
from chalicelib.connections.presets import TENANT
from chalicelib.core import clock, wire
from chalicelib.core.errors import Malformed
from chalicelib.core.ids import base64url, from_base64url

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    KeysOf = Callable[[bool], Sequence[Mapping[str, Any]]]
    """The provider's keys; read anew, if they may be, with True."""

SKEW_SECONDS = 60
OLDEST_SECONDS = 600
"""Since when an ID token may have been issued: a sign-in takes no longer."""
LENGTH_LIMIT = 16 * 1024
LEAST_RSA_BITS = 2048
"""RFC 7518, section 3.3."""

_KEY_TYPES = {"RS": "RSA", "PS": "RSA", "ES": "EC", "Ed": "OKP"}
_CURVES = {"ES256": "P-256", "ES384": "P-384", "EdDSA": "Ed25519"}
_PUBLIC = ("kty", "n", "e", "crv", "x", "y")
_HASHES = {"256": hashlib.sha256, "384": hashlib.sha384, "512": hashlib.sha512, "DSA": hashlib.sha512}


@dataclass(frozen=True)
class Expected:
    """What the ID token of a sign-in must say. `issuer` may have a template for the tenant, one of `tenants` (any,
    where there are none). `access_token` is that which came with it."""

    issuer: str
    client_id: str
    nonce: str
    algorithms: Sequence[str]
    access_token: str = ""
    tenants: Sequence[str] = ()


def verified(token: str, expected: Expected, keys_of: KeysOf) -> dict[str, Any]:
    """The claims of an ID token. Raises ProviderFault, which names the check that failed."""
    if len(token) > LENGTH_LIMIT:
        raise ProviderFault("the ID token is too long")
    head, _, signature_text = token.rpartition(".")
    header_text, dot, payload_text = head.partition(".")
    if not dot or "." in payload_text:
        raise ProviderFault("the ID token is no signed token")
    header, claims = _object(header_text), _object(payload_text)
    algorithm = header.get("alg")
    if not isinstance(algorithm, str) or algorithm not in expected.algorithms:
        raise ProviderFault("the ID token has an algorithm that is not allowed")
    if "crit" in header or str(header.get("typ", "")).lower() == "at+jwt":
        raise ProviderFault("the ID token's header asks for what is not supported")
    _check_signature(algorithm, _key(header, algorithm, keys_of), head.encode(), _bytes(signature_text))
    _check_claims(claims, expected)
    _check_access_token(claims, algorithm, expected.access_token)
    return claims


def _key(header: Mapping[str, Any], algorithm: str, keys_of: KeysOf) -> Mapping[str, Any]:
    """The one key that can have signed this. The keys are read anew where there is none."""
    fitting = [key for key in keys_of(False) if _fits(key, header, algorithm)]
    if not fitting:
        fitting = [key for key in keys_of(True) if _fits(key, header, algorithm)]
    if len(fitting) != 1:
        raise ProviderFault("the provider has no such key, or several")
    return fitting[0]


def _fits(key: Mapping[str, Any], header: Mapping[str, Any], algorithm: str) -> bool:
    """Whether a key is of the type, and for the use, that the algorithm needs."""
    is_named = "kid" not in header or key.get("kid") == header["kid"]
    is_for_algorithm = key.get("alg", algorithm) == algorithm and key.get("use", "sig") == "sig"
    curve = _CURVES.get(algorithm)
    is_of_type = key.get("kty") == _KEY_TYPES[algorithm[:2]] and (curve is None or key.get("crv") == curve)
    operations = key.get("key_ops", ["verify"])
    return is_named and is_for_algorithm and is_of_type and isinstance(operations, list) and "verify" in operations


def _check_signature(algorithm: str, key: Mapping[str, Any], message: bytes, signature: bytes) -> None:
    from jwt import PyJWK, get_algorithm_by_name
    from jwt.exceptions import PyJWTError

    public = {name: key[name] for name in _PUBLIC if name in key}
    try:
        jwk = PyJWK.from_dict(public, algorithm)
        if jwk.key_type == "RSA" and jwk.key.key_size < LEAST_RSA_BITS:
            raise ProviderFault(f"the provider's key has less than {LEAST_RSA_BITS} bits")
        holds = get_algorithm_by_name(algorithm).verify(message, jwk.key, signature)
    except (PyJWTError, ValueError, TypeError) as error:
        raise ProviderFault("the provider's key cannot be used") from error
    if not holds:
        raise ProviderFault("the ID token's signature does not hold")


def _check_claims(claims: Mapping[str, Any], expected: Expected) -> None:
    _check_issuer(claims, expected)
    audience = claims.get("aud")
    audiences = [audience] if isinstance(audience, str) else audience
    if not isinstance(audiences, list) or expected.client_id not in audiences:
        raise ProviderFault("the ID token is for another client")
    if claims.get("azp", expected.client_id if len(audiences) == 1 else None) != expected.client_id:
        raise ProviderFault("the ID token was given to another client")
    now = clock.epoch()
    if _time(claims, "exp") + SKEW_SECONDS <= now:
        raise ProviderFault("the ID token has expired")
    if not now - OLDEST_SECONDS - SKEW_SECONDS <= _time(claims, "iat") <= now + SKEW_SECONDS:
        raise ProviderFault("the ID token was not issued just now")
    if "nbf" in claims and _time(claims, "nbf") > now + SKEW_SECONDS:
        raise ProviderFault("the ID token is not valid yet")
    if not _is_same(claims.get("nonce"), expected.nonce):
        raise ProviderFault("the ID token is of another sign-in")
    checked_subject(claims.get("sub"))


def _check_issuer(claims: Mapping[str, Any], expected: Expected) -> None:
    """The issuer, exactly. For several tenants: that of the token's tenant, which must be allowed."""
    tenant = claims.get("tid")
    if TENANT in expected.issuer and not isinstance(tenant, str):
        raise ProviderFault("the ID token names no tenant")
    if claims.get("iss") != expected.issuer.replace(TENANT, str(tenant)):
        raise ProviderFault("the ID token is another issuer's")
    if expected.tenants and tenant not in expected.tenants:
        raise ProviderFault("the ID token is of a tenant that is not allowed")


def checked_subject(subject: object) -> str:
    """The `sub` of a provider. Raises ProviderFault."""
    if not isinstance(subject, str) or not model.is_subject(subject):
        raise ProviderFault("the provider names no subject")
    return subject


def _check_access_token(claims: Mapping[str, Any], algorithm: str, access_token: str) -> None:
    """Section 3.1.3.6: `at_hash` is the left half of the access token's hash, where it is there."""
    if "at_hash" not in claims:
        return
    digest = _HASHES[algorithm[2:]](access_token.encode()).digest()
    left = base64url(digest[: len(digest) // 2])
    if not _is_same(claims["at_hash"], left):
        raise ProviderFault("the access token is not the one that the ID token was made with")


def _is_same(claim: object, expected: str) -> bool:
    return isinstance(claim, str) and claim.isascii() and hmac.compare_digest(claim, expected)


def _time(claims: Mapping[str, Any], name: str) -> float:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ProviderFault(f"the ID token has no time {name}")
    return value


def _object(text: str) -> dict[str, Any]:
    try:
        value = wire.from_json(_bytes(text), "a part of the ID token")
    except Malformed as error:
        raise ProviderFault(error.detail) from error
    if not isinstance(value, dict):
        raise ProviderFault("a part of the ID token is no object")
    return value


def _bytes(text: str) -> bytes:
    try:
        return from_base64url(text)
    except ValueError as error:
        raise ProviderFault("a part of the ID token is not base64url") from error
