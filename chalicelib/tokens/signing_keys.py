"""The keys that sign access tokens: the stage's secret `signing-key`, as this process last read it.

The secret is `{"current": key, "next": key | null, "previous": [key, …]}`, a key being
`{"kid", "alg", "pem", "published_at"}` (and `retired_at` once it is a previous one). Tokens are signed with the
current key; all of them are published, the next one long before it signs, so that no verifier meets a stranger.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from chalicelib.core import clock, ids
from chalicelib.core.aws import clients
from chalicelib.core.aws.secret_cache import (
    CACHED_SECONDS,
    MISS_SECONDS,
    Reread,
    reader,
)
from chalicelib.core.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable

Algorithm = Literal["RS256", "ES256"]

RSA_BITS = 2048


@dataclass(frozen=True)
class SigningKey:
    """One pair of keys. `alg` belongs to the key: a token does not choose it."""

    kid: str
    alg: Algorithm
    pem: str
    published_at: str

    @cached_property
    def private(self) -> Any:
        """The pair. We made it ourselves, so its primes are not tested again: that takes 50 ms of a cold start."""
        from cryptography.hazmat.primitives.serialization import load_pem_private_key

        return load_pem_private_key(self.pem.encode(), password=None, unsafe_skip_rsa_key_validation=True)

    @cached_property
    def public(self) -> Any:
        return self.private.public_key()

    def jwk(self) -> dict[str, str]:
        """The public half as a JSON Web Key (RFC 7517)."""
        return {**_public_numbers(self.public), "kid": self.kid, "alg": self.alg, "use": "sig"}


@dataclass(frozen=True)
class KeySet:
    """The secret's content."""

    current: SigningKey
    others: tuple[SigningKey, ...]

    @property
    def all(self) -> tuple[SigningKey, ...]:
        return (self.current, *self.others)


class Keyring:
    """The keys as read at most five minutes ago. `read` gives the secret's text."""

    def __init__(self, read: Callable[[], str]) -> None:
        self._keys = Reread(read, lambda text: parse(json.loads(text)))

    def current(self) -> SigningKey:
        """The key to sign with. Raises Unavailable where the secret holds none yet."""
        return self._keys.fresh().current

    def published(self) -> tuple[SigningKey, ...]:
        """Every key whose signatures count now or will."""
        return self._keys.fresh().all

    def find(self, kid: str) -> SigningKey | None:
        """The key of that id; the secret is read again for an unknown one, but not for each."""
        for most_seconds_old in (CACHED_SECONDS, MISS_SECONDS):
            for key in self._keys.fresh(most_seconds_old).all:
                if key.kid == kid:
                    return key
        return None


def parse(secret: dict[str, Any]) -> KeySet:
    """The keys of the secret. Raises Unavailable where it holds none yet."""
    if not secret.get("current"):
        raise Unavailable("the stage has no signing key yet")
    following = [secret["next"]] if secret.get("next") else []
    return KeySet(_key(secret["current"]), tuple(_key(key) for key in [*following, *secret.get("previous", [])]))


def generate(alg: Algorithm) -> dict[str, str]:
    """A new key as the secret holds it, published now. Its id is its thumbprint (RFC 7638)."""
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec, rsa

    private: Any = (
        rsa.generate_private_key(public_exponent=65537, key_size=RSA_BITS)
        if alg == "RS256"
        else ec.generate_private_key(ec.SECP256R1())
    )
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    digest = hashes.Hash(hashes.SHA256())
    digest.update(
        json.dumps(_public_numbers(private.public_key()), sort_keys=True, separators=(",", ":")).encode()
    )
    kid = ids.base64url(digest.finalize())
    return {"kid": kid, "alg": alg, "pem": pem.decode(), "published_at": clock.timestamp()}


def _key(fields: dict[str, str]) -> SigningKey:
    alg: Algorithm = "ES256" if fields["alg"] == "ES256" else "RS256"
    return SigningKey(fields["kid"], alg, fields["pem"], fields["published_at"])


def _public_numbers(public: Any) -> dict[str, str]:
    """What RFC 7638 takes of a key, and RFC 7517 needs."""
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

    numbers = public.public_numbers()
    if isinstance(public, RSAPublicKey):
        return {"kty": "RSA", "n": _base64url(numbers.n), "e": _base64url(numbers.e)}
    return {"kty": "EC", "crv": "P-256", "x": _base64url(numbers.x, 32), "y": _base64url(numbers.y, 32)}


def _base64url(number: int, size: int = 0) -> str:
    return ids.base64url(number.to_bytes(size or (number.bit_length() + 7) // 8, "big"))


@clients.once
def keyring() -> Keyring:
    """The stage's signing keys."""
    return Keyring(reader("signing-key"))
