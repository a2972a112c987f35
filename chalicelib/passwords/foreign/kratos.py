"""Ory Kratos: `credentials.password.config.hashed_password`.

Kratos's formats are in its hash/hash_comparator.go. They resemble the usual ones and differ from them: `ln` of
`$scrypt$` is N itself, `$pbkdf2-sha224$` and `-sha384$` are of SHA-3 (hash/hasher_pbkdf2.go), base64 is padded in some
and not in others, and the hash of `$hmac-…$` is the base64 of hex.
"""

from __future__ import annotations

import binascii
from typing import TYPE_CHECKING

from chalicelib.passwords import schemes
from chalicelib.passwords.foreign.faults import (
    FieldFault,
    base64_of,
    blaming,
    unpadded,
)
from chalicelib.passwords.foreign.firebase import without_signer_key
from chalicelib.passwords.schemes import digests
from chalicelib.passwords.schemes.phc import Phc, encoded

if TYPE_CHECKING:
    from collections.abc import Callable

FIELD = "hashed_password"

CRYPT = {"md5-crypt": "1", "sha256-crypt": "5", "sha512-crypt": "6"}
"""Kratos's names of the formats of crypt(3)."""
PBKDF2_OF_SHA3 = ("$pbkdf2-sha224$", "$pbkdf2-sha384$")
UNCHANGED_PREFIXES = ("$argon2id$", "$argon2i$", "$2a$", "$2b$", "$2y$", "$pbkdf2-", "{S")


def from_kratos(value: object) -> str:
    """The hash as we store it. Raises FieldFault."""
    if not isinstance(value, str) or not value.isascii() or len(value) > schemes.LENGTH_LIMIT:
        raise FieldFault(FIELD, f"must be a password hash of {schemes.LENGTH_LIMIT:,} characters at most")
    with blaming(FIELD):
        return schemes.check(converted(value))


def converted(value: str) -> str:
    """The hash as we store it, not checked yet. Raises ValueError."""
    if value.startswith(PBKDF2_OF_SHA3):
        return value.replace("sha", "sha3-", 1)
    if value.startswith(UNCHANGED_PREFIXES):
        return value
    name, *parts = value.removeprefix("$").split("$")
    if name in CRYPT:
        return "$".join(["", CRYPT[name], *parts])
    form = _form_of(name)
    if form is None:
        raise ValueError("is a password hash of an unsupported kind")
    return form(name, parts)


def _form_of(name: str) -> Callable[[str, list[str]], str] | None:
    if name.startswith("hmac-") and name.removeprefix("hmac-") in digests.SIZES:
        return _hmac
    return _FORMS.get(name)


def _scrypt(name: str, parts: list[str]) -> str:
    text, salt, digest = _exactly(3, parts)
    values = _parameters(text)
    n = int(values["ln"]) if values.get("ln", "").isdecimal() and len(values["ln"]) < 10 else 0
    if n < 2 or n & (n - 1):
        raise ValueError("needs a power of two as ln=, which in Kratos is N itself")
    values["ln"] = str(n.bit_length() - 1)
    return _phc(name, values, _bytes(salt), _bytes(digest))


def _firescrypt(name: str, parts: list[str]) -> str:
    parameters, salt, digest, separator, signer_key = _exactly(5, parts)
    stream = without_signer_key(_bytes(digest), _bytes(signer_key), FIELD)
    return _phc(name, _parameters(parameters), _bytes(salt) + _bytes(separator), stream)


def _digest(name: str, parts: list[str]) -> str:
    if name == "md5" and len(parts) == 1:
        return _phc(name, {}, b"", _bytes(parts[0]))
    template, salt, digest = _exactly(3, parts)
    return _phc(name, _parameters(unpadded(template)), _bytes(salt), _bytes(digest))


def _hmac(name: str, parts: list[str]) -> str:
    digest, key = _exactly(2, parts)
    try:
        raw = binascii.unhexlify(_bytes(digest))
    except binascii.Error as error:
        raise ValueError("has a hash that is not the base64 of hex") from error
    return _phc(name, {"key": encoded(_bytes(key))}, b"", raw)


_FORMS: dict[str, Callable[[str, list[str]], str]] = {
    "scrypt": _scrypt,
    "firescrypt": _firescrypt,
    **dict.fromkeys(("md5", "sha1", "sha256", "sha512"), _digest),
}


def _phc(name: str, parameters: dict[str, str], salt: bytes, digest: bytes) -> str:
    return str(Phc(name, parameters, salt, digest))


def _parameters(text: str) -> dict[str, str]:
    return {name: value for name, _, value in (pair.partition("=") for pair in text.split(","))}


def _exactly(count: int, parts: list[str]) -> list[str]:
    if len(parts) != count:
        raise ValueError(f"must have {count + 1} parts after the first $")
    return parts


def _bytes(text: str) -> bytes:
    return base64_of(text, FIELD)
