"""Clerk: `password_digest` with `password_hasher`, of its export and of its API.

https://clerk.com/docs/references/backend/user/create-user says what a digest of each hasher looks like. Its
`pbkdf2_sha256` has the base64 of a salt where Django's, of the same form, has the salt itself.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from chalicelib.passwords import schemes
from chalicelib.passwords.foreign.faults import FieldFault, blaming, bytes_of, hex_of
from chalicelib.passwords.foreign.spellings import as_stored
from chalicelib.passwords.schemes.phc import Phc, encoded

if TYPE_CHECKING:
    from collections.abc import Callable

HASHER, DIGEST = "password_hasher", "password_digest"

REFUSED = {
    "awscognito": "is with Cognito alone, which can be asked at the first sign-in: see the setting `migration`",
    "bcrypt_peppered": "has a pepper, a secret of its application, which is not kept in a row of a person",
    "hmac_sha256_utf16_b64": "has no documented form",
    "md5_salted": "does not say whether the salt stands before the password or behind it",
    "sha256_salted": "does not say whether the salt stands before the password or behind it",
}
"""Hashers whose digests cannot be taken, and why."""

SYMFONY = encoded(b"{PASSWORD}{{SALT}}")
"""What Symfony's MessageDigestPasswordHasher hashes first, and appends to each digest before the next."""


def from_clerk(hasher: object, digest: object) -> str:
    """The hash as we store it. Raises FieldFault."""
    form = _FORMS.get(hasher) if isinstance(hasher, str) else None
    if form is None:
        reason = REFUSED.get(hasher) if isinstance(hasher, str) else None
        raise FieldFault(HASHER, reason or f"must be one of {', '.join(_FORMS)}")
    if not isinstance(digest, str) or not digest.isascii() or len(digest) > schemes.LENGTH_LIMIT:
        raise FieldFault(DIGEST, f"must be a password hash of {schemes.LENGTH_LIMIT:,} characters at most")
    with blaming(DIGEST):
        return as_stored(form(digest))


def _of_kind(*kinds: str) -> Callable[[str], str]:
    """The converter of digests that say themselves what they are."""

    def form(digest: str) -> str:
        stored = as_stored(digest)
        if schemes.kind(stored) not in kinds:
            raise ValueError("is no digest of its hasher")
        return stored

    return form


def _parts(digest: str, form: str) -> tuple[str, ...]:
    match = re.fullmatch(form, digest)
    if not match:
        raise ValueError("is no digest of its hasher")
    return match.groups()


def _pbkdf2_sha256(digest: str) -> str:
    iterations, salt, value = _parts(digest, r"pbkdf2_sha256\$(\d+)\$([^$]+)\$([^$]+)")
    return str(Phc("pbkdf2-sha256", {"i": iterations}, bytes_of(salt), bytes_of(value)))


def _pbkdf2_sha512(digest: str) -> str:
    is_hex, iterations, salt, value = _parts(digest, r"pbkdf2_sha512(_hex)?\$(\d+)\$([^$]+)\$([^$]+)")
    return str(Phc("pbkdf2-sha512", {"i": iterations}, hex_of(salt) if is_hex else salt.encode(), hex_of(value)))


def _pbkdf2_sha1(digest: str) -> str:
    """The salt is hex where it can be."""
    iterations, salt, value = _parts(digest, r"pbkdf2_sha1\$(\d+)\$([^$]+)\$([^$]+)(?:\$\d{1,4})?")
    is_hex = re.fullmatch(r"(?:[0-9a-fA-F]{2})+", salt)
    return str(Phc("pbkdf2-sha1", {"i": iterations}, hex_of(salt) if is_hex else salt.encode(), hex_of(value)))


def _firebase(digest: str) -> str:
    value, salt, key, separator, rounds, cost = _parts(
        digest, r"([^$]+)\$([^$]+)\$([^$]+)\$([^$]*)\$(\d\d?)\$(\d\d?)"
    )
    separated = f"ss={separator}," if separator else ""
    return f"$fbscrypt$v=1,n={cost},r={rounds},p=1,{separated}sk={key}${salt}${value}"


def _symfony(digest: str) -> str:
    iterations, salt, value = _parts(digest, r"(?:sha512_symfony)?\$?(\d+)\$([^$]*)\$([^$]+)")
    template = SYMFONY if salt else encoded(b"{PASSWORD}")
    parameters = {"i": iterations, "tail": "text", "pf": template}
    return str(Phc("iterated-sha512", parameters, salt.encode(), bytes_of(value)))


def _hex(algorithm: str) -> Callable[[str], str]:
    return lambda digest: str(Phc(algorithm, {}, b"", hex_of(digest)))


_FORMS: dict[str, Callable[[str], str]] = {
    "argon2i": _of_kind("argon2i"),
    "argon2id": _of_kind("argon2id"),
    "bcrypt": _of_kind("bcrypt"),
    "bcrypt_sha256_django": _of_kind("bcrypt-digest"),
    "ldap_ssha": _of_kind("ldap"),
    "md5": _hex("md5"),
    **dict.fromkeys(("md5_phpass", "phpass"), _of_kind("iterated")),
    "pbkdf2_sha1": _pbkdf2_sha1,
    "pbkdf2_sha256": _pbkdf2_sha256,
    "pbkdf2_sha256_django": _of_kind("pbkdf2"),
    **dict.fromkeys(("pbkdf2_sha512", "pbkdf2_sha512_hex"), _pbkdf2_sha512),
    "scrypt_firebase": _firebase,
    "scrypt_werkzeug": lambda digest: _of_kind("scrypt")(digest.removeprefix("$")),
    "sha256": _hex("sha256"),
    "sha512_symfony": _symfony,
}
