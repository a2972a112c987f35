"""Password hashes: which formats are supported, within which limits, and whether a password fits a hash.

A format is a `Scheme`, in a file of its own, by the prefixes of its hashes. A hash may come from a stranger's file and
is computed at every sign-in, so each scheme limits the cost that it accepts. docs/passwords.md lists them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from chalicelib.passwords.schemes import bcrypt_digest, digests, iterated, ldap, pbkdf2, scrypt
from chalicelib.passwords.schemes.argon2 import Argon2
from chalicelib.passwords.schemes.at_once import AtOnce
from chalicelib.passwords.schemes.bcrypt import Bcrypt
from chalicelib.passwords.schemes.firebase import Firebase
from chalicelib.passwords.schemes.md5_crypt import Md5Crypt
from chalicelib.passwords.schemes.sha_crypt import ShaCrypt

if TYPE_CHECKING:
    from chalicelib.passwords.schemes.scheme import Scheme

__all__ = ["LENGTH_LIMIT", "SCHEMES", "Argon2", "check", "fits", "fits_only", "is_foreign", "kind"]

LENGTH_LIMIT = 4096
"""Characters of a whole hash: room for a salt, a digest and a key of 1 KiB each."""

SCHEMES: dict[str, Scheme] = {
    "$argon2id$": Argon2("argon2id"),
    "$argon2i$": Argon2("argon2i"),
    "$argon2d$": Argon2("argon2d"),
    **dict.fromkeys(("$2a$", "$2b$", "$2y$"), Bcrypt()),
    **{f"$bcrypt-{name}$": bcrypt_digest.BcryptDigest(name) for name in bcrypt_digest.DIGESTS},
    "$scrypt$": scrypt.Scrypt(),
    "$scrypt-nfkc$": scrypt.ScryptOfNfkc(),
    "$firescrypt$": Firebase(),
    **{f"$pbkdf2-{digest}$": pbkdf2.Pbkdf2(digest) for digest in pbkdf2.SIZES},
    "$5$": ShaCrypt("sha256"),
    "$6$": ShaCrypt("sha512"),
    **dict.fromkeys(("$1$", "$apr1$"), Md5Crypt()),
    **{f"${algorithm}$": digests.Digest(algorithm) for algorithm in digests.SIZES},
    **{f"$iterated-{algorithm}$": iterated.Iterated(algorithm) for algorithm in iterated.ALGORITHMS},
    **{f"$hmac-{algorithm}$": digests.Hmac(algorithm) for algorithm in digests.SIZES},
    **{f"{{{name}}}": ldap.Ldap(algorithm, salted=False) for name, algorithm in ldap.ALGORITHMS.items()},
    **{f"{{S{name}}}": ldap.Ldap(algorithm, salted=True) for name, algorithm in ldap.ALGORITHMS.items()},
}

DISTINCT_BYTES = {Bcrypt.kind: Bcrypt.SIGNIFICANT_BYTES - 1}
"""By kind of hash: the longest password in bytes that only one hash can belong to, where the format cuts longer ones. A
password as long as the cut may have been longer."""

AT_ONCE = AtOnce(4, seconds=15)
"""Comparisons that one process makes at once: with 128 MiB each they fit into the API function's memory, and `chalice
local` answers each request in a thread. A hash of ours waits for its turn like a dear one, so that the wait does not
tell which is stored."""

OWN = "argon2id"
"""The kind of hash that we make."""

_PREFIX = re.compile(r"\$[a-z0-9-]+\$|\{[A-Z0-9]+\}")


def check(value: object) -> str:
    """The hash unchanged, if it can be stored. Raises ValueError where its kind is not supported, it is malformed, or
    it costs too much."""
    if not isinstance(value, str) or not value.isascii() or len(value) > LENGTH_LIMIT:
        raise ValueError(f"must be a password hash of {LENGTH_LIMIT:,} characters at most")
    scheme = _scheme(value)
    if scheme is None:
        raise ValueError("is a password hash of an unsupported kind")
    scheme.check(value)
    return value


def fits(stored: str, password: bytes) -> bool:
    """Whether the password fits the hash. Raises ValueError for a hash that `check` refuses, and Unavailable where too
    many are computed in this process already."""
    check(stored)
    scheme = _scheme(stored)
    with AT_ONCE.turn():
        return scheme is not None and scheme.fits(stored, password)


def fits_only(stored: str, password: bytes) -> bool:
    """Whether only this password fits the hash, given that it does fit.

    In some formats several passwords have the same hash: where long ones are cut or compatible characters are made one,
    and in bcrypt, scrypt and PBKDF2 by zero bytes, with which they pad short ones.
    """
    name = kind(stored)
    is_cut = len(password) > DISTINCT_BYTES.get(name, len(password))
    is_one_of_alike = name == scrypt.ScryptOfNfkc.kind and scrypt.nfkc(password) != password
    return not is_cut and not is_one_of_alike and b"\0" not in password


def kind(stored: str) -> str:
    """The name of a hash's format for statistics, such as `bcrypt`; `unknown` for no supported format."""
    scheme = _scheme(stored)
    return "unknown" if scheme is None else scheme.kind


def is_foreign(stored: str) -> bool:
    """Whether only another system can have made the hash."""
    return kind(stored) != OWN


def _scheme(stored: str) -> Scheme | None:
    match = _PREFIX.match(stored)
    return SCHEMES.get(match[0]) if match else None
