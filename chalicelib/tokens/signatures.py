"""Signatures of tokens: RS256 and ES256, as RFC 7518 has them in its sections 3.3 and 3.4.

What a signature takes beside its key is made once for a key: a sign-in makes one, and each request checks one.
"""

from __future__ import annotations

from typing import Any

P256_BYTES = 32
"""Of each of the two numbers of an ES256 signature."""


class RS256:
    """RSASSA-PKCS1-v1_5 with SHA-256. `private` is a private RSA key of cryptography."""

    def __init__(self, private: Any) -> None:
        from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
        from cryptography.hazmat.primitives.hashes import SHA256

        self._private, self._public, self._means = private, private.public_key(), (PKCS1v15(), SHA256())

    def sign(self, message: bytes) -> bytes:
        return bytes(self._private.sign(message, *self._means))

    def signed(self, message: bytes, signature: bytes) -> bool:
        """Whether this key made the signature of a message."""
        return _holds(self._public, signature, message, *self._means)


class ES256:
    """ECDSA on P-256 with SHA-256. `private` is a private key of cryptography on that curve. A signature is two
    numbers, one after the other; cryptography has them in DER."""

    def __init__(self, private: Any) -> None:
        from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
        from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
        from cryptography.hazmat.primitives.hashes import SHA256

        self._private, self._public, self._means = private, private.public_key(), ECDSA(SHA256())
        self._numbers, self._der = decode_dss_signature, encode_dss_signature

    def sign(self, message: bytes) -> bytes:
        numbers = self._numbers(self._private.sign(message, self._means))
        return b"".join(number.to_bytes(P256_BYTES) for number in numbers)

    def signed(self, message: bytes, signature: bytes) -> bool:
        """Whether this key made the signature of a message."""
        if len(signature) != 2 * P256_BYTES:
            return False
        numbers = (int.from_bytes(part) for part in (signature[:P256_BYTES], signature[P256_BYTES:]))
        return _holds(self._public, self._der(*numbers), message, self._means)


ALGORITHMS: dict[str, type[RS256] | type[ES256]] = {"RS256": RS256, "ES256": ES256}


def _holds(public: Any, signature: bytes, message: bytes, *means: Any) -> bool:
    from cryptography.exceptions import InvalidSignature

    try:
        public.verify(signature, message, *means)
    except (InvalidSignature, ValueError):
        return False
    return True
