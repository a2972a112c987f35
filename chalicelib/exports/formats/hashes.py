"""What the spellings of password hashes have in common."""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING

from chalicelib.passwords.schemes.phc import Phc

if TYPE_CHECKING:
    from collections.abc import Mapping


def padded(value: bytes) -> str:
    """Base64 with padding."""
    return b64encode(value).decode()


def pbkdf2(parts: Phc, name: str) -> str:
    """PBKDF2 in the PHC format under the system's name of the digest, with its iterations and always with its length:
    some systems take another one for granted."""
    return str(Phc(name, {"i": parts.parameters["i"], "l": str(len(parts.digest))}, parts.salt, parts.digest))


def signer_key(parts: Phc) -> bytes:
    """The signer key with which a hash of Firebase's kind is written.

    We store the key stream alone (`passwords.schemes.firebase`). A signer key of zeros under that stream is the stream
    itself, so the hash is complete without the secret of the project that it came from.
    """
    return bytes(len(parts.digest))


def with_padding(name: str, parameters: Mapping[str, object], *values: bytes) -> str:
    """A hash whose base64 is padded, which the PHC format does without."""
    text = ",".join(f"{key}={value}" for key, value in parameters.items())
    return "$".join(["", name, text, *map(padded, values)])
