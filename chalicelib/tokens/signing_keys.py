"""The keys that sign access tokens: the stage's secret `signing-key`, as this process last read it.

Tokens are signed with the current key. All keys are published, the next one long before it signs, so that every
verifier has a key before it needs it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, NotRequired, TypedDict

from chalicelib.core import clock, ids
from chalicelib.core.aws import clients
from chalicelib.core.aws.secret_cache import (
    CACHED_SECONDS,
    MISS_SECONDS,
    Reread,
    reader,
)
from chalicelib.core.errors import Unavailable
from chalicelib.tokens.signatures import ALGORITHMS, P256_BYTES

if TYPE_CHECKING:
    from collections.abc import Callable

    from chalicelib.tokens.signatures import ES256, RS256

Algorithm = Literal["RS256", "ES256"]

RSA_BITS = 2048


class StoredKey(TypedDict):
    """A key in the secret. `pem` is its private key."""

    kid: str
    alg: Algorithm
    pem: str
    published_at: str
    retired_at: NotRequired[str]
    """Of a previous key: when it signed last."""


class SigningSecret(TypedDict, total=False):
    """The content of the secret; empty in a new stage."""

    made_at: str
    current: StoredKey
    next: StoredKey | None
    previous: list[StoredKey]


@dataclass(frozen=True)
class SigningKey:
    """A pair of keys. `alg` belongs to the key: a token cannot choose it."""

    kid: str
    alg: Algorithm
    pem: str
    published_at: str

    @cached_property
    def private(self) -> Any:
        """The private key. We made it ourselves, so its primes are not tested again, which would take 50 ms of a cold
        start."""
        from cryptography.hazmat.primitives.serialization import load_pem_private_key

        return load_pem_private_key(self.pem.encode(), password=None, unsafe_skip_rsa_key_validation=True)

    @cached_property
    def public(self) -> Any:
        return self.private.public_key()

    def sign(self, message: bytes) -> bytes:
        """The signature of a message by this key and its algorithm."""
        return self._algorithm.sign(message)

    def signed(self, message: bytes, signature: bytes) -> bool:
        """Whether this key, by its algorithm, made the signature of a message."""
        return self._algorithm.signed(message, signature)

    @cached_property
    def _algorithm(self) -> RS256 | ES256:
        return ALGORITHMS[self.alg](self.private)

    def jwk(self) -> dict[str, str]:
        """The public half as a JSON Web Key (RFC 7517)."""
        return {**_public_numbers(self.public), "kid": self.kid, "alg": self.alg, "use": "sig"}


@dataclass(frozen=True)
class KeySet:
    """All keys of the secret, parsed."""

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
        """The key to sign with. Raises Unavailable where the secret has no keys yet."""
        return self._keys.fresh().current

    def published(self) -> tuple[SigningKey, ...]:
        """Every key whose signatures are valid, now or later."""
        return self._keys.fresh().all

    def find(self, kid: str) -> SigningKey | None:
        """The key of that id, or None. For an unknown id the secret is read again, at most every `MISS_SECONDS`."""
        for most_seconds_old in (CACHED_SECONDS, MISS_SECONDS):
            for key in self._keys.fresh(most_seconds_old).all:
                if key.kid == kid:
                    return key
        return None


def parse(secret: SigningSecret) -> KeySet:
    """The keys of the secret. Raises Unavailable where it has no keys yet."""
    if not secret.get("current"):
        raise Unavailable("the stage has no signing key yet")
    upcoming = secret.get("next")
    others = [*([upcoming] if upcoming else []), *secret.get("previous", [])]
    return KeySet(_key(secret["current"]), tuple(_key(key) for key in others))


def generate(alg: Algorithm) -> StoredKey:
    """A new key for the secret, published now. Its id is its thumbprint (RFC 7638)."""
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


def _key(stored: StoredKey) -> SigningKey:
    return SigningKey(stored["kid"], stored["alg"], stored["pem"], stored["published_at"])


def _public_numbers(public: Any) -> dict[str, str]:
    """The members of a key that RFC 7638 hashes and RFC 7517 requires."""
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

    numbers = public.public_numbers()
    if isinstance(public, RSAPublicKey):
        return {"kty": "RSA", "n": _base64url(numbers.n), "e": _base64url(numbers.e)}
    return {
        "kty": "EC",
        "crv": "P-256",
        "x": _base64url(numbers.x, P256_BYTES),
        "y": _base64url(numbers.y, P256_BYTES),
    }


def _base64url(number: int, size: int = 0) -> str:
    return ids.base64url(number.to_bytes(size or (number.bit_length() + 7) // 8, "big"))


@clients.once
def keyring() -> Keyring:
    """The stage's signing keys."""
    return Keyring(reader("signing-key"))
