"""Django: the column `password` of `auth_user`, `<algorithm>$…`, as its django/contrib/auth/hashers.py writes it, and
passlib's `django_…` after it. https://docs.djangoproject.com/en/stable/topics/auth/passwords/

The salt is a text of its own, and not the base64 of one.
"""

from __future__ import annotations

import re

from chalicelib.passwords.foreign.faults import bytes_of, hex_of, log2_of
from chalicelib.passwords.schemes.phc import Phc

_PBKDF2 = re.compile(r"pbkdf2_(sha\d+)\$(\d+)\$([^$]+)\$([A-Za-z0-9+/]+={0,2})")
_SCRYPT = re.compile(r"scrypt\$(\d+)\$([^$]+)\$(\d+)\$(\d+)\$([A-Za-z0-9+/]+={0,2})")
_WHOLE = re.compile(r"(?:bcrypt\$(\$2.+)|argon2\$(argon2.+))")
_BCRYPT_SHA256 = re.compile(r"bcrypt_sha256\$(\$.+)")
_DIGEST = re.compile(r"(md5|sha1)\$([^$]*)\$([0-9a-f]+)")


def converted(text: str) -> str:
    """The hash as we store it. Raises ValueError."""
    if match := _PBKDF2.fullmatch(text):
        digest, iterations, salt, value = match.groups()
        return str(Phc(f"pbkdf2-{digest}", {"i": iterations}, salt.encode(), bytes_of(value)))
    if match := _SCRYPT.fullmatch(text):
        n, salt, block, lanes, value = match.groups()
        parameters = {"ln": log2_of(n), "r": block, "p": lanes}
        return str(Phc("scrypt", parameters, salt.encode(), bytes_of(value)))
    if match := _DIGEST.fullmatch(text):
        return str(Phc(match[1], {}, match[2].encode(), hex_of(match[3])))
    if match := _BCRYPT_SHA256.fullmatch(text):
        return f"$bcrypt-sha256-hex{match[1]}"
    if match := _WHOLE.fullmatch(text):
        return match[1] or f"${match[2]}"
    raise ValueError("is no hash as Django writes it")
